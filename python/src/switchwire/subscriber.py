"""A thread that hands events to a callback."""

from __future__ import annotations

import threading
from collections.abc import Callable

from . import _native
from ._native import Event
from .errors import SwitchwireError
from .log import logger

_LOOK = 0.2
"""Seconds after which an idle subscriber looks whether it is to stop."""


class Subscriber:
    """Calls a function with every event of a connection, on a thread of its own.

    It ends with the connection, or when it is stopped. What the function raises goes to the logger `switchwire`; the
    next event comes all the same. Whoever else receives on the connection takes events away from it.
    """

    def __init__(self, connection: _native.Connection, callback: Callable[[Event], object]) -> None:
        self._connection = connection
        self._callback = callback
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="switchwire-subscriber", daemon=True)
        self._thread.start()

    def stop(self, timeout: float | None = None) -> bool:
        """Ends it, and waits for the thread; says whether it has ended. An event that has not come stays queued."""
        self._stopping.set()
        return self.join(timeout)

    def join(self, timeout: float | None = None) -> bool:
        """Waits until it has ended; says whether it has."""
        if threading.current_thread() is self._thread:
            return False
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def __enter__(self) -> Subscriber:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                event = self._connection.recv(_LOOK)
            except SwitchwireError:
                return
            if event is None:
                continue
            try:
                self._callback(event)
            except Exception:
                logger.exception("a subscriber's callback failed")
