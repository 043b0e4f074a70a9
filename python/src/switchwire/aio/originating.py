"""Calls that are being made, for asyncio."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .. import _native
from .._options import Timeout
from ..originating import KnownOriginating
from .call import Call
from .opening import within

if TYPE_CHECKING:
    from .connection import Connection


class Originating(KnownOriginating):
    """A call that is being made (`bgapi originate`); its uuid is known from the start."""

    def __init__(self, connection: Connection, native: _native.Originating) -> None:
        self._connection = connection
        self._native = native

    async def wait(self, timeout: Timeout | None = None) -> Call:
        """Waits until a leg is up. See the blocking one. Cancelling the wait cancels the call that is being made."""
        try:
            uuid = await within(self._connection._until(self._native.try_take), timeout, "job")
        except asyncio.CancelledError:
            self.cancel()
            raise
        return self._connection.call(uuid)

    def cancel(self) -> bool:
        """Hangs up every leg under way, without waiting. Says whether there was something to cancel."""
        cancelled = self._native.cancel()
        self._connection._ready()
        return cancelled

    def __repr__(self) -> str:
        return f"<switchwire.aio.Originating {self.uuid}>"
