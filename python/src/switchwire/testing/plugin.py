"""Fixtures for pytest; installed with the package, nothing to import."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .. import aio
    from ..connection import Connection
    from .simulator import Simulator


def pytest_configure(config: pytest.Config) -> None:
    """Makes the mark known."""
    config.addinivalue_line("markers", "fs_scenario(text_or_path): the scenario of the fixture fs_server")


@pytest.fixture
def fs_server(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """A simulated FreeSWITCH, fresh for each test; see `switchwire.testing.Simulator`.

    `@pytest.mark.fs_scenario(text_or_path)` gives it a scenario, whose expectations are checked after the test.
    """
    from .simulator import Simulator

    mark = request.node.get_closest_marker("fs_scenario")
    with Simulator(scenario=mark.args[0] if mark else None) as simulator:
        yield simulator


@pytest.fixture
def fs_connection(fs_server: Simulator) -> Iterator[Connection]:
    """A connection to `fs_server`, logged in."""
    from ..connection import connect

    with connect(fs_server.host, fs_server.port, fs_server.password) as connection:
        yield connection


@pytest.fixture
def fs_aio_connect(fs_server: Simulator) -> Callable[[], Any]:
    """What connects to `fs_server` in a coroutine: `async with await fs_aio_connect() as connection`; with any plugin
    that runs coroutines as tests, or `asyncio.run`.
    """
    from .. import aio

    return lambda: aio.connect(fs_server.host, fs_server.port, fs_server.password)


def _for_coroutines(function: Any) -> Any:
    """Makes a fixture of a coroutine: pytest-asyncio, where it is, wants its own."""
    try:
        from pytest_asyncio import fixture
    except ImportError:
        return pytest.fixture(function)
    return fixture(function)


@_for_coroutines
async def fs_aio_connection(fs_server: Simulator) -> AsyncIterator[aio.Connection]:
    """A connection to `fs_server` for coroutines, logged in.

    Needs a plugin that runs coroutines as tests: pytest-asyncio, or anyio's with its backend asyncio.
    """
    from .. import aio

    async with await aio.connect(fs_server.host, fs_server.port, fs_server.password) as connection:
        yield connection
