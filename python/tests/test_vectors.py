"""The golden vectors, made by driving the original library, through the classic module."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

import ESL
from support.data import raw, text, vectors
from support.wire import Peer, Server, reply


def check(event: ESL.ESLevent, expected: dict[str, Any], context: str) -> None:
    names = [event.firstHeader()]
    while names[-1] is not None:
        names.append(event.nextHeader())
    assert names[:-1] == [text(header["name"]) for header in expected["headers"]], context
    assert event.getType() == expected["type"], context
    body = text(expected["body"])
    assert event.getBody() == body, context
    seen = set()
    for header in expected["headers"]:
        name = text(header["name"])
        assert name is not None
        # A look-up finds the first of a name; names that no look-up can find are the core's tests' business.
        if name.lower() in seen or ": " in name:
            continue
        seen.add(name.lower())
        assert event.getHeader(name) == text(header["value"]), f"{context}: {name}"
        for index, element in enumerate(header.get("array", ())):
            assert event.getHeader(name, index) == text(element), context


def test_decode() -> None:
    found = vectors("decode")
    assert found
    for vector in found:
        stream = raw({"b64": vector["bytes"]})
        assert stream is not None
        greeting = any(
            "message" in step and {"name": "Content-Type", "value": "auth/request"} in step["message"]["headers"]
            for step in vector["expect"]
        )
        if greeting:
            continue

        def talk(peer: Peer, stream: bytes = stream) -> None:
            peer.send(stream)

        with Server(talk) as server:
            connection = ESL.ESLconnection(server.host, server.port, "x")
            for step in vector["expect"]:
                received = connection.recvEvent()
                if step["status"] == "FAIL":
                    assert received.getType() == "SERVER_DISCONNECTED", vector["name"]
                    break
                check(received, step.get("event", step["message"]), vector["name"])


def test_event_operations() -> None:
    found = vectors("event_ops")
    assert found
    for number, vector in enumerate(found):
        event = ESL.ESLevent(vector["new"][0], vector["new"][1])
        operations = vector["ops"]
        names = {operation[0] for operation in operations}
        for operation in operations:
            arguments = operation[1:] if operation[0] == "setPriority" else [text(value) for value in operation[1:]]
            assert getattr(event, operation[0])(*arguments) is True
        if "unshiftHeader" in names:
            # The classic object model appends here; the vectors drove the layer below it.
            continue
        context = f"event_ops {number}"
        check(event, vector["expect"], context)
        for _, name, index, value in vector["expect"]["queries"]:
            assert event.getHeader(name, index) == text(value), f"{context}: {name}"
        assert json.loads(event.serialize("json")) == vector["expect"]["json"], context
        plain = event.serialize().encode("utf-8", "surrogateescape")
        wanted = raw(vector["expect"]["plain_raw"])
        assert wanted is not None
        body = raw(vector["expect"]["body"]) or b""
        head = plain[: len(plain) - len(body)]
        assert unquote_to_bytes(head) + body == wanted, context


CALLS: dict[str, Callable[[ESL.ESLconnection, Any], object]] = {
    "esl_filter": lambda con, args: con.filter(*args),
    "esl_events": lambda con, args: con.events(*args),
    "esl_send_recv": lambda con, args: con.sendRecv(*args),
}


def execute(con: ESL.ESLconnection, args: dict[str, Any]) -> None:
    con.setEventLock(str(args["event_lock"]))
    con.setAsyncExecute(str(args["async"]))
    con.execute(text(args["app"]), text(args["arg"]), text(args["uuid"]))


def send_event(con: ESL.ESLconnection, args: dict[str, Any], message: bool) -> None:
    event = ESL.ESLevent(args.get("type") or "CUSTOM", args.get("subclass"))
    for name, value in args["headers"]:
        event.addHeader(name, value)
    if args.get("body") is not None:
        event.addBody(text(args["body"]))
    if message:
        con.sendMSG(event, args.get("uuid"))
    else:
        con.sendEvent(event)


CALLS["esl_execute"] = execute
CALLS["esl_sendevent"] = lambda con, args: send_event(con, args, False)
CALLS["esl_sendmsg"] = lambda con, args: send_event(con, args, True)


def test_encode() -> None:
    found = vectors("encode")
    assert found
    received = bytearray()

    def talk(peer: Peer) -> None:
        while True:
            received.extend(peer.command())
            peer.send(reply())

    with Server(talk) as server:
        connection = ESL.ESLconnection(server.host, server.port, "x")
        for vector in found:
            received.clear()
            CALLS[vector["call"]](connection, vector["args"])
            wanted = raw(vector["expect"])
            assert wanted is not None
            assert bytes(received).strip(b"\n") == wanted.strip(b"\n"), vector


@pytest.mark.parametrize("kind", ["decode", "event_ops", "encode"])
def test_there_are_vectors(kind: str) -> None:
    assert vectors(kind)
