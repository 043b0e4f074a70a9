"""The modern event."""

from __future__ import annotations

import collections.abc
import copy
import json
import logging
import multiprocessing
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import switchwire
from support.wait import until
from support.wire import Peer, Server
from switchwire import Event, EventType, _native
from switchwire.testing import Simulator


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
    assert list(event.keys()) == list(event)
    assert isinstance(event.keys(), collections.abc.KeysView)
    assert isinstance(event.values(), collections.abc.ValuesView)
    assert isinstance(event.items(), collections.abc.ItemsView)
    assert event.keys() == {"Event-Name", "Unique-ID", "A"}
    assert event.keys() & {"A", "B"} == {"A"}
    assert "unique-id" in event.keys()  # noqa: SIM118
    assert ("a", "x y") in event.items()
    assert ("A", "7") not in event.items()
    assert "7" in event.values()
    assert len(event.items()) == 3
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
    assert list(event.items())[2:5] == [("A", "1"), ("B", "2"), ("A", "3")]
    assert list(event.values())[2:5] == ["1", "2", "3"]
    assert ("A", "3") in event.items()
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


ODD = (
    b"Event-Subclass: a%3A%3Ab\nEvent-Name: CUSTOM\nA: 1\nB: 50%25%41\nA: 3\nEvent-Name: DTMF\n"
    b"L: ARRAY%3A%3Ax%7C%3A%7C%3Ay\n"
    b"Name with %: caf%E9\nvariable_nolocal:v: only b\nEmpty: \nContent-Length: 4\n\n\x00\xff\n\n"
)


def received(content_type: bytes, payload: bytes) -> Event:
    """An event as a connection gives it."""

    def talk(peer: Peer) -> None:
        peer.send(b"Content-Type: %s\nContent-Length: %d\n\n%s" % (content_type, len(payload), payload))

    with Server(talk) as server, switchwire.connect(server.host, server.port) as fs:
        event = fs.recv(timeout=10)
        assert event is not None
        return event


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_lose_nothing(protocol: int) -> None:
    events = [
        Event(
            "CUSTOM", {"A": ["1", "2|:3", ""], "B": "ARRAY::x", "C": "50%41 ü \udce9"}, "body\udce9", subclass="a::b"
        ),
        Event("DTMF"),
        Event.from_plain("Event-Name: BRAND_NEW\nA: 1\nA: 2\n\n"),
        received(b"text/event-plain", ODD),
        received(b"text/event-json", b'{"Event-Name":"DTMF","A":"","L":["x",""],"A":"2","_body":"x"}'),
        received(b"text/event-xml", b"<event><headers><A>1</A><A>%32</A></headers><body>x</body></event>"),
    ]
    for event in events:
        back = pickle.loads(pickle.dumps(event, protocol))
        assert back == event
        assert list(back.items()) == list(event.items())
        assert back.to_dict() == event.to_dict()
        assert (back.type, back.name, back.body_bytes) == (event.type, event.name, event.body_bytes)


def test_other_values_are_picklable_too(fs_server: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    with switchwire.connect(*fs_server.address) as fs, caplog.at_level("DEBUG", "switchwire.freeswitch"):
        for reply in (fs.request("api status"), fs.request("no_such_command")):
            back = pickle.loads(pickle.dumps(reply))
            assert (back.text, back.ok, back.error, back.body) == (reply.text, reply.ok, reply.error, reply.body)
            assert back.event == reply.event
        executed = switchwire.Executed(reply, Event("DTMF"))
        assert pickle.loads(pickle.dumps(executed)).event == executed.event
        fs.log("debug")
        fs_server.log("warning", "look out")

        def line_logged() -> list[logging.LogRecord]:
            fs.recv(timeout=0.1)
            return [record for record in caplog.records if "look out" in record.message]

        until(line_logged, lambda: caplog.text)
        line = line_logged()[0].freeswitch  # type: ignore[attr-defined]
        back = pickle.loads(pickle.dumps(line))
        for name in ("level", "level_name", "file", "function", "line", "channel_uuid", "text"):
            assert getattr(back, name) == getattr(line, name)
        with pytest.raises(switchwire.RefusedError) as raised:
            fs.api("no_such_api", check=True)
        error = pickle.loads(pickle.dumps(raised.value))
        assert (type(error), str(error), error.phase) == (type(raised.value), str(raised.value), None)


def test_a_queue_between_processes_carries_events() -> None:
    queue = multiprocessing.get_context("spawn").Queue()
    event = Event("CUSTOM", {"A": "1"}, subclass="a::b")
    queue.put(event)
    assert queue.get(timeout=30) == event
    queue.close()
    queue.join_thread()


def test_values_that_are_no_text() -> None:
    event = Event("CUSTOM", {"A": 1, "B": 2.5, "C": [1, "x"]})
    assert (event["A"], event["B"], event.array("C")) == ("1", "2.5", ["1", "x"])
    for value in (None, True, b"x", {"x": "y"}, object(), ["x", None]):
        with pytest.raises(TypeError, match="header Wrong"):
            Event("CUSTOM", {"Right": "1", "Wrong": value})
    with pytest.raises(TypeError, match="name of a header"):
        Event("CUSTOM", {1: "x"})
    with pytest.raises(TypeError, match="pairs"):
        Event("CUSTOM", ["A"])


def test_pytest_shows_how_events_differ(tmp_path: Path) -> None:
    test = tmp_path / "test_it.py"
    test.write_text(
        "from switchwire import Event\n"
        "def test_it():\n    assert Event('DTMF', {'Digit': '1'}) == Event('DTMF', {'Digit': '2'})\n"
        "def test_dict():\n    assert Event('DTMF', {'Digit': '1'}) == {'Event-Name': 'DTMF'}\n"
    )
    command = [sys.executable, "-m", "pytest", "-vv", "-p", "no:cacheprovider", str(test)]
    shown = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, timeout=60, check=False).stdout
    assert "2 failed" in shown
    for fault in ("representation of details failed", "unsupported operand", "INTERNALERROR"):
        assert fault not in shown


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
