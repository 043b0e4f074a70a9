"""The asyncio connection."""

from __future__ import annotations

import asyncio
import inspect
import uuid as _uuid
from collections.abc import AsyncIterator, Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Literal, TypeVar, overload

from .. import _native
from .._native import Command, Event, Execute, LingerNotice, Reply
from .._options import INBOUND, Options, Overflow, Timeout, port_number, seconds
from .._subscription import Filters, Format, Name, Subscription, classic, removal, requested
from ..errors import DisconnectedError, ForkedError, SwitchwireError
from ..job import Executed
from ..log import logger
from .calls import CallMethods
from .opening import open_inbound, within
from .waiters import Waiters

if TYPE_CHECKING:
    from ..vocabulary import Cause

_T = TypeVar("_T")
_Self = TypeVar("_Self", bound="Connection")

# Seconds without a read after which buffers are given back.
_REST = 0.1


class Connection(Waiters, CallMethods):
    """A connection to FreeSWITCH's event socket, driven by the running event loop.

    Any number of tasks may use it at once, all of the loop that opened it. As an `async with` context it disconnects
    at the end.
    """

    def __init__(self, handle: _native.Handle) -> None:
        self._begin(_native.Connection(handle))
        self._loop.add_reader(self._fd, self._ready)
        self._ready()

    def _begin(self, native: _native.Connection) -> None:
        self._native = native
        self._loop = asyncio.get_running_loop()
        self._fd = self._native._raw_fileno()
        self._writing = False
        self._watching = True
        self._busy = False
        self._alarm: asyncio.TimerHandle | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self._limit = self._native._command_timeout

    @classmethod
    async def connect(
        cls: type[_Self],
        host: str = "127.0.0.1",
        port: int | str = 8021,
        password: str = "ClueCon",
        *,
        user: str | None = None,
        timeout: Timeout | None = None,
        connect_timeout: Timeout | None = INBOUND.connect_timeout,
        login_timeout: Timeout | None = INBOUND.login_timeout,
        command_timeout: Timeout | None = INBOUND.command_timeout,
        keepalive: Timeout | None = INBOUND.keepalive,
        queue_events: int = INBOUND.queue_events,
        queue_bytes: int = INBOUND.queue_bytes,
        overflow: Overflow = INBOUND.overflow,
        max_body: int = INBOUND.max_body,
        options: Options | None = None,
    ) -> _Self:
        """Connects and logs in. Arguments and errors are those of `switchwire.connect`."""
        options = options or Options(
            connect_timeout,
            login_timeout,
            command_timeout,
            keepalive,
            queue_events,
            queue_bytes,
            overflow,
            max_body,
        )
        return cls(await open_inbound(host, port_number(port), password, user, timeout, options))

    # Called by the event loop.

    def _ready(self) -> None:
        """The descriptor is ready, or something was sent: takes in and writes what there is."""
        wants_write, connected = self._native._pump()
        if self._waiting:
            self._changed()
        self._busy = True
        if self._rest is None and connected:
            self._rest = self._loop.call_later(_REST, self._resting)
        if not connected:
            self._unwatch()
        elif wants_write != self._writing:
            self._writing = wants_write
            if wants_write:
                self._loop.add_writer(self._fd, self._ready)
            else:
                self._loop.remove_writer(self._fd)

    def _attend(self) -> None:
        """Commands were sent, or their time has passed: does what is left to do."""
        held, gathered, due = self._native._left()
        if due is not None:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = self._loop.call_later(due, self._expire)
        if gathered:
            # What other tasks send before the loop turns again goes out in one piece.
            self._loop.call_soon(self._flush)
        if held:
            self._ready()

    def _flush(self) -> None:
        if self._native._flush() and self._watching:
            self._ready()

    def _expire(self) -> None:
        self._alarm = None
        self._native._expire()
        self._attend()

    def _resting(self) -> None:
        """Time to give buffers back, if nothing has come since the last look."""
        self._rest = None
        if self._busy and self._watching:
            self._busy = False
            self._rest = self._loop.call_later(_REST, self._resting)
        else:
            self._native._release()

    def _unwatch(self) -> None:
        if not self._watching:
            return
        self._watching = False
        if isinstance(self._native.disconnect_reason, ForkedError):
            # What the loop watches with is the parent's, too: it must not forget the descriptor.
            return
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        self._loop.remove_reader(self._fd)
        if self._writing:
            self._loop.remove_writer(self._fd)

    async def _request(self, command: Command, timeout: Timeout | None = None) -> Reply:
        future: asyncio.Future[Reply] = self._loop.create_future()
        limit = self._limit if timeout is None else seconds(timeout)
        if self._native._ask(future, limit, command):
            self._attend()
        try:
            return await future
        except asyncio.CancelledError:
            self._native._abandon(future)
            raise

    async def _perform(self, call: str, command: Command, timeout: Timeout | None = None) -> Reply:
        """Sends a command that is to succeed: a refusal is an error that names the call."""
        future: asyncio.Future[Reply] = self._loop.create_future()
        limit = self._limit if timeout is None else seconds(timeout)
        if self._native._ask_perform(future, limit, call, command):
            self._attend()
        try:
            return await future
        except asyncio.CancelledError:
            self._native._abandon(future)
            raise

    async def _give_up(self, cause: str, patience: float) -> None:
        """Hangs the call up and closes, as is done when its handler has failed."""
        future: asyncio.Future[None] = self._loop.create_future()
        if self._native._ask_give_up(future, cause):
            self._ready()
        try:
            await asyncio.wait({future}, timeout=patience)
        finally:
            self.disconnect()

    # The public methods.

    async def recv(self, timeout: Timeout | None = None) -> Event | None:
        """The next event; `None` when `timeout` has passed. Log lines met on the way go to `logging`.

        Raises `DisconnectedError` once the connection is over and every event was taken. Cancelling loses no event.
        """
        event = self._native._queued()
        if event is not None:
            return event
        if timeout is None:
            return await self._until(self._native._queued)
        return await self._until_time(self._native._queued, seconds(timeout))

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        try:
            event = self._native._queued()
            return event if event is not None else await self._until(self._native._queued)
        except SwitchwireError:
            raise StopAsyncIteration from None

    async def api(
        self, command: str, arguments: str = "", *, timeout: Timeout | None = None, check: bool = False
    ) -> str:
        """`api COMMAND ARGUMENTS`: runs a command and gives its output. See the blocking one."""
        future: asyncio.Future[str] = self._loop.create_future()
        limit = self._limit if timeout is None else seconds(timeout)
        if self._native._ask_api(future, limit, command, arguments, check):
            self._attend()
        try:
            return await future
        except asyncio.CancelledError:
            self._native._abandon(future)
            raise

    async def bgapi(
        self,
        command: str,
        arguments: str = "",
        *,
        job_uuid: str | None = None,
        timeout: Timeout | None = None,
    ) -> Job:
        """`bgapi COMMAND ARGUMENTS`: runs a command in the server's background. See the blocking one."""
        native = self._native._start_bgapi(command, arguments, job_uuid or str(_uuid.uuid4()))
        self._ready()
        limit = self._limit if timeout is None else timeout
        await within(self._until(lambda: native._accepted() or None), limit, "reply")
        return Job(self, native)

    @overload
    async def execute(
        self,
        application: str,
        argument: str = ...,
        *,
        uuid: str | None = ...,
        wait: Literal[False] = ...,
        timeout: Timeout | None = ...,
        loops: int | None = ...,
        event_uuid: str | None = ...,
        event_lock: bool = ...,
        hold_bleg: bool = ...,
        asynchronous: bool = ...,
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
        loops: int | None = ...,
        event_uuid: str | None = ...,
        event_lock: bool = ...,
        hold_bleg: bool = ...,
        asynchronous: bool = ...,
    ) -> Executed: ...
    async def execute(
        self,
        application: str,
        argument: str = "",
        *,
        uuid: str | None = None,
        wait: bool = False,
        timeout: Timeout | None = None,
        loops: int | None = None,
        event_uuid: str | None = None,
        event_lock: bool = False,
        hold_bleg: bool = False,
        asynchronous: bool = False,
    ) -> Reply | Executed:
        """Runs a dialplan application; with `wait=True`, to its end. See the blocking one."""
        execute = Execute(application, argument, uuid, loops, event_uuid, event_lock, hold_bleg, asynchronous)
        if not wait:
            call = f"execute {application}"
            self._native._check_channel(call, uuid)
            return await self._perform(call, execute.command(), timeout)
        execution = self._native._start_execute(execute)
        self._ready()
        ended = await within(self._until(execution.try_take), timeout, "execute")
        return Executed(*ended)

    async def variable(self, name: str, *, uuid: str | None = None, timeout: Timeout | None = None) -> str | None:
        """A channel variable, of the channel `uuid` (needed inbound) or of the own call. See the blocking one."""
        future: asyncio.Future[str | None] = self._loop.create_future()
        if self._native._ask_variable(future, name, uuid):
            self._ready()
        return await within(future, self._limit if timeout is None else timeout, "reply")

    async def request(self, command: str, *, timeout: Timeout | None = None) -> Reply:
        """Sends a command as written and awaits its reply; a `-ERR` reply is returned too."""
        return await self._request(Command.raw(command), timeout)

    async def send(self, command: str) -> None:
        """Sends a command as written; its reply is dropped when it comes. Awaits room in the socket."""
        if self._native._try_send(Command.raw(command)):
            self._ready()
        if self._writing:
            await within(self._until(self._written), self._limit, "send")

    def _written(self) -> bool | None:
        if self._writing and not self._watching:
            raise self.disconnect_reason or DisconnectedError("the connection is over")
        return None if self._writing else True

    async def subscribe(
        self,
        *names: Name | Subscription,
        custom: str | Iterable[str] = (),
        format: Format = "plain",
        filters: Filters | None = None,
        log: str | int | None = None,
    ) -> None:
        """Subscribes to events and log lines: of a `Subscription`, or of names and options. See the blocking one."""
        for command in requested(names, custom, format, filters, log)._commands:
            await self._perform("subscribe", command)

    async def events(self, *names: str, format: Format = "plain", custom: str | Iterable[str] = ()) -> None:
        """`event FORMAT NAMES`, the classic form of `subscribe`: without names and `custom`, every event."""
        for command in classic(names, custom, format)._commands:
            await self._perform("events", command)

    async def no_events(self, *names: Name | Subscription, custom: str | Iterable[str] = ()) -> None:
        """Takes subscriptions to events back: those named (or of a `Subscription`), else all. Filters stay."""
        for command in removal(names, custom):
            await self._perform("no_events", command)

    async def my_events(self, uuid: str | None = None, *, format: Format | None = None) -> None:
        """Outbound: the events of this connection's call. Inbound: binds the connection to that channel."""
        await self._perform("my_events", Command.myevents(uuid, format))

    async def filter(self, header: str, value: str) -> None:
        """Passes only events with that value in that header; see FreeSWITCH's `filter`."""
        await self._perform("filter", Command.filter(header, value))

    async def no_filter(self, header: str = "all", value: str | None = None) -> None:
        """Takes filters back: of a header, or all."""
        await self._perform("no_filter", Command.filter_delete(header, value))

    async def linger(self, seconds: int | None = None) -> None:
        """Outbound: the connection stays up after the call's end, for that long or until `exit`."""
        await self._perform("linger", Command.linger(seconds))

    async def no_linger(self) -> None:
        """Takes `linger` back."""
        await self._perform("no_linger", Command.nolinger())

    async def resume(self) -> None:
        """Outbound: when this connection ends, the dialplan goes on."""
        await self._perform("resume", Command.resume())

    async def divert_events(self, on: bool = True) -> None:
        """Events sent to the session come on this connection instead."""
        await self._perform("divert_events", Command.divert_events(on))

    async def log(self, level: str | int | None) -> None:
        """Subscribes to the server's log lines of that level and graver; `None` ends it. See `switchwire.log`."""
        await self._perform("log", Command.nolog() if level is None else Command.log(level))

    async def hangup(self, cause: Cause | None = None, *, uuid: str | None = None) -> None:
        """Ends a call with a cause such as `USER_BUSY`: that of the channel `uuid` (needed inbound), or its own."""
        self._native._check_channel("hangup", uuid)
        await self._perform("hangup", Command.hangup(uuid, cause))

    async def send_event(self, event: Event) -> Reply:
        """Has the server fire an event; the reply has the event's uuid."""
        return await self._perform("send_event", Command.sendevent(event))

    async def send_message(self, event: Event, uuid: str | None = None) -> Reply:
        """`sendmsg` with the event's headers and body, to the channel `uuid` (needed inbound) or its own call's."""
        self._native._check_channel("send_message", uuid)
        return await self._perform("send_message", Command.sendmsg(event, uuid))

    def consume(self, callback: Callable[[Event], object]) -> asyncio.Task[None]:
        """Starts a task that calls `callback` with every event until the connection is over; cancel it to stop.

        When `callback` is a coroutine function it is awaited before the next event is taken, so events are handled one
        at a time, in order; start tasks in it for more. What it raises goes to the logger `switchwire`.
        """

        async def run() -> None:
            async for event in self:
                try:
                    result = callback(event)
                    if inspect.isawaitable(result):
                        await result
                except Exception:
                    logger.exception("a consumer's callback failed")

        return self._loop.create_task(run())

    @property
    def connected(self) -> bool:
        """Whether the connection is up, as far as is known."""
        return self._native.connected

    @property
    def disconnect_reason(self) -> SwitchwireError | None:
        """Why the connection is over; `None` while it is up."""
        return self._native.disconnect_reason

    @property
    def info(self) -> Event | None:
        """Outbound: the event that describes the call."""
        return self._native.info

    @property
    def channel_uuid(self) -> str | None:
        """Outbound: the uuid of the call."""
        return self._native.channel_uuid

    @property
    def hung_up(self) -> bool:
        """Whether the connection's own call is known to have ended. See the blocking one."""
        return self._native.hung_up

    @property
    def hangup_cause(self) -> str | None:
        """Why the connection's own call has ended, where an event has named the cause."""
        return self._native.hangup_cause

    @property
    def linger_notice(self) -> LingerNotice | None:
        """The server's notice that the call has ended and the connection lingers on, once met in receiving."""
        return self._native.linger_notice

    @property
    def on_linger(self) -> Callable[[LingerNotice], object] | None:
        """What is called with the linger notice when it is met in receiving, in its place among the events."""
        return self._native.on_linger

    @on_linger.setter
    def on_linger(self, hook: Callable[[LingerNotice], object] | None) -> None:
        self._native.on_linger = hook

    @property
    def is_sync(self) -> bool:
        """Outbound: whether the reply to `execute` comes only when the application has ended."""
        return self._native.is_sync

    def fileno(self) -> int:
        """The socket's descriptor; -1 when the connection is over. The loop watches it already."""
        return self._native.fileno()

    def stats(self) -> dict[str, int]:
        """The counters, by name."""
        return self._native.stats()

    def disconnect(self) -> None:
        """Closes the connection; every await on it ends with `DisconnectedError`. A second call does nothing."""
        self._unwatch()
        self._native.disconnect()
        self._changed()

    async def exit(self) -> None:
        """Sends `exit`, awaits its reply, then closes."""
        try:
            await self._request(Command.exit())
        except DisconnectedError:
            pass
        finally:
            self.disconnect()

    async def __aenter__(self: _Self) -> _Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.disconnect()

    def __repr__(self) -> str:
        return f"<switchwire.aio.Connection {self._native._description()}>"


class Job:
    """A background job, to be awaited."""

    def __init__(self, connection: Connection, native: _native.Job) -> None:
        self._connection = connection
        self._native = native
        self._event: Event | None = None

    @property
    def uuid(self) -> str:
        """The Job-UUID."""
        return self._native.uuid

    async def event(self, timeout: Timeout | None = None) -> Event:
        """Awaits the job's event; the output is its body. Raises as the blocking one."""
        if self._event is None:
            self._event = await within(self._connection._until(self._take), timeout, "job")
        return self._event

    async def result(self, timeout: Timeout | None = None) -> str:
        """Awaits the job's event, and gives the command's output."""
        return (await self.event(timeout)).body or ""

    def done(self) -> bool:
        """Whether the job has ended; never waits."""
        return self._take() is not None

    def _take(self) -> Event | None:
        # Kept at once: a cancelled wait loses nothing.
        if self._event is None:
            self._event = self._native._try_take()
        return self._event

    def __repr__(self) -> str:
        return f"<switchwire.aio.Job {self.uuid}>"


async def connect(
    host: str = "127.0.0.1",
    port: int | str = 8021,
    password: str = "ClueCon",
    *,
    user: str | None = None,
    timeout: Timeout | None = None,
    connect_timeout: Timeout | None = INBOUND.connect_timeout,
    login_timeout: Timeout | None = INBOUND.login_timeout,
    command_timeout: Timeout | None = INBOUND.command_timeout,
    keepalive: Timeout | None = INBOUND.keepalive,
    queue_events: int = INBOUND.queue_events,
    queue_bytes: int = INBOUND.queue_bytes,
    overflow: Overflow = INBOUND.overflow,
    max_body: int = INBOUND.max_body,
    options: Options | None = None,
) -> Connection:
    """Connects and logs in: see `Connection.connect`."""
    return await Connection.connect(
        host,
        port,
        password,
        user=user,
        timeout=timeout,
        connect_timeout=connect_timeout,
        login_timeout=login_timeout,
        command_timeout=command_timeout,
        keepalive=keepalive,
        queue_events=queue_events,
        queue_bytes=queue_bytes,
        overflow=overflow,
        max_body=max_body,
        options=options,
    )
