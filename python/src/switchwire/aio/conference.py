"""A conference as an object, for asyncio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from .. import _native
from ..conference import ConferenceEvent, KnownConference
from ..errors import DisconnectedError
from ._conference_verbs import ConferenceVerbs

if TYPE_CHECKING:
    from .connection import Connection


class Conference(ConferenceVerbs, KnownConference):
    """A conference by its name: `connection.conference(name)`.

    The methods and their errors are those of the blocking `switchwire.Conference`.
    """

    def __init__(self, connection: Connection, native: _native.Conference) -> None:
        self._connection = connection
        self._native = native

    @property
    def connection(self) -> Connection:
        """The connection that it is reached by."""
        return self._connection

    def events(self) -> AsyncIterator[ConferenceEvent]:
        """What happens in it from now on, as a stream that ends with the connection. See the blocking one."""
        return self._stream(self._native.events())

    async def _stream(self, events: _native.ConferenceEvents) -> AsyncIterator[ConferenceEvent]:
        while True:
            try:
                happened = await self._connection._until(events.try_recv)
            except DisconnectedError:
                return
            yield happened

    def __repr__(self) -> str:
        return f"<switchwire.aio.Conference {self.name}>"
