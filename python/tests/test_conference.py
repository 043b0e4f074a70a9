"""A conference as an object, blocking and for asyncio, on the simulator."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import queue
from datetime import timedelta

import pytest

import switchwire
from support.wire import Peer, Server
from switchwire import (
    Conference,
    ConferenceAction,
    Custom,
    DisconnectedError,
    InvalidArgumentError,
    RefusedError,
    SwitchwireError,
    WaitTimeoutError,
    aio,
)
from switchwire.conference import ConferenceEvent
from switchwire.testing import Simulator

MAINTENANCE = Custom("conference::maintenance")


def joined(fs: switchwire.Connection, lab: Conference, count: int) -> None:
    """Two callers join."""
    for _ in range(count):
        fs.api("originate", f"null/x &conference({lab.name})", check=True)


def test_members_are_listed_and_commanded(fs_server: Simulator) -> None:
    with switchwire.connect(*fs_server.address) as fs:
        fs.subscribe(MAINTENANCE)
        lab = fs.conference("lab")
        assert lab.info() is None
        assert lab.members() == []
        seen: queue.Queue[ConferenceEvent] = queue.Queue()
        watch = lab.on_event(seen.put)
        events = lab.events()
        joined(fs, lab, 2)
        info = lab.info()
        assert info is not None
        assert (info.name, info.locked, len(info.members)) == ("lab", False, 2)
        assert isinstance(info.run_time, timedelta)
        last, first = lab.members()
        assert last.id > first.id
        assert first.speaks
        assert first.hears
        lab.mute(first.id)
        lab.deaf("last")
        lab.volume_in(first.id, 2)
        lab.lock()
        info = lab.info()
        assert info is not None
        assert info.locked
        last, first = info.members
        assert (first.speaks, last.hears, first.volume_in) == (False, False, 2)
        lab.unlock()
        lab.unmute("all")
        lab.undeaf("non_moderator")
        lab.kick(first.id)
        actions = []
        while "kick-member" not in actions:
            happened = events.recv(30)
            assert happened is not None
            assert happened.conference == "lab"
            actions.append(happened.action)
            if happened.action is ConferenceAction.MUTE_MEMBER:
                assert (happened.member, happened.speaks) == (first.id, False)
                assert happened.uuid == first.uuid
                assert happened.event["Action"] == "mute-member"
        assert [action for action in actions if action == "add-member"] == ["add-member"] * 2
        assert seen.get(timeout=30).action is ConferenceAction.CONFERENCE_CREATE
        watch.stop()
        watch.stop()


def test_what_is_refused_says_why(fs_server: Simulator) -> None:
    with switchwire.connect(*fs_server.address) as fs:
        lab = fs.conference("lab")
        with pytest.raises(RefusedError, match="Conference lab not found"):
            lab.mute(1)
        with pytest.raises(InvalidArgumentError):
            fs.conference("two words")
        with pytest.raises(InvalidArgumentError):
            lab.play("a!b")
        with pytest.raises(InvalidArgumentError):
            lab.transfer("other")
        with pytest.raises(ValueError, match="'all', 'last' or 'non_moderator'"):
            lab.mute("some")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="'all', 'last' or 'non_moderator'"):
            lab.mute(1.5)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="'nohear'"):
            lab.relate(1, 2, "nothing")  # type: ignore[arg-type]


def test_the_stream_ends_with_the_connection(fs_server: Simulator) -> None:
    with switchwire.connect(*fs_server.address) as fs:
        fs.subscribe(MAINTENANCE)
        lab = fs.conference("lab")
        events = lab.events()
        ended: queue.Queue[SwitchwireError] = queue.Queue()
        watch = lab.on_event(lambda _: None, ended.put)
        joined(fs, lab, 1)
        while (happened := events.recv(30)) is None or happened.action != "add-member":
            pass
        fs.disconnect()
        assert list(events) == []
        with pytest.raises(DisconnectedError):
            events.recv()
        assert isinstance(ended.get(timeout=30), DisconnectedError)
        watch.stop()
        with pytest.raises(DisconnectedError):
            lab.info()


def test_asyncio(fs_server: Simulator) -> None:
    async def main() -> None:
        async with await aio.connect(*fs_server.address) as fs:
            await fs.subscribe(MAINTENANCE)
            lab = fs.conference("lab")
            assert await lab.info() is None
            happened = lab.events()
            await fs.api("originate", "null/x &conference(lab)")
            [member] = await lab.members()
            await lab.mute(member.id)
            assert not (await lab.members())[0].speaks
            with pytest.raises(RefusedError):
                await fs.conference("other").lock()
            actions = []
            async for event in happened:
                actions.append(event.action)
                if event.action is ConferenceAction.MUTE_MEMBER:
                    break
            assert actions[:2] == ["conference-create", "add-member"]
            left = asyncio.ensure_future(actions_of(lab))
            await asyncio.sleep(0)
            await lab.hup("all")
        assert "hup-member" in await left

    asyncio.run(asyncio.wait_for(main(), 60))


async def actions_of(lab: aio.Conference) -> list[str]:
    return [event.action async for event in lab.events()]


def test_a_reply_that_does_not_come_is_a_timeout() -> None:
    def silent(peer: Peer) -> None:
        assert peer.command() == b"api conference lab json_list\n\n"
        with contextlib.suppress(EOFError, OSError):
            peer.command()

    async def main(host: str, port: int) -> None:
        async with await aio.connect(host, port) as fs:
            with pytest.raises(WaitTimeoutError) as timed_out:
                await fs.conference("lab").info(timeout=0.01)
            assert timed_out.value.phase == "reply"

    with Server(silent) as server, switchwire.connect(server.host, server.port) as fs:
        with pytest.raises(WaitTimeoutError) as timed_out:
            fs.conference("lab").members(timeout=0.01)
        assert timed_out.value.phase == "reply"
    with Server(silent) as server:
        asyncio.run(asyncio.wait_for(main(server.host, server.port), 60))


def test_both_have_the_same_verbs() -> None:
    def verbs(of: type) -> dict[str, inspect.Signature]:
        methods = inspect.getmembers(of, inspect.isfunction)
        return {name: inspect.signature(method) for name, method in methods if not name.startswith("_")}

    blocking, awaited = verbs(Conference), verbs(aio.Conference)
    assert blocking.keys() == awaited.keys()
    for name in blocking.keys() - {"events"}:
        assert blocking[name] == awaited[name]
    blocking, awaited = verbs(switchwire.Call), verbs(aio.Call)
    assert {*blocking, "dtmf"} == {*awaited}
    for name in blocking:
        assert blocking[name] == awaited[name]
