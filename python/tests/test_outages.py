"""Outages of a server in a process of its own, under load: killed, frozen, cut in the middle of a message, refused.

`SWITCHWIRE_OUTAGES=200` sets how many (8 otherwise), `SWITCHWIRE_REFUSED=30` for how many seconds the server stays away
when it is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from test_leaks import rss

from switchwire import (
    Backoff,
    Connected,
    Event,
    Liveness,
    Lost,
    ManagedConnection,
    ManagedStatus,
    Options,
    Restored,
    StreamItem,
    Subscription,
    aio,
)

OUTAGES = int(os.environ.get("SWITCHWIRE_OUTAGES", "8"))
REFUSED = float(os.environ.get("SWITCHWIRE_REFUSED", "0.1"))
PATIENCE = 60.0
SERVER = Path(__file__).parent / "scripts/outage_server.py"

pytestmark = pytest.mark.timeout(300 + OUTAGES * (10 + REFUSED))


class Server:
    """The server's process."""

    def __init__(self, port: int = 0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(SERVER), str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def send_signal(self, which: signal.Signals) -> None:
        self._process.send_signal(which)

    def cut(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("cut\n")
        self._process.stdin.flush()


class Receiver:
    """What is received, and whether it may be so."""

    def __init__(self, recv: Callable[[float], Awaitable[StreamItem | None]]) -> None:
        self._recv = recv
        self._last: dict[str, int] = {}
        self._unbroken = False
        self.received = 0

    async def next(self) -> StreamItem:
        item = await self._recv(PATIENCE)
        assert item is not None, "nothing has come in time"
        if isinstance(item, Event):
            number = int(item["N"])
            last = self._last.get(item["Run"], -1)
            self._last[item["Run"]] = number
            assert number > last, "doubled or out of order"
            assert not self._unbroken or number == last + 1, "lost while up"
            self._unbroken = True
            self.received += 1
        return item

    async def events(self, count: int) -> None:
        until = self.received + count
        while self.received < until:
            item = await self.next()
            assert isinstance(item, Event), f"no outage was made: {item}"

    async def lost(self) -> Lost:
        while True:
            item = await self.next()
            if isinstance(item, Lost):
                return item
            assert isinstance(item, Event), item

    async def restored(self) -> Restored:
        self._unbroken = False
        item = await self.next()
        assert isinstance(item, Restored), item
        return item


def held() -> tuple[int, int]:
    """Threads and descriptors."""
    return len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))


async def outages(server: Server, receiver: Receiver) -> Server:
    """Makes outages, and checks what is reported of each; gives the server that is there at the end."""
    port, before = server.port, None
    assert isinstance(await receiver.next(), Connected)
    try:
        for turn in range(OUTAGES):
            await receiver.events(50)
            if turn == 4 and Path("/proc/self/task").exists():
                before = (*held(), rss())
            if turn % 4 == 0:
                server.kill()
                await receiver.lost()
                server = Server(port)
                assert (await receiver.restored()).run == "restarted"
            elif turn % 4 == 1:
                server.send_signal(signal.SIGSTOP)
                await receiver.lost()
                server.send_signal(signal.SIGCONT)
                assert (await receiver.restored()).run == "same"
            elif turn % 4 == 2:
                server.cut()
                assert "inside a message" in str((await receiver.lost()).reason)
                assert (await receiver.restored()).run == "same"
            else:
                server.kill()
                await receiver.lost()
                time.sleep(REFUSED)
                server = Server(port)
                restored = await receiver.restored()
                assert restored.run == "restarted"
                assert restored.outage >= timedelta(seconds=REFUSED)
        await receiver.events(50)
        if before is not None:
            threads, descriptors, resident = before
            deadline = time.monotonic() + PATIENCE
            # (What an attempt needed may be given back a moment after it.)
            while held()[0] > threads or held()[1] > descriptors:
                assert time.monotonic() < deadline, f"more than before: {held()}, {before}"
                await receiver.events(10)
            grown = rss() - resident
            print(f"{OUTAGES} outages, {receiver.received} events, threads and descriptors {held()}, was {before[:2]}")
            print(f"resident {grown:+} bytes")
            assert grown < 8 << 20
    except BaseException:
        server.kill()
        raise
    return server


SUBSCRIPTION = Subscription("DTMF")
LIVENESS = Liveness(ping_after=0.1, ping_deadline=0.3)
BACKOFF = Backoff(first=0.01, most=0.2)
OPTIONS = Options(login_timeout=1.0)


def check(status: ManagedStatus, stats: dict[str, int]) -> None:
    assert status.outages == OUTAGES
    assert stats["dropped_events"] == 0


def test_blocking() -> None:
    server = Server()
    with contextlib.ExitStack() as ends:
        connection = ManagedConnection(
            "127.0.0.1",
            server.port,
            subscription=SUBSCRIPTION,
            liveness=LIVENESS,
            backoff=BACKOFF,
            options=OPTIONS,
        )
        ends.enter_context(connection)

        async def recv(timeout: float) -> StreamItem | None:
            return connection.recv(timeout)

        # Nothing in it waits for a loop.
        steps = outages(server, Receiver(recv))
        with pytest.raises(StopIteration) as end:
            while True:
                steps.send(None)
        check(connection.status, connection.stats())
        end.value.value.kill()


def test_asyncio() -> None:
    async def main() -> None:
        server = Server()
        async with aio.ManagedConnection(
            "127.0.0.1",
            server.port,
            subscription=SUBSCRIPTION,
            liveness=LIVENESS,
            backoff=BACKOFF,
            options=OPTIONS,
        ) as connection:
            last = await outages(server, Receiver(connection.recv))
            check(connection.status, connection.stats())
            last.kill()

    asyncio.run(main())
