"""The modern connection and listener, for asyncio."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import switchwire
from conftest import Address
from support.wait import until_async
from support.wire import Peer, Server, event, reply, response
from switchwire import aio
from switchwire.testing import Simulator, User

MANY = int(os.environ.get("SWITCHWIRE_TEST_CONNECTIONS", "200"))


def run(main: Callable[[], Awaitable[object]]) -> None:
    asyncio.run(asyncio.wait_for(main(), 60))


def test_a_session(server: Address) -> None:
    async def main() -> None:
        async with await aio.connect(*server) as fs:
            assert fs.connected
            assert "UP" in await fs.api("status")
            with pytest.raises(switchwire.RefusedError):
                await fs.api("no_such_api", check=True)
            await fs.events("BACKGROUND_JOB", custom=["a::b"])
            job = await fs.bgapi("status")
            assert "UP" in await job.result(timeout=10)
            assert (await job.event())["Job-UUID"] == job.uuid
            assert (await fs.request("no_such_command")).error
            await fs.send_event(switchwire.Event("CUSTOM", {"A": "x"}, subclass="a::b"))
            received = await fs.recv(10)
            assert received is not None
            assert received["A"] == "x"
            assert await fs.recv(0) is None
            assert await fs.recv(0.02) is None
            answers = await asyncio.gather(*(fs.api("eval", str(n)) for n in range(50)))
            assert answers == [str(n) for n in range(50)]
            await fs.exit()
        assert not fs.connected
        assert isinstance(fs.disconnect_reason, switchwire.DisconnectedError)
        with pytest.raises(ConnectionError):
            await fs.api("status")

    run(main)


def test_events_until_the_end() -> None:
    async def main() -> None:
        with Simulator() as simulator:
            fs = await aio.connect(*simulator.address)
            await fs.events("HEARTBEAT")
            for number in range(5):
                simulator.fire("HEARTBEAT", {"N": str(number)})
            seen = []
            async for received in fs:
                seen.append(received["N"])
                if len(seen) == 5:
                    simulator.disconnect_all("notice")
            assert seen == list("01234")
            with pytest.raises(switchwire.DisconnectedError):
                await fs.recv()

    run(main)


def test_a_cancelled_wait_loses_no_event() -> None:
    async def main() -> None:
        def talk(peer: Peer) -> None:
            for number in range(200):
                peer.command()
                peer.send(event("Event-Name: HEARTBEAT", f"N: {number}") + reply())

        with Server(talk) as server:
            fs = await aio.connect(server.host, server.port)
            seen = []
            for number in range(200):
                waiting = asyncio.ensure_future(fs.recv())
                await asyncio.sleep(0)
                answered = asyncio.ensure_future(fs.request("next"))
                if number % 2:
                    waiting.cancel()
                await answered
                if number % 3:
                    waiting.cancel()
                try:
                    received = await waiting
                except asyncio.CancelledError:
                    received = await fs.recv(5)
                assert received is not None
                seen.append(int(received["N"]))
            assert seen == list(range(200))

    run(main)


def test_a_cancelled_command_drops_its_own_answer() -> None:
    async def main() -> None:
        def talk(peer: Peer) -> None:
            peer.command()
            peer.command()
            peer.send(response("one") + response("two"))
            peer.command()
            peer.command()
            peer.send(response("three") + response("four"))

        with Server(talk) as server:
            fs = await aio.connect(server.host, server.port)
            first = asyncio.ensure_future(fs.api("one"))
            await asyncio.sleep(0.01)
            first.cancel()
            assert await fs.api("two") == "two"
            assert fs.stats()["late_replies"] == 1
            with pytest.raises(switchwire.WaitTimeoutError) as raised:
                await fs.api("three", timeout=0.05)
            assert raised.value.phase == "reply"
            assert await fs.api("four") == "four"
            assert fs.stats()["late_replies"] == 2

    run(main)


def test_failures_to_connect() -> None:
    async def main() -> None:
        with Simulator(users=[User("1000", "1234")]) as fs:
            with pytest.raises(switchwire.AuthenticationError):
                await aio.connect(*fs.address, "wrong")
            async with await aio.connect(*fs.address, "1234", user="1000@localdomain.test") as connection:
                assert connection.connected
            address = fs.address
        with pytest.raises(switchwire.ConnectError):
            await aio.connect(*address)
        with pytest.raises(switchwire.ResolveError):
            await aio.connect("no-such-host.invalid")
        options = switchwire.Options(login_timeout=0.05)
        with Server(Peer.idle, login=False) as server:
            with pytest.raises(switchwire.WaitTimeoutError) as raised:
                await aio.connect(server.host, server.port, options=options)
            assert raised.value.phase == "login"

    run(main)


def test_options_are_those_of_the_blocking_connect() -> None:
    async def main() -> None:
        with Server(Peer.idle) as server:
            async with await aio.connect(server.host, str(server.port), command_timeout=0.02, queue_events=7) as fs:
                with pytest.raises(switchwire.WaitTimeoutError) as raised:
                    await fs.request("x")
                assert raised.value.phase == "reply"
        with Server(Peer.idle, login=False) as server:
            with pytest.raises(switchwire.WaitTimeoutError) as raised:
                await aio.connect(server.host, server.port, timeout=0.05)
            assert raised.value.phase == "login"
        for port in (70000, 0, "70000"):
            with pytest.raises(switchwire.InvalidArgumentError, match="port"):
                await aio.connect(port=port)
        with pytest.raises(TypeError, match="port"):
            await aio.connect(port="http")

    run(main)


def test_sending_without_an_answer() -> None:
    async def main() -> None:
        begin = threading.Event()

        def talk(peer: Peer) -> None:
            begin.wait(10)
            peer.answer_all(reply())

        with Server(talk) as server:
            fs = await aio.connect(server.host, server.port)
            large = [asyncio.ensure_future(fs.send("x" * (1 << 20))) for _ in range(20)]
            await until_async(lambda: fs._writing)
            assert not large[-1].done()
            begin.set()
            await asyncio.gather(*large)
            await fs.send("noevents")
            assert (await fs.request("last")).ok
            assert [len(command) for command in server.received[1:]] == [*[(1 << 20) + 2] * 20, 10, 6]
            fs.disconnect()
            with pytest.raises(switchwire.DisconnectedError):
                await fs.send("x")

    run(main)


def test_jobs_say_whether_they_are_done() -> None:
    async def main() -> None:
        with Simulator() as simulator:
            async with await aio.connect(*simulator.address) as fs:
                await fs.events("BACKGROUND_JOB")
                job = await fs.bgapi("status")
                await job.event(10)
                assert job.done()
                assert fs.is_sync is False
                assert fs.fileno() > 2
                host, port = simulator.address
                assert repr(fs) == f"<switchwire.aio.Connection inbound to {host}:{port}, connected>"

    run(main)


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_addresses_in_brackets() -> None:
    async def main() -> None:
        try:
            simulator = Simulator(bind="[::1]:0")
        except OSError:
            pytest.skip("no IPv6 here")
        with simulator:
            for host in ("[::1]", "::1"):
                with switchwire.connect(host, simulator.port) as blocking:
                    assert blocking.connected
                async with await aio.connect(host, simulator.port) as fs:
                    assert fs.connected

    run(main)


def test_waiters_are_told_of_the_end() -> None:
    async def main() -> None:
        with Server(lambda peer: peer.command() and None) as server:
            fs = await aio.connect(server.host, server.port)
            waiting = [asyncio.ensure_future(fs.recv()), asyncio.ensure_future(fs.recv())]
            await asyncio.sleep(0)
            with pytest.raises(switchwire.DisconnectedError):
                await fs.api("x")
            for waiter in waiting:
                with pytest.raises(switchwire.DisconnectedError):
                    await waiter
            fs = await aio.connect(server.host, server.port)
            waiter = asyncio.ensure_future(fs.recv())
            await asyncio.sleep(0)
            fs.disconnect()
            with pytest.raises(switchwire.DisconnectedError):
                await waiter

    run(main)


def test_a_large_command_is_written_as_the_server_reads() -> None:
    async def main() -> None:
        begin = threading.Event()

        def talk(peer: Peer) -> None:
            begin.wait(10)
            peer.answer_all(reply())

        with Server(talk) as server:
            fs = await aio.connect(server.host, server.port)
            large = [asyncio.ensure_future(fs.request("x" * (1 << 20))) for _ in range(20)]
            await asyncio.sleep(0.05)
            begin.set()
            assert all(answer.ok for answer in await asyncio.gather(*large))
            assert [len(command) for command in server.received[1:]] == [(1 << 20) + 2] * 20

    run(main)


def test_subscribing() -> None:
    async def main() -> None:
        with Simulator() as simulator:
            fs = await aio.connect(*simulator.address)
            await fs.events("HEARTBEAT")
            seen: list[Any] = []
            task = fs.consume(seen.append)
            simulator.fire("HEARTBEAT")
            await until_async(lambda: seen)
            simulator.disconnect_all()
            await task

    run(main)


def test_a_coroutine_function_is_awaited_for_each_event(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        with Simulator() as simulator:
            fs = await aio.connect(*simulator.address)
            await fs.events("HEARTBEAT")
            seen: list[str] = []
            last = asyncio.Event()

            async def take(received: switchwire.Event) -> None:
                await asyncio.sleep(0)
                seen.append(received["N"])
                if received["N"] == "1":
                    raise RuntimeError("one")
                if received["N"] == "3":
                    last.set()

            task = fs.consume(take)
            for number in range(4):
                simulator.fire("HEARTBEAT", {"N": str(number)})
            await last.wait()
            assert seen == list("0123")
            assert "callback failed" in caplog.text
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled()
            fs.disconnect()

    run(main)


def test_calls() -> None:
    async def main() -> None:
        seen: list[object] = []
        done = asyncio.Event()

        async def handler(call: aio.Connection) -> None:
            assert call.info is not None
            await call.linger()
            await call.my_events()
            ended = await call.execute("playback", "x.wav", wait=True, timeout=10)
            seen.append(ended.event and ended.event["Application"])
            await call.hangup()
            done.set()

        with Simulator() as simulator:
            async with aio.Listener(handler, port=0) as listener:
                simulator.extension("7000", ("socket", f"127.0.0.1:{listener.address[1]} async full"))
                async with await aio.connect(*simulator.address) as fs:
                    await fs.api("bgapi", "originate loopback/7000 &park()")
                    await done.wait()
            assert seen == ["playback"]
            assert listener.active == 0

    run(main)


def test_stopping_a_listener() -> None:
    async def main() -> None:
        begun = asyncio.Event()

        async def handler(call: aio.Connection) -> None:
            begun.set()
            async for _ in call:
                pass

        with Simulator() as simulator:
            listener = aio.Listener(handler, port=0)
            listener.start()
            forever = asyncio.ensure_future(listener.serve_forever())
            simulator.extension("7000", ("socket", f"127.0.0.1:{listener.address[1]} async full"))
            async with await aio.connect(*simulator.address) as fs:
                await fs.api("bgapi", "originate loopback/7000 &park()")
                await begun.wait()
                assert await listener.stop(0.05) is False
                await forever

    run(main)


def test_many_connections_and_no_thread_for_any() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * MANY + 200
    if soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            pytest.skip("too few descriptors")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

    async def main() -> None:
        with Simulator() as simulator:
            before = threading.active_count()
            connections: list[aio.Connection] = []
            for _ in range(0, MANY, 50):
                connections += await asyncio.gather(*(aio.connect(*simulator.address) for _ in range(50)))
            await asyncio.gather(*(fs.events("HEARTBEAT") for fs in connections))
            simulator.fire("HEARTBEAT", {"N": "1"})
            received = await asyncio.gather(*(fs.recv(30) for fs in connections))
            assert [event and event["N"] for event in received] == ["1"] * len(connections)
            # Names are resolved on the loop's own executor, which is bounded.
            assert threading.active_count() - before <= (os.cpu_count() or 1) + 4
            for fs in connections:
                fs.disconnect()

    run(main)


def last_command(peer: Peer) -> None:
    peer.command()


def test_sockets_are_set_up_as_the_blocking_ones() -> None:
    names = ("TCP_NODELAY", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")

    def settings(fd: int) -> list[int]:
        with socket.socket(fileno=os.dup(fd)) as sock:
            alive = sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            wanted = [getattr(socket, name) for name in names if hasattr(socket, name)]
            return [alive, *(sock.getsockopt(socket.IPPROTO_TCP, name) for name in wanted)]

    async def asynchronous(server: Server, keepalive: float | None) -> list[int]:
        async with await aio.connect(server.host, server.port, keepalive=keepalive) as fs:
            return settings(fs.fileno())

    for keepalive in (60.0, 0.5, None):
        with Server(last_command) as server:
            with switchwire.connect(server.host, server.port, keepalive=keepalive) as fs:
                blocking = settings(fs.fileno())
        with Server(last_command) as server:
            assert asyncio.run(asynchronous(server, keepalive)) == blocking


def test_a_silent_address_leaves_time_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    loop_class = asyncio.selector_events.BaseSelectorEventLoop
    connects = loop_class.sock_connect
    silent = ("127.0.0.2", 1)

    async def sock_connect(self: Any, sock: socket.socket, address: tuple[str, int]) -> None:
        if address == silent:
            await asyncio.Event().wait()
        await connects(self, sock, address)

    async def getaddrinfo(self: Any, host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        found = [silent, silent, ("127.0.0.1", port)] if host == "both" else [silent]
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in found]

    async def main(server: Server) -> None:
        async with await aio.connect("both", server.port, connect_timeout=1.0) as fs:
            assert fs.connected
        with pytest.raises(switchwire.WaitTimeoutError) as raised:
            await aio.connect("silent", server.port, connect_timeout=0.05)
        assert raised.value.phase == "connect"

    monkeypatch.setattr(loop_class, "sock_connect", sock_connect)
    monkeypatch.setattr(loop_class, "getaddrinfo", getaddrinfo)
    with Server(last_command) as server:
        asyncio.run(main(server))
