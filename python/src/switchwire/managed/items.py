"""What a supervised connection hands to its user, in one ordered stream."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Union

from .._native import Event, LingerNotice, LogRecord
from ..errors import SwitchwireError

Run = Literal["same", "restarted", "unknown"]
"""Whether a server was restarted during an outage, by its Core-UUID. `unknown` where this user may not ask for it."""

State = Literal["connecting", "up", "down", "gave-up", "closed"]
"""The state of a supervised connection."""


@dataclass(frozen=True)
class ServerInfo:
    """What a server says of itself after the login. Each part is `None` where the user may not ask for it."""

    core_uuid: str | None
    """Core-UUID: another one for each run of the server."""
    switchname: str | None
    """The switch's name."""
    version: str | None
    """The version, e.g. `1.10.12-release~64bit`."""
    address: str
    """The address (`host:port`) that was connected to, of those given."""
    snapshot: str | None
    """The output of `show channels as json`, where a snapshot is wanted, taken once the subscription was live."""

    def channels(self) -> list[dict[str, Any]]:
        """The rows of the snapshot: the channels that were up. None without a snapshot."""
        rows = json.loads(self.snapshot).get("rows") if self.snapshot else None
        return rows or []


@dataclass(frozen=True)
class Connected:
    """The first connection is up, and the subscription applied."""

    server: ServerInfo


@dataclass(frozen=True)
class Lost:
    """The connection is over. What the server fires from here to `Restored` is not seen: it keeps nothing for us."""

    reason: SwitchwireError
    """Why."""
    when: datetime
    """When it was noticed."""
    address: str
    """The address (`host:port`) that it was connected to, of those given."""


@dataclass(frozen=True)
class Restored:
    """The connection is back, and the subscription applied again."""

    server: ServerInfo
    """The server, as it is now."""
    outage: timedelta
    """How long there was no connection."""
    run: Run
    """Whether it is still the same run of the server."""
    attempts: int
    """How many attempts it took."""


@dataclass(frozen=True)
class GaveUp:
    """There will be no further attempt. The last item."""

    reason: SwitchwireError
    """One that the policy stops at, or the last one when its bounds were reached."""


StreamItem = Union[Connected, Event, LogRecord, LingerNotice, Lost, Restored, GaveUp]
"""An item of the stream. Log lines come as `LogRecord`: `switchwire.log.emit` passes one on to `logging`."""


@dataclass(frozen=True)
class ManagedStatus:
    """How a supervised connection stands."""

    state: State
    """In one word."""
    since: datetime
    """Since when it is so."""
    last_error: SwitchwireError | None
    """Why the last connection, or the last attempt, failed; kept while it is up again."""
    failures: int
    """How many attempts have failed in a row."""
    server: ServerInfo | None
    """The server of the last connection."""
    round_trip: timedelta | None
    """How long the last ping took, on this connection."""
    outages: int
    """How many connections have been lost."""
    attempts: int
    """How many attempts have been made in all."""
