"""The simulator and its settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal

from .. import _native
from .._native import Event
from .._options import Timeout

End = Literal["notice", "close", "half-close", "reset"]
"""How a connection ends: with the server's notice, silently, one way only, or with a reset."""


@dataclass(frozen=True)
class Faults:
    """What goes wrong on connections. The default has none."""

    split: int | None = None
    """At most that many bytes are written at a time."""
    delay: Timeout | None = None
    """The wait before each frame."""
    end_after_bytes: int | None = None
    """The connection ends after that many bytes, be it inside a frame."""
    end_after_frames: int | None = None
    """The connection ends after that many frames."""
    end: End = "close"
    """How it ends then."""
    silent: bool = False
    """Reads, but never writes a byte."""
    stalled: bool = False
    """Writes nothing until the faults are changed; then everything that waited."""
    deaf: bool = False
    """Never reads."""
    last_events: Literal["all", "some", "none"] = "some"
    """Which events a session without linger still gets when its call hangs up: a real server races with it."""
    linger_notice: Literal["first", "last"] = "last"
    """Where the linger notice stands: after CHANNEL_HANGUP, or after CHANNEL_HANGUP_COMPLETE."""
    completion: Literal["before-reply", "after-reply"] = "after-reply"
    """Where a synchronous execute has its CHANNEL_EXECUTE_COMPLETE."""


@dataclass(frozen=True)
class User:
    """An account that may log in. `events` and `api` are lists of what it may do; `None` is everything."""

    name: str
    password: str
    domain: str = "localdomain.test"
    events: str | None = None
    api: str | None = None
    log: bool = True


@dataclass(frozen=True)
class _Settings:
    password: str
    bind: str
    hostname: str | None
    version: str | None
    users: list[User] = field(default_factory=list)
    acl_reject: bool = False
    heartbeat: Timeout | None = None
    playback: Timeout | None = None
    faults: Faults | None = None


class Simulator(_native.Simulator):
    """A simulated FreeSWITCH on the loopback interface, on a free port unless `bind` names one.

    It logs clients in, replies to every command of the event socket and the usual api commands, has channels on paper
    (`originate`, a small dialplan) that fire the events of real ones, and connects out (`socket`). `heartbeat` is the
    time between HEARTBEAT events (none by default), `playback` how long playing a file lasts. It ends with the `with`
    block, `stop`, or when it is garbage.
    """

    def __new__(
        cls,
        *,
        password: str = "ClueCon",
        bind: str = "127.0.0.1:0",
        hostname: str | None = None,
        version: str | None = None,
        users: Iterable[User] = (),
        acl_reject: bool = False,
        heartbeat: Timeout | None = None,
        playback: Timeout | None = None,
        faults: Faults | None = None,
    ) -> Simulator:
        settings = _Settings(password, bind, hostname, version, list(users), acl_reject, heartbeat, playback, faults)
        return super().__new__(cls, settings)

    @property
    def host(self) -> str:
        """The host it listens on."""
        return self.address[0]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.address[1]

    def fire(
        self,
        event: Event | str,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        body: str | None = None,
        *,
        subclass: str | None = None,
    ) -> None:
        """Fires an event: a built one, or of a type with headers and a body. Standard headers are added."""
        if isinstance(event, str):
            event = Event(event, headers, body, subclass=subclass)
        self._fire(event)

    def log(self, level: str | int, text: str) -> None:
        """Sends a log line to the connections that listen to that level."""
        self._log(level, text)

    def extension(self, number: str, *applications: tuple[str, str]) -> None:
        """What the dialplan does with a number: applications and their arguments, one after the other."""
        self._extension(number, list(applications))

    def set_faults(self, faults: Faults) -> None:
        """Gives every connection, present and to come, these faults."""
        self._set_faults(faults)

    def disconnect_all(self, end: End = "close") -> None:
        """Ends every connection in that way; the simulator goes on listening."""
        self._disconnect_all(end)

    def __enter__(self) -> Simulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<switchwire.testing.Simulator {self.host}:{self.port}>"
