"""The worker on `switchwire`. The rules are in ../src/main.rs."""

import contextlib
import sys
import threading
import time

import switchwire
from switchwire import Listener, SwitchwireError


class Calls:
    """Serves calls: answer, play, hang up."""

    def __init__(self):
        self.served = 0
        self.asked = 0
        self.lock = threading.Lock()
        self.listener = Listener(self.serve, "127.0.0.1", 0)
        self.port = self.listener.address[1]

    def serve(self, call):
        call.my_events()
        call.execute("answer", wait=True, timeout=30)
        call.execute("playback", "greeting.wav", wait=True, timeout=30)
        call.hangup()
        with self.lock:
            self.served += 1


class Life:
    """A connection's life."""

    def __init__(self, connection, calls):
        self.connection = connection
        self.calls = calls
        self.open = []
        self.events = self.wrong = self.apis = self.jobs = self.lates = 0

    def run(self):
        for event in self.connection:
            if event.type == "CUSTOM":
                self.check(event)
                # An error here is the connection's end: what was received before it is still to be taken.
                with contextlib.suppress(SwitchwireError):
                    self.obey(event.get("Soak-Do"))
        print("end", self.events, self.wrong, flush=True)

    def check(self, event):
        self.events += 1
        good = (
            event.get("Soak-Number") == str(self.events)
            and event.get("Soak-Text") == f"{self.events}: 50% \u00fcber & more"
            and len(event.body or "") == int(event.get("Soak-Length") or 0)
        )
        self.wrong += not good

    def obey(self, task):
        if task == "api":
            for at in range(3):
                text = f"{self.events}-{at}"
                self.wrong += self.connection.api("echo", text) != text
                self.apis += 1
        elif task == "job":
            self.open.append((self.connection.bgapi("echo", str(self.events)), str(self.events)))
        elif task == "late":
            try:
                self.connection.api("msleep", "500", timeout=0.05)
            except TimeoutError:
                self.lates += 1
        elif task == "call":
            self.connection.bgapi("originate", f"null/soak '&socket(127.0.0.1:{self.calls.port} async full)'")
            self.calls.asked += 1
        elif task == "mark":
            for job, text in self.open:
                self.wrong += job.result(timeout=30) != text
                self.jobs += 1
            self.open.clear()
            patience = time.monotonic() + 30
            while self.calls.served < self.calls.asked and time.monotonic() < patience:
                time.sleep(0.001)
            counts = (self.events, self.wrong, self.apis, self.jobs, self.lates, self.calls.served)
            print("mark", *counts, flush=True)


def connect(port, patience):
    connection = switchwire.connect("127.0.0.1", port, "ClueCon", login_timeout=patience / 1000)
    connection.events("BACKGROUND_JOB", custom=["soak::event"])
    return connection


calls = Calls()
for line in sys.stdin:
    order = line.split()
    if order[0] != "connect":
        break
    try:
        connection = connect(int(order[1]), int(order[2]))
    except SwitchwireError as error:
        print("refused", type(error).__name__, flush=True)
        continue
    print("ready", flush=True)
    with connection:
        Life(connection, calls).run()
assert calls.listener.stop(timeout=30)
