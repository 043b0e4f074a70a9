"""Fixtures for pytest; installed with the package, nothing to import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ..connection import Connection
    from .simulator import Simulator


@pytest.fixture
def fs_server() -> Iterator[Simulator]:
    """A simulated FreeSWITCH, fresh for each test; see `switchwire.testing.Simulator`."""
    from .simulator import Simulator

    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def fs_connection(fs_server: Simulator) -> Iterator[Connection]:
    """A connection to `fs_server`, logged in."""
    from ..connection import connect

    with connect(fs_server.host, fs_server.port, fs_server.password) as connection:
        yield connection
