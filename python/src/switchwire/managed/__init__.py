"""A connection that comes back: reconnects, subscribes again, and reports every outage in one ordered stream.

import switchwire
from switchwire import Event, Lost, Restored, Subscription

wanted = Subscription("CHANNEL_ANSWER", "CHANNEL_HANGUP_COMPLETE")
with switchwire.ManagedConnection("127.0.0.1", 8021, "ClueCon", subscription=wanted, snapshot=True) as fs:
    for item in fs:
        if isinstance(item, Event):
            print(item.name, item.unique_id)
        elif isinstance(item, Lost):
            print("lost:", item.reason)
        elif isinstance(item, Restored):
            print("back after", item.outage, item.run, len(item.server.channels()))
"""

from .base import Lease
from .connection import ManagedConnection
from .items import Connected, GaveUp, Lost, ManagedStatus, Restored, ServerInfo, StreamItem
from .target import Backoff, Liveness, Target

__all__ = [
    "Backoff",
    "Connected",
    "GaveUp",
    "Lease",
    "Liveness",
    "Lost",
    "ManagedConnection",
    "ManagedStatus",
    "Restored",
    "ServerInfo",
    "StreamItem",
    "Target",
]
