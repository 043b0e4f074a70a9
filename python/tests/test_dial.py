"""Dial strings: printing, parsing and refusing are the core's."""

from __future__ import annotations

import pytest

from switchwire import DialString, InvalidArgumentError, Leg


def test_a_dial_string_is_written_as_bridge_takes_it_and_read_back() -> None:
    dial = DialString(
        Leg("user/1000@example.com", timeout=19.5), caller_id=("Ann, desk", "15550199"), variables={"a": 1}
    )
    dial = dial & "sofia/gateway/carrier/15550100" | Leg("loopback/voicemail/default", variables={"b": "it's"})
    text = str(dial)
    assert text == (
        "{^^:origination_caller_id_name=Ann, desk:origination_caller_id_number=15550199:a=1}"
        "[leg_timeout=20]user/1000@example.com,sofia/gateway/carrier/15550100|" + text.rpartition("|")[2]
    )
    assert DialString.parse(text) == dial
    assert hash(DialString.parse(text)) == hash(dial)
    assert repr(dial) == f"<switchwire.DialString {text}>"
    assert DialString("user/1") != DialString("user/2")


def test_what_cannot_be_said_is_refused() -> None:
    with pytest.raises(InvalidArgumentError):
        str(DialString("user/1000", variables={"a": "${b}"}))
    with pytest.raises(InvalidArgumentError):
        DialString.parse("{a=1")
    with pytest.raises(TypeError, match="a leg is a Leg"):
        DialString(1000)  # type: ignore[arg-type]
