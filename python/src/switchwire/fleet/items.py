"""What a fleet hands to its user."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Union

from .. import _native
from .._native import Reply
from .._options import Timeout
from ..errors import SwitchwireError
from ..managed.items import StreamItem

HealthState = Literal["up", "degraded", "down"]
"""A server's health in one word; `degraded`: connected, but beyond one of the limits (`HealthLimits`)."""


@dataclass(frozen=True)
class Health:
    """How a server is doing, as far as is known."""

    state: HealthState
    """In one word."""
    since: datetime
    """Since when its connection is up, or is not."""
    draining: bool
    """Whether it takes no new calls by the program's wish (`Fleet.drain`)."""
    heartbeat_age: timedelta | None
    """How long ago the last HEARTBEAT came, on the present connection."""
    round_trip: timedelta | None
    """How long the last ping took."""
    sessions: int | None
    """Session-Count of the last HEARTBEAT."""
    max_sessions: int | None
    """Max-Sessions of the last HEARTBEAT."""
    idle_cpu: float | None
    """Idle-CPU of the last HEARTBEAT, in per cent; `None` where the server does not measure it."""
    queued: int
    """Events that wait to be taken."""
    dropped: int
    """Events that the queue's policy has dropped so far."""
    outages: int
    """How many connections have been lost."""


@dataclass(frozen=True)
class HealthLimits:
    """Beyond these a server that is connected counts as degraded; `None` sets no limit."""

    heartbeat_age: Timeout | None = _native.HEALTH_LIMITS["heartbeat_age"]
    """The last HEARTBEAT may be that old. Default 60 s."""
    round_trip: Timeout | None = _native.HEALTH_LIMITS["round_trip"]
    """A ping may take that long. Default 1 s."""
    idle_cpu: float | None = _native.HEALTH_LIMITS["idle_cpu"]
    """The least Idle-CPU, in per cent. Default 5."""
    sessions: float | None = _native.HEALTH_LIMITS["sessions"]
    """The share of Max-Sessions that may be in use. Default 0.95."""


@dataclass(frozen=True)
class Removed:
    """The server was removed from the fleet: its last item."""


class FleetItem(NamedTuple):
    """An item of a fleet's stream."""

    server: str
    """The server's name in the fleet."""
    update: Union[StreamItem, Health, Removed]  # noqa: UP007
    """An item of the server's own stream, in its order; its health, when that has changed; or that it was removed."""


class ServerResult(NamedTuple):
    """What came of a command on one of several servers."""

    server: str
    """The server's name in the fleet."""
    outcome: Literal["reply", "failed", "unknown"]
    """`failed`: it was not sent. `unknown`: it was sent, and the reply did not come; the server may have run it."""
    reply: Reply | None
    """The server's reply, which may be a `-ERR`."""
    error: SwitchwireError | None
    """Why there is none."""
