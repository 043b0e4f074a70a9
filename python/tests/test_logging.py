"""What the logger `switchwire.connection` says, and what it must not."""

from __future__ import annotations

import asyncio
import logging

import pytest

import switchwire
from switchwire import Backoff, ManagedConnection, aio
from switchwire.testing import Simulator

SECRET = "a-secret-password"
NUMBER = "a-secret-number"


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The messages without the address."""
    own = [record for record in caplog.records if record.name == "switchwire.connection"]
    assert all(record.levelno == logging.DEBUG for record in own)
    return [record.getMessage().partition(": ")[2] for record in own]


def test_commands_connects_and_ends_without_arguments_and_secrets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Simulator(password=SECRET) as fs:
        with pytest.raises(switchwire.AuthenticationError):
            switchwire.connect(fs.host, fs.port, "wrong-password")
        with switchwire.connect(fs.host, fs.port, SECRET) as connection:
            connection.api("uuid_exists", NUMBER)
            connection.subscribe("BACKGROUND_JOB", filters={"A": NUMBER})
            connection.bgapi("status")
            fs.disconnect_all()
            with pytest.raises(switchwire.DisconnectedError):
                connection.recv(20)
    messages = said(caplog)
    assert messages[0].startswith("cannot connect: ")
    assert messages[1:-1] == ["connected", "api uuid_exists", "filter", "event", "bgapi status"]
    assert messages[-1] == "disconnected: the peer closed the connection"
    assert not any(text in caplog.text for text in (SECRET, NUMBER, "wrong-password"))


def test_the_same_for_asyncio(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "switchwire.connection")

    async def main() -> None:
        with Simulator(password=SECRET) as fs:
            async with await aio.connect(fs.host, fs.port, SECRET) as connection:
                await connection.api("uuid_exists", NUMBER)

    asyncio.run(main())
    assert said(caplog) == ["connected", "api uuid_exists", "disconnected: the connection was closed on this side"]
    assert not any(text in caplog.text for text in (SECRET, NUMBER))


def test_what_is_done_with_calls(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "switchwire.connection")
    with Simulator() as fs, switchwire.connect(fs.host, fs.port) as connection:
        connection.subscribe("BACKGROUND_JOB", "CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HANGUP_COMPLETE")
        call = connection.originate("null/test", caller_id=(NUMBER, NUMBER)).wait(20)
        call.set("a", NUMBER)
        call.hangup()
    wanted = ["bgapi originate", "execute set", "api uuid_kill"]
    assert [text for text in said(caplog) if text in wanted] == wanted
    assert NUMBER not in caplog.text


def test_outages_of_supervised_connections(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "switchwire.connection")
    with Simulator(password=SECRET) as fs:
        with ManagedConnection(fs.host, fs.port, SECRET, backoff=Backoff(first=0.01, most=0.1)) as connection:
            connection.recv(20)
            connection.api("uuid_exists", NUMBER)
            fs.disconnect_all()
            connection.recv(20)
            connection.recv(20)
    messages = said(caplog)
    assert messages[:3] == ["connected", "api uuid_exists", "lost: the peer closed the connection"]
    assert messages[3].startswith("connected again after ")
    # Each line says whose connection it is about.
    about = [record.message for record in caplog.records if "connected" in record.message or "lost" in record.message]
    assert len(about) == 3
    assert all(text.startswith(f"{fs.host}:{fs.port}: ") for text in about), about
    assert not any(text in caplog.text for text in (SECRET, NUMBER))


def test_nothing_is_said_above_debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with Simulator() as fs, switchwire.connect(fs.host, fs.port) as connection:
        connection.api("status")
    assert said(caplog) == []
