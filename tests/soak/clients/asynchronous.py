"""The worker on `switchwire.aio`. The rules are in ../src/main.rs."""

import asyncio
import contextlib
import gc
import sys

from switchwire import Options, SwitchwireError, aio


class Calls:
    """Serves calls: answer, play, hang up."""

    def __init__(self):
        self.served = 0
        self.asked = 0
        self.listener = aio.Listener(self.serve, "127.0.0.1", 0)
        self.listener.start()
        self.port = self.listener.address[1]

    async def serve(self, call):
        await call.my_events()
        await call.execute("answer", wait=True, timeout=30)
        await call.execute("playback", "greeting.wav", wait=True, timeout=30)
        await call.hangup()
        self.served += 1


class Life:
    """A connection's life."""

    def __init__(self, connection, calls):
        self.connection = connection
        self.calls = calls
        self.open = []
        self.events = self.wrong = self.apis = self.jobs = self.lates = 0

    async def run(self):
        async for event in self.connection:
            if event.type == "CUSTOM":
                self.check(event)
                # An error here is the connection's end: what was received before it is still to be taken.
                with contextlib.suppress(SwitchwireError):
                    await self.obey(event.get("Soak-Do"))
        print("end", self.events, self.wrong, flush=True)

    def check(self, event):
        self.events += 1
        good = (
            event.get("Soak-Number") == str(self.events)
            and event.get("Soak-Text") == f"{self.events}: 50% \u00fcber & more"
            and len(event.body or "") == int(event.get("Soak-Length") or 0)
        )
        self.wrong += not good

    async def obey(self, task):
        if task == "api":
            # All at once on one connection: each reply goes to its caller.
            texts = [f"{self.events}-{at}" for at in range(3)]
            answers = await asyncio.gather(*(self.connection.api("echo", text) for text in texts))
            self.wrong += answers != texts
            self.apis += 3
        elif task == "job":
            self.open.append((await self.connection.bgapi("echo", str(self.events)), str(self.events)))
        elif task == "late":
            try:
                await self.connection.api("msleep", "500", timeout=0.05)
            except TimeoutError:
                self.lates += 1
        elif task == "call":
            await self.connection.bgapi("originate", f"null/soak '&socket(127.0.0.1:{self.calls.port} async full)'")
            self.calls.asked += 1
        elif task == "mark":
            for job, text in self.open:
                self.wrong += await job.result(timeout=30) != text
                self.jobs += 1
            self.open.clear()
            for _ in range(30_000):
                # Not before the tasks of the calls are gone.
                if self.calls.served >= self.calls.asked and self.calls.listener.active == 0:
                    break
                await asyncio.sleep(0.001)
            # An error's traceback may keep a connection that is over; what is garbage should not count as in use.
            gc.collect()
            counts = (self.events, self.wrong, self.apis, self.jobs, self.lates, self.calls.served)
            print("mark", *counts, flush=True)


async def connect(port, patience):
    options = Options(login_timeout=patience / 1000)
    connection = await aio.connect("127.0.0.1", port, "ClueCon", options=options)
    await connection.events("BACKGROUND_JOB", custom=["soak::event"])
    return connection


async def main():
    calls = Calls()
    orders = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(orders)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    async for line in orders:
        order = line.decode().split()
        if order[0] != "connect":
            break
        try:
            connection = await connect(int(order[1]), int(order[2]))
        except SwitchwireError as error:
            print("refused", type(error).__name__, flush=True)
            continue
        print("ready", flush=True)
        async with connection:
            await Life(connection, calls).run()
    assert await calls.listener.stop(timeout=30)


asyncio.run(main())
