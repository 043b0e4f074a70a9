"""Fixtures: a server (simulated, or a real one that the environment names) and classic connections to it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

import ESL
from switchwire.testing import Simulator

REAL = os.environ.get("SWITCHWIRE_TEST_SERVER")
"""host:port:password of a FreeSWITCH to run what can be run against."""

# Where SIGINT is ignored (nohup, a job in a script's background) every child would ignore it too: a handled signal is
# what children start with the default for.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Address(NamedTuple):
    """Where a server is."""

    host: str
    port: int
    password: str


@pytest.fixture
def server() -> Iterator[Address]:
    """A server that replies as FreeSWITCH does: the real one when there is one."""
    if REAL:
        host, port, password = REAL.rsplit(":", 2)
        yield Address(host, int(port), password)
        return
    with Simulator() as simulator:
        yield Address(simulator.host, simulator.port, simulator.password)


@pytest.fixture
def classic(server: Address) -> Iterator[Callable[[], ESL.ESLconnection]]:
    """Makes classic connections to `server`."""
    made = []

    def make() -> ESL.ESLconnection:
        made.append(ESL.ESLconnection(server.host, str(server.port), server.password))
        return made[-1]

    yield make
    for connection in made:
        connection.disconnect()


@pytest.fixture
def con(classic: Callable[[], ESL.ESLconnection]) -> ESL.ESLconnection:
    """A classic connection to `server`."""
    connection = classic()
    assert connection.connected() == 1
    return connection
