"""Which events and log lines a connection is to receive, as a value."""

from __future__ import annotations

from ._native import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import cast

    from ._types import Filters as Filters
    from ._types import Format as Format
    from ._types import Name as Name
else:

    def __getattr__(name: str) -> object:
        if name not in ("Filters", "Format", "Name"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import _types

        return getattr(_types, name)

    def cast(_kind: str, value: object) -> object:
        return value


class Custom(str):
    """A subclass of CUSTOM events as a name: `subscribe("DTMF", Custom("conference::maintenance"))`."""

    __slots__ = ()

    def __new__(cls, subclass: str) -> Custom:
        return super().__new__(cls, f"CUSTOM {subclass}")


class Subscription:
    """Events, custom subclasses, filters and log lines to receive: build it once, apply it to any connection.

    `names` are event names (text, `EventType`, or `Custom` for one subclass). `custom` holds subclasses of CUSTOM
    events; without names they are all that is subscribed to. `filters` let events pass that have one of
    those values in that header. `log` is the level of the server's log lines, by name or number. Names are checked
    here: `InvalidArgumentError` suggests the nearest one. Equal values are equal and hash alike.

        wanted = Subscription("CHANNEL_ANSWER", custom="conference::maintenance", filters={"Caller-Context": "default"})
        connection.subscribe(wanted)
    """

    __slots__ = ("_commands", "_custom", "_filters", "_format", "_log", "_names")

    def __init__(
        self,
        *names: Name,
        custom: str | Iterable[str] = (),
        format: Format = "plain",
        filters: Filters | None = None,
        log: str | int | None = None,
    ) -> None:
        self._names = tuple(_text(name) for name in names)
        self._custom = (custom,) if isinstance(custom, str) else tuple(custom)
        self._format = format
        self._filters = tuple(_pairs(filters or ()))
        self._log = log
        self._commands = tuple(Command.subscription(self._names, self._custom, format, self._filters, log))

    @property
    def names(self) -> tuple[str, ...]:
        """The event names."""
        return self._names

    @property
    def custom(self) -> tuple[str, ...]:
        """The subclasses of CUSTOM events."""
        return self._custom

    @property
    def format(self) -> Format:
        """The form in which the server sends events."""
        return self._format

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """Header names and values of the filters."""
        return self._filters

    @property
    def log(self) -> str | int | None:
        """The level of the server's log lines; `None` subscribes to none."""
        return self._log

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Subscription) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, self._key()

    def __repr__(self) -> str:
        arguments = [repr(name) for name in self._names]
        if self._custom:
            arguments.append(f"custom={self._custom!r}")
        if self._format != "plain":
            arguments.append(f"format={self._format!r}")
        if self._filters:
            arguments.append(f"filters={self._filters!r}")
        if self._log is not None:
            arguments.append(f"log={self._log!r}")
        return f"Subscription({', '.join(arguments)})"

    def _key(self) -> tuple[tuple[str, ...], tuple[str, ...], Format, tuple[tuple[str, str], ...], str | int | None]:
        return self._names, self._custom, self._format, self._filters, self._log


def _restore(
    names: tuple[Name, ...],
    custom: tuple[str, ...],
    format: Format,
    filters: tuple[tuple[str, str], ...],
    log: str | int | None,
) -> Subscription:
    return Subscription(*names, custom=custom, format=format, filters=filters, log=log)


def _text(name: str) -> str:
    """A member of `EventType` as its name."""
    return str(getattr(name, "value", name))


def _pairs(filters: Filters) -> Iterable[tuple[str, str]]:
    from collections.abc import Mapping

    if not isinstance(filters, Mapping):
        yield from filters
        return
    for header, values in filters.items():
        for value in [values] if isinstance(values, str) else values:
            yield header, value


def requested(
    wanted: tuple[Name | Subscription, ...],
    custom: str | Iterable[str] = (),
    format: Format = "plain",
    filters: Filters | None = None,
    log: str | int | None = None,
) -> Subscription:
    """The `Subscription` that `subscribe` was given, or one of the names and options that it was given."""
    names = [item for item in wanted if not isinstance(item, Subscription)]
    if len(names) == len(wanted):
        return Subscription(*names, custom=custom, format=format, filters=filters, log=log)
    if len(wanted) > 1 or custom or format != "plain" or filters or log is not None:
        raise TypeError("a Subscription is given alone: names and options are part of it")
    assert isinstance(wanted[0], Subscription)
    return wanted[0]


def classic(names: tuple[str, ...], custom: str | Iterable[str], format: Format) -> Subscription:
    """As `events` has it: without names and subclasses, every event."""
    subclasses = (custom,) if isinstance(custom, str) else tuple(custom)
    wanted = cast("tuple[Name, ...]", names) or (() if subclasses else ("ALL",))
    return Subscription(*wanted, custom=subclasses, format=format)


def removal(wanted: tuple[Name | Subscription, ...], custom: str | Iterable[str]) -> list[Command]:
    """The command that takes those events back; all of them when none are given."""
    if not wanted and not custom:
        return [Command.noevents()]
    subscription = requested(wanted, custom)
    command = Command.nixevent(subscription.names, subscription.custom)
    return [] if command is None else [command]
