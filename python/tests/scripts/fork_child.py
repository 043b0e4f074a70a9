"""A child made by fork can use no connection of its parent, and leaves it unharmed however it ends."""

import gc
import os
import sys
import threading

import ESL
import switchwire

address = (sys.argv[1], int(sys.argv[2]), sys.argv[3])
fs = switchwire.connect(*address)
classic = ESL.ESLconnection(address[0], str(address[1]), address[2])
job_connection = switchwire.connect(*address)
job_connection.events("BACKGROUND_JOB")
job = job_connection.bgapi("status")
# Threads that exist in the parent only: one leads, one follows.
reader = switchwire.connect(*address)
threads = [threading.Thread(target=lambda: list(reader)) for _ in range(2)]
for thread in threads:
    thread.start()
consumer = job_connection.consume(lambda event: None)


def child(how):
    said = []
    calls = {
        "api": lambda: fs.api("status"),
        "recv": lambda: fs.recv(),
        "send": lambda: fs.send("x"),
        "events": lambda: fs.events("DTMF"),
        "execute": lambda: fs.execute("x", uuid="u"),
        "variable": lambda: fs.variable("x", uuid="u"),
        "bgapi": lambda: fs.bgapi("status"),
        "job": lambda: job.result(),
        "busy": lambda: reader.api("status"),
        "busy recv": lambda: reader.recv(),
    }
    for name, call in calls.items():
        try:
            call()
        except switchwire.ForkedError as error:
            said.append(error.kind)
        else:
            said.append(f"{name} worked")
    ok = said == ["forked"] * len(calls) and not fs.connected and fs.fileno() == -1
    ok = ok and isinstance(fs.disconnect_reason, switchwire.ForkedError) and "closed" in repr(fs)
    ok = ok and classic.connected() == 0 and classic.api("status") is None
    if how == "disconnect":
        fs.disconnect()
        reader.disconnect()
        classic.disconnect()
    elif how == "garbage":
        globals().update(fs=None, reader=None, classic=None, job=None)
        gc.collect()
    if not ok:
        print(said, flush=True)
        os._exit(1)
    if how != "exit":
        os._exit(0)


for how in ("disconnect", "garbage", "exit"):
    pid = os.fork()
    if not pid:
        child(how)
        # As a worker that is done: through atexit, threading's end and the interpreter's.
        sys.exit(0)
    print(how, os.waitpid(pid, 0)[1], "UP" in fs.api("status"), "UP" in classic.api("status").getBody(), flush=True)
    print("UP" in reader.api("status"), flush=True)
reader.disconnect()
for thread in threads:
    thread.join()
