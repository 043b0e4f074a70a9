"""Names of types that annotations use. At run time only a program that asks for hints needs them: `typing` takes longer
to import than all of the package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Literal, Union

from ._subscription import Custom

Timeout = Union[float, timedelta]
"""Seconds, or a timedelta."""

Overflow = Literal["drop-newest", "drop-oldest", "fail", "block"]
"""What happens to an event for which the queue has no room: it is dropped, the oldest one is, the connection is closed
with `LimitExceededError`, or reading pauses until events have been taken.

Beware of `block`: a server whose client does not read holds back the events and replies of all its clients in the end.
Connections of `switchwire.aio` other than `ManagedConnection` do not take it."""

Format = Literal["plain", "json", "xml"]
"""The form in which the server sends events; `plain` is the cheapest for both sides."""

Filters = Union[Mapping[str, Union[str, Iterable[str]]], Iterable[tuple[str, str]]]
"""Header names with the value or values that pass, or pairs of both."""

Name = Union["EventName", "EventType", Custom]
"""An event's name. Type checkers refuse others; `EventType(text)` makes one of a text known at run time only."""


TYPE_CHECKING = False
if TYPE_CHECKING:
    from .event_type import EventName, EventType
