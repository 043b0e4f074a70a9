"""The blocking connection."""

from __future__ import annotations

from . import _native
from ._native import Command, DialString, Event, Execute, Leg, Reply
from ._options import INBOUND, Options, bounded_by, port_number
from ._subscription import Subscription, classic, removal, requested
from .errors import DisconnectedError

# What many programs do without is imported when it is first used: see `_LATER` in `__init__.py`.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType
    from typing import Literal, TypeVar, overload

    from ._types import Filters, Format, Name, Overflow, Timeout
    from .call import Call
    from .calls import Calls
    from .conference import Conference
    from .consumer import Consumer
    from .job import Executed, Job
    from .originating import Originating
    from .vocabulary import Cause

    _Self = TypeVar("_Self", bound="Connection")


class Connection(_native.Connection):
    """A connection to FreeSWITCH's event socket; `connect` opens one, `Listener` gives its handler one for each call.

    Any number of threads may use it at once: one may wait in `recv` while ten call `api`. Every wait releases the GIL
    and is ended by Ctrl-C. Iterating gives events until the connection is over. As a context manager it disconnects at
    the end.
    """

    @classmethod
    def connect(
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
        """Connects and logs in: with the password, or as a directory user (`user@domain`) with the user's.

        `timeout` bounds resolving, connecting and the login together; without it each phase has its own time.
        Raises `ResolveError`, `ConnectError`, `RejectedByAclError`, `AuthenticationError`, `NotFreeSwitchError`,
        `WaitTimeoutError`, `DisconnectedError` or `InvalidArgumentError`. What the options mean: `Options`, which
        `options` gives all at once, instead of the single ones.
        """
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
        options = bounded_by(options, timeout)
        return cls(_native.connect(host, port_number(port), password, user, timeout, options))

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.disconnect()

    def api(
        self,
        command: str,
        arguments: str = "",
        *,
        timeout: Timeout | None = None,
        check: bool = False,
    ) -> str:
        """`api COMMAND ARGUMENTS`: runs a command and gives its output, for at most `timeout` (else the connection's).

        Later commands on this connection wait until a long one has ended: use `bgapi` for those. A `-ERR` reply is
        returned too, unless `check` is set: then it raises `RefusedError`.
        """
        return self._api(command, arguments, timeout, check)

    def bgapi(
        self,
        command: str,
        arguments: str = "",
        *,
        job_uuid: str | None = None,
        timeout: Timeout | None = None,
    ) -> Job:
        """`bgapi COMMAND ARGUMENTS`: runs a command in the server's background.

        Subscribe to BACKGROUND_JOB first if you want to wait for the result. `timeout` is for the server's reply that
        it has accepted the job. Raises `RefusedError` when it has not.
        """
        from uuid import uuid4

        from .job import Job

        native = self._start_bgapi(command, arguments, job_uuid or str(uuid4()))
        native._wait_accepted(self._command_timeout if timeout is None else timeout)
        return Job(native)

    if TYPE_CHECKING:

        @overload
        def execute(
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
        def execute(
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

    def execute(
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
        """Runs a dialplan application, on the channel `uuid` (needed inbound) or on this connection's own.

        Gives the server's reply: that it was queued, or on a sync socket that it has ended. `RefusedError` when the
        server refuses.

        With `wait=True` the end is waited for, indefinitely or for at most `timeout`. What is given then means that
        the application has ended and the call goes on; its `event` is there, except on a sync socket without a
        subscription to CHANNEL_EXECUTE_COMPLETE. When the call ends first, or has ended already, it is `HangupError`
        with the `cause` and the completion `event` where they are known; after a `bridge` that event has
        `variable_originate_disposition`.

        The connection must be subscribed to CHANNEL_EXECUTE_COMPLETE (`my_events`) and, for a channel that is not its
        own, to CHANNEL_HANGUP_COMPLETE, else `NotSubscribedError`. A sync socket needs no events, and refuses to wait
        for an asynchronous application.
        """
        execute = Execute(application, argument, uuid, loops, event_uuid, event_lock, hold_bleg, asynchronous)
        if not wait:
            call = f"execute {application}"
            self._check_channel(call, uuid)
            return self._perform(call, execute.command(), timeout)
        from .job import Executed

        return Executed(*self._start_execute(execute).wait(timeout))

    def variable(self, name: str, *, uuid: str | None = None, timeout: Timeout | None = None) -> str | None:
        """A channel variable, of the channel `uuid` (needed inbound) or of this connection's own call.

        `None` when it is not set. The own call's variables can be read after its end, too, while the connection
        lingers. `RefusedError` when there is no such channel.
        """
        return self._variable(name, uuid, timeout)

    def own_call(self) -> Call:
        """The connection's own call: of an outbound connection, or of one that `my_events(uuid)` has bound."""
        from .call import Call

        return Call(self, self._call())

    def call(self, uuid: str) -> Call:
        """The call of that channel. Sends nothing: whether there is one shows once something is done with it."""
        from .call import Call

        return Call(self, self._call(uuid))

    def conference(self, name: str) -> Conference:
        """The conference of that name. Sends nothing: it need not be there yet."""
        from .conference import Conference

        return Conference(self, self._conference(name))

    def calls(self, *, keep_events: bool = False, timeout: Timeout | None = None) -> Calls:
        """Tracks the calls of the server; waits until those that are up are known.

        The tracker takes the events that it needs; with `keep_events`, `recv` gets them as well.
        """
        from .calls import Calls

        return Calls(self, self._calls(keep_events, timeout))

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
        """Dials (`bgapi originate`); the new leg runs `application` (default `park`), or is connected by `bridge`.

        Instead it may run the applications of `inline` one after the other (each with its argument or `None`), or go
        to an `extension` of a `dialplan` and `context`. `caller_id` is the name and number that the called party sees.

        Sends and returns: the `Originating` has the uuid, waits for the answer, and cancels. `ring` bounds the
        ringing, in whole seconds. The connection must be subscribed to BACKGROUND_JOB. What cannot be said is an
        `InvalidArgumentError`.
        """
        from .originating import Originating

        native = self._start_originate(
            dial, extension, application, argument, inline, bridge, dialplan, context, caller_id, ring, job_uuid
        )
        return Originating(self, native)

    def request(self, command: str, *, timeout: Timeout | None = None) -> Reply:
        """Sends a command as written and waits for its reply; a `-ERR` reply is returned too."""
        return self._request(Command.raw(command), timeout)

    def send(self, command: str) -> None:
        """Sends a command as written; its reply is dropped when it comes."""
        self._send(Command.raw(command))

    def subscribe(
        self,
        *names: Name | Subscription,
        custom: str | Iterable[str] = (),
        format: Format = "plain",
        filters: Filters | None = None,
        log: str | int | None = None,
    ) -> None:
        """Subscribes to events and log lines: of a `Subscription`, or of the names and options that make one.

        Filters are sent first. Without anything nothing is sent. A name that is no event's is refused with the nearest
        one; for names newer than this library use `request("event plain NAME")`. Raises `RefusedError`.
        """
        for command in requested(names, custom, format, filters, log)._commands:
            self._perform("subscribe", command)

    def events(self, *names: str, format: Format = "plain", custom: str | Iterable[str] = ()) -> None:
        """`event FORMAT NAMES`, the classic form of `subscribe`: without names and `custom`, every event."""
        for command in classic(names, custom, format)._commands:
            self._perform("events", command)

    def no_events(self, *names: Name | Subscription, custom: str | Iterable[str] = ()) -> None:
        """Takes subscriptions to events back: those named (or of a `Subscription`), else all. Filters stay."""
        for command in removal(names, custom):
            self._perform("no_events", command)

    def my_events(self, uuid: str | None = None, *, format: Format | None = None) -> None:
        """Outbound: the events of this connection's call. Inbound: binds the connection to that channel."""
        self._perform("my_events", Command.myevents(uuid, format))

    def filter(self, header: str, value: str) -> None:
        """Passes only events with that value in that header; see FreeSWITCH's `filter`."""
        self._perform("filter", Command.filter(header, value))

    def no_filter(self, header: str = "all", value: str | None = None) -> None:
        """Takes filters back: of a header, or all."""
        self._perform("no_filter", Command.filter_delete(header, value))

    def linger(self, seconds: int | None = None) -> None:
        """Outbound: the connection stays up after the call's end, for that long or until `exit`.

        Without it the last events may be lost: about half of the calls never see CHANNEL_HANGUP_COMPLETE. The
        call's end is reported by `hung_up`, and by a notice among the events: see `on_linger`.
        """
        self._perform("linger", Command.linger(seconds))

    def no_linger(self) -> None:
        """Takes `linger` back."""
        self._perform("no_linger", Command.nolinger())

    def resume(self) -> None:
        """Outbound: when this connection ends, the dialplan goes on."""
        self._perform("resume", Command.resume())

    def divert_events(self, on: bool = True) -> None:
        """Events sent to the session come on this connection instead."""
        self._perform("divert_events", Command.divert_events(on))

    def log(self, level: str | int | None) -> None:
        """Subscribes to log lines of that level and graver (FreeSWITCH's names, or 0 to 7); `None` ends it.

        See `switchwire.log`.
        """
        self._perform("log", Command.nolog() if level is None else Command.log(level))

    def hangup(self, cause: Cause | None = None, *, uuid: str | None = None) -> None:
        """Ends a call with a cause such as `USER_BUSY`: that of the channel `uuid` (needed inbound), or its own."""
        self._check_channel("hangup", uuid)
        self._perform("hangup", Command.hangup(uuid, cause))

    def send_event(self, event: Event) -> Reply:
        """Has the server fire an event; the reply has the event's uuid."""
        return self._perform("send_event", Command.sendevent(event))

    def send_message(self, event: Event, uuid: str | None = None) -> Reply:
        """`sendmsg` with the event's headers and body, to the channel `uuid` (needed inbound) or its own call's."""
        self._check_channel("send_message", uuid)
        return self._perform("send_message", Command.sendmsg(event, uuid))

    def consume(self, callback: Callable[[Event], object]) -> Consumer:
        """Starts a thread that calls `callback` with every event from now on, until it is stopped."""
        from .consumer import Consumer

        return Consumer(self, callback)

    def exit(self) -> None:
        """Sends `exit`, waits for its reply, then closes."""
        try:
            self._request(Command.exit())
        except DisconnectedError:
            pass
        finally:
            self.disconnect()


def connect(
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
    return Connection.connect(
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
