"""Outbound mode: FreeSWITCH connects to us for a call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType

from . import _native
from ._callbacks import refuse_coroutine, refuse_coroutine_function
from ._options import OUTBOUND, Options, Timeout, port_number
from .connection import Connection
from .log import logger


class Listener:
    """Serves the calls that the dialplan's `socket` application connects to us.

    `handler` is called for each call with its `Connection`, on a thread of its own; the connection is closed when it
    returns. What it raises goes to the logger `switchwire` and ends its call only. `max_sessions` bounds the calls at
    once; further ones wait unaccepted. Port 0 takes a free one, see `address`.
    """

    def __init__(
        self,
        handler: Callable[[Connection], object],
        host: str = "127.0.0.1",
        port: int | str = 8084,
        *,
        max_sessions: int = 1000,
        options: Options = OUTBOUND,
    ) -> None:
        refuse_coroutine_function(handler, "Listener", "switchwire.aio.Listener")
        self._handler = handler
        self._server = _native.serve(
            host, port_number(port, free=True), self._serve, self._failed, max_sessions, options
        )
        self._stopped = threading.Event()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens on."""
        return self._server.address

    def stats(self) -> dict[str, int]:
        """Calls `active`, `accepted`, `failed` (no hand-shake) and `refused`."""
        return self._server.stats()

    def serve_forever(self) -> None:
        """Waits until somebody calls `stop`; Ctrl-C ends it."""
        self._stopped.wait()

    def stop(self, timeout: Timeout = 10.0) -> bool:
        """Accepts no more calls, and waits for those that are on.

        What is left after `timeout` is disconnected, and its handlers are waited for. Says whether all had ended by
        themselves. A second call does nothing.
        """
        try:
            return self._server.stop(timeout)
        finally:
            self._stopped.set()

    def __enter__(self) -> Listener:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        host, port = self.address
        return f"<switchwire.Listener {host}:{port}>"

    def _serve(self, handle: _native.Handle) -> None:
        connection = Connection(handle)
        try:
            refuse_coroutine(self._handler(connection), "the handler of a call")
        except Exception:
            logger.exception("the handler of a call failed")
        finally:
            connection.disconnect()

    def _failed(self, error: Exception) -> None:
        logger.warning("a call could not be taken: %s", error)
