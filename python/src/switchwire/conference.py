"""A conference as an object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, Union

from . import _native
from ._conference_verbs import ConferenceVerbs
from ._native import ConferenceWatch, Event
from ._options import Timeout
from .errors import DisconnectedError, SwitchwireError

if TYPE_CHECKING:
    from .connection import Connection
    from .vocabulary import ConferenceAction

Members = Union[int, Literal["all", "last", "non_moderator"]]
"""A member's id, all of them, the one that joined last, or those that are no moderators."""

Relation = Literal["nohear", "nospeak", "clear"]
"""What one member's relation to another changes."""


@dataclass(frozen=True)
class Member:
    """A member of a conference."""

    id: int
    """Its id: unique among all conferences of the server."""
    uuid: str
    """The channel's uuid."""
    caller_id_name: str
    """The caller's name."""
    caller_id_number: str
    """The caller's number."""
    hears: bool
    """Whether it hears the others: not deaf."""
    speaks: bool
    """Whether it is heard: not muted."""
    talking: bool
    """Whether it talks now."""
    has_floor: bool
    """Whether it has the floor."""
    on_hold: bool
    """Whether it is on hold."""
    moderator: bool
    """Whether it is a moderator."""
    joined: timedelta
    """How long ago it joined."""
    energy: int
    """From which level on it counts as talking."""
    volume_in: int
    """How loud it is heard."""
    volume_out: int
    """How loud it hears."""


@dataclass(frozen=True)
class ConferenceInfo:
    """A conference and its members."""

    name: str
    """Its name."""
    uuid: str
    """Its uuid: another one each time a conference of that name begins."""
    run_time: timedelta
    """How long it has been there."""
    locked: bool
    """Whether no other member may join."""
    recording: bool
    """Whether it is being recorded."""
    members: list[Member]
    """Its members, the one that joined last first."""


@dataclass(frozen=True)
class ConferenceEvent:
    """Something that happened in a conference. The `event` has the rest."""

    conference: str
    """The conference."""
    conference_uuid: str
    """Its uuid."""
    action: ConferenceAction | str
    """What happened."""
    size: int
    """How many members there are."""
    member: int | None
    """The member that it is about, where it is about one; at `floor-change` the one that has the floor now."""
    uuid: str | None
    """The uuid of that member's channel."""
    hears: bool | None
    """Whether the member hears."""
    speaks: bool | None
    """Whether the member is heard."""
    talking: bool | None
    """Whether the member talks."""
    has_floor: bool | None
    """Whether the member has the floor."""
    old_floor: int | None
    """At `floor-change`: the member that had the floor before."""
    detail: str | None
    """Digits, the file, the path or the text that it is about."""
    result: str | None
    """What went wrong; at `bgdial-result` the cause, `SUCCESS` where there is none."""
    job_uuid: str | None
    """At `bgdial-result`: the Job-UUID that `dial` gave."""
    event: Event
    """The event."""


class KnownConference:
    """What a conference has without asking the server, blocking or not."""

    _native: _native.Conference

    @property
    def name(self) -> str:
        """Its name."""
        return self._native.name

    def on_event(
        self,
        callback: Callable[[ConferenceEvent], object],
        on_end: Callable[[SwitchwireError], object] | None = None,
    ) -> ConferenceWatch:
        """Calls back for whatever happens from now on; `stop()` of the result ends it.

        The connection must be subscribed to `Custom("conference::maintenance")`. It runs on the thread that reads the
        connection (of asyncio the event loop's), which must not be held up; at the connection's end `on_end` gets the
        error. What a callback raises is reported and dropped.
        """

        def take(happened: ConferenceEvent | None, error: SwitchwireError | None) -> None:
            if happened is not None:
                callback(happened)
            elif on_end is not None and error is not None:
                on_end(error)

        return self._native.on_event(take)


class Conference(ConferenceVerbs, KnownConference):
    """A conference by its name: `connection.conference(name)`, on a connection that may use `api`.

    Every verb sends `api conference NAME ...` and waits for its reply, for at most the command timeout or its own
    `timeout`. It raises `RefusedError`, with the server's text, when the conference or the member is not there or the
    server says how the command is used; `InvalidArgumentError` for what cannot be said; `WaitTimeoutError`;
    `DisconnectedError`. Any number of threads may use one.
    """

    def __init__(self, connection: Connection, native: _native.Conference) -> None:
        self._connection = connection
        self._native = native

    @property
    def connection(self) -> Connection:
        """The connection that it is reached by."""
        return self._connection

    def events(self) -> ConferenceEvents:
        """What happens in the conference from now on, as a stream; the events stay in the connection's queue as well.

        The connection must be subscribed to `Custom("conference::maintenance")`. Up to 10,000 are kept that nothing
        takes; then all of them are dropped, and a `LimitExceededError` is in their place.
        """
        return ConferenceEvents(self._native.events())

    def __repr__(self) -> str:
        return f"<switchwire.Conference {self.name}>"


class ConferenceEvents:
    """What happens in a conference, in order. Iterating waits for the next event, until the connection is over."""

    def __init__(self, native: _native.ConferenceEvents) -> None:
        self._native = native

    def recv(self, timeout: Timeout | None = None) -> ConferenceEvent | None:
        """Waits for the next event; `None` when `timeout` has passed.

        Raises `DisconnectedError` at the connection's end, `LimitExceededError` in the place of what was dropped.
        """
        return self._native.recv(timeout)

    def __iter__(self) -> Iterator[ConferenceEvent]:
        return self

    def __next__(self) -> ConferenceEvent:
        try:
            happened = self._native.recv()
        except DisconnectedError:
            raise StopIteration from None
        assert happened is not None
        return happened
