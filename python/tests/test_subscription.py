"""`Subscription` is a value: built and checked once, applied to any connection."""

from __future__ import annotations

import asyncio
import copy
import pickle

import pytest

import switchwire
from support.wire import Peer, Server, reply
from switchwire import EventType, Subscription, aio

WANTED = Subscription(
    EventType.CHANNEL_ANSWER,
    "DTMF",
    custom=["a::b"],
    format="json",
    filters={"Unique-ID": ["u", "v"]},
    log="warning",
)
SENT = [
    b"filter Unique-ID u\n\n",
    b"filter Unique-ID v\n\n",
    b"event json CHANNEL_ANSWER DTMF CUSTOM a::b\n\n",
    b"log 4\n\n",
]
REMOVED = b"nixevent CHANNEL_ANSWER DTMF CUSTOM a::b\n\n"


def plays(received: list[list[bytes]]) -> Server:
    def play(peer: Peer) -> None:
        commands = []
        for _ in range(len(SENT) + 1):
            commands.append(peer.command())
            peer.send(reply())
        received.append(commands)
        peer.command()

    return Server(play)


def test_one_value_is_applied_to_several_connections() -> None:
    received: list[list[bytes]] = []
    for _ in range(2):
        with plays(received) as server, switchwire.connect(server.host, server.port) as fs:
            fs.subscribe(WANTED)
            fs.no_events(WANTED)
    assert received == [[*SENT, REMOVED]] * 2


def test_asyncio_applies_the_same_value() -> None:
    received: list[list[bytes]] = []

    async def main() -> None:
        with plays(received) as server:
            async with await aio.connect(server.host, server.port) as fs:
                await fs.subscribe(WANTED)
                await fs.no_events(WANTED)

    asyncio.run(main())
    assert received == [[*SENT, REMOVED]]


def test_it_compares_hashes_copies_pickles_and_shows_as_a_value() -> None:
    same = Subscription("CHANNEL_ANSWER", "DTMF", custom="a::b", format="json", filters=WANTED.filters, log="warning")
    assert same == WANTED
    assert hash(same) == hash(WANTED)
    assert Subscription("DTMF") != WANTED
    assert Subscription("DTMF") != "DTMF"
    assert pickle.loads(pickle.dumps(WANTED)) == WANTED == copy.deepcopy(WANTED)
    assert eval(repr(WANTED)) == WANTED
    assert (WANTED.names, WANTED.custom, WANTED.format) == (("CHANNEL_ANSWER", "DTMF"), ("a::b",), "json")
    assert (WANTED.filters, WANTED.log) == ((("Unique-ID", "u"), ("Unique-ID", "v")), "warning")
    with pytest.raises(AttributeError):
        WANTED.log = None  # type: ignore[misc]


def test_names_are_checked_when_it_is_built() -> None:
    with pytest.raises(switchwire.InvalidArgumentError, match="CHANNEL_HANGUP"):
        Subscription("CHANNEL_HANGP")
    with pytest.raises(switchwire.InvalidArgumentError, match="custom"):
        Subscription("a::b")


def test_it_is_given_alone_and_taking_back_only_filters_sends_nothing() -> None:
    commands: list[bytes] = []

    def play(peer: Peer) -> None:
        commands.append(peer.command())
        peer.send(reply())
        peer.command()

    with Server(play) as server, switchwire.connect(server.host, server.port) as fs:
        with pytest.raises(TypeError):
            fs.subscribe(WANTED, "DTMF")
        with pytest.raises(TypeError):
            fs.subscribe(WANTED, log="debug")
        fs.no_events(Subscription(filters={"a": "b"}))
        # The classic form without names: every event.
        fs.events()
    assert commands == [b"event plain ALL\n\n"]
