"""The worker on the classic module `ESL`. The rules are in ../src/main.rs."""

import socket
import sys
import threading
import time

import ESL


class Calls:
    """Serves calls, one thread each."""

    def __init__(self):
        self.served = 0
        self.asked = 0
        self.lock = threading.Lock()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        # The connection has a descriptor of its own, so that both sides may close theirs, as socketserver does.
        with client:
            self.talk(ESL.ESLconnection(client.fileno()))

    def talk(self, call):
        call.sendRecv("myevents")
        call.execute("answer")
        call.execute("playback", "greeting.wav")
        played = False
        while call.connected() and not played:
            event = call.recvEvent()
            played = event.getType() == "CHANNEL_EXECUTE_COMPLETE" and event.getHeader("Application") == "playback"
        call.execute("hangup")
        call.disconnect()
        with self.lock:
            self.served += played


class Life:
    """A connection's life."""

    def __init__(self, port, calls):
        self.connection = ESL.ESLconnection("127.0.0.1", str(port), "ClueCon")
        self.calls = calls
        self.events = self.wrong = self.apis = self.jobs = self.jobs_asked = self.lates = 0

    def run(self):
        connection = self.connection
        subscribed = connection.connected() and connection.events("plain", "BACKGROUND_JOB CUSTOM soak::event") == 0
        if not subscribed:
            return print("refused not connected", flush=True)
        print("ready", flush=True)
        while self.receive():
            pass
        print("end", self.events, self.wrong, flush=True)

    def receive(self):
        event = self.connection.recvEvent()
        kind = event.getType()
        if kind == "SERVER_DISCONNECTED":
            return False
        if kind == "BACKGROUND_JOB":
            self.jobs += (event.getBody() or "").startswith("soak-")
        elif kind == "CUSTOM":
            self.check(event)
            self.obey(event.getHeader("Soak-Do"))
        return True

    def check(self, event):
        self.events += 1
        good = (
            event.getHeader("Soak-Number") == str(self.events)
            and event.getHeader("Soak-Text") == f"{self.events}: 50% \u00fcber & more"
            and len(event.getBody() or "") == int(event.getHeader("Soak-Length") or 0)
        )
        self.wrong += not good

    def ask(self, command, argument, expected=None):
        reply = (self.connection.bgapi if expected is None else self.connection.api)(command, argument)
        if reply is None:
            return 0
        self.wrong += expected is not None and reply.getBody() != expected
        return 1

    def obey(self, task):
        if task == "api":
            for at in range(3):
                text = f"{self.events}-{at}"
                self.apis += self.ask("echo", text, text)
        elif task == "job":
            self.jobs_asked += self.ask("echo", f"soak-{self.events}")
        elif task == "late":
            # The classic module takes no timeout: wait for the reply.
            self.lates += self.ask("msleep", "500", "+OK")
        elif task == "call":
            dial = f"null/soak '&socket(127.0.0.1:{self.calls.port} async full)'"
            self.calls.asked += self.ask("originate", dial)
        elif task == "mark":
            while self.jobs < self.jobs_asked and self.receive():
                pass
            patience = time.monotonic() + 30
            while self.calls.served < self.calls.asked and time.monotonic() < patience:
                time.sleep(0.001)
            counts = (self.events, self.wrong, self.apis, self.jobs, self.lates, self.calls.served)
            print("mark", *counts, flush=True)


calls = Calls()
for line in sys.stdin:
    order = line.split()
    if order[0] != "connect":
        break
    Life(int(order[1]), calls).run()
