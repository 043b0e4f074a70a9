"""Programs as they are written for python-ESL, run as they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import switchwire
from conftest import Address
from switchwire.testing import Simulator

SCRIPTS = Path(__file__).parent / "scripts"


def start(name: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(SCRIPTS / name), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def output(name: str, address: Address) -> str:
    script = start(name, *address)
    text, _ = script.communicate(timeout=60)
    assert script.returncode == 0
    return text


def test_basic_loop(server: Address) -> None:
    text = output("basic_loop.py", server)
    assert "Event-Name: CUSTOM\n" in text
    assert "Number: one%20two\n" in text
    assert text.endswith("Content-Length: 8\n\nthe body\n")


def test_timed_poll(server: Address) -> None:
    assert output("timed_poll.py", server).split() == ["job", "BACKGROUND_JOB", "True", "UP"]


def test_two_connections(server: Address) -> None:
    assert output("two_connections.py", server).split() == ["alive", "+OK", "job", "job"]


def test_threads(server: Address) -> None:
    assert output("threads.py", server).split() == ["200", "0"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fork(fs_server: Simulator) -> None:
    script = start("fork_call.py")
    assert script.stdout is not None
    port = script.stdout.readline().strip()
    fs_server.extension("7000", ("socket", f"127.0.0.1:{port} async full"))
    with switchwire.connect(*fs_server.address) as fs:
        fs.api("bgapi", "originate loopback/7000 &park()")
        assert script.communicate(timeout=60)[0].split()[:2] == ["hangup", "True"]
    assert script.returncode == 0
