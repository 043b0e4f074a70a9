"""The pytest plugin, as an installed entry point."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(("plugin", "mark"), [("pytest_asyncio", "asyncio"), ("anyio", "anyio")])
def test_fixtures_of_coroutines(plugin: str, mark: str, tmp_path: Path) -> None:
    pytest.importorskip(plugin)
    tests = tmp_path / "test_own.py"
    tests.write_text(
        "import pytest\n"
        "from switchwire import aio\n"
        "@pytest.fixture\ndef anyio_backend(): return 'asyncio'\n"
        f"@pytest.mark.{mark}\n"
        "async def test_own(fs_aio_connection, fs_aio_connect):\n"
        "    assert isinstance(fs_aio_connection, aio.Connection)\n"
        "    assert 'UP' in await fs_aio_connection.api('status')\n"
        "    async with await fs_aio_connect() as other:\n"
        "        assert await other.api('eval', 'x') == 'x'\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tests)]
    scope = ["-o", "asyncio_default_fixture_loop_scope=function"]
    command += ["-p", "no:asyncio"] if plugin == "anyio" else ["-p", "no:anyio", *scope]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
