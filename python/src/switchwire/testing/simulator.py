"""The simulator and its settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar

from .. import _native
from .._native import Event
from .._options import Timeout

End = Literal["notice", "close", "half-close", "reset", "lost-events"]
"""How a connection ends: with the server's notice, silently, one way only, with a reset, or killed for lost events."""


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
    more: str = ""
    """Further faults by name, as `switchwire sim --faults` takes them: `throttle=1000,stall-in-frame=3`."""


@dataclass(frozen=True)
class Endpoint:
    """What a called party does. Times are seconds; those of `dtmf` and `hangup` count from the answer."""

    ring: Timeout = 0
    """How long it rings before it answers or refuses."""
    early_media: Timeout | None = None
    """When it sends early media, counted from the call."""
    no_answer: bool = False
    """It rings until the caller gives up."""
    cause: str | None = None
    """It refuses the call with that hangup cause, e.g. USER_BUSY."""
    dtmf: Sequence[tuple[Timeout, str]] = ()
    """Digits that it sends."""
    hangup: tuple[Timeout, str] | None = None
    """When it hangs up, and the cause."""


@dataclass(frozen=True)
class Done:
    """What an application of yours has done."""

    variables: Mapping[str, str] = field(default_factory=dict)
    """Channel variables to set."""
    response: str | None = None
    """Its `Application-Response`."""
    lasts: Timeout | None = None
    """How long it goes on."""
    hangup: str | None = None
    """Hang the call up, with that cause."""


@dataclass(frozen=True)
class Asked:
    """What a handler of yours is told."""

    name: str
    """The command's or application's name, or the dial string without variables."""
    argument: str
    uuid: str | None
    """The channel; None for an api command."""
    variables: Mapping[str, str]
    """The channel's."""


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
    scenario: str | None = None


_Handler = TypeVar("_Handler", bound=Callable[[Asked], Any])


class Simulator(_native.Simulator):
    """A simulated FreeSWITCH on the loopback interface, on a free port unless `bind` names one.

    It logs clients in, replies to every command of the event socket and the usual api commands, has channels on paper
    (`originate`, a small dialplan) that fire the events of real ones, and connects out (`socket`). `heartbeat` is the
    time between HEARTBEAT events (none by default), `playback` how long playing a file lasts. `scenario` is TOML, or
    the path of a file; what it expects is checked at the end of the `with` block. It ends with the `with` block,
    `stop`, or when it is garbage.
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
        scenario: str | PathLike[str] | None = None,
    ) -> Simulator:
        text = Path(scenario).read_text(encoding="utf-8") if isinstance(scenario, PathLike) else scenario
        settings = _Settings(
            password, bind, hostname, version, list(users), acl_reject, heartbeat, playback, faults, text
        )
        simulator = super().__new__(cls, settings)
        simulator._scenario = text is not None
        simulator._stopped = False
        return simulator

    def stop(self) -> None:
        """Ends it: every connection is closed without a notice. A second call does nothing."""
        self._stopped = True
        super().stop()

    def shutdown(self) -> None:
        """Ends it as a server that shuts down: SHUTDOWN event, notice, close."""
        self._stopped = True
        super().shutdown()

    _scenario: bool
    _stopped: bool

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

    def verify(self, timeout: Timeout = 5) -> None:
        """Waits until everything that the scenario expects has happened; AssertionError says what came instead."""
        self._verify(timeout)

    def api(self, name: str) -> Callable[[_Handler], _Handler]:
        """Decorates what runs for an api command: from `Asked` to the output. It runs on the simulator's thread and
        must not wait for the simulator.
        """

        def add(handler: _Handler) -> _Handler:
            self._api(name, lambda *asked: handler(Asked(*asked)))
            return handler

        return add

    def application(self, name: str) -> Callable[[_Handler], _Handler]:
        """Decorates an application of yours: from `Asked` to `Done`, or None for nothing special."""

        def add(handler: _Handler) -> _Handler:
            self._application(name, lambda *asked: handler(Asked(*asked)) or Done())
            return handler

        return add

    def endpoint_with(self, dial: str) -> Callable[[_Handler], _Handler]:
        """Decorates what decides about a call to `dial` (`*` is any text): from `Asked` to `Endpoint`."""

        def add(handler: _Handler) -> _Handler:
            self._endpoint_with(dial, lambda *asked: handler(Asked(*asked)))
            return handler

        return add

    def endpoint(self, dial: str, endpoint: Endpoint | None = None) -> None:
        """Sets what a called party does: `user/1000`, `sofia/gateway/*`. Without an endpoint it answers."""
        self._endpoint(dial, endpoint or Endpoint())

    def restart(self) -> None:
        """Dies and starts again: connections end without a notice, calls are gone, the Core-UUID is another."""
        self._restart()

    def refuse(self, refuse: bool = True) -> None:
        """Refuses connections, or accepts them again."""
        self._refuse(refuse)

    def disconnect_all(self, end: End = "close") -> None:
        """Ends every connection in that way; the simulator goes on listening."""
        self._disconnect_all(end)

    def __enter__(self) -> Simulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None and self._scenario and not self._stopped:
                self.verify()
        finally:
            self.stop()

    def __repr__(self) -> str:
        return f"<switchwire.testing.Simulator {self.host}:{self.port}>"
