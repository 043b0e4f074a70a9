"""The blocking fleet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from .._fleet_commands import FleetCommands
from .._options import Timeout
from ..errors import SwitchwireError
from ..managed.connection import ManagedConnection
from .base import FleetBase
from .items import FleetItem

_Self = TypeVar("_Self", bound="Fleet")


class Fleet(FleetCommands, FleetBase):
    """Many servers as one: each has a supervised connection; the fleet merges their streams and knows their health.

    `attempts_at_once` bounds how many connect at the same time, so that fifty that come back together do so in turn.
    `drop_duplicates` remembers so many events by `Core-UUID:Event-Sequence`, and drops those that come again: for
    servers that are in the fleet twice, by two networks. Any number of threads may use it. It ends with `close()`, the
    end of a `with` block, or the object.
    """

    def recv(self, timeout: Timeout | None = None) -> FleetItem | None:
        """Waits for the next item of any server; `None` when `timeout` has passed. `DisconnectedError` after `close`.

        The items of one server come in its order; servers with much to say do not keep others waiting.
        """
        return self._native.recv(timeout)

    def __iter__(self) -> Iterator[FleetItem]:
        return self

    def __next__(self) -> FleetItem:
        try:
            item = self._native.recv()
        except SwitchwireError:
            raise StopIteration from None
        assert item is not None
        return item

    def connection(self, server: str) -> ManagedConnection:
        """The connection to that server: for commands. Its stream is the fleet's.

        `InvalidArgumentError` for a name that the fleet does not have.
        """
        return ManagedConnection._of(self._native.connection(server), server)

    def remove(self, server: str) -> None:
        """Removes a server: closes its connection. What it had sent still comes, then `Removed`."""
        self._native.remove(server)

    def close(self) -> None:
        """Closes all connections and joins their threads. What has come can still be taken."""
        self._native.close()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<switchwire.Fleet of {len(self.servers())}>"
