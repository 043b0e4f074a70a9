"""Look-ups by name, which are called without a tuple: what every other way of calling them gives."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import ESL
from switchwire import Event

ODD = "n\u00e4me\udc80"
HEADERS = {"Unique-ID": "7", "variable_a": "b", "variable_\u00e4": "\u00f6", ODD: "odd\udcff", "L" * 300: "long"}


def modern() -> Event:
    return Event("CHANNEL_ANSWER", HEADERS)


def classic() -> ESL.ESLevent:
    event = ESL.ESLevent("CHANNEL_ANSWER")
    for name, value in HEADERS.items():
        event.addHeader(name, value)
    return event


LOOK_UPS: list[tuple[Callable[[], Any], str, str]] = [
    (modern, "get", "name"),
    (classic, "getHeader", "header_name"),
]


@pytest.mark.parametrize(("make", "method", "argument"), LOOK_UPS)
def test_every_way_of_calling_gives_the_same(make: Callable[[], Any], method: str, argument: str) -> None:
    event = make()
    look_up = getattr(event, method)
    for name, value in HEADERS.items():
        assert look_up(name) == value
        assert look_up(**{argument: name}) == value
        assert getattr(type(event), method)(event, name) == value
    assert look_up("unique-id") == "7"
    assert look_up("missing") is None
    assert look_up(type("Name", (str,), {})("Unique-ID")) == "7"


@pytest.mark.parametrize(("make", "method", "argument"), LOOK_UPS)
def test_wrong_calls_are_refused(make: Callable[[], Any], method: str, argument: str) -> None:
    event = make()
    look_up = getattr(event, method)
    for wrong in [(), (1,), (b"Unique-ID",), ("a", "b", "c")]:
        with pytest.raises(TypeError):
            look_up(*wrong)
    with pytest.raises(TypeError):
        look_up("a", unknown=1)
    with pytest.raises(TypeError):
        look_up("a", **{argument: "a"})
    with pytest.raises(TypeError):
        getattr(type(event), method)(object(), "Unique-ID")


def test_the_other_argument_is_read() -> None:
    event = modern()
    fallback = object()
    assert event.get("missing", fallback) is fallback  # type: ignore[call-overload]
    assert event.get("missing", default="-") == "-"
    assert event.get("Unique-ID", default="-") == "7"
    assert event.variable("a") == "b"
    assert event.variable("\u00e4") == "\u00f6"
    assert event.variable("missing", "-") == "-"
    assert event.variable("missing", default="-") == "-"
    assert event.variable(name="a") == "b"
    old = classic()
    old.pushHeader("list", "one")
    old.pushHeader("list", "two")
    assert old.getHeader("list", 1) == "two"
    assert old.getHeader("list", idx=0) == "one"
    assert old.getHeader(None) is None  # type: ignore[arg-type]


def test_they_are_documented_as_methods_are() -> None:
    parameters = inspect.signature(Event.get).parameters
    assert list(parameters) == ["self", "name", "default"]
    assert parameters["default"].default is None
    assert list(inspect.signature(Event.variable).parameters) == ["self", "name", "default"]
    assert inspect.signature(ESL.ESLevent.getHeader).parameters["idx"].default == -1
    assert Event.get.__doc__ == "The value of the first header of that name, else `default`."
    assert Event.get.__qualname__ == "Event.get"


def test_a_subclass_has_them_too() -> None:
    class Own(ESL.ESLevent):
        def getHeader(self, header_name: str, idx: int = -1) -> str | None:
            return f"own {super().getHeader(header_name, idx)}"

    own = Own("CHANNEL_ANSWER")
    own.addHeader("a", "b")
    assert own.getHeader("a") == "own b"
    assert ESL.ESLevent.getHeader(own, "a") == "b"
    assert pickle.loads(pickle.dumps(modern())).get("Unique-ID") == "7"


def test_names_are_not_kept() -> None:
    import tracemalloc

    event = modern()
    names = [f"variable_{number}" for number in range(10)]

    def read() -> None:
        for _ in range(2000):
            for name in names:
                event.get(name)

    read()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    read()
    assert tracemalloc.get_traced_memory()[0] - before < 2000
    tracemalloc.stop()
