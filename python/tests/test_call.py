"""A call as an object, blocking and for asyncio, and the IVRs of `examples/`: on the simulator."""

from __future__ import annotations

import asyncio
import importlib.util
import queue
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import switchwire
from switchwire import (
    AnswerState,
    Call,
    DialString,
    DigitsOutcome,
    DigitsReceived,
    Dtmf,
    HangupCause,
    HangupError,
    InvalidArgumentError,
    NotSubscribedError,
    WaitTimeoutError,
    aio,
)
from switchwire.testing import Simulator

EXAMPLES = Path(__file__).parents[1] / "examples"
LONG = "tone_stream://%(60000,0,350)"
SHORT = "silence_stream://30"


class Caller:
    """The far end of the call under test."""

    def __init__(self, simulator: Simulator) -> None:
        self.fs = switchwire.connect(*simulator.address)
        self.fs.subscribe("CHANNEL_EXECUTE", "CHANNEL_BRIDGE")
        self.uuid = self.fs.api("create_uuid")

    def dial(self, port: int, options: str = "async full") -> None:
        variables = f"{{origination_uuid={self.uuid},loopback_bowout=false}}"
        self.fs.api("bgapi", f"originate {variables}loopback/9664/default '&socket(127.0.0.1:{port} {options})'")

    def wait(self, name: str, application: str | None = None) -> None:
        while True:
            event = self.fs.recv(30)
            assert event is not None
            if (event.unique_id, event.name, event.get("Application")) == (self.uuid, name, application):
                return

    def press(self, digits: str, during: str | None = None) -> None:
        if during:
            self.wait("CHANNEL_EXECUTE", during)
        self.fs.api("uuid_recv_dtmf", f"{self.uuid} {digits}", check=True)

    def hang_up(self, cause: str = "NORMAL_CLEARING") -> None:
        self.fs.api("uuid_kill", f"{self.uuid} {cause}")


def blocking(simulator: Simulator, script: Callable[[Call], Any], far: Callable[[Caller], object]) -> Any:
    """What `script` gives of a call's connection, while `far` acts as the caller."""
    results: queue.Queue[Any] = queue.Queue()

    def handle(connection: switchwire.Connection) -> None:
        try:
            connection.linger(5)
            connection.my_events()
            results.put(script(connection.own_call()))
        except BaseException as error:
            results.put(error)

    caller = Caller(simulator)
    with switchwire.Listener(handle, port=0) as listener:
        caller.dial(listener.address[1])
        far(caller)
        result = results.get(timeout=30)
        caller.hang_up()
    if isinstance(result, BaseException):
        raise result
    return result


def asynchronous(simulator: Simulator, script: Callable[[aio.Call], Any], far: Callable[[Caller], object]) -> Any:
    """The same for asyncio; `far` runs in a thread."""
    caller = Caller(simulator)

    async def main() -> Any:
        ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        async def handle(connection: aio.Connection) -> None:
            try:
                await connection.linger(5)
                await connection.my_events()
                ended.set_result(await script(connection.own_call()))
            except Exception as error:
                ended.set_exception(error)

        async with aio.Listener(handle, port=0) as listener:
            caller.dial(listener.address[1])
            thread = threading.Thread(target=far, args=(caller,))
            thread.start()
            try:
                return await asyncio.wait_for(ended, 30)
            finally:
                await asyncio.get_running_loop().run_in_executor(None, thread.join)
                caller.hang_up()

    return asyncio.run(main())


def nothing(_: Caller) -> None:
    """The caller says nothing."""


def ivr(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


KINDS = [pytest.param("ivr", blocking, id="blocking"), pytest.param("ivr_asyncio", asynchronous, id="asyncio")]


@pytest.mark.parametrize(("name", "run"), KINDS)
def test_the_ivr_connects_the_caller(fs_server: Simulator, tmp_path: Path, name: str, run: Any) -> None:
    def far(caller: Caller) -> None:
        caller.press("1000", during="play_and_get_digits")
        caller.press("9196")
        caller.wait("CHANNEL_BRIDGE")
        caller.hang_up()

    assert run(fs_server, lambda call: ivr(name).ivr(call, str(tmp_path)), far) == "talked to 9196"


@pytest.mark.parametrize(("name", "run"), KINDS)
def test_the_ivr_records_a_message_without_an_answer(fs_server: Simulator, tmp_path: Path, name: str, run: Any) -> None:
    def far(caller: Caller) -> None:
        caller.press("9003", during="play_and_get_digits")
        caller.press("#", during="record")

    ended = run(fs_server, lambda call: ivr(name).ivr(call, str(tmp_path)), far)
    assert ended == "left a message, which ended by terminator"


@pytest.mark.parametrize("name", ["ivr", "ivr_asyncio"])
def test_the_examples_are_short(name: str) -> None:
    assert len((EXAMPLES / f"{name}.py").read_text().splitlines()) <= 40


def test_outcomes_say_why_an_application_ended(fs_server: Simulator) -> None:
    def script(call: Call) -> None:
        call.answer()
        assert call.answered
        assert call.wait_for(AnswerState.ANSWERED, timeout=30) is None
        played = call.playback(SHORT)
        assert (played.end, played.response) == ("completed", "FILE PLAYED")
        assert isinstance(played.duration, timedelta)
        assert call.read(SHORT, min=2, max=2) == DigitsOutcome("12", "complete", None, None)
        call.set("continue_on_fail", "true")
        bridge = call.bridge("error/USER_BUSY")
        assert not bridge.answered
        assert bridge.cause is HangupCause.USER_BUSY
        call.set_all({"a": "1, 2", "b": "it's"})
        assert (call.variable("a"), call.variable("b")) == ("1, 2", "it's")
        assert call.refresh().variable("a") == "1, 2"
        call.unset("a")
        assert call.variable("a") is None
        assert call.execute("sleep", "1").hangup is False
        with pytest.raises(WaitTimeoutError) as timed_out:
            call.playback(LONG, timeout=0.01)
        assert timed_out.value.phase == "execute"
        call.stop_playback()
        with pytest.raises(InvalidArgumentError):
            call.playback("a!b.wav")
        call.hangup("USER_BUSY")
        # The reply to the command may come before the event.
        call.wait_for("hangup", timeout=30)
        assert call.hung_up
        with pytest.raises(HangupError) as ended:
            call.playback(SHORT)
        assert ended.value.cause == "USER_BUSY"
        assert call.hangup_cause is HangupCause.USER_BUSY

    blocking(fs_server, script, lambda caller: caller.press("12", during="read"))


def test_digits_are_called_back_and_waited_for(fs_server: Simulator) -> None:
    seen: list[str] = []
    waited, pressed = threading.Event(), threading.Event()

    def heard(dtmf: Dtmf) -> None:
        seen.append(dtmf.digit)
        if dtmf.digit == "2":
            pressed.set()

    def script(call: Call) -> None:
        call.answer()
        assert call.wait_for_dtmf(9, timeout=0) == DigitsReceived("", "timeout", None)
        call.execute("info")
        assert call.wait_for_dtmf(9, terminators="#", timeout=30) == DigitsReceived("", "terminator", "#")
        waited.set()
        watch = call.on_dtmf(heard)
        call.execute("info")
        call.wait_for("hangup", timeout=30)
        watch.stop()

    def far(caller: Caller) -> None:
        caller.wait("CHANNEL_EXECUTE", "info")
        # The wait may begin after the first of them.
        while not waited.wait(0.001):
            caller.press("#")
        caller.wait("CHANNEL_EXECUTE", "info")
        for digit in "12":
            caller.press(digit)
        # The server takes digits frame by frame: a hang-up would be ahead of them.
        assert pressed.wait(30)
        caller.hang_up()

    blocking(fs_server, script, far)
    assert [digit for digit in seen if digit != "#"] == ["1", "2"]


def test_a_verb_of_asyncio_can_be_cancelled_and_times_out(fs_server: Simulator) -> None:
    listens = threading.Event()

    async def script(call: aio.Call) -> None:
        await call.answer()
        playing = asyncio.ensure_future(call.playback(LONG))
        await call.variable("uuid")
        playing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await playing
        await call.stop_playback()
        with pytest.raises(WaitTimeoutError) as timed_out:
            await call.playback(LONG, timeout=0.01)
        assert timed_out.value.phase == "execute"
        await call.stop_playback()
        assert (await call.wait_for_dtmf(3, timeout=0.01)).end == "timeout"
        with pytest.raises(InvalidArgumentError):
            await call.set("a", "${b}")
        assert (await call.playback(SHORT)).end == "completed"
        listening = asyncio.ensure_future(digits(call))
        await call.variable("uuid")
        listens.set()
        assert await listening == ["5"]
        assert call.hung_up
        assert call.hangup_cause is HangupCause.USER_BUSY

    async def digits(call: aio.Call) -> list[str]:
        return [dtmf.digit async for dtmf in call.dtmf()]

    def far(caller: Caller) -> None:
        assert listens.wait(30)
        caller.press("5")
        caller.hang_up("USER_BUSY")

    asynchronous(fs_server, script, far)


def test_a_verb_without_its_events_fails_at_once(fs_server: Simulator) -> None:
    with switchwire.connect(*fs_server.address) as fs:
        with pytest.raises(NotSubscribedError):
            fs.call("no-such-call").playback(SHORT)
        with pytest.raises(InvalidArgumentError):
            fs.own_call()
        with pytest.raises(ValueError, match="there is no state"):
            fs.call("no-such-call").wait_for("TALKING")  # type: ignore[arg-type]


def test_originate_gives_a_call_or_the_cause(fs_server: Simulator) -> None:
    with switchwire.connect(*fs_server.address) as fs:
        fs.subscribe("BACKGROUND_JOB", "CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HANGUP_COMPLETE")
        making = fs.originate(DialString("null/x", variables={"campaign": "spring, 1"}), caller_id=("Ann, desk", "1"))
        call = making.wait(30)
        assert call.uuid == making.uuid
        assert call.variable("campaign") == "spring, 1"
        call.hangup()
        with pytest.raises(HangupError) as failed:
            fs.originate("error/USER_BUSY").wait(30)
        assert failed.value.cause == "USER_BUSY"
        with pytest.raises(InvalidArgumentError):
            fs.originate("user/1000\n")
        with pytest.raises(TypeError):
            fs.originate("user/1000", extension="1", application="park")


def test_originate_of_asyncio(fs_server: Simulator) -> None:
    async def main() -> None:
        async with await aio.connect(*fs_server.address) as fs:
            await fs.subscribe("BACKGROUND_JOB", "CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HANGUP_COMPLETE")
            making = fs.originate("null/x")
            call = await making.wait(30)
            assert call.uuid == making.uuid
            await call.hangup()
            with pytest.raises(HangupError):
                await fs.originate("error/NO_ANSWER").wait(30)

    asyncio.run(asyncio.wait_for(main(), 60))
