"""Programs that gevent has patched."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Address
from support.wire import Peer, Server
from switchwire.testing import Simulator

pytest.importorskip("gevent")

SCRIPTS = Path(__file__).parent / "scripts"


def output(name: str, address: Address) -> str:
    command = [sys.executable, str(SCRIPTS / name), *map(str, address)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout


def test_subscribing_does_not_stop_the_hub(server: Address) -> None:
    text = output("gevent_consume.py", server)
    assert "[('0', 1, False), ('1', 2, False), ('2', 3, False)]\nTrue\n" in text
    assert "a consumer's callback failed" in text
    assert "on purpose" in text


def test_the_recipe_for_events_and_commands(server: Address) -> None:
    assert output("gevent_recipe.py", server) == "['0', '1', '2'] True\n"


def test_an_interrupt_ends_a_wait_in_a_greenlet() -> None:
    code = (
        "from gevent import monkey; monkey.patch_all()\n"
        "import gevent, switchwire, sys\n"
        "fs = switchwire.connect(port=int(sys.argv[1]))\n"
        "def wait():\n print('ready', flush=True); fs.recv()\n"
        "gevent.spawn(wait).get()\n"
    )
    with Server(Peer.idle) as server:
        script = subprocess.Popen(
            [sys.executable, "-c", code, str(server.port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert script.stdout is not None
        assert script.stdout.readline() == "ready\n"
        script.send_signal(signal.SIGINT)
        _, errors = script.communicate(timeout=20)
        assert script.returncode == -signal.SIGINT or "KeyboardInterrupt" in errors


def test_handlers_of_calls_may_use_patched_modules(fs_server: Simulator) -> None:
    address = Address(fs_server.host, fs_server.port, fs_server.password)
    assert output("gevent_listener.py", address) == "[False, False, False]\n"
