"""The fleet for asyncio."""

from __future__ import annotations

import asyncio
import warnings
import weakref
from collections import deque
from collections.abc import AsyncIterator
from typing import TypeVar

from .. import _native
from .._options import Timeout, seconds
from ..errors import SwitchwireError
from ..fleet.base import FleetBase
from ..fleet.items import FleetItem, HealthLimits
from ..fleet.server import FleetServer
from ._fleet_commands import FleetCommands
from .mailbox import watch
from .managed import BATCH, ManagedConnection, Member
from .waiters import Waiters

_Self = TypeVar("_Self", bound="Fleet")


class Fleet(FleetCommands, Waiters, FleetBase):
    """Many servers as one, for the running event loop. See the blocking `switchwire.Fleet`.

    Every await may be cancelled. End it with `await close()`, or `async with`.
    """

    _closed = False

    def __init__(
        self,
        *servers: FleetServer,
        attempts_at_once: int = 8,
        limits: HealthLimits = HealthLimits(),  # noqa: B008
        drop_duplicates: int = 0,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        super().__init__(*servers, attempts_at_once=attempts_at_once, limits=limits, drop_duplicates=drop_duplicates)
        self._waiting: set[asyncio.Future[None]] = set()
        self._items: deque[FleetItem] = deque()
        self._members: weakref.WeakSet[Member] = weakref.WeakSet()
        self._mailbox = _native.Mailbox()
        self._unwatch = watch(self._loop, self._mailbox, self)
        self._native.ring_at(self._mailbox)

    def _rung(self) -> None:
        """Something has come."""
        for member in list(self._members):
            member._rung()
        self._changed()

    def _take(self) -> FleetItem | None:
        if not self._items:
            self._items.extend(self._native.take(BATCH))
        if self._items:
            return self._items.popleft()
        ended = self._native.ended()
        if ended is not None:
            raise ended
        return None

    async def recv(self, timeout: Timeout | None = None) -> FleetItem | None:
        """The next item of any server; `None` when `timeout` has passed. `DisconnectedError` after `close`."""
        item = self._take()
        if item is not None:
            return item
        if timeout is None:
            return await self._until(self._take)
        return await self._until_time(self._take, seconds(timeout))

    def __aiter__(self) -> AsyncIterator[FleetItem]:
        return self

    async def __anext__(self) -> FleetItem:
        try:
            item = self._take()
            return item if item is not None else await self._until(self._take)
        except SwitchwireError:
            raise StopAsyncIteration from None

    def connection(self, server: str) -> ManagedConnection:
        """The connection to that server: for commands. Its stream is the fleet's. See the blocking one."""
        member = Member(self._native.connection(server), server, self._mailbox)
        self._members.add(member)
        return member

    async def remove(self, server: str) -> None:
        """Removes a server: closes its connection. What it had sent still comes, then `Removed`."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._native.ask_remove(self._mailbox, future, server)
        await future

    async def close(self) -> None:
        """Closes all connections, and awaits the ends of their threads. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        future: asyncio.Future[None] = self._loop.create_future()
        self._native.ask_close(self._mailbox, future)
        try:
            await future
        finally:
            self._unwatch()
            self._rung()

    async def __aenter__(self: _Self) -> _Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __del__(self) -> None:
        if not self._closed and hasattr(self, "_unwatch"):
            warnings.warn(f"unclosed {self!r}", ResourceWarning, stacklevel=2, source=self)
            self._unwatch()

    def __repr__(self) -> str:
        return f"<switchwire.aio.Fleet of {len(self.servers())}>"
