"""The Python programs in the simulator's README run, and what fails there is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SIMULATOR = Path(__file__).parents[2] / "crates/switchwire-sim"
README = (SIMULATOR / "README.md").read_text(encoding="utf-8")
IVR, HANDLERS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def run_ivr(folder: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = (SIMULATOR / "examples/ivr.toml").read_text(encoding="utf-8")
    (folder / "ivr.toml").write_text(scenario.replace("${Unique-ID} 1", f"${{Unique-ID}} {key}"), encoding="utf-8")
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    exec(compile(IVR, "README.md", "exec"), names)
    test = names["test_key_1_plays_the_opening_hours"]
    assert callable(test)
    test()


def test_the_ivr_is_tested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_ivr(tmp_path, "1", monkeypatch)


def test_a_wrong_ivr_is_told_what_came_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match=r"(?s)hours\.wav\) did not come.*~ .*address\.wav"):
        run_ivr(tmp_path, "2", monkeypatch)


def test_handlers_are_added() -> None:
    exec(compile(HANDLERS, "README.md", "exec"), {})
