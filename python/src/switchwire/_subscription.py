"""Names of events as commands want them."""

from __future__ import annotations

from collections.abc import Iterable

from ._native import Command


def event_list(names: Iterable[str]) -> str:
    """Names (of `EventType` or as text, also several in one) as one list; none is all of them."""
    return " ".join(getattr(name, "value", name) for name in names) or "ALL"


def subscription(names: Iterable[str], custom: str | Iterable[str], form: str) -> list[Command]:
    """The commands that ask for those events; custom subclasses alone ask for nothing else."""
    subclasses = [custom] if isinstance(custom, str) else list(custom)
    wanted = list(names)
    return Command.events("" if subclasses and not wanted else event_list(wanted), subclasses, form)


def removal(names: Iterable[str]) -> Command:
    """The command that takes those events back; without names, all of them."""
    return (Command.nixevent(event_list(names)) if names else None) or Command.noevents()
