"""`typing.NamedTuple` as far as it is used here, without the time that `typing` takes to import."""

from __future__ import annotations

from collections import namedtuple


class _Maker(type):
    """Makes a tuple of the fields that a class annotates, with its values as defaults."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
        fields: dict[str, str] = body.get("__annotations__", {})  # type: ignore[assignment]
        defaults = [body[field] for field in fields if field in body]
        made = namedtuple(name, fields, defaults=defaults, module=str(body["__module__"]))  # type: ignore[misc]
        made.__doc__ = body.get("__doc__")  # type: ignore[assignment]
        made.__annotations__ = made.__new__.__annotations__ = dict(fields)
        return made


NamedTuple = type.__new__(_Maker, "NamedTuple", (), {})
