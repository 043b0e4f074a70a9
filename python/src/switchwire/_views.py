"""What `keys()`, `values()` and `items()` of an event give."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._native import Event


class EventKeys(KeysView[str]):
    """The names of an event's headers, in order, duplicates included; looked up in any letter case."""

    _mapping: Event

    def __iter__(self) -> Iterator[str]:
        return iter(self._mapping)


class EventValues(ValuesView[str]):
    """The values of an event's headers, in order."""

    _mapping: Event

    def __iter__(self) -> Iterator[str]:
        return (value for _, value in self._mapping._pairs())

    def __contains__(self, value: object) -> bool:
        return any(value == other for other in self)


class EventItems(ItemsView[str, str]):
    """Names and values of an event's headers, in order, duplicates included."""

    _mapping: Event

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._mapping._pairs())

    def __contains__(self, item: object) -> bool:
        if not isinstance(item, tuple) or len(item) != 2 or not isinstance(item[0], str):
            return False
        return item[1] in self._mapping.get_all(item[0])
