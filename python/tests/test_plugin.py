"""The pytest plugin, as an installed entry point."""

from __future__ import annotations

from switchwire import Connection
from switchwire.testing import Simulator


def test_fixtures(fs_server: Simulator, fs_connection: Connection) -> None:
    assert fs_connection.api("status")
    assert fs_server.connections == 1
    assert fs_server.channels == 0
    assert "127.0.0.1" in repr(fs_server)


def test_shutdown(fs_server: Simulator, fs_connection: Connection) -> None:
    fs_connection.events("SHUTDOWN")
    fs_server.shutdown()
    assert [event.name for event in fs_connection] == ["SHUTDOWN"]
    reason = fs_connection.disconnect_reason
    assert reason is not None
    assert reason.notice
