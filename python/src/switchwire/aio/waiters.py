"""Coroutines that wait until something has come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


class Waiters:
    """The coroutines that wait for something of an object; each looks for itself when something has changed."""

    _loop: asyncio.AbstractEventLoop
    _waiting: set[asyncio.Future[None]]

    def _changed(self) -> None:
        """Something has come: lets them look."""
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def _until(self, attempt: Callable[[], _T | None]) -> _T:
        """Awaits until `attempt` finds something; it is tried whenever something has come."""
        while True:
            found = attempt()
            if found is not None:
                return found
            future = self._loop.create_future()
            self._waiting.add(future)
            try:
                await future
            finally:
                self._waiting.discard(future)

    async def _until_time(self, attempt: Callable[[], _T | None], seconds: float) -> _T | None:
        """As `_until`, for at most that long. (Not `wait_for`: what comes as time passes must not be lost.)"""
        end = self._loop.time() + seconds
        timer = self._loop.call_at(end, self._changed)

        def either() -> tuple[_T | None] | None:
            found = attempt()
            return (found,) if found is not None or self._loop.time() >= end else None

        try:
            return (await self._until(either))[0]
        finally:
            timer.cancel()
