"""What a connection for asyncio does with calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, cast

from .. import _native
from .._native import DialString, Leg
from .._options import Timeout
from ..calls import Change, KnownCalls
from ..errors import DisconnectedError
from .call import Call
from .conference import Conference
from .opening import within
from .originating import Originating

if TYPE_CHECKING:
    from .connection import Connection


class CallMethods:
    """The part of `Connection` that is about calls."""

    _native: _native.Connection

    def _connection(self) -> Connection:
        return cast("Connection", self)

    def own_call(self) -> Call:
        """The connection's own call: of an outbound connection, or of one that `my_events(uuid)` has bound."""
        return Call(self._connection(), self._native._call())

    def call(self, uuid: str) -> Call:
        """The call of that channel. Sends nothing: whether there is one shows once something is done with it."""
        return Call(self._connection(), self._native._call(uuid))

    def conference(self, name: str) -> Conference:
        """The conference of that name. Sends nothing: it need not be there yet."""
        return Conference(self._connection(), self._native._conference(name))

    def originate(
        self,
        dial: DialString | Leg | str,
        *,
        application: str | None = None,
        argument: str | None = None,
        inline: Sequence[tuple[str, str | None]] | None = None,
        bridge: DialString | Leg | str | None = None,
        extension: str | None = None,
        dialplan: str | None = None,
        context: str | None = None,
        caller_id: tuple[str, str] | None = None,
        ring: Timeout | None = None,
        job_uuid: str | None = None,
    ) -> Originating:
        """Dials (`bgapi originate`); `wait` of what this gives waits for the answer. See the blocking one."""
        native = self._native._start_originate(
            dial, extension, application, argument, inline, bridge, dialplan, context, caller_id, ring, job_uuid
        )
        self._connection()._ready()
        return Originating(self._connection(), native)

    async def calls(self, *, keep_events: bool = False, timeout: Timeout | None = None) -> Calls:
        """Tracks the calls of the server; awaits until those that are up are known. See the blocking one."""
        connection = self._connection()
        future: asyncio.Future[None] = connection._loop.create_future()
        native = self._native._ask_calls(future, keep_events)
        connection._ready()
        await within(future, connection._limit if timeout is None else timeout, "reply")
        return Calls(connection, native)


class Calls(KnownCalls):
    """The legs that are up on a server, and what changes. See the blocking `switchwire.calls.Calls`."""

    def __init__(self, connection: Connection, native: _native.Calls) -> None:
        self._connection = connection
        self._native = native

    async def resync(self, *, timeout: Timeout | None = None) -> None:
        """Takes a new snapshot, and awaits until it is merged: what was missed is reported as changes."""
        future: asyncio.Future[None] = self._connection._loop.create_future()
        self._native.ask_resync(future)
        self._connection._ready()
        await within(future, self._connection._limit if timeout is None else timeout, "reply")

    async def move_to(self, connection: Connection, *, timeout: Timeout | None = None) -> None:
        """Follows another connection to the server, after a reconnect; what has changed is reported as changes."""
        future: asyncio.Future[None] = connection._loop.create_future()
        self._native.ask_move_to(connection._native, future)
        self._connection = connection
        connection._ready()
        await within(future, connection._limit if timeout is None else timeout, "reply")

    async def changes(self) -> AsyncIterator[Change]:
        """Changes as a stream, until the connection is over. It begins with the legs that are up, as `added`."""
        changes = self._native.changes()
        while True:
            try:
                change = await self._connection._until(changes.try_recv)
            except DisconnectedError:
                return
            yield change
