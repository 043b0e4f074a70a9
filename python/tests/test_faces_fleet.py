"""The table of a fleet's own methods and of leases (tests/faces/fleet.json)."""

from __future__ import annotations

import asyncio
import inspect
import json
import queue
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

import pytest

import switchwire
from support.data import ROOT
from support.wire import Peer, Server, reply, response
from switchwire import Fleet, FleetServer, Liveness, ManagedConnection, Pick, Target, aio

TABLE = json.loads((ROOT / "tests/faces/fleet.json").read_text(encoding="utf-8"))
TAGS = {"a": "west", "b": "east"}
MARK = "noop"
"""Sent after each method or step: what came before it is all that this has sent."""
PATIENCE = 20


class Script:
    """The server's part: says who it is, and then replies as the case has it, with `+OK` where that has no more."""

    def __init__(self, replies: Iterable[Any] = ()) -> None:
        self.replies = iter(replies)
        self.sent: queue.Queue[list[str]] = queue.Queue()

    def play(self, peer: Peer) -> None:
        # The version is what a supervised connection asks last.
        while (command := self.command(peer)) != "api version":
            peer.send(response("x") if command.startswith("api") else reply())
        peer.send(response("x"))
        sent: list[str] = []
        owed = 0
        while True:
            command = self.command(peer)
            if command == MARK:
                # Replies come in the order of the commands.
                peer.send(response("late") * owed + reply())
                self.sent.put(sent)
                sent, owed = [], 0
                continue
            sent.append(command)
            said = next(self.replies, "+OK")
            if said is None:
                owed += 1
            else:
                peer.send(reply(said) if isinstance(said, str) else response(said["api"]))

    @staticmethod
    def command(peer: Peer) -> str:
        return peer.command().decode().removesuffix("\n\n").strip("\n").removesuffix(" ")

    def check_sent(self, wanted: Iterable[str]) -> None:
        assert self.sent.get(timeout=PATIENCE) == [text.removesuffix(" ") for text in wanted]


async def value(of: Any) -> Any:
    """What an asyncio method gives, or a blocking one."""
    return await of if inspect.isawaitable(of) else of


async def settled(call: Callable[[], Any]) -> Any:
    """What the method gives, or raises."""
    try:
        return await value(call())
    except switchwire.SwitchwireError as error:
        return error


def target(server: Server) -> dict[str, Any]:
    return {"host": server.host, "port": server.port, "liveness": Liveness(ping_after=None)}


def check(case: dict[str, Any], outcome: Any) -> None:
    if "error" in case:
        assert isinstance(outcome, switchwire.SwitchwireError), outcome
        assert outcome.kind == case["error"]
        assert case.get("says", "") in str(outcome)
        return
    if isinstance(outcome, BaseException):
        raise outcome
    wanted = case["ok"]
    if "results" in wanted:
        rows = [[server, came, reply and reply.text] for server, came, reply, _ in outcome]
        assert sorted(rows) == wanted["results"]
    elif "server" in wanted:
        server, given = outcome
        assert {"server": server, "text": given.text} == wanted
    elif "text" in wanted:
        assert outcome == wanted["text"]
    else:
        assert wanted == "done"


CASES = [
    pytest.param(row, case, id=f"{row['name']}-{number}")
    for row in TABLE["fleet"]
    for number, case in enumerate(row["cases"])
]


@pytest.mark.parametrize("face", [Fleet, aio.Fleet], ids=["blocking", "asyncio"])
@pytest.mark.parametrize(("row", "case"), CASES)
def test_methods(row: dict[str, Any], case: dict[str, Any], face: Any) -> None:
    scripts = {name: Script(case.get("replies", {}).get(name, ())) for name in TAGS}
    named = {name: case[name] for name in ("timeout",) if name in case}
    if "pick" in case:
        named["pick"] = Pick(tags=case["pick"]["tags"])

    async def main() -> Any:
        with ExitStack() as ends:
            servers = {name: ends.enter_context(Server(script.play)) for name, script in scripts.items()}
            fleet = face(*(FleetServer(name=name, tags=TAGS[name], **target(one)) for name, one in servers.items()))
            try:
                for name in TAGS:
                    await value(fleet.connection(name).wait_up(PATIENCE))
                outcome = await settled(lambda: getattr(fleet, row["python"]["call"])(*case["arguments"], **named))
                for name in TAGS:
                    await value(fleet.connection(name).request(MARK))
                return outcome
            finally:
                await value(fleet.close())

    outcome = asyncio.run(asyncio.wait_for(main(), PATIENCE * 3))
    for name, script in scripts.items():
        script.check_sent(case.get("sent", {}).get(name, ()))
    check(case, outcome)


def test_every_method_that_sends_is_in_the_table() -> None:
    methods = {name for name in dir(Fleet) if name.startswith(("api", "find", "uuid"))}
    assert {row["python"]["call"] for row in TABLE["fleet"]} == methods


def managed(face: Any, server: Server) -> tuple[Any, Any]:
    connection = {"blocking": ManagedConnection, "asyncio": aio.ManagedConnection}[face].to(Target(**target(server)))
    return connection, connection


def member(face: Any, server: Server) -> tuple[Any, Any]:
    fleet: Any = {"blocking": Fleet, "asyncio": aio.Fleet}[face](FleetServer(name="fs", **target(server)))
    return fleet.connection("fs"), fleet


@pytest.mark.parametrize("face", ["blocking", "asyncio"])
@pytest.mark.parametrize("begin", [managed, member])
@pytest.mark.parametrize("row", TABLE["leases"], ids=lambda row: row["name"])
def test_leases(row: dict[str, Any], begin: Callable[..., tuple[Any, Any]], face: str) -> None:
    script = Script()

    async def main() -> None:
        with Server(script.play) as server:
            connection, owner = begin(face, server)
            try:
                await value(connection.wait_up(PATIENCE))
                leases: dict[str, Any] = {}
                for step in row["steps"]:
                    kind = None
                    if "subscribe" in step:
                        name, events = step["subscribe"]
                        leases[name] = await settled(lambda: connection.subscribe(*events))  # noqa: B023
                        kind = getattr(leases[name], "kind", None)
                    else:
                        leases[step["release"]].release()
                    assert kind == step.get("error"), step
                    await value(connection.request(MARK))
                    script.check_sent(step["sent"])
            finally:
                await value(owner.close())

    asyncio.run(asyncio.wait_for(main(), PATIENCE * 3))
