"""The README's programs run: against the simulator, at its address."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

import switchwire
from switchwire.testing import Simulator

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_programs(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    port = 0
    if "gevent" in program:
        # Held by tests/scripts/gevent_recipe.py, which runs it where gevent has patched everything.
        recipe = (Path(__file__).parent / "scripts/gevent_recipe.py").read_text(encoding="utf-8")
        begin, end = program.index("def events"), program.index("def api")
        assert program[begin:end].strip() in recipe
        return
    if "Listener(" in program:
        outbound(program)
        return
    with Simulator(heartbeat=0.05) as fs:
        port = fs.port
        program = program.replace("8021", str(port))
        exec(compile(program, "README.md", "exec"), {"__name__": "__main__"})
    assert ".api(" not in program or "UP" in capsys.readouterr().out


def outbound(program: str) -> None:
    names: dict[str, object] = {}
    calls: list[str | None] = []
    with Simulator() as fs:
        program = program.replace('"0.0.0.0", 8084', '"127.0.0.1", 0')
        program = program.replace("listener.serve_forever()", "serve(listener)")

        def serve(listener: switchwire.Listener) -> None:
            fs.extension("7000", ("socket", f"127.0.0.1:{listener.address[1]} async full"))
            with switchwire.connect(fs.host, fs.port) as commander:
                commander.events("CHANNEL_ANSWER", "CHANNEL_HANGUP_COMPLETE")
                commander.bgapi("originate", "loopback/7000 &park()")
                event = commander.recv(10)
                calls.append(event and event.name)
                deadline = time.monotonic() + 10
                while listener.stats()["active"] and time.monotonic() < deadline:
                    time.sleep(0.01)

        names["serve"] = serve
        exec(compile(program, "README.md", "exec"), names)
    assert calls == ["CHANNEL_ANSWER"]


def test_the_version_is_the_crates() -> None:
    manifest = (Path(__file__).parents[2] / "Cargo.toml").read_text(encoding="utf-8")
    found = re.search(r'^version = "(.*?)"', manifest, re.MULTILINE)
    assert found is not None
    assert switchwire.__version__ == found.group(1)
