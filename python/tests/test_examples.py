"""The examples that watch servers run: against the simulator."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from switchwire.testing import Simulator

EXAMPLES = Path(__file__).parents[1] / "examples"


@contextmanager
def running(example: str, fs: Simulator) -> Iterator[Iterator[str]]:
    """The lines that it prints."""
    command = [sys.executable, str(EXAMPLES / example), fs.password, f"{fs.host}:{fs.port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield iter(process.stdout.readline, "")
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("example", "before", "after"),
    [
        ("managed_watch.py", "connected to", "back: same"),
        ("fleet_watch.py", "up, ", "back after"),
    ],
)
def test_a_lost_connection_is_told_and_comes_back(example: str, before: str, after: str) -> None:
    with Simulator() as fs, running(example, fs) as lines:
        assert any(before in line for line in lines)
        fs.disconnect_all()
        assert any("lost:" in line for line in lines)
        assert any(after in line for line in lines)
