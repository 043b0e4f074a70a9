"""ESLevent, row by row of the table."""

from __future__ import annotations

import json

import pytest

import ESL


def custom(**headers: str) -> ESL.ESLevent:
    event = ESL.ESLevent("CUSTOM", "a::b")
    for name, value in headers.items():
        event.addHeader(name, value)
    return event


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("HEARTBEAT",), "HEARTBEAT"),
        (("heartbeat",), "HEARTBEAT"),
        (("NO_SUCH_TYPE",), "MESSAGE"),
        (("CUSTOM", "a::b"), "CUSTOM"),
        (("HEARTBEAT", "a::b"), "CUSTOM"),
        (("HEARTBEAT", None), "HEARTBEAT"),
        (("json", '{"Event-Name": "DTMF", "A": ["1", "2"], "_body": "x"}'), "DTMF"),
        (("JSON", '{"Event-Name": "DTMF"}'), "DTMF"),
        (("json", "{broken"), "invalid"),
        (("json",), "MESSAGE"),
    ],
)
def test_construction_and_type(arguments: tuple[str, ...], kind: str) -> None:
    assert ESL.ESLevent(*arguments).getType() == kind


def test_keywords() -> None:
    assert ESL.ESLevent(type="CUSTOM", subclass_name="a::b").getHeader("Event-Subclass") == "a::b"
    event = custom(A="1")
    assert event.getHeader(header_name="A", idx=-1) == "1"
    assert event.addHeader(header_name="B", value="2") is True
    assert event.serialize(format="json")
    assert event.addBody(value="x") is True
    assert event.delHeader(header_name="A") is True


@pytest.mark.parametrize("arguments", [(), (1,), ("a", "b", "c"), (b"CUSTOM",), ("CUSTOM", 1), (None, 1)])
def test_wrong_arguments_raise_both_kinds(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        ESL.ESLevent(*arguments)
    with pytest.raises(NotImplementedError):
        ESL.ESLevent(*arguments)


def test_copy_constructor_steals() -> None:
    first = custom(A="1")
    second = ESL.ESLevent(first)
    assert first.getType() == "invalid"
    assert first.getHeader("A") is None
    assert first.serialize() == ""
    assert first.addHeader("A", "1") is False
    assert first.addBody("x") is False
    assert first.delHeader("A") is False
    assert first.setPriority() is False
    assert first.getBody() is None
    assert first.firstHeader() is None
    assert first.mine == 0
    assert second.getHeader("A") == "1"
    assert second.mine == 1


def test_serialize_plain() -> None:
    event = custom(A="b c%&\n")
    expected = "Event-Name: CUSTOM\nEvent-Subclass: a%3A%3Ab\nA: b%20c%25%26%0A\n"
    assert event.serialize() == expected + "\n"
    for form in (None, "plain", "xml", "text", ""):
        assert event.serialize(form) == expected + "\n"
    assert event.serialized_string == expected + "\n"
    event.addBody("héllo")
    assert event.serialize() == expected + "Content-Length: 6\n\nhéllo"
    assert event.serialize().split("\n\n", 1)[1] == "héllo"


def test_serialize_json() -> None:
    event = custom(A="x")
    event.pushHeader("L", "1")
    event.pushHeader("L", "2")
    event.addBody("text")
    text = event.serialize("json")
    assert text.startswith('{\n\t"Event-Name":\t"CUSTOM",\n\t"Event-Subclass":\t"a::b",\n')
    assert json.loads(text) == {
        "Event-Name": "CUSTOM",
        "Event-Subclass": "a::b",
        "A": "x",
        "L": ["1", "2"],
        "Content-Length": "4",
        "_body": "text",
    }
    assert event.serialize("JSON") == text


def test_headers() -> None:
    event = custom(A="1")
    assert event.getHeader("a") == "1"
    assert event.getHeader("EVENT-NAME") == "CUSTOM"
    assert event.getHeader("missing") is None
    assert event.getHeader(None) is None
    assert event.addHeader("A", "2") is True
    assert event.getHeader("A") == "1"
    assert event.delHeader("a") is True
    assert event.getHeader("A") is None
    assert event.delHeader("never-there") is True
    assert event.addHeader("B", "1") is True
    assert event.addHeader("B", "") is True
    assert event.getHeader("B") is None
    assert event.addHeader("C", None) is False
    assert event.addHeader(None, "x") is False


def test_arrays() -> None:
    event = custom()
    for value in ("one", "two"):
        assert event.pushHeader("L", value) is True
    assert event.unshiftHeader("L", "three") is True
    assert event.getHeader("L") == "ARRAY::one|:two|:three"
    assert [event.getHeader("L", index) for index in range(4)] == ["one", "two", "three", None]
    assert event.getHeader("Event-Name", 0) is None
    assert "L: ARRAY%3A%3Aone%7C%3Atwo%7C%3Athree\n" in event.serialize()
    assert event.addHeader("M[1]", "x") is True
    assert event.getHeader("M", 1) == "x"


@pytest.mark.parametrize("wrong", [1, b"x", 1.0, ["x"]])
def test_values_of_other_types_raise(wrong: object) -> None:
    event = custom()
    calls = [
        lambda: event.addHeader("A", wrong),
        lambda: event.addHeader(wrong, "x"),
        lambda: event.pushHeader("A", wrong),
        lambda: event.unshiftHeader("A", wrong),
        lambda: event.delHeader(wrong),
        lambda: event.addBody(wrong),
        lambda: event.getHeader(wrong),
        lambda: event.serialize(wrong),
    ]
    for call in calls:
        with pytest.raises(TypeError):
            call()


def test_priority() -> None:
    event = custom()
    assert event.setPriority() is True
    assert event.getHeader("priority") == "NORMAL"
    assert event.firstHeader() == "priority"
    assert event.setPriority(2) is True
    assert event.getHeader("priority") == "HIGH"
    assert event.setPriority(7) is False


def test_iteration() -> None:
    event = custom(A="1", B="2")
    assert event.nextHeader() is None
    names = [event.firstHeader()]
    while names[-1] is not None:
        names.append(event.nextHeader())
    assert names == ["Event-Name", "Event-Subclass", "A", "B", None]
    assert event.firstHeader() == "Event-Name"


def test_body() -> None:
    event = custom()
    assert event.getBody() is None
    assert event.getHeader("_body") is None
    assert event.addBody("a\nb\0c") is True
    assert event.getBody() == "a\nb\0c"
    assert event.getHeader("_body") == "a\nb\0c"
    assert event.addBody("other") is True
    assert event.getBody() == "other"


def test_text_that_is_not_utf8_goes_through() -> None:
    event = custom(A="caf\udce9")
    assert event.getHeader("A") == "caf\udce9"
    assert event.getHeader("A").encode("utf-8", "surrogateescape") == b"caf\xe9"
    assert "A: caf%E9\n" in event.serialize()
    event.addBody("caf\udce9")
    assert event.getBody() == "caf\udce9"
    assert event.serialize().endswith("Content-Length: 4\n\ncaf\udce9")


def test_attributes() -> None:
    event = custom()
    assert repr(event).startswith("<ESL.ESLevent; proxy of <Swig Object of type 'ESLevent *' at 0x")
    assert repr(event).endswith("> >")
    assert "esl_event_t *" in repr(event.event)
    assert "ESLevent *" in repr(event.this)
    assert event.mine == 1
    assert event.thisown is True
    assert event.serialized_string is None
    event.note = {"any": "thing"}
    assert event.note == {"any": "thing"}
    event.thisown = False
    event.mine = 0
    assert (event.thisown, event.mine) == (False, 0)
    with pytest.raises(AttributeError):
        event.missing  # noqa: B018


def test_subclasses_may_be_made() -> None:
    class Mine(ESL.ESLevent):
        def unique(self) -> str | None:
            return self.getHeader("Unique-ID")

    event = Mine("CUSTOM", "a::b")
    event.addHeader("Unique-ID", "7")
    assert event.unique() == "7"


def test_names_of_the_module() -> None:
    import _ESL

    assert {"ESLconnection", "ESLevent", "eslSetLogLevel"} <= set(ESL.__all__)
    assert _ESL.ESLevent is ESL.ESLevent
    assert ESL.ESLevent_swigregister(ESL.ESLevent) is None
    assert ESL.ESLconnection_swigregister(ESL.ESLconnection) is None
    assert ESL.eslSetLogLevel(7) is None
    with pytest.raises(TypeError):
        ESL.eslSetLogLevel("x")
    names: dict[str, object] = {}
    exec("from ESL import *", names)
    assert "ESLconnection" in names
