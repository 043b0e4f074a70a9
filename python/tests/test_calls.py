"""The tracker of all calls of a server."""

from __future__ import annotations

import asyncio

import pytest

import switchwire
from support.wire import Peer, Server
from switchwire import HangupCause, WaitTimeoutError, aio
from switchwire.testing import Simulator


def test_calls_are_known_from_the_snapshot_and_from_events(fs_server: Simulator) -> None:
    with switchwire.connect(*fs_server.address) as control, switchwire.connect(*fs_server.address) as fs:
        first = control.api("originate", "null/one &park()", check=True).split()[-1]
        calls = fs.calls()
        assert [leg.uuid for leg in calls.legs()] == [first]
        assert len(calls) == 1
        leg = calls.leg(first)
        assert leg is not None
        assert leg.created is not None
        assert leg.created.tzinfo is not None
        assert calls.core_uuid
        changes = calls.changes()
        added = changes.recv(30)
        assert added is not None
        assert (added.kind, added.uuid) == ("added", first)
        second = control.api("originate", "null/two &park()", check=True).split()[-1]
        control.api("uuid_bridge", f"{first} {second}", check=True)
        seen = []
        for change in changes:
            seen.append(change.kind)
            if change.kind == "bridged":
                assert {change.uuid, change.other} == {first, second}
                break
        assert "added" in seen
        assert [{one.uuid, other.uuid} for one, other in calls.bridged()] == [{first, second}]
        control.api("uuid_kill", f"{first} USER_BUSY", check=True)
        for change in changes:
            if (change.kind, change.uuid) == ("gone", first):
                assert change.leg is not None
                assert change.leg.hangup_cause is HangupCause.USER_BUSY
                assert not change.missed
                break
        assert calls.leg(first) is None
        calls.resync()
        fs.disconnect()
        assert [change.kind for change in changes].count("bridged") == 0


def test_calls_of_asyncio(fs_server: Simulator) -> None:
    async def main() -> None:
        async with await aio.connect(*fs_server.address) as control, await aio.connect(*fs_server.address) as fs:
            calls = await fs.calls()
            assert calls.legs() == []
            uuid = (await control.api("originate", "null/one &park()", check=True)).split()[-1]
            async for change in calls.changes():
                if change.kind == "added":
                    assert change.uuid == uuid
                    await control.api("uuid_kill", uuid, check=True)
                if change.kind == "gone":
                    break
            assert len(calls) == 0
            await calls.resync()

    asyncio.run(asyncio.wait_for(main(), 60))


def test_a_snapshot_that_does_not_come_is_a_timeout() -> None:
    with Server(Peer.idle) as server, switchwire.connect(server.host, server.port) as fs:
        with pytest.raises(WaitTimeoutError):
            fs.calls(timeout=0.01)
