"""Every verb of a call on the simulator: blocking and for asyncio, on the call's own connection and by its uuid."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import re
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from test_call import LONG, SHORT, Caller, asynchronous, blocking, nothing

import switchwire
from switchwire import Call, CallState, DialString, HangupCause, HangupError, RefusedError, aio
from switchwire.testing import Simulator

Script = Callable[[Any], Awaitable[Any]]


class Awaited:
    """A blocking call whose verbs are awaited, so that one script does for both."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._call, name)
        if not callable(value):
            return value

        async def run(*arguments: Any, **named: Any) -> Any:
            return value(*arguments, **named)

        return run


def outbound(simulator: Simulator, script: Script, far: Callable[[Caller], object]) -> Any:
    return blocking(simulator, lambda call: asyncio.run(as_coroutine(script, Awaited(call))), far)


async def as_coroutine(script: Script, call: Any) -> Any:
    return await script(call)


def parked(simulator: Simulator) -> Caller:
    caller = Caller(simulator)
    variables = f"{{origination_uuid={caller.uuid},loopback_bowout=false}}"
    caller.fs.api("originate", f"{variables}loopback/9664/default &park()", check=True)
    return caller


def inbound(simulator: Simulator, script: Script, _: Callable[[Caller], object]) -> Any:
    caller = parked(simulator)
    with switchwire.connect(*simulator.address) as fs:
        fs.subscribe("ALL")
        return asyncio.run(as_coroutine(script, Awaited(fs.call(caller.uuid))))


def inbound_asyncio(simulator: Simulator, script: Script, _: Callable[[Caller], object]) -> Any:
    caller = parked(simulator)

    async def main() -> Any:
        async with await aio.connect(*simulator.address) as fs:
            await fs.subscribe("ALL")
            return await script(fs.call(caller.uuid))

    return asyncio.run(asyncio.wait_for(main(), 60))


WAYS = pytest.mark.parametrize("run", [outbound, asynchronous, inbound, inbound_asyncio])


@WAYS
def test_sounds_and_variables(fs_server: Simulator, tmp_path: Path, run: Any) -> None:
    async def script(call: Any) -> None:
        await call.pre_answer()
        await call.ring_ready()
        await call.answer()
        await call.sleep(0.01)
        assert (await call.playback(SHORT)).end == "completed"
        assert (await call.playback(SHORT, SHORT)).end == "completed"
        assert (await call.say("125")).end == "completed"
        assert (await call.speak("hello", engine="flite", voice="kal")).end == "completed"
        nothing_pressed = await call.play_and_get_digits(SHORT, min=1, max=4, input_timeout=0.02)
        assert (nothing_pressed.digits, nothing_pressed.end) == (None, "timeout")
        assert (await call.read(SHORT, max=4, input_timeout=0.02)).digits is None
        await call.set("a", "it's, yes")
        await call.set_all({"e": "1, 2", "f": "3"})
        await call.set_array("b", ["x", "y z"])
        assert [await call.variable(name) for name in "aef"] == ["it's, yes", "1, 2", "3"]
        assert await call.variable("b") == "ARRAY::x|:y z"
        await call.unset("a")
        assert await call.variable("a") is None
        await call.export("c", "d")
        assert (await call.refresh()).variable("c") == "d"
        await call.execute_on_answer("set", "answered_by_hook=yes")
        assert await call.variable("execute_on_answer") == "set answered_by_hook=yes"
        assert not (await call.execute("log", "INFO verbs")).hangup
        await call.set("continue_on_fail", "true")
        bridged = await call.bridge("error/USER_BUSY")
        assert (bridged.answered, bridged.cause) == (False, HangupCause.USER_BUSY)
        recorded = await call.record(str(tmp_path / "message.wav"), limit=1)
        assert recorded.end in ("limit", "stopped", "silence")

    run(fs_server, script, nothing)


def seen(watcher: switchwire.Connection, until: str, application: str | None = None) -> list[str]:
    """What was done to the call, up to that event."""
    done = []
    while (event := watcher.recv(30)) is not None:
        if event.name == until and application in (None, event.get("Application")):
            return done
        if event.name in ("CHANNEL_HOLD", "CHANNEL_UNHOLD"):
            done.append(event.name)
        elif event.name in ("MEDIA_BUG_START", "MEDIA_BUG_STOP"):
            done.append(f"{event.name} {event['Media-Bug-Function']}")
    raise AssertionError(f"{until} did not come: {done}")


@WAYS
def test_what_is_done_while_it_plays(fs_server: Simulator, tmp_path: Path, run: Any) -> None:
    async def script(call: Any) -> None:
        file = str(tmp_path / "session.wav")
        await call.answer()
        await call.broadcast(LONG)
        await call.hold()
        assert (await call.refresh()).call_state is CallState.HELD
        with pytest.raises(RefusedError):
            # Only a SIP leg can be taken off hold.
            await call.unhold()
        assert (await call.refresh()).call_state is CallState.ACTIVE
        await call.mute()
        await call.mute(hearing=True)
        await call.unmute()
        await call.start_recording(file, limit=60)
        await call.stop_recording(file)
        await call.send_dtmf("12", duration=0.1)
        await call.displace(LONG, mix=True)
        await call.stop_displacing(LONG)
        with pytest.raises(RefusedError):
            await call.stop_displacing(LONG)
        await call.schedule_hangup(600, "ALLOTTED_TIMEOUT")
        await call.stop_playback(all=True)
        await call.park()
        await call.transfer("9196")
        await call.hangup("USER_BUSY")
        await call.wait_for("hangup", timeout=30)
        assert call.hung_up
        assert call.hangup_cause is HangupCause.USER_BUSY
        with pytest.raises(HangupError):
            await call.answer()

    with switchwire.connect(*fs_server.address) as watcher:
        watcher.subscribe("CHANNEL_HOLD", "CHANNEL_UNHOLD", "MEDIA_BUG_START", "MEDIA_BUG_STOP", "CHANNEL_HANGUP")
        run(fs_server, script, nothing)
        both = [
            f"MEDIA_BUG_{what} {bug}" for bug in ("audio", "session_record", "displace") for what in ("START", "STOP")
        ]
        assert seen(watcher, "CHANNEL_HANGUP") == ["CHANNEL_HOLD", "CHANNEL_UNHOLD", *both]


@WAYS
def test_a_scheduled_transfer_comes(fs_server: Simulator, run: Any) -> None:
    with switchwire.connect(*fs_server.address) as watcher:
        watcher.subscribe("CHANNEL_EXECUTE")

        async def script(call: Any) -> None:
            await call.park()
            await call.schedule_transfer(1, "9196")
            await asyncio.get_running_loop().run_in_executor(None, seen, watcher, "CHANNEL_EXECUTE", "echo")
            assert (await call.refresh()).caller.destination_number == "9196"
            await call.hangup()

        run(fs_server, script, nothing)


@WAYS
def test_a_conference_is_joined_until_the_member_is_sent_out(fs_server: Simulator, run: Any) -> None:
    with switchwire.connect(*fs_server.address) as moderator:
        moderator.subscribe(switchwire.Custom("conference::maintenance"))
        lab = moderator.conference("lab")
        events = lab.events()

        def sends_out() -> None:
            while (happened := events.recv(30)) is None or happened.action != "add-member":
                pass
            [member] = lab.members()
            lab.mute(member.id)
            lab.kick(member.id)

        async def script(call: Any) -> None:
            sending = asyncio.get_running_loop().run_in_executor(None, sends_out)
            try:
                await call.conference("lab", flags=["nomoh"])
            except HangupError:
                pass
            finally:
                await sending

        run(fs_server, script, nothing)
        assert lab.members() == []


def second(fs: switchwire.Connection, uuid: str, application: str) -> None:
    """A second call that runs that, and is answered."""
    fs.api("bgapi", f"originate {{origination_uuid={uuid}}}null/second '&{application}'")


def bridged(watcher: switchwire.Connection, *legs: str) -> None:
    """Waits until the two are bridged."""
    while (event := watcher.recv(30)) is not None:
        found = [event.get(f"Bridge-{leg}-Unique-ID") for leg in "AB"] if event.name == "CHANNEL_BRIDGE" else []
        if all(leg in found for leg in legs):
            return
    raise AssertionError("they are not bridged")


async def over(ended: Awaitable[Any]) -> None:
    """By itself, or with the call."""
    with contextlib.suppress(HangupError):
        await ended


async def beside(function: Callable[..., None], *arguments: Any) -> None:
    await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


def executes(watcher: switchwire.Connection, uuid: str, application: str) -> None:
    while (event := watcher.recv(30)) is not None:
        if (event.name, event.unique_id, event.get("Application")) == ("CHANNEL_EXECUTE", uuid, application):
            return
    raise AssertionError(f"{application} does not run")


def in_thread(function: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=function)
    thread.start()
    return thread


@WAYS
def test_a_call_waits_in_a_queue_until_it_is_taken(fs_server: Simulator, run: Any) -> None:
    with switchwire.connect(*fs_server.address) as watcher:
        watcher.subscribe("CHANNEL_EXECUTE", "CHANNEL_BRIDGE")

        async def script(call: Any) -> None:
            queue = f"queue-{call.uuid}"
            # No caller waits there.
            await call.fifo(queue, role="try_take")

            def takes() -> None:
                executes(watcher, call.uuid, "fifo")
                executes(watcher, call.uuid, "fifo")
                agent = watcher.api("create_uuid")
                second(watcher, agent, f"fifo({queue} out nowait)")
                bridged(watcher, call.uuid, agent)
                watcher.api("uuid_kill", agent)
                watcher.api("uuid_kill", call.uuid)

            thread = in_thread(takes)
            await over(call.fifo(queue))
            await beside(thread.join, 30)

        run(fs_server, script, nothing)


@WAYS
def test_a_call_is_parked_until_it_is_fetched(fs_server: Simulator, run: Any) -> None:
    with switchwire.connect(*fs_server.address) as watcher:
        watcher.subscribe("CHANNEL_EXECUTE", "CHANNEL_BRIDGE")

        async def script(call: Any) -> None:
            def fetches() -> None:
                executes(watcher, call.uuid, "valet_park")
                other = watcher.api("create_uuid")
                second(watcher, other, f"valet_park(lot-{call.uuid} 6001)")
                bridged(watcher, call.uuid, other)
                watcher.api("uuid_kill", other)
                watcher.api("uuid_kill", call.uuid)

            thread = in_thread(fetches)
            await over(call.valet_park(f"lot-{call.uuid}", "6001"))
            await beside(thread.join, 30)

        run(fs_server, script, nothing)


@WAYS
def test_a_call_listens_to_another_until_that_ends(fs_server: Simulator, run: Any) -> None:
    with switchwire.connect(*fs_server.address) as watcher:
        watcher.subscribe("MEDIA_BUG_START")
        target = watcher.api("create_uuid")
        watcher.api("originate", f"{{origination_uuid={target}}}null/second &park()", check=True)

        async def script(call: Any) -> None:
            def ends() -> None:
                while (event := watcher.recv(30)) is not None:
                    if event["Media-Bug-Function"] == "eavesdrop":
                        assert event.unique_id == target
                        watcher.api("uuid_kill", target)
                        return

            thread = in_thread(ends)
            await over(call.eavesdrop(target))
            await beside(thread.join, 30)
            assert watcher.api("uuid_exists", target) == "false"

        run(fs_server, script, nothing)


@pytest.mark.parametrize("blocking", [True, False], ids=["blocking", "asyncio"])
def test_a_partner_is_handed_to_a_third_party(fs_server: Simulator, blocking: bool) -> None:
    async def script(call: Any, watcher: switchwire.Connection) -> None:
        def leaves() -> None:
            # The transferor talks to the third party, then leaves them to each other.
            bridged(watcher, "leg-b", "leg-c")
            watcher.api("uuid_kill", "leg-b")
            bridged(watcher, "leg-a", "leg-c")

        thread = in_thread(leaves)
        await over(call.attended_transfer(DialString("null/c", uuid="leg-c")))
        await beside(thread.join, 30)

    async def asynchronously(watcher: switchwire.Connection) -> None:
        async with await aio.connect(*fs_server.address) as fs:
            await fs.subscribe("ALL")
            await script(fs.call("leg-b"), watcher)

    with switchwire.connect(*fs_server.address) as watcher, switchwire.connect(*fs_server.address) as fs:
        fs.subscribe("ALL")
        watcher.subscribe("CHANNEL_BRIDGE")
        # What waits goes on to something after its bridge: without it, the third party is parked.
        apps = "'bridge:{origination_uuid=leg-b}null/b,park' inline"
        watcher.api("bgapi", f"originate {{origination_uuid=leg-a}}null/a {apps}")
        bridged(watcher, "leg-a", "leg-b")
        main = script(Awaited(fs.call("leg-b")), watcher) if blocking else asynchronously(watcher)
        asyncio.run(asyncio.wait_for(main, 30))


def test_every_verb_is_run() -> None:
    here = Path(__file__)
    text = "".join(file.read_text(encoding="utf-8") for file in (here, here.with_name("test_call.py")))
    run = set(re.findall(r"\bcall\.(\w+)\(", text))
    verbs = {name for name, _ in inspect.getmembers(Call, inspect.isfunction) if not name.startswith("_")}
    assert verbs - run == set()
