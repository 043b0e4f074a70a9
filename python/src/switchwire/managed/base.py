"""What the blocking and the asyncio face of a supervised connection have in common."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TypeVar

from .. import _native
from .._native import Event
from .._options import INBOUND, Options, Timeout
from .._subscription import Subscription
from ..errors import SwitchwireError
from .items import ManagedStatus
from .target import NOTHING, Backoff, Liveness, Target

_Self = TypeVar("_Self", bound="ManagedBase")


class ManagedBase:
    """A supervised connection as far as nothing in it waits."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int | str = 8021,
        password: str = "ClueCon",
        *,
        user: str | None = None,
        addresses: Iterable[tuple[str, int]] = (),
        subscription: Subscription = NOTHING,
        snapshot: bool = False,
        heartbeats: bool = False,
        while_down: Timeout | None = None,
        backoff: Backoff = Backoff(),  # noqa: B008
        liveness: Liveness = Liveness(),  # noqa: B008
        stop_on: Iterable[str] | None = None,
        options: Options = INBOUND,
    ) -> None:
        target = Target(
            host,
            port,
            password,
            user,
            addresses,
            subscription,
            snapshot,
            heartbeats,
            while_down,
            backoff,
            liveness,
            stop_on,
            options,
        )
        self._begin(_native.Managed(target), f"{host}:{port}")

    @classmethod
    def to(cls: type[_Self], target: Target) -> _Self:
        """Starts to connect to a `Target`, and returns at once."""
        return cls._of(_native.Managed(target), f"{target.host}:{target.port}")

    @classmethod
    def _of(cls: type[_Self], native: _native.Managed, name: str) -> _Self:
        made = cls.__new__(cls)
        made._begin(native, name)
        return made

    def _begin(self, native: _native.Managed, name: str) -> None:
        self._native = native
        self._name = name

    @property
    def status(self) -> ManagedStatus:
        """How things stand."""
        return self._native.status()

    @property
    def ended(self) -> SwitchwireError | None:
        """Why nothing more will come; `None` while something may come, or waits to be taken."""
        return self._native.ended()

    def stats(self) -> dict[str, int]:
        """The counters, by name, over all connections so far."""
        return self._native.stats()

    @property
    def heartbeat(self) -> Event | None:
        """The last HEARTBEAT of the present connection, where they are kept (`heartbeats`)."""
        return self._native.heartbeat()

    @property
    def heartbeat_age(self) -> timedelta | None:
        """How long ago it came."""
        return self._native.heartbeat_age()

    def reconnect(self) -> None:
        """Ends the present connection and makes a new one, as after a loss."""
        self._native.reconnect()


class Lease:
    """A part of a program's share in the subscription of a supervised connection, across reconnects.

    Until `release()`, the end of a `with` block, or the end of the object. What another lease or the connection's own
    subscription wants goes on.
    """

    def __init__(self, native: _native.Lease) -> None:
        self._native = native

    def release(self) -> None:
        """Gives it back, without waiting for the server."""
        self._native.release()

    def keep(self) -> None:
        """Gives it to the connection: the subscription lasts as long as that."""
        self._native.keep()

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
