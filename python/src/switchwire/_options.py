"""How a connection behaves, as one value for the native module."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Union

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
    """For the login; outbound: for the server's answer to `connect`."""
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


INBOUND = Options()
OUTBOUND = Options(command_timeout=None)
"""A sync socket answers only when the application has ended: no time-out by default."""


def seconds(timeout: Timeout) -> float:
    """The number of seconds of a time-out."""
    return timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
