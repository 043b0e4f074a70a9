"""The supervised connection for asyncio."""

from __future__ import annotations

import asyncio
import warnings
import weakref
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Literal, TypeVar, overload

from .. import _native
from .._native import Event, Reply
from .._options import Timeout, seconds
from .._subscription import Filters, Format, Name, Subscription, requested
from ..errors import SwitchwireError
from ..job import Executed
from ..managed.base import Lease, ManagedBase, may_go_again
from ..managed.items import StreamItem
from .connection import Connection, Job
from .mailbox import watch
from .opening import within
from .waiters import Waiters

_T = TypeVar("_T")
_Self = TypeVar("_Self", bound="ManagedConnection")

BATCH = 64
"""How many items are taken at once."""


class ManagedConnection(Waiters, ManagedBase):
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
        deadline = self._deadline(self._loop.time())
        while True:
            if deadline is None:
                connection = self.connection()
            else:
                connection = await self.wait_up(max(0.0, deadline - self._loop.time()))
            try:
                return await call(connection)
            except SwitchwireError as error:
                if not may_go_again(error, deadline, self._loop.time()):
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

    async def request(self, command: str, *, timeout: Timeout | None = None) -> Reply:
        """`Connection.request`, on the present connection."""
        return await self._with(lambda connection: connection.request(command, timeout=timeout))

    async def api(
        self, command: str, arguments: str = "", *, timeout: Timeout | None = None, check: bool = False
    ) -> str:
        """`Connection.api`, on the present connection."""
        return await self._with(lambda connection: connection.api(command, arguments, timeout=timeout, check=check))

    async def bgapi(
        self, command: str, arguments: str = "", *, job_uuid: str | None = None, timeout: Timeout | None = None
    ) -> Job:
        """`Connection.bgapi`, on the present connection; the job ends with `OutcomeUnknownError` when that is lost."""
        return await self._with(
            lambda connection: connection.bgapi(command, arguments, job_uuid=job_uuid, timeout=timeout)
        )

    @overload
    async def execute(
        self,
        application: str,
        argument: str = ...,
        *,
        uuid: str | None = ...,
        wait: Literal[False] = ...,
        timeout: Timeout | None = ...,
    ) -> Reply: ...
    @overload
    async def execute(
        self,
        application: str,
        argument: str = ...,
        *,
        uuid: str | None = ...,
        wait: Literal[True],
        timeout: Timeout | None = ...,
    ) -> Executed: ...
    async def execute(
        self,
        application: str,
        argument: str = "",
        *,
        uuid: str | None = None,
        wait: bool = False,
        timeout: Timeout | None = None,
    ) -> Reply | Executed:
        """`Connection.execute`, on the present connection."""
        if wait:
            return await self._with(
                lambda connection: connection.execute(application, argument, uuid=uuid, wait=True, timeout=timeout)
            )
        return await self._with(
            lambda connection: connection.execute(application, argument, uuid=uuid, timeout=timeout)
        )

    async def send_event(self, event: Event) -> Reply:
        """`Connection.send_event`, on the present connection."""
        return await self._with(lambda connection: connection.send_event(event))

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
