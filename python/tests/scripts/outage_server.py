"""A simulator in a process of its own that fires about 1,000 numbered events a second; cuts connections when told to."""

import os
import sys
import threading
import time

from switchwire.testing import Simulator

orders = []


def listen() -> None:
    for line in sys.stdin:
        orders.append(line.strip())
    # The test is gone.
    os._exit(0)


simulator = Simulator(bind=f"127.0.0.1:{sys.argv[1]}")
print(simulator.port, flush=True)
threading.Thread(target=listen, daemon=True).start()
begun, number, run = time.monotonic(), 0, f"{os.getpid()}-{time.time_ns()}"
while True:
    if orders:
        orders.pop()
        # Half a message, and nothing may follow it.
        simulator.send_raw("Content-Length: 500\nContent-Type: text/event-plain\n\nEvent-Name: DTM")
        time.sleep(0.02)
        simulator.disconnect_all()
    while number < (time.monotonic() - begun) * 1000:
        simulator.fire("DTMF", {"Run": run, "N": str(number)})
        number += 1
    time.sleep(0.002)
