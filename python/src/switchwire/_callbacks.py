"""What callbacks may be."""

from __future__ import annotations

import inspect
import logging

from .errors import DisconnectedError, HangupError
from .log import logger


def refuse_coroutine_function(callback: object, where: str, instead: str) -> None:
    """Raises `TypeError` for an `async def` where nothing would await it."""
    if inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(getattr(callback, "__call__", None)):  # noqa: B004
        raise TypeError(f"{where}: {callback!r} is a coroutine function, which only an event loop runs: use {instead}")


def refuse_coroutine(result: object, what: str) -> None:
    """Raises `TypeError` when a callback has returned a coroutine, which nothing would await."""
    if inspect.iscoroutine(result):
        result.close()
        raise TypeError(f"{what} returned a coroutine, which only an event loop runs: use switchwire.aio")


def has_failed(error: BaseException, hung_up: bool) -> bool:
    """Whether a handler that raised this has failed, which is logged then.

    What says that the call or its connection has ended is a normal end of a call that has ended.
    """
    if isinstance(error, (HangupError, DisconnectedError)) and hung_up:
        return False
    logger.error("the handler of a call failed", exc_info=error)
    return True


def log_untaken(error: Exception) -> None:
    """A connection that became no call. One that was only opened and closed is a probe, of a load balancer perhaps."""
    probe = isinstance(error, DisconnectedError)
    logger.log(logging.DEBUG if probe else logging.WARNING, "a call could not be taken: %s", error)
