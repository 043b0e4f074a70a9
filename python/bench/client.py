"""One client, one measurement, printed as a line: ``python bench/client.py CLIENT PORT COUNT``.

CLIENT is ``ESL`` (the classic module, ours or python-ESL's: whichever this interpreter has) or ``switchwire``. PORT is
what ``cargo run --release -p switchwire-bench -- serve COUNT`` prints. Of every event three headers are read.
"""

from __future__ import annotations

import sys
import time

NAMES = ("Event-Name", "Unique-ID", "Channel-State")


def classic(port: str, count: int) -> int:
    import ESL

    con = ESL.ESLconnection("127.0.0.1", port, "ClueCon")
    con.events("plain", "ALL")
    total = 0
    for _ in range(count):
        event = con.recvEvent()
        for name in NAMES:
            total += len(event.getHeader(name) or "")
    return total


def modern(port: str, count: int) -> int:
    import switchwire

    total = 0
    with switchwire.connect("127.0.0.1", int(port), "ClueCon") as fs:
        fs.events("ALL")
        for _, event in zip(range(count), fs):
            for name in NAMES:
                total += len(event.get(name) or "")
    return total


def main() -> None:
    client, port, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    run = {"ESL": classic, "switchwire": modern}[client]
    wall, cpu = time.perf_counter(), time.process_time()
    total = run(port, count)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{client}: {count / wall:.0f} events/s, {cpu / count * 1e6:.2f} us CPU/event, checksum {total}")


if __name__ == "__main__":
    main()
