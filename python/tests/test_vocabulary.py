"""The words of calls in Python."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import switchwire
from switchwire import CallState, ChannelState, Custom, HangupCause, SayMethod, Subscription, headers, variables

TYPES = Path(__file__).parent / "types"


@pytest.mark.parametrize("name", sorted(path.name for path in TYPES.glob("*.py")))
def test_wrong_names_are_refused_by_type_checkers_and_right_ones_pass(name: str) -> None:
    pytest.importorskip("mypy")
    options = ["--strict", "--warn-unused-ignores", "--cache-dir=/dev/null", "--no-error-summary"]
    command = [sys.executable, "-m", "mypy", *options, str(TYPES / name)]
    checked = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_a_word_is_a_str_with_its_number() -> None:
    assert HangupCause.USER_BUSY == "USER_BUSY"
    assert f"{HangupCause.USER_BUSY}" == str(HangupCause.USER_BUSY) == "USER_BUSY"
    assert (HangupCause.USER_BUSY.number, HangupCause.USER_BUSY.q850) == (17, 17)
    assert (HangupCause.LOSE_RACE.number, HangupCause.LOSE_RACE.q850) == (702, 16)
    assert SayMethod.NOT_APPLICABLE == "N/A"
    assert ChannelState.CS_HANGUP.is_ended
    assert not ChannelState.CS_EXECUTE.is_ended
    assert pickle.loads(pickle.dumps(CallState.ACTIVE)) is CallState.ACTIVE


def test_a_word_that_is_in_no_table_stays_text() -> None:
    assert HangupCause.of("user_busy") is HangupCause.USER_BUSY
    assert HangupCause.of("FROM_THE_FUTURE") == "FROM_THE_FUTURE"
    assert type(HangupCause.of("FROM_THE_FUTURE")) is str


def test_names_of_headers_and_variables_are_constants() -> None:
    assert headers.HANGUP_CAUSE == "Hangup-Cause"
    assert variables.ORIGINATION_UUID == "origination_uuid"


def test_a_custom_name_subscribes_to_a_subclass() -> None:
    subscription = Subscription("DTMF", Custom("conference::maintenance"))
    lines = [str(command) for command in subscription._commands]
    assert lines == [str(command) for command in Subscription("DTMF", custom="conference::maintenance")._commands]


def test_an_import_takes_in_only_what_every_program_needs() -> None:
    code = (
        "import sys, switchwire\n"
        "others = {'asyncio', 'dataclasses', 'inspect', 'logging', 'socket', 'uuid'}\n"
        "own = ('call', 'calls', 'conference', 'consumer', 'job', 'listener', 'originating', 'outcomes')\n"
        "print(sorted(sys.modules.keys() & (others | {f'switchwire.{name}' for name in own})))\n"
    )
    # Without `site`, whose files may import anything.
    path = str(Path(switchwire.__file__).parents[1])
    command = [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {path!r})\n{code}"]
    assert subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout == "[]\n"


def test_the_tables_are_imported_when_they_are_used() -> None:
    code = (
        "import sys, switchwire, switchwire.aio\n"
        "tables = {'vocabulary', 'headers', 'variables'}\n"
        "print([name for name in tables if 'switchwire.' + name in sys.modules])\n"
        "print(switchwire.HangupCause.USER_BUSY, switchwire.headers.HANGUP_CAUSE)\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert shown == "[]\nUSER_BUSY Hangup-Cause\n"
    assert all(hasattr(switchwire, name) for name in switchwire.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        switchwire.nothing  # type: ignore[attr-defined]  # noqa: B018
