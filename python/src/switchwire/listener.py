"""Outbound mode: FreeSWITCH connects to us for a call."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from types import TracebackType

from . import _native
from ._callbacks import (
    has_failed,
    log_untaken,
    refuse_coroutine,
    refuse_coroutine_function,
)
from ._options import OUTBOUND, Options, Timeout, listening
from .connection import Connection


class Listener:
    """Serves the calls that the dialplan's `socket` application connects to us.

    `handler` is called for each call with its `Connection`, on a thread of its own; the connection is closed when it
    returns. When it raises, that goes to the logger `switchwire` and its call is hung up with `failure_cause`, unless
    it has said `resume`; a `HangupError` or `DisconnectedError` of a call that has ended is a normal end. `sys.exit()`
    ends its call only, with a code other than 0 as a failure. `max_sessions` bounds the calls at once; further ones
    wait unaccepted. Port 0 takes a free one, see `address`.

    `sock` is a socket that listens already (inherited, from systemd, shared by workers), of which a duplicate is used;
    host and port are ignored then. `reuse_port` lets several processes bind the same port, `backlog` is how many
    calls the system keeps until they are accepted, `handshake_timeout` how long a peer may take to begin.
    """

    def __init__(
        self,
        handler: Callable[[Connection], object],
        host: str = "127.0.0.1",
        port: int | str = 8084,
        *,
        sock: socket.socket | None = None,
        backlog: int = _native.BACKLOG,
        reuse_port: bool = False,
        max_sessions: int = _native.MAX_SESSIONS,
        handshake_timeout: Timeout | None = OUTBOUND.login_timeout,
        failure_cause: str = _native.FAILURE_CAUSE,
        options: Options = OUTBOUND,
    ) -> None:
        refuse_coroutine_function(handler, "Listener", "switchwire.aio.Listener")
        self._handler = handler
        self._failure_cause = failure_cause
        with listening(sock, host, port, backlog, reuse_port) as bound:
            self._server = _native.serve(
                bound.fileno(),
                self._serve,
                log_untaken,
                max_sessions,
                failure_cause,
                handshake_timeout,
                options,
            )
        self._stopped = threading.Event()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens on."""
        return self._server.address

    @property
    def active(self) -> int:
        """How many calls are on."""
        return self._server.stats()["active"]

    def stats(self) -> dict[str, int]:
        """Calls `active`, `accepted`, `failed` (no handshake), `probes` (only opened and closed) and `refused`."""
        return self._server.stats()

    def serve_forever(self) -> None:
        """Waits until `stop` is called; Ctrl-C ends it."""
        self._stopped.wait()

    def stop(self, timeout: Timeout = 10.0) -> bool:
        """Accepts no more calls, and waits for those that are on.

        What is left after `timeout` is hung up with `failure_cause` and closed, and its handlers are waited for. Says
        whether all had ended by themselves. A second call does nothing.
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
        failed = False
        try:
            refuse_coroutine(self._handler(connection), "the handler of a call")
        except SystemExit as error:
            failed = error.code not in (None, 0)
        except BaseException as error:
            failed = has_failed(error, connection.hung_up)
        if failed:
            connection._give_up(self._failure_cause, _native.HANGUP_TIMEOUT)
        connection.disconnect()
