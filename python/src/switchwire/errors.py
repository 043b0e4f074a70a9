"""One exception per kind of error, all under `SwitchwireError`.

Each derives from the built-in exception that says the same, so `except TimeoutError` and `except ConnectionError`
work as well. A `-ERR` reply raises `RefusedError`, except from `api` and `request`, which return it: see `Reply.ok`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from ._native import Event


class SwitchwireError(Exception):
    """The base of all. `kind` is a stable word for the kind of error."""

    kind: ClassVar[str] = ""
    phase: str | None = None
    """For timeouts: what was being waited for."""
    notice: str | None = None
    """For `DisconnectedError`: the server's words, when it gave any."""
    _unsent: bool = False
    """The connection was over before the command could be sent: it may go out on another one."""


class ResolveError(SwitchwireError, ConnectionError):
    """The host name could not be resolved."""

    kind = "resolve"


class ConnectError(SwitchwireError, ConnectionError):
    """No address of the host could be connected to, or the listener could not be bound."""

    kind = "connect"


class RejectedByAclError(SwitchwireError, PermissionError):
    """The server's access list refuses our address."""

    kind = "rejected-by-acl"


class AuthenticationError(SwitchwireError, PermissionError):
    """The user or the password is wrong."""

    kind = "authentication"


class NotFreeSwitchError(SwitchwireError, ConnectionError):
    """The peer does not speak the event socket protocol."""

    kind = "not-freeswitch"


class WaitTimeoutError(SwitchwireError, TimeoutError):
    """The operation timed out; `phase` says waiting for what. The connection stays usable."""

    kind = "timeout"


class DisconnectedError(SwitchwireError, ConnectionError):
    """The connection is over."""

    kind = "disconnected"


class ProtocolError(SwitchwireError, ConnectionError):
    """The server's bytes make no sense; the connection is closed."""

    kind = "protocol"


class InvalidArgumentError(SwitchwireError, ValueError):
    """An argument holds a line break, or is empty where it must not be; nothing was sent."""

    kind = "invalid-argument"


class LimitExceededError(SwitchwireError, RuntimeError):
    """A message was larger than allowed, the event queue was full, or too much was unsent."""

    kind = "limit-exceeded"


class RefusedError(SwitchwireError, RuntimeError):
    """The server replied `-ERR`."""

    kind = "refused"


class HangupError(SwitchwireError, RuntimeError):
    """The call ended before the application that was waited for, or during it."""

    kind = "hangup"
    cause: str | None = None
    """The Hangup-Cause, where it is known."""
    event: Event | None = None
    """The application's CHANNEL_EXECUTE_COMPLETE, when it came."""


class NotSubscribedError(SwitchwireError, RuntimeError):
    """Waiting would never end: the connection is not subscribed to the events that would end it."""

    kind = "not-subscribed"


class ForkedError(SwitchwireError, RuntimeError):
    """The connection belongs to another process: this one is a child made by `fork`; connect again here."""

    kind = "forked"


class OutcomeUnknownError(SwitchwireError, ConnectionError):
    """A supervised connection was lost before the reply came: the server may have run the command or not."""

    kind = "outcome-unknown"


class SystemCallError(SwitchwireError, OSError):
    """The operating system refused something else."""

    kind = "io"


BY_KIND: dict[str, type[SwitchwireError]] = {cls.kind: cls for cls in SwitchwireError.__subclasses__()}
"""The exceptions by the word of their kind."""
