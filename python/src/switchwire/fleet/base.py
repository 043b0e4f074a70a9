"""What the blocking and the asyncio face of a fleet have in common."""

from __future__ import annotations

from .. import _native
from ..errors import SwitchwireError
from .items import Health, HealthLimits
from .server import FleetServer, Pick

PATIENCE = 10.0
"""How long the servers are given to reply, unless the call says otherwise."""


class FleetBase:
    """A fleet as far as nothing in it waits."""

    def __init__(
        self,
        *servers: FleetServer,
        attempts_at_once: int = 8,
        limits: HealthLimits = HealthLimits(),  # noqa: B008
        drop_duplicates: int = 0,
    ) -> None:
        self._native = _native.Fleet(list(servers), attempts_at_once, limits, drop_duplicates)

    def add(self, server: FleetServer) -> None:
        """Adds a server, and starts to connect. `InvalidArgumentError` for a name that is taken."""
        self._native.add(server)

    def drain(self, server: str, on: bool = True) -> None:
        """The server is chosen no more for new calls, or again. Its events go on; calls run to their ends."""
        self._native.drain(server, on)

    def servers(self) -> list[str]:
        """The names of the servers, sorted."""
        return self._native.servers()

    def health(self, server: str) -> Health | None:
        """How that server is doing; `None` for a name that the fleet does not have."""
        return self._native.health(server)

    def health_of_all(self) -> dict[str, Health]:
        """How all of them are doing, by name."""
        return self._native.health_of_all()

    def pick(self, pick: Pick = Pick()) -> str | None:  # noqa: B008
        """Chooses a server for a new call, and counts the call as its own until its next HEARTBEAT.

        `None` when no server will do.
        """
        return self._native.pick(pick)

    def server_of(self, uuid: str) -> str | None:
        """The server that a channel is on, by the events and snapshots that have been taken from the stream so far.

        The stream must bring CHANNEL_CREATE and CHANNEL_DESTROY, or snapshots; `find` asks the servers.
        """
        return self._native.server_of(uuid)

    @property
    def dropped_duplicates(self) -> int:
        """How many events came a second time (from a server that is in the fleet twice) and were dropped."""
        return self._native.dropped_duplicates()

    @property
    def ended(self) -> SwitchwireError | None:
        """Why nothing more will come; `None` while something may come, or waits to be taken."""
        return self._native.ended()
