"""How to connect, and how to stay connected: plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .. import _native
from .._options import INBOUND, Options, Timeout, port_number
from .._subscription import Subscription


@dataclass(frozen=True)
class Backoff:
    """How long to wait before each attempt: growing from `first` to `most`, each shortened by a random part."""

    first: Timeout = _native.BACKOFF["first"]
    """The wait after the first failure. Default 0.25 s."""
    most: Timeout = _native.BACKOFF["most"]
    """No wait is longer. Default 30 s."""
    factor: float = _native.BACKOFF["factor"]
    """Each wait is so many times the one before. Default 2."""
    jitter: float = _native.BACKOFF["jitter"]
    """Which part of a wait is left to chance, 0 to 1. Default 0.5: a wait of 8 s lasts between 4 s and 8 s."""
    good_after: Timeout = _native.BACKOFF["good_after"]
    """A connection that has lasted that long counts as good: after it the waits begin anew. Default 10 s."""
    attempts: int | None = _native.BACKOFF["attempts"]
    """How many attempts in a row may fail before the connection gives up. Default: any number."""
    give_up_after: Timeout | None = _native.BACKOFF["give_up_after"]
    """For how long attempts may fail before the connection gives up. Default: no limit."""


@dataclass(frozen=True)
class Liveness:
    """How a peer is noticed that is dead, frozen or cut off."""

    ping_after: Timeout | None = _native.LIVENESS["ping_after"]
    """When nothing has come for that long and no command's reply is awaited, the server is sent `api switchname`; any
    reply shows that it lives. Not while a reply is awaited: over a long `api` the server sends nothing on that
    connection. A command that has timed out holds no ping up. `None` never asks. Default 10 s."""
    ping_deadline: Timeout = _native.LIVENESS["ping_deadline"]
    """How long the reply to it may take. Default 10 s."""
    silence: Timeout | None = _native.LIVENESS["silence"]
    """The connection is lost when nothing at all has come for that long; subscribes to HEARTBEAT, which the server
    sends every 20 s unless its `switch.conf` says otherwise. Also while replies are awaited: more than the longest
    `api` takes. Default: no such watchdog."""
    user_timeout: Timeout | None = _native.LIVENESS["user_timeout"]
    """`TCP_USER_TIMEOUT` (Linux): how long sent bytes may stay unacknowledged. Default 30 s."""


NOTHING = Subscription()
"""What a connection is subscribed to unless it says more."""


@dataclass(frozen=True)
class Target:
    """A server, and how to stay connected to it."""

    host: str = "127.0.0.1"
    port: int | str = 8021
    password: str = "ClueCon"
    """The event socket's, or the user's. Never shown."""
    user: str | None = None
    """Logs in as that directory user (`user@domain`)."""
    addresses: Iterable[tuple[str, int]] = ()
    """Further addresses of the same server (a second network, a standby), tried when the one before fails."""
    subscription: Subscription = NOTHING
    """What each connection is subscribed to."""
    snapshot: bool = False
    """Whether `Connected` and `Restored` carry the list of channels, taken once the subscription is live."""
    heartbeats: bool = False
    """Keeps the server's last HEARTBEAT at hand; it does not come in the stream unless the subscription names it."""
    while_down: Timeout | None = None
    """For how long commands wait for a connection; by default they fail at once. They have not been sent then."""
    backoff: Backoff = Backoff()
    """When to try again, and when to give up."""
    liveness: Liveness = Liveness()
    """How a dead peer is noticed."""
    stop_on: Iterable[str] | None = None
    """The kinds of errors (`SwitchwireError.kind`) after which there is no further attempt. By default a wrong password
    or unknown user, an access list that refuses our address, and a subscription that the server refuses."""
    options: Options = INBOUND
    """Timeouts and limits of each connection, and the policy of the queue of events."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "port", port_number(self.port))
        object.__setattr__(self, "addresses", tuple((host, port_number(port)) for host, port in self.addresses))
        object.__setattr__(self, "stop_on", None if self.stop_on is None else tuple(self.stop_on))

    def __repr__(self) -> str:
        return f"<switchwire.Target {self.host}:{self.port}>"
