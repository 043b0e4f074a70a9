"""How a connection behaves, as one value for the native module."""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, Union

from . import _native
from .errors import InvalidArgumentError

Timeout = Union[float, timedelta]
"""Seconds, or a timedelta."""

Overflow = Literal["drop-newest", "drop-oldest", "fail"]
"""What happens to an event for which the queue has no room."""


@dataclass(frozen=True)
class Options:
    """How a connection behaves. A time-out of `None` waits for ever."""

    connect_timeout: Timeout | None = 10.0
    """For resolving the host and for the TCP connection, over all addresses."""
    login_timeout: Timeout | None = 10.0
    """For the login. (Outbound see `handshake_timeout` of the listeners.)"""
    command_timeout: Timeout | None = 60.0
    """For each answer to a command, unless the call says otherwise."""
    keepalive: Timeout | None = 60.0
    """How long the line may be silent before the system asks whether the peer is alive; `None` never asks."""
    queue_events: int = 100_000
    """How many events are kept that nobody has taken."""
    queue_bytes: int = 256 << 20
    """How many bytes of them."""
    overflow: Overflow = "drop-newest"
    """What happens beyond; what was dropped is counted, see `Connection.stats`."""
    max_body: int = 64 << 20
    """The longest body of one message, in bytes."""


BACKLOG = 4096
"""How many calls the system keeps until they are accepted (it may have a lower limit of its own)."""

INBOUND = Options()
OUTBOUND = Options(command_timeout=None)
"""A sync socket answers only when the application has ended: no time-out by default."""


def bounded_by(options: Options, timeout: Timeout | None) -> Options:
    """The options where a time for all of connecting is given: the phases' times count where they were given, too."""
    if timeout is None:
        return options
    return replace(
        options,
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
    """A socket that listens: a duplicate of the given one, or a new one."""
    if sock is not None:
        return sock.dup()
    return socket.socket(fileno=_native.bind(host, port_number(port, free=True), backlog, reuse_port))


def seconds(timeout: Timeout) -> float:
    """The number of seconds of a time-out."""
    return timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
