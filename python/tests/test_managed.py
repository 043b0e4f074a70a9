"""The supervised connection, blocking and for asyncio: the same checks on both."""

from __future__ import annotations

import asyncio
import gc
import inspect
import logging
import os
import pickle
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import switchwire
from support.wire import Peer, Server, event, reply, response
from switchwire import (
    Backoff,
    Connected,
    Event,
    GaveUp,
    Liveness,
    Lost,
    ManagedConnection,
    Options,
    OutcomeUnknownError,
    Restored,
    Subscription,
    Target,
    aio,
)
from switchwire.testing import Simulator, User

QUICK = Backoff(first=0.01, most=0.1)
SECRET = "a-secret-password"
Make = Callable[..., Any]


async def value(of: Any) -> Any:
    """What an asyncio method gives, or a blocking one."""
    return await of if inspect.isawaitable(of) else of


@pytest.fixture(params=["blocking", "asyncio"])
def run(request: pytest.FixtureRequest) -> Callable[[Callable[[Make], Awaitable[None]]], None]:
    """Runs a check with what makes connections, all of which are closed at the end."""
    face = ManagedConnection if request.param == "blocking" else aio.ManagedConnection

    def run(check: Callable[[Make], Awaitable[None]]) -> None:
        async def main() -> None:
            made = []

            def make(server: Any, *names: str, **settings: Any) -> Any:
                settings = {"backoff": QUICK, "password": server.password, **settings}
                subscription = Subscription(*names)  # type: ignore[arg-type]
                made.append(face(server.host, server.port, subscription=subscription, **settings))
                return made[-1]

            try:
                await asyncio.wait_for(check(make), 60)
            finally:
                for connection in made:
                    await value(connection.close())

        asyncio.run(main())

    return run


@pytest.fixture
def fs() -> Iterator[Simulator]:
    with Simulator(password=SECRET) as simulator:
        yield simulator


async def next_item(connection: Any, kind: type) -> Any:
    item = await value(connection.recv(20))
    assert isinstance(item, kind), item
    return item


def test_the_stream_tells_every_outage_in_order(run: Any, fs: Simulator) -> None:
    async def check(make: Make) -> None:
        connection = make(fs, "DTMF", snapshot=True)
        connected = await next_item(connection, Connected)
        assert connected.server.address == f"{fs.host}:{fs.port}"
        assert connected.server.channels() == []
        fs.fire("DTMF", {"N": "1"})
        fs.log("warning", "not subscribed to")
        assert (await next_item(connection, Event))["N"] == "1"
        fs.disconnect_all()
        lost = await next_item(connection, Lost)
        assert lost.address == f"{fs.host}:{fs.port}"
        assert isinstance(lost.reason, switchwire.DisconnectedError)
        restored = await next_item(connection, Restored)
        assert (restored.run, restored.attempts) == ("same", 1)
        assert restored.server.core_uuid == connected.server.core_uuid
        fs.fire("DTMF", {"N": "2"})
        assert (await next_item(connection, Event))["N"] == "2"
        fs.restart()
        await next_item(connection, Lost)
        assert (await next_item(connection, Restored)).run == "restarted"
        status = connection.status
        assert (status.state, status.outages, status.failures) == ("up", 2, 0)
        assert connection.stats()["received"] == 2
        for item in (connected, lost, restored):
            assert repr(pickle.loads(pickle.dumps(item))) == repr(item)

    run(check)


def test_log_lines_come_in_their_place(run: Any, fs: Simulator) -> None:
    async def check(make: Make) -> None:
        connection = make(fs)
        lease = await value(connection.subscribe("DTMF", log="warning"))
        await next_item(connection, Connected)
        fs.log("warning", "text")
        fs.fire("DTMF")
        assert (await next_item(connection, switchwire.LogRecord)).text.endswith(" text")
        await next_item(connection, Event)
        lease.keep()

    run(check)


def test_a_wrong_password_gives_up_with_its_own_error(
    run: Any, fs: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "switchwire")

    async def check(make: Make) -> None:
        connection = make(fs, password="wrong")
        gave_up = await next_item(connection, GaveUp)
        assert f"127.0.0.1:{fs.port}: gave up: " in caplog.text
        assert isinstance(gave_up.reason, switchwire.AuthenticationError)
        for end in (connection.recv, connection.wait_up, lambda: connection.api("status")):
            with pytest.raises(switchwire.AuthenticationError):
                await value(end())
        assert connection.status.state == "gave-up"
        assert isinstance(connection.ended, switchwire.AuthenticationError)
        patient = make(fs, password="wrong", stop_on=[], backoff=Backoff(first=0.01, attempts=3))
        await next_item(patient, GaveUp)
        assert patient.status.attempts == 3

    run(check)


def test_the_second_address_is_tried_when_the_first_fails(run: Any, fs: Simulator) -> None:
    async def check(make: Make) -> None:
        with Simulator() as gone:
            pass
        connection = make(gone, password=SECRET, addresses=[(fs.host, fs.port)])
        assert (await next_item(connection, Connected)).server.address == f"{fs.host}:{fs.port}"

    run(check)


def test_commands_fail_at_once_while_down_or_wait(run: Any, fs: Simulator) -> None:
    async def check(make: Make) -> None:
        quick, patient = make(fs), make(fs, while_down=30)
        for connection in (quick, patient):
            await value(connection.wait_up(20))
            assert "UP" in await value(connection.api("status"))
        fs.refuse()
        fs.disconnect_all()
        for connection in (quick, patient):
            await next_item(connection, Connected)
            await next_item(connection, Lost)
        with pytest.raises(switchwire.DisconnectedError):
            await value(quick.api("status"))
        timer = threading.Timer(0.1, fs.refuse, [False])
        timer.start()
        assert "UP" in await value(patient.api("status"))
        timer.join()
        hasty = make(fs, while_down=0.01)
        fs.refuse()
        fs.disconnect_all()
        connection = make(fs, while_down=0.01)
        with pytest.raises(switchwire.WaitTimeoutError) as late:
            await value(connection.api("status"))
        assert late.value.phase == "connect"
        assert hasty.ended is None

    run(check)


def lose_the_reply(peer: Peer) -> None:
    """Replies up to the program's own command, takes that, and ends the connection."""
    while True:
        command = peer.command()
        if command.startswith(b"api originate"):
            return
        if command.startswith(b"bgapi"):
            peer.send(reply("+OK Job-UUID: 1", "Job-UUID: 1"))
            continue
        peer.send(response("x") if command.startswith(b"api") else reply())


def test_a_command_whose_reply_is_lost_is_not_sent_twice(run: Any) -> None:
    async def check(make: Make) -> None:
        with Server(lose_the_reply) as server:
            server.password = "x"  # type: ignore[attr-defined]
            connection = make(server, "BACKGROUND_JOB", while_down=20)
            job = await value(connection.bgapi("long", job_uuid="1"))
            with pytest.raises(OutcomeUnknownError):
                await value(connection.api("originate", "null/x &park()", timeout=20))
            with pytest.raises(OutcomeUnknownError):
                await value(job.result(20))
            sent = [command for command in server.received if command.startswith(b"api originate")]
            assert len(sent) == 1

    run(check)


def test_jobs_and_calls_end_by_their_own_events(run: Any, fs: Simulator) -> None:
    async def check(make: Make) -> None:
        names = ("BACKGROUND_JOB", "CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HANGUP_COMPLETE")
        connection = make(fs, *names)
        await value(connection.wait_up(20))
        assert "UP" in await value((await value(connection.bgapi("status"))).result(20))
        call = await value(connection.connection().originate("null/test").wait(20))
        ended = await value(
            connection.execute("playback", "silence_stream://20", uuid=call.uuid, wait=True, timeout=20)
        )
        assert ended.response == "FILE PLAYED"
        assert (await value(call.playback("silence_stream://20", timeout=20))).end == "completed"
        await value(call.hangup())

    run(check)


def test_leases_survive_each_other_and_a_reconnect(run: Any, fs: Simulator) -> None:
    async def check(make: Make) -> None:
        connection = make(fs, "CODEC")
        await next_item(connection, Connected)
        one, other = await value(connection.subscribe("DTMF")), await value(connection.subscribe("DTMF"))
        one.release()
        fs.disconnect_all()
        await next_item(connection, Lost)
        await next_item(connection, Restored)
        fs.fire("DTMF")
        assert (await next_item(connection, Event)).type == "DTMF"
        with other:
            pass
        # The reply to this command comes after the change.
        await value(connection.api("status"))
        fs.fire("DTMF")
        fs.fire("CODEC")
        assert (await next_item(connection, Event)).type == "CODEC"

    run(check)


def test_a_refused_lease_changes_nothing(run: Any) -> None:
    async def check(make: Make) -> None:
        with Simulator(users=[User("1000", SECRET, "d", events="DTMF", api="version")]) as fs:
            connection = make(fs, "DTMF", user="1000@d", password=SECRET)
            await next_item(connection, Connected)
            with pytest.raises(switchwire.RefusedError):
                await value(connection.subscribe("TALK"))
            fs.fire("DTMF")
            await next_item(connection, Event)

    run(check)


def test_a_server_that_falls_silent_is_noticed(run: Any, fs: Simulator) -> None:
    async def check(make: Make) -> None:
        connection = make(fs, liveness=Liveness(ping_after=0.05, ping_deadline=0.1))
        await next_item(connection, Connected)
        fs.set_faults(switchwire.testing.Faults(stalled=True))
        assert "not responding" in str((await next_item(connection, Lost)).reason)
        fs.set_faults(switchwire.testing.Faults())
        await next_item(connection, Restored)

    import switchwire.testing

    run(check)


@pytest.mark.parametrize(("overflow", "kept"), [("drop-newest", "01"), ("drop-oldest", "89"), ("block", "0123456789")])
def test_what_happens_at_the_queues_bound(run: Any, fs: Simulator, overflow: Any, kept: str) -> None:
    async def check(make: Make) -> None:
        options = Options(queue_events=2, overflow=overflow)
        connection = make(fs, "DTMF", options=options)
        await value(connection.wait_up(20))
        for number in range(10):
            fs.fire("DTMF", {"N": str(number)})
        while overflow != "block" and connection.stats()["received"] < 10:
            # Whoever waits for a reply reads the events before it.
            await value(connection.api("status"))
        await next_item(connection, Connected)
        assert [(await next_item(connection, Event))["N"] for _ in kept] == list(kept)
        assert connection.stats()["dropped_events"] == 10 - len(kept)
        assert connection.stats()["dropped_by_bytes"] == 0

    run(check)


def test_closing_wakes_a_waiter(run: Any, fs: Simulator) -> None:
    async def check(make: Make) -> None:
        connection = make(fs)
        await next_item(connection, Connected)
        if isinstance(connection, ManagedConnection):
            timer = threading.Timer(0.05, connection.close)
            timer.start()
            with pytest.raises(switchwire.DisconnectedError):
                connection.recv()
            timer.join()
        else:
            waiter = asyncio.ensure_future(connection.recv())
            await asyncio.sleep(0)
            await connection.close()
            with pytest.raises(switchwire.DisconnectedError):
                await waiter
        assert connection.status.state == "closed"
        await value(connection.close())

    run(check)


def test_a_program_that_only_iterates_ends_with_the_stream(run: Any, fs: Simulator) -> None:
    async def check(make: Make) -> None:
        connection = make(fs, "DTMF", backoff=Backoff(first=0.01, attempts=1))
        await value(connection.wait_up(20))
        fs.stop()
        blocking = isinstance(connection, ManagedConnection)
        items = list(connection) if blocking else [item async for item in connection]
        assert [type(item) for item in items] == [Connected, Lost, GaveUp]

    run(check)


def test_cancelled_waits_lose_nothing(fs: Simulator) -> None:
    async def main() -> None:
        subscription = Subscription("DTMF")
        async with aio.ManagedConnection(fs.host, fs.port, SECRET, subscription=subscription) as connection:
            await next_item(connection, Connected)
            for number in range(50):
                waiter = asyncio.ensure_future(connection.recv())
                command = asyncio.ensure_future(connection.api("status"))
                fs.fire("DTMF", {"N": str(number)})
                await asyncio.sleep(0)
                if number % 2:
                    await asyncio.sleep(0.001)
                command.cancel()
                if not waiter.done():
                    waiter.cancel()
                    await asyncio.wait([waiter])
                found = (await next_item(connection, Event)) if waiter.cancelled() else waiter.result()
                assert found["N"] == str(number)
            assert "UP" in await connection.api("status")

    asyncio.run(main())


def drop(connections: list[aio.ManagedConnection]) -> None:
    connections.clear()
    gc.collect()


def test_what_is_dropped_ends_without_being_closed(fs: Simulator) -> None:
    def threads() -> int:
        return len(os.listdir("/proc/self/task"))

    async def main() -> None:
        connection = aio.ManagedConnection(fs.host, fs.port, SECRET)
        await connection.wait_up(20)
        connections = [connection]
        del connection
        with pytest.warns(ResourceWarning, match="unclosed"):
            drop(connections)

    if not Path("/proc/self/task").exists():
        pytest.skip("needs /proc")
    before = threads()
    asyncio.run(main())
    blocking = ManagedConnection(fs.host, fs.port, SECRET)
    blocking.wait_up(20)
    del blocking
    gc.collect()
    for _ in range(2000):
        if threads() <= before and fs.connections == 0:
            break
        threading.Event().wait(0.01)
    # (A thread of the test before this one may have ended meanwhile.)
    assert threads() <= before
    assert fs.connections == 0


def test_no_password_shows_anywhere(fs: Simulator) -> None:
    target = Target(fs.host, fs.port, SECRET)
    with ManagedConnection.to(target) as connection:
        item = connection.recv(20)
        shown = [target, connection, item, connection.status, connection.connection(), connection.stats()]
        with pytest.raises(ValueError, match="no kind"):
            ManagedConnection(fs.host, fs.port, SECRET, stop_on=["nonsense"])
        assert SECRET not in repr(shown) + str(shown)


def test_bare_asyncio_connections_do_not_take_the_policy_that_pauses_reading(fs: Simulator) -> None:
    async def main() -> None:
        with pytest.raises(switchwire.InvalidArgumentError, match="block"):
            await aio.connect(fs.host, fs.port, SECRET, overflow="block")

    asyncio.run(main())


def test_events_under_way_are_events_of_a_subclass_too(run: Any) -> None:
    def talk(peer: Peer) -> None:
        while True:
            command = peer.command()
            peer.send(response("x") if command.startswith(b"api") else reply())
            if command.startswith(b"event"):
                peer.send(event("Event-Name: CUSTOM", "Event-Subclass: a%3A%3Ab"))

    async def check(make: Make) -> None:
        with Server(talk) as server:
            server.password = "x"  # type: ignore[attr-defined]
            connection = make(server, "ALL")
            await next_item(connection, Connected)
            assert (await next_item(connection, Event)).subclass == "a::b"

    run(check)
