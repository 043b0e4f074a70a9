"""How what is asked of calls, conferences, supervised connections and fleets runs: awaited, by the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .. import _native
from .._native import CallHandle, ConferenceVerb, Verb
from .._options import Timeout, seconds
from .opening import within

if TYPE_CHECKING:
    from .connection import Connection
    from .connection import Job as Job
    from .managed import ManagedConnection

_T = TypeVar("_T")


class CallRuns:
    """A call that does a verb."""

    _connection: Connection
    _native: _native.Call

    async def _run(self, verb: Verb[_T], timeout: Timeout | None) -> _T:
        loop = self._connection._loop
        future: asyncio.Future[_T] = loop.create_future()
        handle = self._native.ask(future, verb)
        self._connection._ready()
        limit = verb.limit(self._connection._limit) if timeout is None else seconds(timeout)
        timer = None if limit is None else loop.call_later(limit, self._expire, handle, future)
        try:
            return await future
        except asyncio.CancelledError:
            handle.abandon()
            raise
        finally:
            if timer is not None:
                timer.cancel()

    def _expire(self, handle: CallHandle, future: asyncio.Future[Any]) -> None:
        handle.expire(future)
        self._connection._ready()


class ConferenceRuns:
    """A conference that does a verb."""

    _connection: Connection
    _native: _native.Conference

    async def _run(self, verb: ConferenceVerb[_T], timeout: Timeout | None) -> _T:
        future: asyncio.Future[_T] = self._connection._loop.create_future()
        self._native.ask(future, verb)
        self._connection._ready()
        return await within(future, self._connection._limit if timeout is None else timeout, "reply")


class ManagedRuns:
    """A supervised connection that sends a command."""

    async def _with(self, call: Callable[[Connection], Awaitable[_T]]) -> _T:
        raise NotImplementedError


class FleetRuns:
    """A fleet that asks its servers."""

    _loop: asyncio.AbstractEventLoop
    _mailbox: _native.Mailbox
    _native: _native.Fleet

    def connection(self, server: str) -> ManagedConnection:
        """The connection to that server."""
        raise NotImplementedError

    async def _run(self, verb: str, timeout: Timeout | None, *arguments: object) -> Any:
        """Awaits what is asked; when the time has passed, what has come so far."""
        future: asyncio.Future[Any] = self._loop.create_future()
        ask = getattr(_native, f"fleet_ask_{verb}")
        replies: _native.FleetReplies | None = ask(self._native, self._mailbox, future, *arguments)
        if replies is None or timeout is None:
            return await within(future, timeout, "reply")
        timer = self._loop.call_later(seconds(timeout), replies.expire)
        try:
            return await future
        finally:
            timer.cancel()
