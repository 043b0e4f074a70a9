"""Many commands under way at once on an asyncio connection."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import Awaitable, Callable

import pytest

import switchwire
from conftest import Address
from support.wait import until_async
from support.wire import Peer, Server, reply, response
from switchwire import aio

DEPTH = 100


def run(main: Callable[[], Awaitable[object]]) -> None:
    asyncio.run(asyncio.wait_for(main(), 60))


def echo(peer: Peer) -> None:
    """Replies to every api command with its own name."""
    while True:
        peer.send(response(peer.command().split()[1]))


def several(fs: aio.Connection, timeout: float | None = None) -> list[asyncio.Future[str]]:
    return [asyncio.ensure_future(fs.api(str(number), timeout=timeout)) for number in range(DEPTH)]


def test_a_turns_commands_leave_together() -> None:
    peers: list[Peer] = []
    pieces: list[bytes] = []
    turned = threading.Event()

    def talk(peer: Peer) -> None:
        peers.append(peer)
        turned.wait(10)
        while b"".join(pieces).count(b"\n\n") < DEPTH:
            pieces.append(peer.socket.recv(65536))
        peer.send(b"".join(response(str(number)) for number in range(DEPTH)))
        echo(peer)

    async def main() -> None:
        with Server(talk) as server:
            fs = await aio.connect(server.host, server.port)
            await until_async(lambda: peers)
            asked = several(fs)
            # All have sent now, and this is still the same turn: no more than the first is out.
            await asyncio.sleep(0)
            assert fs.stats()["unanswered"] == DEPTH
            with contextlib.suppress(BlockingIOError):
                out = peers[0].socket.recv(65536, socket.MSG_PEEK | socket.MSG_DONTWAIT)
                assert out.count(b"\n\n") == 1
            turned.set()
            assert await asyncio.gather(*asked) == [str(number) for number in range(DEPTH)]
            assert await fs.api("alone") == "alone"
        # The first, and all others. (They may have been received together.)
        assert len(pieces) <= 2

    run(main)


def test_commands_of_all_kinds_keep_their_order() -> None:
    async def main() -> None:
        with Server(echo) as server:
            fs = await aio.connect(server.host, server.port)
            api = asyncio.ensure_future(fs.api("1"))
            others = [
                asyncio.ensure_future(fs.request("api 2")),
                asyncio.ensure_future(fs.request("api 3")),
            ]
            # Its command goes out at once, and what was gathered with it.
            job = asyncio.ensure_future(fs.bgapi("4"))
            last = asyncio.ensure_future(fs.api("5"))
            assert await api == "1"
            assert [(await other).text for other in others] == ["2", "3"]
            await job
            assert await last == "5"
            assert [command.split()[1] for command in server.received[1:]] == [b"1", b"2", b"3", b"4", b"5"]

    run(main)


def test_some_are_cancelled() -> None:
    async def main() -> None:
        answering = threading.Event()

        def talk(peer: Peer) -> None:
            answering.wait(10)
            echo(peer)

        with Server(talk) as server:
            fs = await aio.connect(server.host, server.port)
            asked = several(fs)
            await asyncio.sleep(0.01)
            for future in asked[::3]:
                future.cancel()
            answering.set()
            answers = await asyncio.gather(*asked, return_exceptions=True)
            for number, answer in enumerate(answers):
                if number % 3:
                    assert answer == str(number)
                else:
                    assert isinstance(answer, asyncio.CancelledError)
            assert await fs.api("next") == "next"
            assert fs.stats()["unanswered"] == 0

    run(main)


def test_a_cancelled_gather_drops_its_answers() -> None:
    async def main() -> None:
        with Server(echo) as server:
            fs = await aio.connect(server.host, server.port)
            for turns in range(4):
                both = asyncio.gather(*several(fs))
                for _ in range(turns):
                    await asyncio.sleep(0)
                both.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await both
                assert await fs.api("next") == "next"

    run(main)


def test_times_pass() -> None:
    async def main() -> None:
        answering = threading.Event()

        def talk(peer: Peer) -> None:
            answering.wait(10)
            echo(peer)

        with Server(talk) as server:
            fs = await aio.connect(server.host, server.port)
            # The shorter ones do not wait for the longer ones before them, nor take them along.
            patient, hasty = several(fs, 30), several(fs, 0.05)
            endless = several(fs, float("inf"))
            for answer in await asyncio.gather(*hasty, return_exceptions=True):
                assert isinstance(answer, switchwire.WaitTimeoutError)
                assert answer.phase == "reply"
            with pytest.raises(switchwire.WaitTimeoutError):
                await fs.api("never", timeout=0)
            assert not any(future.done() for future in patient + endless)
            answering.set()
            expected = [str(number) for number in range(DEPTH)]
            assert await asyncio.gather(*patient) == expected
            assert await asyncio.gather(*endless) == expected
            assert await fs.api("next", timeout=30) == "next"

    run(main)


def test_the_connections_own_time_out() -> None:
    async def main() -> None:
        with Server(Peer.idle) as server:
            options = switchwire.Options(command_timeout=0.05)
            fs = await aio.connect(server.host, server.port, options=options)
            for _ in range(2):
                answers = await asyncio.gather(*several(fs), return_exceptions=True)
                assert all(isinstance(answer, switchwire.WaitTimeoutError) for answer in answers)
            assert fs.connected

    run(main)


@pytest.mark.parametrize("answered", [0, 10])
def test_the_connection_is_lost(answered: int) -> None:
    def talk(peer: Peer) -> None:
        commands = [peer.command() for _ in range(DEPTH)]
        peer.send(b"".join(response(command.split()[1]) for command in commands[:answered]))

    async def main() -> None:
        with Server(talk) as server:
            fs = await aio.connect(server.host, server.port)
            answers = await asyncio.gather(*several(fs), return_exceptions=True)
            assert answers[:answered] == [str(number) for number in range(answered)]
            assert len(answers) == DEPTH
            assert all(isinstance(answer, switchwire.DisconnectedError) for answer in answers[answered:])
            with pytest.raises(switchwire.DisconnectedError):
                await fs.api("x")

    run(main)


def test_disconnected_here() -> None:
    async def main() -> None:
        with Server(Peer.idle) as server:
            for turns in range(3):
                fs = await aio.connect(server.host, server.port)
                asked = several(fs)
                for _ in range(turns):
                    await asyncio.sleep(0)
                fs.disconnect()
                answers = await asyncio.gather(*asked, return_exceptions=True)
                assert all(isinstance(answer, switchwire.DisconnectedError) for answer in answers)

    run(main)


def test_checked_and_malformed_ones_among_others(server: Address) -> None:
    async def main() -> None:
        async with await aio.connect(*server) as fs:
            answers = await asyncio.gather(
                fs.api("eval", "1"),
                fs.api("no_such_api", check=True),
                fs.api("two\nlines"),
                fs.api("no_such_api"),
                fs.api("eval", "2", check=True),
                return_exceptions=True,
            )
            assert answers[0] == "1"
            assert isinstance(answers[1], switchwire.RefusedError)
            assert isinstance(answers[2], switchwire.InvalidArgumentError)
            assert isinstance(answers[3], str)
            assert answers[3].startswith("-ERR")
            assert answers[4] == "2"

    run(main)


def test_answers_are_not_kept() -> None:
    async def main() -> None:
        with Server(reply()) as server:
            fs = await aio.connect(server.host, server.port)
            loop = asyncio.get_running_loop()
            futures: list[asyncio.Future[str]] = [loop.create_future() for _ in range(DEPTH)]
            for future in futures:
                fs._native._ask_api(future, 30, "x", "", False)
            del future
            fs._native._flush()
            await asyncio.wait(futures)
            # The list, the name in the expression, and the call's argument.
            assert all(sys.getrefcount(future) <= 3 for future in futures)

    run(main)
