"""The modern event."""

from __future__ import annotations

import collections.abc
import copy
import json

import pytest

import switchwire
from switchwire import Event, EventType, _native


def test_a_mapping() -> None:
    event = Event("CHANNEL_ANSWER", {"Unique-ID": "7", "A": "x y"}, body="text")
    assert isinstance(event, collections.abc.Mapping)
    assert event["unique-id"] == "7"
    assert event.unique_id == "7"
    assert event.get("missing") is None
    assert event.get("missing", "-") == "-"
    assert "A" in event
    assert "B" not in event
    assert 1 not in event
    with pytest.raises(KeyError, match="missing"):
        event["missing"]
    with pytest.raises(KeyError):
        event[1]
    assert list(event) == ["Event-Name", "Unique-ID", "A"]
    assert event.keys() == list(event)
    assert len(event) == 3
    assert dict(event) == {"Event-Name": "CHANNEL_ANSWER", "Unique-ID": "7", "A": "x y"}
    assert event.body == "text"
    assert event.body_bytes == b"text"
    assert event.name == "CHANNEL_ANSWER"
    assert event.type is EventType.CHANNEL_ANSWER
    assert event.type == "CHANNEL_ANSWER"
    assert f"{event.type}" == "CHANNEL_ANSWER"
    assert "CHANNEL_ANSWER" in repr(event)
    assert bool(Event("DTMF")) is True


def test_duplicates_arrays_and_order() -> None:
    event = Event("CUSTOM", [("A", "1"), ("B", "2"), ("A", "3"), ("L", ["x", "y"])], subclass="a::b")
    assert event.subclass == "a::b"
    assert event["A"] == "1"
    assert event.get_all("a") == ["1", "3"]
    assert event.items()[2:5] == [("A", "1"), ("B", "2"), ("A", "3")]
    assert event.values()[2:5] == ["1", "2", "3"]
    assert event.array("L") == ["x", "y"]
    assert event.array("B") == ["2"]
    assert event.array("missing") == []
    assert event["L"] == "ARRAY::x|:y"
    assert event.to_dict() == {
        "Event-Name": "CUSTOM",
        "Event-Subclass": "a::b",
        "A": ["1", "3"],
        "B": "2",
        "L": ["x", "y"],
    }


def test_forms_and_back() -> None:
    event = Event("DTMF", {"A": "ü %\n", "L": ["1", "2"]}, "body")
    assert json.loads(event.to_json())["L"] == ["1", "2"]
    for back in (Event.from_json(event.to_json()), Event.from_plain(event.to_plain()), Event.from_xml(event.to_xml())):
        assert back["A"] == "ü %\n"
        assert back.type is EventType.DTMF
        assert back.body == "body"
    assert Event.from_json(event.to_json()).array("L") == ["1", "2"]
    with pytest.raises(ValueError, match="JSON"):
        Event.from_json("{")


def test_equality_and_copies() -> None:
    event = Event("DTMF", {"A": "1"})
    assert event == Event("DTMF", {"A": "1"})
    assert event != Event("DTMF", {"A": "2"})
    assert event != "DTMF"
    assert copy.copy(event) is event
    assert copy.deepcopy({"e": event})["e"] is event


def test_bytes_that_are_not_utf8() -> None:
    event = Event.from_plain("Event-Name: DTMF\nA: caf%E9\n\n")
    assert event["A"] == "caf\udce9"
    assert event.get_bytes("A") == b"caf\xe9"
    assert event.get_bytes("B") is None
    assert Event("DTMF", {"A": "caf\udce9"}).to_plain().endswith("A: caf%E9\n\n")


def test_names_from_newer_servers() -> None:
    event = Event.from_plain("Event-Name: BRAND_NEW\n\n")
    assert event.name == "BRAND_NEW"
    assert event.type is EventType.CUSTOM
    with pytest.raises(ValueError, match="BRAND_NEW"):
        Event("BRAND_NEW")
    with pytest.raises(ValueError, match="subclass"):
        Event("DTMF", subclass="a::b")


def test_the_enum_is_the_core_s() -> None:
    assert [member.value for member in EventType] == _native.EVENT_TYPES
    assert all(member.name == member.value for member in EventType)


def test_every_kind_of_error_has_its_exception() -> None:
    from switchwire import errors

    assert sorted(errors.BY_KIND) == sorted(_native.ERROR_KINDS)
    for kind, exception in errors.BY_KIND.items():
        assert exception.kind == kind
        assert exception.__bases__[0] is switchwire.SwitchwireError
        assert len(exception.__bases__) == 2, "each is a built-in exception, too"
        assert getattr(switchwire, exception.__name__) is exception
        assert str(exception("words")) == "words"
