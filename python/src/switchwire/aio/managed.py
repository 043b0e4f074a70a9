"""The supervised connection for asyncio."""

from __future__ import annotations

import asyncio
import warnings
import weakref
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

from .. import _native
from .._options import Timeout, seconds
from .._subscription import Filters, Format, Name, Subscription, requested
from ..errors import SwitchwireError
from ..managed.base import Lease, ManagedBase
from ..managed.items import StreamItem
from ._managed_commands import ManagedCommands
from .connection import Connection
from .mailbox import watch
from .opening import within
from .waiters import Waiters

_T = TypeVar("_T")
_Self = TypeVar("_Self", bound="ManagedConnection")

BATCH = 64
"""How many items are taken at once."""


class ManagedConnection(ManagedCommands, Waiters, ManagedBase):
    """A connection that comes back, for the running event loop: `async for item in connection`.

    The stream, the commands and their errors are those of the blocking `switchwire.ManagedConnection`. The core's one
    thread per connection reads and reconnects; all else runs on the loop, whose tasks alone may use it. Every await may
    be cancelled: a cancelled `recv` loses nothing. End it with `await close()`, or `async with`.
    """

    _closed = False

    def _begin(self, native: _native.Managed, name: str) -> None:
        super()._begin(native, name)
        self._loop = asyncio.get_running_loop()
        self._waiting: set[asyncio.Future[None]] = set()
        self._items: deque[StreamItem] = deque()
        self._current: Present | None = None
        self._presents: weakref.WeakSet[Present] = weakref.WeakSet()
        self._mailbox = _native.Mailbox()
        self._unwatch = watch(self._loop, self._mailbox, self)
        native.ring_at(self._mailbox)

    def _rung(self) -> None:
        """Something has come."""
        for present in list(self._presents):
            present._after_read()
        self._changed()

    def _take(self) -> StreamItem | None:
        if not self._items:
            self._items.extend(self._native.take(BATCH))
        if self._items:
            return self._items.popleft()
        ended = self._native.ended()
        if ended is not None:
            raise ended
        return None

    async def recv(self, timeout: Timeout | None = None) -> StreamItem | None:
        """The next item; `None` when `timeout` has passed, whether the connection is up or not.

        At the end of the stream it raises the reason of `GaveUp`, or `DisconnectedError` after `close`.
        """
        item = self._take()
        if item is not None:
            return item
        if timeout is None:
            return await self._until(self._take)
        return await self._until_time(self._take, seconds(timeout))

    def __aiter__(self) -> AsyncIterator[StreamItem]:
        return self

    async def __anext__(self) -> StreamItem:
        try:
            item = self._take()
            return item if item is not None else await self._until(self._take)
        except SwitchwireError:
            raise StopAsyncIteration from None

    def connection(self) -> Connection:
        """The present connection, for all that it offers beside commands. See the blocking one."""
        current = self._current
        if current is None or not current._native._is_open():
            current = self._current = Present(self, self._native.present())
        return current

    async def wait_up(self, timeout: Timeout | None = None) -> Connection:
        """Awaits a connection. `WaitTimeoutError` after `timeout`; the reason when there will be none."""
        if self._current is not None and self._current._native._is_open():
            return self._current
        future: asyncio.Future[_native.Handle] = self._loop.create_future()
        self._native.ask_up(self._mailbox, future)
        handle = await within(future, timeout, "connect")
        # (Another task may have got it meanwhile.)
        if self._current is None or not self._current._native._is_open():
            self._current = Present(self, handle)
        return self._current

    async def _with(self, call: Callable[[Connection], Awaitable[_T]]) -> _T:
        """Runs `call` on the present connection; on the next one where it could not send, if commands wait."""
        tries = self._native.tries()
        while True:
            left = tries.patience
            connection = self.connection() if left is None else await self.wait_up(left)
            try:
                return await call(connection)
            except SwitchwireError as error:
                if not tries.goes_again(error._unsent, connection._native._is_open()):
                    raise

    async def subscribe(
        self,
        *names: Name | Subscription,
        custom: str | Iterable[str] = (),
        format: Format = "plain",
        filters: Filters | None = None,
        log: str | int | None = None,
    ) -> Lease:
        """Adds to what the connections are subscribed to, for as long as the lease lives. See the blocking one."""
        future: asyncio.Future[_native.Lease] = self._loop.create_future()
        self._native.ask_subscribe(self._mailbox, future, requested(names, custom, format, filters, log))
        return Lease(await future)

    async def close(self) -> None:
        """Ends it: closes the connection, wakes every waiter, awaits the thread. A second call does nothing."""
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
        return f"<switchwire.aio.ManagedConnection to {self._name}, {self.status.state}>"


class Member(ManagedConnection):
    """A connection of a fleet, which takes its stream and watches its mailbox."""

    _closed = True

    def __init__(self, native: _native.Managed, name: str, mailbox: _native.Mailbox) -> None:
        ManagedBase._begin(self, native, name)
        self._loop = asyncio.get_running_loop()
        self._waiting = set()
        self._items = deque()
        self._current = None
        self._presents = weakref.WeakSet()
        self._mailbox = mailbox


class Present(Connection):
    """The present connection of a supervised one, which reads it on a thread of its own."""

    def __init__(self, managed: ManagedConnection, handle: _native.Handle) -> None:
        self._managed = managed
        self._begin(_native.Connection(handle, managed._mailbox))
        managed._presents.add(self)

    def _after_read(self) -> None:
        self._native._answered()
        if self._watching and not self._native._is_open():
            self._unwatch()
        self._changed()

    def _ready(self) -> None:
        """Something was sent: writes what the socket has room for."""
        held = self._native._flush() and self._watching
        if held != self._writing:
            self._writing = held
            if held:
                self._loop.add_writer(self._fd, self._ready)
            else:
                self._loop.remove_writer(self._fd)
            self._changed()

    def _unwatch(self) -> None:
        self._watching = False
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._writing:
            self._loop.remove_writer(self._fd)

    async def _until(self, attempt: Callable[[], _T | None]) -> _T:
        def after_read() -> _T | None:
            # What has come before is found, what comes later is announced.
            self._managed._native.ring_after_read(self._managed._mailbox)
            return attempt()

        return await super()._until(after_read)
