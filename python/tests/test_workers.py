"""Other loops and worker processes: uvloop, multiprocessing, gunicorn, celery."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from conftest import Address

SCRIPTS = Path(__file__).parent / "scripts"


def output(name: str, address: Address) -> list[str]:
    # Newer interpreters warn of forks beside threads.
    command = [sys.executable, "-W", "ignore", str(SCRIPTS / name), *map(str, address)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout.splitlines()


def test_asyncio_programs_run_under_uvloop(server: Address) -> None:
    pytest.importorskip("uvloop")
    assert output("uvloop_session.py", server) == ["True", "True", "called", "False"]


def test_workers_of_multiprocessing_get_events_and_connect_themselves(server: Address) -> None:
    lines = output("multiprocessing_events.py", server)
    assert "spawn ['0', '1', '2', '3'] True" in lines
    assert lines.count("True") == len(lines) / 3
    refused = [line for line in lines if line.startswith("no pickle of a connection: ")]
    assert len(refused) == len(lines) / 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_workers_of_gunicorn_connect_after_the_fork(server: Address, tmp_path: Path) -> None:
    pytest.importorskip("gunicorn")
    config = tmp_path / "gunicorn.conf.py"
    config.write_text("import gunicorn_app\ndef post_fork(server, worker): gunicorn_app.connect()\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "--workers", "2", "--preload"]
    command += ["--chdir", str(SCRIPTS), "--config", str(config), "--bind", f"127.0.0.1:{port}", "gunicorn_app:app"]
    environment = {**os.environ, "FREESWITCH": " ".join(map(str, server)), "PYTHONPATH": path()}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert fetched(f"http://127.0.0.1:{port}/") == "hello ForkedError"
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=30)
    assert "Traceback" not in errors, errors


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_workers_of_celery_connect_after_the_fork(server: Address, tmp_path: Path) -> None:
    pytest.importorskip("celery")
    environment = {
        **os.environ,
        "FREESWITCH": " ".join(map(str, server)),
        "FOLDER": str(tmp_path),
        "PYTHONPATH": path(),
    }
    worker = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "celery_app", "worker", "--pool", "prefork"]
    worker += ["--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    asks = "import celery_app; print(celery_app.ask.delay('hello').get(timeout=50))"
    log = tmp_path / "worker.log"
    with log.open("w") as errors, subprocess.Popen(worker, env=environment, stdout=errors, stderr=errors) as process:
        try:
            ask = [sys.executable, "-W", "ignore", "-c", asks]
            said = subprocess.run(ask, env=environment, stdout=subprocess.PIPE, text=True, timeout=60, check=False)
            assert said.stdout == "hello ForkedError\n", log.read_text()
        finally:
            process.terminate()


def path() -> str:
    return os.pathsep.join([str(SCRIPTS), *filter(None, [os.environ.get("PYTHONPATH")])])


def fetched(url: str) -> str:
    """What is there, as soon as something is."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as reply:
                return reply.read().decode()
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
