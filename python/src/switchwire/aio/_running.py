"""How the verbs of a call and of a conference run: awaited, by the connection's event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from .. import _native
from .._native import CallHandle, ConferenceVerb, Verb
from .._options import Timeout, seconds
from .opening import within

if TYPE_CHECKING:
    from .connection import Connection

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
