"""The fleet for asyncio."""

from __future__ import annotations

import asyncio
import warnings
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from .. import _native
from .._native import Reply
from .._options import Timeout, seconds
from ..errors import SwitchwireError
from ..fleet.base import PATIENCE, FleetBase
from ..fleet.items import FleetItem, HealthLimits, ServerResult
from ..fleet.server import FleetServer, Pick
from .mailbox import watch
from .managed import BATCH, ManagedConnection, Member
from .opening import within
from .waiters import Waiters

_T = TypeVar("_T")
_Self = TypeVar("_Self", bound="Fleet")


class Fleet(Waiters, FleetBase):
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

    async def _ask(
        self, timeout: Timeout | None, ask: Callable[[asyncio.Future[_T]], _native.FleetReplies | None]
    ) -> _T:
        """Awaits what is asked of several servers; when the time has passed, what has come so far."""
        future: asyncio.Future[_T] = self._loop.create_future()
        replies = ask(future)
        if replies is None or timeout is None:
            return await within(future, timeout, "reply")
        timer = self._loop.call_later(seconds(timeout), replies.expire)
        try:
            return await future
        finally:
            timer.cancel()

    async def api_on(self, server: str, command: str, arguments: str = "", *, timeout: Timeout | None = None) -> str:
        """`api` on that server: its output."""
        return await self.connection(server).api(command, arguments, timeout=timeout)

    async def api_any(
        self,
        command: str,
        arguments: str = "",
        *,
        pick: Pick = Pick(),  # noqa: B008
        timeout: Timeout | None = PATIENCE,
    ) -> tuple[str, Reply]:
        """`api` on a server chosen by `pick`, or on another one. See the blocking one."""
        return await self._ask(
            timeout,
            lambda future: _native.fleet_ask_api_any(self._native, self._mailbox, future, pick, command, arguments),
        )

    async def api_all(
        self, command: str, arguments: str = "", *, timeout: Timeout | None = PATIENCE
    ) -> list[ServerResult]:
        """`api` on every server at once, draining ones included; each has its own outcome."""
        return await self._ask(
            timeout, lambda future: _native.fleet_ask_api_all(self._native, self._mailbox, future, command, arguments)
        )

    async def find(self, uuid: str, *, timeout: Timeout | None = PATIENCE) -> str | None:
        """The server that a channel is on, by asking all of them (`uuid_exists`) where the stream has not told."""
        return await self._ask(
            timeout, lambda future: _native.fleet_ask_find(self._native, self._mailbox, future, uuid)
        )

    async def uuid_kill(
        self, uuid: str, cause: str = "NORMAL_CLEARING", *, timeout: Timeout | None = PATIENCE
    ) -> Reply:
        """`uuid_kill` on the server that the channel is on. `RefusedError` when none has it."""
        return await self._ask(
            timeout, lambda future: _native.fleet_ask_uuid_kill(self._native, self._mailbox, future, uuid, cause)
        )

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
