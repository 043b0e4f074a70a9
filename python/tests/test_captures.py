"""Recordings of a real server, played to both modules: the same events, in the same order."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

import ESL
import switchwire
from support.data import captures
from support.wire import Peer, Server

SIMPLE = re.compile(rb"^(Event-Sequence|Core-UUID|Event-Date-Local): ([!-~]+)$", re.MULTILINE)
LENGTH = re.compile(rb"^Content-Length: (\d+)$", re.MULTILINE)


def frames(data: bytes) -> list[tuple[bytes, bytes]]:
    """Headers and body of each message, split by the plainest of parsers."""
    found = []
    at = 0
    while (end := data.find(b"\n\n", at)) >= 0:
        head = data[at:end]
        length = LENGTH.search(head)
        body = end + 2 + (int(length.group(1)) if length else 0)
        found.append((head, data[end + 2 : body]))
        at = body
    return found


def unasked(path: Path) -> list[tuple[bytes, bytes]]:
    """What the server sent unasked, as far as the plain parser understands the stream."""
    wanted = (b"text/event-plain", b"text/event-json", b"text/event-xml", b"log/data")
    return [frame for frame in frames(path.read_bytes()) if any(kind in frame[0] for kind in wanted)]


@pytest.mark.parametrize("path", captures(), ids=lambda path: path.parent.name)
def test_recordings(path: Path) -> None:
    sent = unasked(path)
    if not sent:
        pytest.skip("nothing unasked in it")
    stream = b"".join(head + b"\n\n" + body for head, body in sent)

    def talk(peer: Peer) -> None:
        peer.send(stream)

    with Server(talk) as server:
        connection = ESL.ESLconnection(server.host, server.port, "x")
        count = 0
        while (event := connection.recvEvent()).getType() != "SERVER_DISCONNECTED":
            head, body = sent[count]
            count += 1
            kind = event.getHeader("Content-Type")
            if b"event-plain" in head:
                # A look-up finds the first of a name.
                for name, value in reversed(dict(reversed(SIMPLE.findall(body))).items()):
                    assert event.getHeader(name.decode()) == unquote(value.decode(), errors="surrogateescape")
                assert event.serialize()
            elif b"event-json" in head:
                assert f'"Event-Name":"{event.getHeader("Event-Name")}"'.encode() in body
            else:
                assert kind is not None
                assert event.getBody() == body.decode("utf-8", "surrogateescape")
        assert count == len(sent)
        modern = switchwire.connect(server.host, server.port, command_timeout=5)
        logs = sum(b"log/data" in head for head, _ in sent)
        seen = 0
        for event in modern:
            seen += 1
            assert event.name
            assert len(event.items()) == len(event)
        assert seen == len(sent) - logs
