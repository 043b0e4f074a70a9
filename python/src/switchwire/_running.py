"""How what is asked of calls, conferences, supervised connections and fleets runs: here it waits.

`switchwire.aio` has the same to await.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from . import _native
from ._native import ConferenceVerb, Verb
from ._options import Timeout

if TYPE_CHECKING:
    from .connection import Connection
    from .job import Job as Job
    from .managed.connection import ManagedConnection

_T = TypeVar("_T")


class CallRuns:
    """A call that does a verb."""

    _native: _native.Call

    def _run(self, verb: Verb[_T], timeout: Timeout | None) -> _T:
        return self._native.run(verb, timeout)


class ConferenceRuns:
    """A conference that does a verb."""

    _native: _native.Conference

    def _run(self, verb: ConferenceVerb[_T], timeout: Timeout | None) -> _T:
        return self._native.run(verb, timeout)


class ManagedRuns:
    """A supervised connection that sends a command."""

    def _with(self, call: Callable[[Connection], _T]) -> _T:
        raise NotImplementedError


class FleetRuns:
    """A fleet that asks its servers."""

    _native: _native.Fleet

    def connection(self, server: str) -> ManagedConnection:
        """The connection to that server."""
        raise NotImplementedError

    def _run(self, verb: str, timeout: Timeout | None, *arguments: object) -> Any:
        return getattr(_native, f"fleet_{verb}")(self._native, *arguments, timeout)
