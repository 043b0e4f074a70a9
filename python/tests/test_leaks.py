"""Memory stays flat over many events, and many connections."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

import ESL
import switchwire
from support.wire import Peer, Server, event, reply
from switchwire import aio

EVENTS = int(os.environ.get("SWITCHWIRE_TEST_EVENTS", "100000"))
BATCH = b"".join(
    event(
        "Event-Name: CHANNEL_STATE",
        f"Unique-ID: {number}",
        *(f"variable_{n}: value%20{n}" for n in range(40)),
        "List: ARRAY::a|:b",
        body="text" if number % 2 else None,
    )
    for number in range(500)
)


def rss() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def talk(peer: Peer) -> None:
    peer.command()
    peer.send(reply())
    for _ in range(EVENTS // 500 + 1):
        peer.send(BATCH)


def classic(server: Server) -> Callable[[], None]:
    connection = ESL.ESLconnection(server.host, server.port, "x")
    connection.events("plain", "all")

    def take() -> None:
        event = connection.recvEvent()
        event.getHeader("Event-Name")
        event.getHeader("List", 1)
        event.getBody()
        event.note = "x"
        event.firstHeader()

    return take


def modern(server: Server) -> Callable[[], None]:
    connection = switchwire.connect(server.host, server.port)
    connection.events()

    def take() -> None:
        event = connection.recv()
        assert event is not None
        event.get("Event-Name")
        event.array("List")
        event.type  # noqa: B018

    return take


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
@pytest.mark.parametrize("take_of", [classic, modern])
def test_events_do_not_leak(take_of: Callable[[Server], Callable[[], None]]) -> None:
    with Server(talk) as server:
        take = take_of(server)
        for _ in range(EVENTS // 5):
            take()
        gc.collect()
        tracemalloc.start()
        before, resident = tracemalloc.get_traced_memory()[0], rss()
        for _ in range(EVENTS * 4 // 5):
            take()
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        print(f"traced {after - before:+} bytes, resident {rss() - resident:+} bytes")
        assert after - before < 64 * 1024
        assert rss() - resident < 8 << 20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_built_events_and_connections_do_not_leak() -> None:
    def build() -> None:
        for _ in range(200):
            event = ESL.ESLevent("CUSTOM", "a::b")
            event.addHeader("A", "x" * 100)
            event.pushHeader("L", "1")
            event.addBody("text" * 100)
            event.serialize()
            event.serialize("json")
            other = ESL.ESLevent(event)
            other.self = other.serialized_string
            switchwire.Event("CUSTOM", {"A": ["1", "2"]}, "x").to_dict()

    def connect(server: Server) -> None:
        for _ in range(20):
            connection = ESL.ESLconnection(server.host, server.port, "x")
            assert connection.api("x") is not None
            connection.api("a\nb")
            ESL.ESLconnection(server.host, server.port, "a\nb")
            with switchwire.connect(server.host, server.port) as fs:
                fs.request("x")

    with Server() as server:
        descriptors = len(os.listdir("/proc/self/fd"))
        for _ in range(3):
            build()
            connect(server)
        gc.collect()
        before = rss()
        for _ in range(10):
            build()
            connect(server)
        gc.collect()
        print(f"resident {rss() - before:+} bytes")
        assert rss() - before < 8 << 20
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= descriptors + 20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_commands_under_way_do_not_leak() -> None:
    async def ask(fs: aio.Connection, turns: int) -> None:
        for turn in range(turns):
            asked = [asyncio.ensure_future(fs.api("x", timeout=30 if n % 2 else None)) for n in range(100)]
            if turn % 2:
                await asyncio.sleep(0)
            for task in asked[:: turn % 7 + 1]:
                task.cancel()
            await asyncio.wait(asked)
            with contextlib.suppress(switchwire.WaitTimeoutError):
                await fs.api("x", timeout=0)
            await fs.api("x")

    async def main() -> None:
        with Server() as server:
            # What the server has received is kept there.
            server.received = Discarding()
            fs = await aio.connect(server.host, server.port)
            await ask(fs, 20)
            gc.collect()
            tracemalloc.start()
            before, resident = tracemalloc.get_traced_memory()[0], rss()
            await ask(fs, 100)
            gc.collect()
            after = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
            print(f"traced {after - before:+} bytes, resident {rss() - resident:+} bytes")
            # 64 KB are the server's, which is about to receive.
            assert after - before < 128 * 1024
            assert rss() - resident < 8 << 20
            fs.disconnect()

    asyncio.run(main())


class Discarding(list):  # type: ignore[type-arg]
    def append(self, _item: object) -> None:
        pass
