"""Many servers as one: one stream tagged with the server, their health, commands to one, any or all of them.

from switchwire import Fleet, FleetServer, Pick, Subscription

wanted = Subscription("CHANNEL_CREATE", "CHANNEL_DESTROY")
fleet = Fleet(
    FleetServer("fs1.example.net", subscription=wanted, snapshot=True),
    FleetServer("fs2.example.net", subscription=wanted, snapshot=True, weight=2, tags=["video"]),
)
with fleet:
    best = fleet.pick(Pick(tags=["video"]))
    for server, update in fleet:
        print(server, update)
"""

from .connection import Fleet
from .items import FleetItem, Health, HealthLimits, Removed, ServerResult
from .server import FleetServer, Pick

__all__ = ["Fleet", "FleetItem", "FleetServer", "Health", "HealthLimits", "Pick", "Removed", "ServerResult"]
