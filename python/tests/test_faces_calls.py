"""The table of what calls, originates and conferences send and give (tests/faces/calls.json)."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import re
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import switchwire
from support.data import ROOT
from support.wire import Peer, Server, event, reply, response
from switchwire import aio

TABLE = json.loads((ROOT / "tests/faces/calls.json").read_text(encoding="utf-8"))
OUTBOUND = json.loads((ROOT / "tests/faces/methods.json").read_text(encoding="utf-8"))["outbound"]
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def cases(kind: str, on: str = "") -> list[Any]:
    return [
        pytest.param(row, case, id=f"{row['verb']}-{number}")
        for row in TABLE[kind]
        for number, case in enumerate(row["cases"])
        if case.get("on", on) == on
    ]


class Script:
    """The server's part of a case, on a connection of either kind."""

    def __init__(self, case: dict[str, Any], own: bool = False) -> None:
        self.case = case
        self.own = own
        self.failed: AssertionError | None = None

    def play(self, peer: Peer) -> None:
        with contextlib.suppress(EOFError, OSError):
            try:
                while (command := peer.command().decode().strip()) != "last":
                    self.take(peer, command)
                assert self.case.get("execute", self.case.get("api", self.case.get("bgapi"))) is None or self.done
            except AssertionError as error:
                self.failed = error
                peer.send(reply("-ERR not as the table says"))
                return
            peer.send(reply())
            peer.command()

    done = False

    def take(self, peer: Peer, command: str) -> None:
        case = self.case
        if command.startswith(("event", "myevents")):
            peer.send(reply())
            return
        assert not self.done, command
        self.done = True
        if "execute" in case:
            [id] = UUID.findall(command)
            name, _, argument = case["execute"].partition(" ")
            line = f"execute-app-arg: {argument}\n" if argument else ""
            to = "" if self.own else " call-1"
            assert command == (f"sendmsg{to}\ncall-command: execute\nexecute-app-name: {name}\n{line}event-uuid: {id}")
            peer.send(reply())
            lines = [f"Application-UUID: {id}", "Unique-ID: call-1", *case["end"]]
            if not any(line.startswith("Answer-State") for line in lines):
                lines.append("Answer-State: answered")
            peer.send(event("Event-Name: CHANNEL_EXECUTE_COMPLETE", *lines))
        elif "api" in case:
            assert command == f"api {case['api']}"
            peer.send(response(case["reply"]))
        else:
            assert "bgapi" in case, command
            text, _, job = command.partition("\nJob-UUID: ")
            names = {uuid: f"U{at}" for at, uuid in enumerate(UUID.findall(text), 1)}
            assert UUID.sub(lambda found: names[found[0]], text) == f"bgapi {case['bgapi']}"
            peer.send(reply(f"+OK Job-UUID: {job}"))
            body = case["job"]
            for uuid, name in names.items():
                body = body.replace(name, uuid)
            lines = ("Event-Name: BACKGROUND_JOB", f"Job-UUID: {job}", f"Content-Length: {len(body)}", "", body)
            head = "\n".join(lines)
            peer.send(f"Content-Type: text/event-plain\nContent-Length: {len(head)}\n\n{head}".encode())


def arguments(row: dict[str, Any], case: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """As Python takes them."""
    python = row.get("python", {})
    named = {**case["arguments"], **python.get("fixed", {})}
    if "silence" in named:
        named["silence"] = tuple(named["silence"].values())
    if "between" in named:
        named["between"] = tuple(named["between"])
    if "caller_id" in named:
        named["caller_id"] = tuple(named["caller_id"])
    positional: list[Any] = []
    for name in row["positional"]:
        if name in named:
            value = named.pop(name)
            positional += value if python.get("spread") == name else [value]
    return positional, named


def plain(value: object) -> object:
    return round(value / timedelta(milliseconds=1)) if isinstance(value, timedelta) else value


def check(case: dict[str, Any], outcome: Any) -> None:
    if "error" in case:
        assert isinstance(outcome, switchwire.SwitchwireError), outcome
        assert outcome.kind == case["error"]
        assert case.get("says", "") in f"{outcome} {getattr(outcome, 'cause', '')} {getattr(outcome, 'reply_text', '')}"
        return
    if isinstance(outcome, BaseException):
        raise outcome
    wanted = case["ok"]
    if wanted == "done":
        return
    if "text" in wanted:
        assert outcome == wanted["text"]
    elif "list" in wanted:
        assert [[one.id, one.uuid, one.speaks] for one in outcome] == wanted["list"]
    else:
        assert {name: plain(getattr(outcome, name)) for name in wanted} == wanted


def on_blocking(script: Script, act: Callable[[Any], Any]) -> Any:
    def run(connection: switchwire.Connection) -> Any:
        try:
            return act(connection)
        except Exception as error:
            return error
        finally:
            with contextlib.suppress(switchwire.SwitchwireError):
                connection.request("last")

    if not script.own:
        with Server(script.play) as server, switchwire.connect(server.host, server.port) as fs:
            fs.subscribe("ALL")
            return run(fs)
    results: list[Any] = []

    def handle(connection: switchwire.Connection) -> None:
        connection.my_events()
        results.append(run(connection))

    with switchwire.Listener(handle, port=0) as listener:
        call_in(listener.address, script)
    return results[0]


async def on_asyncio(script: Script, act: Callable[[Any], Any]) -> Any:
    async def run(connection: aio.Connection) -> Any:
        try:
            return await act(connection)
        except Exception as error:
            return error
        finally:
            with contextlib.suppress(switchwire.SwitchwireError):
                await connection.request("last")

    if not script.own:
        with Server(script.play) as server:
            async with await aio.connect(server.host, server.port) as fs:
                await fs.subscribe("ALL")
                return await run(fs)
    results: list[Any] = []

    async def handle(connection: aio.Connection) -> None:
        await connection.my_events()
        results.append(await run(connection))

    async with aio.Listener(handle, port=0) as listener:
        await asyncio.get_running_loop().run_in_executor(None, call_in, listener.address, script)
    return results[0]


def call_in(address: tuple[str, int], script: Script) -> None:
    """Plays a server that connects to us for a call."""
    with socket.create_connection(address) as sock:
        peer = Peer(sock, [], threading.Event())
        assert peer.command() == b"connect\n\n"
        peer.send(f"Content-Type: command/reply\nReply-Text: +OK\n{OUTBOUND}\n\n".encode())
        script.play(peer)


def walk(script: Script, blocking: bool, act: Callable[[Any], Any]) -> None:
    outcome = on_blocking(script, act) if blocking else asyncio.run(asyncio.wait_for(on_asyncio(script, act), 30))
    if script.failed is not None:
        raise script.failed
    check(script.case, outcome)


KINDS = pytest.mark.parametrize("blocking", [True, False], ids=["blocking", "asyncio"])


@KINDS
@pytest.mark.parametrize(("row", "case"), cases("call", "outbound"))
def test_calls_of_outbound_connections(row: dict[str, Any], case: dict[str, Any], blocking: bool) -> None:
    walk_call(row, case, True, blocking)


@KINDS
@pytest.mark.parametrize(("row", "case"), cases("call", "inbound"))
def test_calls_by_their_uuid(row: dict[str, Any], case: dict[str, Any], blocking: bool) -> None:
    walk_call(row, case, False, blocking)


def walk_call(row: dict[str, Any], case: dict[str, Any], own: bool, blocking: bool) -> None:
    positional, named = arguments(row, case)
    verb = row.get("python", {}).get("call", row["verb"])

    def act(connection: Any) -> Any:
        call = connection.own_call() if own else connection.call("call-1")
        return getattr(call, verb)(*positional, **named)

    walk(Script(case, own), blocking, act)


@KINDS
@pytest.mark.parametrize(("row", "case"), cases("conference"))
def test_conferences(row: dict[str, Any], case: dict[str, Any], blocking: bool) -> None:
    positional, named = arguments(row, case)
    walk(Script(case), blocking, lambda fs: getattr(fs.conference("lab"), row["verb"])(*positional, **named))


@KINDS
@pytest.mark.parametrize("case", TABLE["originate"], ids=lambda case: str(case["arguments"]))
def test_originates(case: dict[str, Any], blocking: bool) -> None:
    _, named = arguments({"positional": []}, case)
    uuids: list[str] = []

    def made(fs: Any) -> Any:
        making = fs.originate(**named)
        uuids.extend(making.uuids)
        return making.wait(30)

    async def awaited(fs: Any) -> Any:
        return await made(fs)

    def act(fs: Any) -> Any:
        return made(fs) if blocking else awaited(fs)

    script = Script(case)
    outcome = on_blocking(script, act) if blocking else asyncio.run(asyncio.wait_for(on_asyncio(script, act), 30))
    if script.failed is not None:
        raise script.failed
    if "ok" in case:
        assert outcome.uuid == uuids[int(case["ok"]["uuid"][1:]) - 1]
    else:
        check(case, outcome)


def test_every_verb_has_a_row() -> None:
    def verbs(of: type) -> set[str]:
        return {name for name, method in inspect.getmembers(of, inspect.isfunction) if not name.startswith("_")}

    rows = {row.get("python", {}).get("call", row["verb"]) for row in TABLE["call"]}
    # What waits for events alone, what several rows are made of, what is read from an event.
    other = {"on_dtmf", "wait_for", "wait_for_dtmf", "set_all", "refresh"}
    assert verbs(switchwire.Call) - other == rows
    assert verbs(switchwire.Conference) - {"on_event", "events", "info"} == {row["verb"] for row in TABLE["conference"]}
