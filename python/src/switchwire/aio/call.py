"""A leg as an object, for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from .. import _native
from .._call_state import KnownCall, TransferLeg
from .._options import Timeout
from ..errors import DisconnectedError
from ..outcomes import Dtmf
from ._call_verbs import CallVerbs

if TYPE_CHECKING:
    from .connection import Connection

__all__ = ["Call", "TransferLeg"]


class Call(CallVerbs, KnownCall):
    """A leg: a channel that a connection controls. From `connection.own_call()`, and from `connection.call(uuid)`.

    The methods, their errors and the events that they hang on are those of the blocking `switchwire.Call`. Cancelling
    one stops the waiting; the application goes on.
    """

    def __init__(self, connection: Connection, native: _native.Call) -> None:
        self._connection = connection
        self._native = native

    @property
    def connection(self) -> Connection:
        """The connection that controls it."""
        return self._connection

    async def variable(self, name: str, *, timeout: Timeout | None = None) -> str | None:
        """The value of a channel variable; `None` when it is not set."""
        return await self._connection.variable(name, uuid=self.uuid, timeout=timeout)

    async def dtmf(self) -> AsyncIterator[Dtmf]:
        """The digits that come from now on, also while verbs run, until the call ends. It hangs on DTMF events."""
        digits: asyncio.Queue[Dtmf] = asyncio.Queue()
        watch = self.on_dtmf(digits.put_nowait)
        ended = asyncio.ensure_future(self.wait_for("hangup"))
        try:
            while True:
                while not digits.empty():
                    yield digits.get_nowait()
                if ended.done():
                    with contextlib.suppress(DisconnectedError):
                        ended.result()
                    return
                following = asyncio.ensure_future(digits.get())
                try:
                    await asyncio.wait({following, ended}, return_when=asyncio.FIRST_COMPLETED)
                    if following.done():
                        yield following.result()
                finally:
                    following.cancel()
        finally:
            watch.stop()
            ended.cancel()

    def __repr__(self) -> str:
        return f"<switchwire.aio.Call {self.uuid}>"
