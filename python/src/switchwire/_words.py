"""Names of events as commands want them."""

from __future__ import annotations

from collections.abc import Iterable

from ._native import Command


def event_list(names: Iterable[str]) -> str:
    """Names (of `EventType` or as text, also several in one) as one list; none is all of them."""
    return " ".join(getattr(name, "value", name) for name in names) or "ALL"


def subscription(names: Iterable[str], custom: Iterable[str], form: str) -> list[Command]:
    """The commands that ask for those events; custom subclasses alone ask for nothing else."""
    subclasses = list(custom)
    wanted = list(names)
    return Command.events("" if subclasses and not wanted else event_list(wanted), subclasses, form)
