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
from switchwire.calls import KnownCalls

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
        self.hears: list[str] = []
        self.left = [(kind, case[kind]) for kind in ("execute", "api", "bgapi") if kind in case]
        self.left += [("execute", text) for text in case.get("executes", [])]

    def play(self, peer: Peer) -> None:
        with contextlib.suppress(EOFError, OSError):
            try:
                while (command := self.command(peer)) != "last":
                    self.take(peer, command)
                assert not self.left
            except AssertionError as error:
                self.failed = error
                peer.send(reply("-ERR not as the table says"))
                return
            peer.send(reply())
            peer.command()

    def command(self, peer: Peer) -> str:
        """The next one; until then what the method hears is sent over and over: when it listens, only it knows."""
        if not (events := self.hears):
            return peer.command().decode().strip()
        over = threading.Event()

        def say() -> None:
            with contextlib.suppress(OSError):
                while not over.is_set():
                    for lines in events:
                        peer.send(event(*lines.strip().split("\n")))
                    over.wait(0.002)

        speaker = threading.Thread(target=say, daemon=True)
        speaker.start()
        try:
            return peer.command().decode().strip()
        finally:
            self.hears = []
            over.set()
            speaker.join()

    def take(self, peer: Peer, command: str) -> None:
        case = self.case
        if command.startswith(("event", "myevents")):
            peer.send(reply())
            self.hears = case.get("hears", [])
            return
        assert self.left, command
        kind, text = self.left.pop(0)
        if kind == "execute":
            [id] = UUID.findall(command)
            name, _, argument = text.partition(" ")
            line = f"execute-app-arg: {argument}\n" if argument else ""
            to = "" if self.own else " call-1"
            assert command == (f"sendmsg{to}\ncall-command: execute\nexecute-app-name: {name}\n{line}event-uuid: {id}")
            peer.send(reply())
            lines = [f"Application-UUID: {id}", "Unique-ID: call-1", *case.get("end", [])]
            if not any(line.startswith("Answer-State") for line in lines):
                lines.append("Answer-State: answered")
            peer.send(event("Event-Name: CHANNEL_EXECUTE_COMPLETE", *lines))
        elif kind == "api":
            assert command == f"api {text}"
            peer.send(response(case["reply"]))
        else:
            sent, _, job = command.partition("\nJob-UUID: ")
            assert job == case["arguments"].get("job_uuid", job)
            names = {uuid: f"U{at}" for at, uuid in enumerate(UUID.findall(sent), 1)}
            assert UUID.sub(lambda found: names[found[0]], sent) == f"bgapi {text}"
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
    if "inline" in named:
        named["inline"] = [tuple(step) for step in named["inline"]]
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
    elif "headers" in wanted:
        assert {name: outcome[name] for name in wanted["headers"]} == wanted["headers"]
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
        if verb == "dtmf":
            return first_digit(connection, call) if blocking else first(call.dtmf())
        return getattr(call, verb)(*positional, **named)

    walk(Script(case, own), blocking, act)


@KINDS
@pytest.mark.parametrize(("row", "case"), cases("conference"))
def test_conferences(row: dict[str, Any], case: dict[str, Any], blocking: bool) -> None:
    positional, named = arguments(row, case)

    def act(connection: Any) -> Any:
        lab = connection.conference("lab")
        if row["verb"] == "events":
            return lab.events().recv(30) if blocking else first(lab.events())
        return getattr(lab, row["verb"])(*positional, **named)

    walk(Script(case), blocking, act)


def first_digit(connection: switchwire.Connection, call: switchwire.Call) -> switchwire.Dtmf:
    got: list[switchwire.Dtmf] = []
    watch = call.on_dtmf(got.append)
    for _ in range(3000):
        connection.recv(0.01)
        if got:
            break
    watch.stop()
    return got[0]


async def first(stream: Any) -> Any:
    async for one in stream:
        return one
    raise AssertionError("nothing came")


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
    # A stream of asyncio's is a callback where there is no loop, too.
    assert verbs(aio.Call) - {"on_dtmf"} == rows
    assert verbs(switchwire.Call) - {"on_dtmf"} == rows - {"dtmf"}
    conference = {row["verb"] for row in TABLE["conference"]}
    assert verbs(switchwire.Conference) - {"on_event"} == verbs(aio.Conference) - {"on_event"} == conference
    readers = {name for name, _ in inspect.getmembers(KnownCalls, lambda value: isinstance(value, property))}
    tracker = {row["method"] for row in TABLE["calls"]} - {"count"}
    assert verbs(switchwire.Calls) | readers == verbs(aio.Calls) | readers == tracker


class Snapshot:
    """A server whose calls are those of the table; after the first look those of the row's `then`."""

    def __init__(self, row: dict[str, Any], again: bool = False) -> None:
        self.row = row
        self.looks = int(again)

    def talk(self, peer: Peer) -> None:
        while command := peer.command().decode().strip():
            asked = command.removeprefix("api ") if command.startswith("api ") else None
            if asked is None:
                peer.send(reply())
                continue
            if asked == "hears":
                peer.send(response("+OK"))
                peer.send(event(*self.row["hears"].strip().split("\n")))
                continue
            then = self.row.get("then", {}) if self.looks else {}
            peer.send(response(then.get(asked, TABLE["snapshot"][asked])))
            self.looks += asked.startswith("show calls")


def of_tracker(row: dict[str, Any], calls: Any) -> Any:
    """What a method that only looks gives."""
    method = row.get("python", row["method"])
    given = getattr(calls, method)
    given = given(*row.get("arguments", [])) if callable(given) else given
    if method == "legs":
        return [leg.uuid for leg in given]
    if method == "bridged":
        return [f"{one.uuid} {other.uuid}" for one, other in given]
    return given.name if isinstance(given, switchwire.CallLeg) else given


def told(change: switchwire.Change) -> str:
    return f"{change.kind} {change.uuid}"


@pytest.mark.parametrize("row", TABLE["calls"], ids=lambda row: str(row["method"]))
def test_the_calls_of_a_server(row: dict[str, Any]) -> None:
    with Server(Snapshot(row).talk) as server, switchwire.connect(server.host, server.port) as fs:
        calls = fs.calls()
        if row["method"] == "resync":
            calls.resync()
        elif row["method"] == "move_to":
            with Server(Snapshot(row, True).talk) as other, switchwire.connect(other.host, other.port) as next_:
                calls.move_to(next_)
                assert of_tracker({"method": "legs"}, calls) == row["ok"]
                return
        elif row["method"] == "changes":
            changes = calls.changes()
            fs.api("hears")
            took = [changes.recv(30) for _ in range(row["takes"])]
            assert sorted(told(change) for change in took if change) == row["ok"]
            return
        looks = {"method": "legs"} if row["method"] == "resync" else row
        assert of_tracker(looks, calls) == row["ok"]


@pytest.mark.parametrize("row", TABLE["calls"], ids=lambda row: str(row["method"]))
def test_the_calls_of_a_server_for_asyncio(row: dict[str, Any]) -> None:
    async def main() -> None:
        with Server(Snapshot(row).talk) as server, Server(Snapshot(row, True).talk) as other:
            async with await aio.connect(server.host, server.port) as fs, await aio.connect(*other.address) as next_:
                calls = await fs.calls()
                if row["method"] == "changes":
                    changes = calls.changes()
                    took = [await anext_(changes) for _ in range(row["takes"] - 1)]
                    await fs.api("hears")
                    took.append(await anext_(changes))
                    assert sorted(map(told, took)) == row["ok"]
                    return
                if row["method"] == "resync":
                    await calls.resync()
                elif row["method"] == "move_to":
                    await calls.move_to(next_)
                looks = {"method": "legs"} if row["method"] in ("resync", "move_to") else row
                assert of_tracker(looks, calls) == row["ok"]

    asyncio.run(asyncio.wait_for(main(), 30))


async def anext_(stream: Any) -> Any:
    return await stream.__anext__()
