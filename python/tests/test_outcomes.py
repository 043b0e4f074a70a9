"""What becomes of calls: ends that were learnt before a wait, handlers that fail, notices."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
import queue
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

import switchwire
from support.wait import until, until_async
from support.wire import Peer, event, reply
from switchwire import Connection, Event, HangupError, Listener, aio
from switchwire.testing import Simulator

CONNECT = (
    b"Content-Type: command/reply\nReply-Text: +OK\nUnique-ID: call-1\nSocket-Mode: async\nControl: full\n"
    b"Answer-State: answered\n\n"
)
LINGERS = (
    b"Content-Type: text/disconnect-notice\nControlled-Session-UUID: call-1\nContent-Disposition: linger\n"
    b"Channel-Name: sofia/x\nLinger-Time: 10\nContent-Length: 0\n\n"
)
GOODBYE = (
    b"Content-Type: text/disconnect-notice\nControlled-Session-UUID: call-1\nContent-Disposition: disconnect\n"
    b"Content-Length: 24\n\nDisconnected, goodbye.\n\n"
)
HANGUP = event("Event-Name: CHANNEL_HANGUP", "Unique-ID: call-1", "Hangup-Cause: USER_BUSY")


def called(address: tuple[str, int], talk: Callable[[Peer], None]) -> None:
    """A server that connects to us for a call, and then does what `talk` says."""
    with socket.create_connection(address) as sock:
        peer = Peer(sock, [], threading.Event())
        assert peer.command() == b"connect\n\n"
        peer.send(CONNECT)
        with contextlib.suppress(EOFError, OSError):
            talk(peer)


def blocking(handler: Callable[[Connection], object], talk: Callable[[Peer], None]) -> Any:
    """What the handler of that call gives, or raises."""
    outcome: queue.Queue[tuple[object, BaseException | None]] = queue.Queue()

    def run(call: Connection) -> None:
        try:
            outcome.put((handler(call), None))
        except BaseException as error:
            outcome.put((None, error))
        # The peer ends first: what it still sends reaches no event.
        call.disconnect()

    with Listener(run, port=0) as listener:
        called(listener.address, talk)
    value, error = outcome.get(timeout=10)
    if error is not None:
        raise error
    return value


def asynchronous(handler: Callable[[aio.Connection], Awaitable[object]], talk: Callable[[Peer], None]) -> Any:
    async def main() -> object:
        outcome: asyncio.Future[object] = asyncio.get_running_loop().create_future()

        async def run(call: aio.Connection) -> None:
            try:
                outcome.set_result(await handler(call))
            except Exception as error:
                outcome.set_exception(error)
            call.disconnect()

        async with aio.Listener(run, port=0) as listener:
            await asyncio.get_running_loop().run_in_executor(None, called, listener.address, talk)
            return await outcome

    return asyncio.run(asyncio.wait_for(main(), 60))


def hangs_up_then_takes_all(*frames: bytes) -> Callable[[Peer], None]:
    """Takes linger and myevents, sends the frames, and takes what comes as if the call were up."""

    def talk(peer: Peer) -> None:
        for _ in range(2):
            peer.command()
            peer.send(reply())
        peer.send(b"".join(frames))
        peer.answer_all(reply())

    return talk


ENDS = {
    "a linger notice": ((LINGERS,), None),
    "an event": ((HANGUP,), "USER_BUSY"),
    "both": ((HANGUP, LINGERS), "USER_BUSY"),
    "notice first": ((LINGERS, HANGUP), "USER_BUSY"),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_wait_that_begins_after_the_end_fails_at_once(name: str) -> None:
    frames, cause = ENDS[name]

    def handler(call: Connection) -> tuple[HangupError, Connection]:
        call.linger()
        call.my_events()
        # What comes before this reply has been received with it.
        call.request("x")
        with pytest.raises(HangupError) as raised:
            call.execute("playback", "x.wav", wait=True)
        assert call.hung_up
        assert call.hangup_cause == cause
        assert call.connected
        assert "hung up" in repr(call)
        return raised.value, call

    error, call = blocking(handler, hangs_up_then_takes_all(*frames))
    assert error.cause == cause
    assert error.event is None
    assert "closed" in repr(call)

    async def main(call: aio.Connection) -> HangupError:
        await call.linger()
        await call.my_events()
        await call.request("x")
        with pytest.raises(HangupError) as raised:
            await call.execute("playback", "x.wav", wait=True)
        assert call.hung_up
        assert call.hangup_cause == cause
        return raised.value

    assert asynchronous(main, hangs_up_then_takes_all(*frames)).cause == cause


def test_a_hangup_during_the_application_is_one_error_with_its_event() -> None:
    complete = event(
        "Event-Name: CHANNEL_EXECUTE_COMPLETE",
        "Unique-ID: call-1",
        "Application-UUID: run-1",
        "Application-Response: PLAYBACK ERROR",
        "Answer-State: hangup",
        "Hangup-Cause: ORIGINATOR_CANCEL",
    )

    def talk(peer: Peer) -> None:
        peer.command()
        peer.send(reply())
        peer.command()
        peer.send(reply() + complete)
        peer.command()

    def handler(call: Connection) -> HangupError:
        call.my_events()
        with pytest.raises(HangupError) as raised:
            call.execute("playback", "x.wav", event_uuid="run-1", wait=True)
        return raised.value

    async def main(call: aio.Connection) -> HangupError:
        await call.my_events()
        with pytest.raises(HangupError) as raised:
            await call.execute("playback", "x.wav", event_uuid="run-1", wait=True)
        return raised.value

    for error in (blocking(handler, talk), asynchronous(main, talk)):
        assert error.cause == "ORIGINATOR_CANCEL"
        assert error.event is not None
        assert error.event["Application-Response"] == "PLAYBACK ERROR"
        back = pickle.loads(pickle.dumps(error))
        assert (back.cause, back.event, str(back)) == (error.cause, error.event, str(error))


def test_the_connections_end_is_the_calls_where_that_is_why() -> None:
    def talk(peer: Peer) -> None:
        peer.command()
        peer.send(reply())
        peer.command()
        peer.send(reply() + GOODBYE)

    def handler(call: Connection) -> bool:
        call.my_events()
        with pytest.raises(HangupError):
            call.execute("playback", "x.wav", wait=True)
        return call.hung_up and not call.connected

    async def main(call: aio.Connection) -> bool:
        await call.my_events()
        with pytest.raises(HangupError):
            await call.execute("playback", "x.wav", wait=True)
        return call.hung_up and not call.connected

    assert blocking(handler, talk)
    assert asynchronous(main, talk)


def test_a_linger_notice_is_no_event() -> None:
    talk = hangs_up_then_takes_all(HANGUP, LINGERS, event("Event-Name: CHANNEL_DESTROY", "Unique-ID: call-1"))

    def check(call: Any, seen: list[object]) -> None:
        assert seen == ["CHANNEL_HANGUP", call.linger_notice, "CHANNEL_DESTROY"]
        notice = call.linger_notice
        assert (notice.channel_uuid, notice.channel_name, notice.seconds) == ("call-1", "sofia/x", 10)
        assert "call-1" in repr(notice)

    def handler(call: Connection) -> None:
        call.linger()
        call.my_events()
        seen: list[object] = []
        call.on_linger = seen.append
        assert call.linger_notice is None
        for received in call:
            seen.append(received.name)
            if received.name == "CHANNEL_DESTROY":
                break
        check(call, seen)

    def subscribing(call: Connection) -> None:
        call.linger()
        call.my_events()
        seen: list[object] = []
        call.on_linger = seen.append
        last = threading.Event()

        def take(received: Event) -> None:
            seen.append(received.name)
            if received.name == "CHANNEL_DESTROY":
                last.set()

        with call.consume(take):
            assert last.wait(10)
        check(call, seen)

    async def main(call: aio.Connection) -> None:
        await call.linger()
        await call.my_events()
        seen: list[object] = []
        call.on_linger = seen.append
        async for received in call:
            seen.append(received.name)
            if received.name == "CHANNEL_DESTROY":
                break
        check(call, seen)

    blocking(handler, talk)
    blocking(subscribing, talk)
    asynchronous(main, talk)


def test_connected_and_hung_up_look_at_what_has_arrived() -> None:
    def talk(peer: Peer) -> None:
        peer.command()
        peer.send(reply() + GOODBYE)

    def handler(call: Connection) -> bool:
        call.linger()
        # No thread reads; each look at the property does.
        until(lambda: not call.connected)
        return call.hung_up

    async def main(call: aio.Connection) -> bool:
        await call.linger()
        await until_async(lambda: not call.connected)
        return call.hung_up

    assert blocking(handler, talk)
    assert asynchronous(main, talk)


# Handlers that fail.


@pytest.fixture
def commander(fs_server: Simulator) -> Iterator[Connection]:
    """Sees how calls end."""
    with switchwire.connect(*fs_server.address) as connection:
        connection.events("CHANNEL_HANGUP_COMPLETE", "CHANNEL_EXECUTE")
        yield connection


def dial(fs: Simulator, commander: Connection, port: int, flags: str) -> None:
    fs.extension("7000", ("answer", ""), ("socket", f"127.0.0.1:{port} {flags}"), ("set", "after=socket"))
    commander.api("bgapi", "originate loopback/7000 &park()")


def causes(commander: Connection) -> set[str | None]:
    """How the two legs of a call have ended."""
    found: list[str | None] = []
    while len(found) < 2:
        received = commander.recv(timeout=20)
        assert received is not None
        if received.name == "CHANNEL_HANGUP_COMPLETE":
            found.append(received.get("Hangup-Cause"))
    return set(found)


FLAGS = ["async full", "async", "full"]


@pytest.mark.parametrize("flags", FLAGS)
def test_a_failed_handler_hangs_its_call_up(
    fs_server: Simulator, commander: Connection, caplog: pytest.LogCaptureFixture, flags: str
) -> None:
    def handler(_: Connection) -> None:
        raise RuntimeError("broken")

    with Listener(handler, port=0) as listener:
        dial(fs_server, commander, listener.address[1], flags)
        assert "NORMAL_TEMPORARY_FAILURE" in causes(commander)
    with Listener(handler, port=0, failure_cause="USER_BUSY") as listener:
        dial(fs_server, commander, listener.address[1], flags)
        assert "USER_BUSY" in causes(commander)
    assert caplog.text.count("the handler of a call failed") == 2
    assert "RuntimeError: broken" in caplog.text


@pytest.mark.parametrize("flags", FLAGS)
def test_a_failed_handler_hangs_its_call_up_in_asyncio(
    fs_server: Simulator, commander: Connection, caplog: pytest.LogCaptureFixture, flags: str
) -> None:
    async def handler(_: aio.Connection) -> None:
        raise RuntimeError("broken")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with aio.Listener(handler, port=0) as listener:
            dial(fs_server, commander, listener.address[1], flags)
            assert "NORMAL_TEMPORARY_FAILURE" in await loop.run_in_executor(None, causes, commander)

    asyncio.run(asyncio.wait_for(main(), 60))
    assert "RuntimeError: broken" in caplog.text


def test_sys_exit_ends_its_call_alone(
    fs_server: Simulator, commander: Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    with Listener(lambda call: sys.exit(3), port=0) as listener:
        dial(fs_server, commander, listener.address[1], "async full")
        assert "NORMAL_TEMPORARY_FAILURE" in causes(commander)
    with Listener(lambda call: sys.exit(), port=0) as listener:
        dial(fs_server, commander, listener.address[1], "async full")
        assert goes_on(commander)
    assert "ignored" not in capfd.readouterr().err


def goes_on(commander: Connection) -> bool:
    """Whether the dialplan went on after its socket application."""
    while True:
        received = commander.recv(timeout=20)
        assert received is not None
        if received.name == "CHANNEL_EXECUTE" and received["Application"] == "set":
            return True


def test_a_failed_handler_that_resumed_leaves_the_call_to_the_dialplan(
    fs_server: Simulator, commander: Connection
) -> None:
    def handler(call: Connection) -> None:
        call.resume()
        raise RuntimeError("broken")

    with Listener(handler, port=0) as listener:
        dial(fs_server, commander, listener.address[1], "async full")
        assert goes_on(commander)


def test_the_calls_end_is_no_failure_of_its_handler(caplog: pytest.LogCaptureFixture) -> None:
    talk = hangs_up_then_takes_all(LINGERS)
    ended = threading.Event()

    def handler(call: Connection) -> None:
        try:
            call.linger()
            call.my_events()
            call.request("x")
            call.execute("playback", "x.wav", wait=True)
        finally:
            ended.set()

    async def coroutine(call: aio.Connection) -> None:
        await call.linger()
        await call.my_events()
        await call.request("x")
        await call.execute("playback", "x.wav", wait=True)

    async def main() -> None:
        async with aio.Listener(coroutine, port=0) as listener:
            await asyncio.get_running_loop().run_in_executor(None, called, listener.address, talk)

    with Listener(handler, port=0) as listener:
        called(listener.address, talk)
        assert ended.wait(10)
    asyncio.run(asyncio.wait_for(main(), 60))
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_call_ended_by_stop_is_hung_up(fs_server: Simulator, commander: Connection) -> None:
    begun = threading.Event()

    def handler(call: Connection) -> None:
        begun.set()
        for _ in call:
            pass

    listener = Listener(handler, port=0, failure_cause="USER_BUSY")
    dial(fs_server, commander, listener.address[1], "async full")
    assert begun.wait(10)
    assert listener.stop(0) is False
    assert "USER_BUSY" in causes(commander)


def test_a_call_ended_by_stop_is_hung_up_in_asyncio(fs_server: Simulator, commander: Connection) -> None:
    async def main() -> None:
        begun = asyncio.Event()

        async def handler(call: aio.Connection) -> None:
            begun.set()
            async for _ in call:
                pass

        listener = aio.Listener(handler, port=0)
        listener.start()
        dial(fs_server, commander, listener.address[1], "async full")
        await begun.wait()
        assert await listener.stop(0) is False
        assert "NORMAL_TEMPORARY_FAILURE" in await asyncio.get_running_loop().run_in_executor(None, causes, commander)

    asyncio.run(asyncio.wait_for(main(), 60))
