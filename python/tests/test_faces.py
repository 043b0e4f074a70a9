"""The table of methods that every face holds to (tests/faces): names, arguments, defaults, what is sent, outcomes."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import switchwire
from support.data import ROOT
from support.wire import Peer, Server, event, reply, response
from switchwire import aio

TABLE = json.loads((ROOT / "tests/faces/methods.json").read_text(encoding="utf-8"))
METHODS = TABLE["methods"]
CASES = [
    pytest.param(method, case, id=f"{method['name']}-{number}")
    for method in METHODS
    for number, case in enumerate(method["cases"])
]
OWN = {"timeout", "check"}
"""Arguments that are Python's own: its way to bound a wait, and to have a refusal raised."""


class Script:
    """The server's part of a case."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.case = case
        self.received: list[bytes] = []

    def play(self, peer: Peer) -> None:
        for _ in self.case.get("before", ()):
            peer.command()
            peer.send(reply())
        before = len(peer._received)
        with contextlib.suppress(EOFError, OSError):
            for text in self.case["replies"]:
                peer.command()
                peer.send(response(text["api"]) if isinstance(text, dict) else reply(text))
            for lines in self.case.get("events", ()):
                peer.send(event(*lines.rstrip("\n").split("\n")))
            while not peer.command().startswith(b"last"):
                pass
            self.received = peer._received[before:-1]
            peer.send(reply())
            peer.command()


def check_sent(script: Script) -> None:
    sent = [command.decode().removesuffix("\n\n") for command in script.received]
    assert sent == script.case["sent"]


def prepared(method: dict[str, Any], case: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments as Python takes them."""
    positional: list[Any] = list(method["python"].get("arguments", ()))
    named: dict[str, Any] = {}
    for name, value in case["arguments"].items():
        if name == "names":
            positional += value
        elif name == "event":
            headers = [tuple(pair) for pair in value["headers"]]
            named[name] = switchwire.Event("CUSTOM", headers, value["body"], subclass=value["subclass"])
        else:
            named[name] = value
    return positional, named


def check(case: dict[str, Any], outcome: object) -> None:
    if "error" in case:
        assert isinstance(outcome, switchwire.SwitchwireError), outcome
        assert outcome.kind == case["error"]
        assert plain(case.get("says", "")) in plain(str(outcome))
        return
    if isinstance(outcome, BaseException):
        raise outcome
    wanted = case["ok"]
    if "text" in wanted:
        assert outcome == wanted["text"]
    elif "job" in wanted:
        assert isinstance(outcome, (switchwire.Job, aio.Job))
        assert outcome.uuid == wanted["job"]
    elif "response" in wanted:
        assert isinstance(outcome, switchwire.Executed)
        assert outcome.response == wanted["response"]
        assert (outcome.event is not None) == wanted["event"]
    else:
        assert wanted == "done"


def plain(text: str) -> str:
    return text.lower().replace("_", "")


def outbound_reply(kind: str) -> bytes:
    return f"Content-Type: command/reply\nReply-Text: +OK\n{TABLE[kind]}\n\n".encode()


def call_in(address: tuple[str, int], script: Script) -> None:
    """Plays a server that connects to us for a call."""
    with socket.create_connection(address) as sock:
        peer = Peer(sock, [], threading.Event())
        assert peer.command() == b"connect\n\n"
        peer.send(outbound_reply(script.case["on"]))
        script.play(peer)


@pytest.mark.parametrize(("method", "case"), CASES)
def test_blocking(method: dict[str, Any], case: dict[str, Any]) -> None:
    script = Script(case)
    positional, named = prepared(method, case)
    outcomes: queue.Queue[object] = queue.Queue()

    def run(connection: switchwire.Connection) -> None:
        for command in case.get("before", ()):
            connection.request(command)
        try:
            outcomes.put(getattr(connection, method["python"]["call"])(*positional, **named))
        except Exception as error:
            outcomes.put(error)
        connection.request("last")

    if case["on"] == "inbound":
        with Server(script.play) as server, switchwire.connect(server.host, server.port) as connection:
            run(connection)
    else:
        with switchwire.Listener(run, port=0) as listener:
            call_in(listener.address, script)
    check(case, outcomes.get(timeout=10))
    check_sent(script)


@pytest.mark.parametrize(("method", "case"), CASES)
def test_asyncio(method: dict[str, Any], case: dict[str, Any]) -> None:
    script = Script(case)
    positional, named = prepared(method, case)
    outcomes: list[object] = []

    async def run(connection: aio.Connection) -> None:
        for command in case.get("before", ()):
            await connection.request(command)
        try:
            outcomes.append(await getattr(connection, method["python"]["call"])(*positional, **named))
        except Exception as error:
            outcomes.append(error)
        await connection.request("last")

    async def main() -> None:
        if case["on"] == "inbound":
            with Server(script.play) as server:
                async with await aio.connect(server.host, server.port) as connection:
                    await run(connection)
        else:
            async with aio.Listener(run, port=0) as listener:
                await asyncio.get_running_loop().run_in_executor(None, call_in, listener.address, script)

    asyncio.run(asyncio.wait_for(main(), 30))
    check(case, outcomes[0])
    check_sent(script)


# Signatures.

EMPTY = inspect.Parameter.empty


def signature(function: Callable[..., Any]) -> dict[str, tuple[Any, Any]]:
    parameters = inspect.signature(function).parameters
    return {name: (p.kind, p.default) for name, p in parameters.items() if name not in ("self", "cls")}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method["name"])
def test_arguments_and_defaults_are_those_of_the_table(method: dict[str, Any]) -> None:
    if "arguments" in method["python"]:
        return
    given = signature(getattr(switchwire.Connection, method["python"]["call"]))
    defaults = method["python"].get("defaults", {})
    for argument in method["arguments"]:
        kind, default = given.pop(argument["name"])
        if argument["type"] == "texts":
            assert kind is inspect.Parameter.VAR_POSITIONAL or tuple(default) == tuple(argument["default"])
        elif argument["name"] in defaults:
            assert default == defaults[argument["name"]]
        else:
            assert default == (EMPTY if argument.get("required") else argument["default"])
        if not argument.get("named"):
            assert kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    assert set(given) <= OWN


PAIRS = {
    "Connection": (switchwire.Connection, aio.Connection),
    "Job": (switchwire.Job, aio.Job),
    "Listener": (switchwire.Listener, aio.Listener),
    "ManagedConnection": (switchwire.ManagedConnection, aio.ManagedConnection),
    "Fleet": (switchwire.Fleet, aio.Fleet),
}
ONE_SIDED = {
    # The loop is asyncio's own: a listener starts with it.
    ("Listener", "start"),
}


def public(cls: type) -> dict[str, object]:
    return {name: value for name, value in inspect.getmembers(cls) if not name.startswith("_")}


@pytest.mark.parametrize("name", PAIRS)
def test_blocking_and_asyncio_have_the_same_methods(name: str) -> None:
    blocking, asynchronous = PAIRS[name]
    ours, theirs = public(blocking), public(asynchronous)
    assert {member for member in set(ours) ^ set(theirs) if (name, member) not in ONE_SIDED} == set()
    for member in set(ours) & set(theirs):
        assert callable(ours[member]) == callable(theirs[member]), member
        if callable(ours[member]):
            left, right = signature(ours[member]), signature(theirs[member])  # type: ignore[arg-type]
            assert left == right, member
    assert signature(blocking.__init__) == signature(asynchronous.__init__) or name != "Listener"  # type: ignore[misc]


def test_connect_takes_the_same_in_both() -> None:
    assert signature(switchwire.connect) == signature(aio.connect)
    assert signature(switchwire.connect) == signature(switchwire.Connection.connect)


def stub() -> Iterator[tuple[str, ast.FunctionDef]]:
    """The methods of the native connection as the stub has them."""
    text = (Path(switchwire.__file__).parent / "_native.pyi").read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef) and node.name == "Connection":
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
                    yield item.name, item


def test_the_stub_has_the_native_methods_with_their_defaults() -> None:
    for name, item in stub():
        value = getattr(switchwire.Connection, name)
        if not callable(value):
            continue
        arguments = [argument.arg for argument in item.args.args if argument.arg != "self"]
        given = {name: default for name, (_, default) in signature(value).items()}
        assert arguments == list(given), name
        defaults = [ast.literal_eval(default) for default in item.args.defaults]
        assert defaults == [default for default in given.values() if default is not EMPTY], name
