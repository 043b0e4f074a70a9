"""The servers of a fleet, and the choice among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..managed.target import Target


@dataclass(frozen=True, repr=False)
class FleetServer(Target):
    """A server that is to be in a fleet: a `Target` with a name, a weight and tags."""

    name: str = ""
    """Its name in the fleet; the host when none is given."""
    weight: int = 1
    """How many calls it takes in proportion to others; 0 is never chosen."""
    tags: Iterable[str] = ()
    """What calls may ask for: a region, a tenant, `video`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "name", self.name or self.host)
        object.__setattr__(self, "tags", (self.tags,) if isinstance(self.tags, str) else tuple(self.tags))

    def __repr__(self) -> str:
        return f"<switchwire.FleetServer {self.name} at {self.host}:{self.port}>"


@dataclass(frozen=True)
class Pick:
    """Which server a call is to go to. Servers that are down or draining are never chosen; degraded ones last.

    By default the one with the fewest sessions in proportion to its weight: those of its last HEARTBEAT and those
    chosen since.
    """

    weighted: bool = False
    """In turn instead, each as often as its weight says."""
    sticky: str | None = None
    """The same key (a caller, a tenant, a conference) goes to the same server instead, for as long as that will do."""
    tags: Iterable[str] = ()
    """Only servers with all of these tags."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tags", (self.tags,) if isinstance(self.tags, str) else tuple(self.tags))
