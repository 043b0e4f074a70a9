"""Which calls are up on a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from . import _native
from ._native import CallLeg
from ._options import Timeout
from .errors import DisconnectedError, SwitchwireError

if TYPE_CHECKING:
    from .connection import Connection

Kind = Literal[
    "added", "renamed", "answered", "updated", "bridged", "unbridged", "hung-up", "gone", "restarted", "other"
]
"""What has changed."""


@dataclass(frozen=True)
class Change:
    """A change of the calls of a server."""

    kind: Kind
    """What has changed. `hung-up` comes before `gone`; `restarted` after every leg was reported gone."""
    uuid: str | None
    """The leg's uuid; after `restarted` the new Core-UUID."""
    leg: CallLeg | None
    """The leg as it is now, or as it was at last; not for `unbridged` and `restarted`."""
    other: str | None
    """`bridged`, `unbridged`: the other leg's uuid. `renamed`: the uuid that it had."""
    missed: bool
    """`gone`: its end was not heard (events were missed, or the server was restarted)."""


class KnownCalls:
    """The legs that are up, as the events that have come say; blocking or not."""

    _native: _native.Calls

    def legs(self) -> list[CallLeg]:
        """The legs that are up, the oldest first."""
        return self._native.legs()

    def leg(self, uuid: str) -> CallLeg | None:
        """The leg with that uuid."""
        return self._native.leg(uuid)

    def __len__(self) -> int:
        return self._native.count()

    def __bool__(self) -> bool:
        return True

    def bridged(self) -> list[tuple[CallLeg, CallLeg]]:
        """The legs that talk to each other, each pair once."""
        return self._native.bridged()

    @property
    def core_uuid(self) -> str | None:
        """The server's Core-UUID: another one after a restart."""
        return self._native.core_uuid()

    @property
    def ended(self) -> SwitchwireError | None:
        """Why nothing is heard any more: the connection is over. What is known stays; `move_to` goes on."""
        return self._native.ended()


class Calls(KnownCalls):
    """The legs that are up on a server: which are bridged to which, since when, in what state; and what changes.

    From `connection.calls()`. Something must read the connection: iterating over `changes()`, or any call that waits.
    Everything else here looks at what has arrived and never waits. It hangs on CHANNEL_* events, which it subscribes
    to, and on `show channels`.
    """

    def __init__(self, connection: Connection, native: _native.Calls) -> None:
        self._connection = connection
        self._native = native

    def changes(self) -> Changes:
        """Changes as a stream. It begins with the legs that are up, as `added`."""
        return Changes(self._native.changes())

    def resync(self, *, timeout: Timeout | None = None) -> None:
        """Takes a new snapshot, and waits until it is merged: what was missed is reported as changes."""
        self._native.resync(timeout)

    def move_to(self, connection: Connection, *, timeout: Timeout | None = None) -> None:
        """Follows another connection to the server, after a reconnect; what has changed is reported as changes."""
        self._native.move_to(connection, timeout)
        self._connection = connection


class Changes:
    """Changes, in order. Iterating waits for the next one, until the connection is over."""

    def __init__(self, native: _native.Changes) -> None:
        self._native = native

    def recv(self, timeout: Timeout | None = None) -> Change | None:
        """Waits for the next change; `None` when `timeout` has passed.

        Raises `DisconnectedError` at the connection's end, `LimitExceededError` in the place of changes that were
        dropped because nothing took them.
        """
        return self._native.recv(timeout)

    def __iter__(self) -> Iterator[Change]:
        return self

    def __next__(self) -> Change:
        try:
            change = self._native.recv()
        except DisconnectedError:
            raise StopIteration from None
        assert change is not None
        return change
