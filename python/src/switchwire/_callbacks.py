"""What callbacks may be."""

from __future__ import annotations

import inspect


def refuse_coroutine_function(callback: object, where: str, instead: str) -> None:
    """Raises `TypeError` for an `async def` where nothing would await it."""
    if inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(getattr(callback, "__call__", None)):  # noqa: B004
        raise TypeError(f"{where}: {callback!r} is a coroutine function, which only an event loop runs: use {instead}")


def refuse_coroutine(result: object, what: str) -> None:
    """Raises `TypeError` when a callback has returned a coroutine, which nothing would await."""
    if inspect.iscoroutine(result):
        result.close()
        raise TypeError(f"{what} returned a coroutine, which only an event loop runs: use switchwire.aio")
