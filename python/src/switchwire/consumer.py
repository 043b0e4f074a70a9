"""A thread that calls a function with every event."""

from __future__ import annotations

from collections.abc import Callable

from . import _native
from ._callbacks import refuse_coroutine, refuse_coroutine_function
from ._native import Event
from ._options import Timeout
from .log import logger


class Consumer:
    """Calls a function with every event of a connection, on a thread of its own.

    The thread is a native one even where gevent has patched `threading`. It ends with the connection, or when it is
    stopped. What the function raises goes to the logger `switchwire`, and the next event comes all the same;
    `sys.exit()` in it ends the thread. Each event goes to one receiver: `recv` and iteration on the same connection
    compete with it.
    """

    def __init__(self, connection: _native.Connection, callback: Callable[[Event], object]) -> None:
        refuse_coroutine_function(callback, "consume", "switchwire.aio.Connection.consume")
        self._callback = callback
        self._thread = connection._consume(self._take)

    def stop(self, timeout: Timeout | None = None) -> bool:
        """Ends it, and waits for the thread; says whether it has ended. An event that has not come stays queued."""
        self._thread.stop()
        return self.join(timeout)

    def join(self, timeout: Timeout | None = None) -> bool:
        """Waits until it has ended; says whether it has. In the callback itself: no, at once."""
        return self._thread.join(timeout)

    def __enter__(self) -> Consumer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _take(self, event: Event) -> bool:
        """Calls the function with one event; says whether the thread is to go on."""
        try:
            refuse_coroutine(self._callback(event), "a consumer's callback")
        except SystemExit:
            return False
        except BaseException:
            logger.exception("a consumer's callback failed")
        return True
