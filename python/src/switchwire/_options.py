"""How a connection behaves, as one value for the native module."""

from __future__ import annotations

from . import _native
from .errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import NamedTuple

    from ._types import Overflow as Overflow
    from ._types import Timeout as Timeout
else:
    from ._named import NamedTuple

    def __getattr__(name: str) -> object:
        if name not in ("Overflow", "Timeout"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import _types

        return getattr(_types, name)


class Options(NamedTuple):
    """How a connection behaves. A timeout of `None` means no limit."""

    connect_timeout: Timeout | None = _native.INBOUND["connect_timeout"]
    """For resolving the host and for the TCP connection, over all addresses. Default 10 s."""
    login_timeout: Timeout | None = _native.INBOUND["login_timeout"]
    """For the login. Default 10 s. (Outbound: see `handshake_timeout` of the listeners.)"""
    command_timeout: Timeout | None = _native.INBOUND["command_timeout"]
    """For each reply to a command, unless the call gives its own. Default 60 s inbound, no limit outbound: a sync
    socket replies only when the application has ended."""
    keepalive: Timeout | None = _native.INBOUND["keepalive"]
    """TCP keepalive: how long the connection may be silent before the system probes the peer; `None` is off. Default
    60 s."""
    queue_events: int = _native.INBOUND["queue_events"]
    """How many received events are kept until they are taken. Default 100,000."""
    queue_bytes: int = _native.INBOUND["queue_bytes"]
    """How many bytes of them. Default 256 MiB."""
    overflow: Overflow = _native.INBOUND["overflow"]
    """What happens beyond that. Dropped events are counted, see `Connection.stats`. Default `drop-newest`."""
    max_body: int = _native.INBOUND["max_body"]
    """The longest body of one message, in bytes. Default 64 MiB."""


INBOUND = Options()
OUTBOUND = Options(**_native.OUTBOUND)
"""The defaults for a call's connection."""


def bounded_by(options: Options, timeout: Timeout | None) -> Options:
    """The options where a time for all of connecting is given: the phases' times count where they were given, too."""
    if timeout is None:
        return options
    return options._replace(
        connect_timeout=None if options.connect_timeout == INBOUND.connect_timeout else options.connect_timeout,
        login_timeout=None if options.login_timeout == INBOUND.login_timeout else options.login_timeout,
    )


def port_number(port: int | str, *, free: bool = False) -> int:
    """A TCP port given as a number, or as text as configurations have it; 0 where any `free` one will do."""
    number = int(port) if isinstance(port, str) and port.isascii() and port.isdigit() else port
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"port: a number is wanted, not {port!r}")
    least = 0 if free else 1
    if not least <= number <= 65535:
        raise InvalidArgumentError(f"port: {port!r} is not between {least} and 65535")
    return number


def listening(sock: socket.socket | None, host: str, port: int | str, backlog: int, reuse_port: bool) -> socket.socket:
    """A listening socket: a duplicate of the given one, or a new one."""
    if sock is not None:
        _native.check_listening(sock.fileno())
        return sock.dup()
    import socket

    return socket.socket(fileno=_native.bind(host, port_number(port, free=True), backlog, reuse_port))


def seconds(timeout: Timeout) -> float:
    """A timeout as a number of seconds."""
    return timeout if isinstance(timeout, (int, float)) else timeout.total_seconds()
