"""Scenarios, expectations and handlers of `switchwire.testing`."""

from __future__ import annotations

import asyncio

import pytest

import switchwire
from switchwire.testing import Asked, Done, Endpoint, Simulator

EXPECTS = """
[[expect]]
command = "api status"
then = [{ event = "API" }]
"""


def test_a_met_expectation_is_silent_and_a_failing_one_shows_what_came() -> None:
    with Simulator(scenario=EXPECTS) as fs, switchwire.connect(fs.host, fs.port) as connection:
        connection.api("status")
    with pytest.raises(AssertionError, match=r"(?s)`api status` did not come.*sent `api version`"):
        with Simulator(scenario=EXPECTS) as fs, switchwire.connect(fs.host, fs.port) as connection:
            connection.api("version")
            fs.verify(0)


def test_a_wrong_scenario_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown field `nothing`"):
        Simulator(scenario="nothing = 1")


def test_handlers_are_python_functions() -> None:
    with Simulator() as fs, switchwire.connect(fs.host, fs.port) as connection:

        @fs.api("weather")
        def weather(asked: Asked) -> str:
            return f"+OK sunny in {asked.argument}\n"

        @fs.application("greet")
        def greet(asked: Asked) -> Done:
            return Done({"greeted": asked.variables["caller_name"]}, response="GREETED")

        @fs.endpoint_with("user/*")
        def decide(asked: Asked) -> Endpoint:
            return Endpoint() if asked.variables.get("mood") == "good" else Endpoint(cause="USER_BUSY")

        fs.extension("7000", ("answer", ""), ("greet", ""), ("park", ""))
        assert connection.api("weather", "Rome") == "+OK sunny in Rome\n"
        assert "USER_BUSY" in connection.api("originate", "user/1 7000")
        connection.events("CHANNEL_EXECUTE_COMPLETE")
        connection.bgapi("originate", "{mood=good,caller_name=Ann}user/1 7000")
        while (event := connection.recv(10)) is not None and event["Application"] != "greet":
            pass
        assert event is not None
        assert event["Application-Response"] == "GREETED"
        assert event["variable_greeted"] == "Ann"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_handler_that_raises_gives_no_reply() -> None:
    with Simulator() as fs, switchwire.connect(fs.host, fs.port) as connection:
        fs.api("broken")(lambda asked: 1 / 0)  # type: ignore[arg-type, return-value]
        assert connection.api("broken") == "-ERR no reply\n"


@pytest.mark.fs_scenario(EXPECTS)
def test_the_fixture_takes_a_scenario(fs_connection: switchwire.Connection) -> None:
    fs_connection.api("status")


def test_coroutines_connect(fs_aio_connect) -> None:  # type: ignore[no-untyped-def]
    async def status() -> str:
        async with await fs_aio_connect() as connection:
            return await connection.api("status")

    assert asyncio.run(status()).startswith("UP ")
