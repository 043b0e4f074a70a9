"""Outbound mode for asyncio: FreeSWITCH connects to us for a call."""

from __future__ import annotations

import asyncio
import inspect
import socket
import warnings
from collections.abc import Awaitable, Callable
from types import TracebackType

from .. import _native
from .._callbacks import has_failed, log_untaken
from .._options import OUTBOUND, Options, Timeout, listening, seconds
from ..errors import DisconnectedError, SwitchwireError
from ..log import logger
from .connection import Connection
from .opening import check, finish


class Listener:
    """Serves the calls that the dialplan's `socket` application connects to us, each in a task of its own.

    `handler` is a coroutine function that is called for each call with its `Connection`, which is closed when it
    returns. When it raises or is cancelled its call is hung up, as `switchwire.Listener` says; `sys.exit()` ends the
    loop, as in every task. `max_sessions` bounds the calls at once; further ones wait unaccepted. Port 0 takes a free
    one, see `address`. The other arguments are those of `switchwire.Listener`. Use it with `async with`, or `start` and
    `stop`, or `serve_forever`.
    """

    def __init__(
        self,
        handler: Callable[[Connection], Awaitable[object] | object],
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
        check(options)
        self._handler = handler
        self._failure_cause = failure_cause
        self._options = options._replace(login_timeout=handshake_timeout)
        self._places = asyncio.Semaphore(max_sessions)
        self._tasks: set[asyncio.Task[None]] = set()
        self._calls: dict[asyncio.Task[None], Connection] = {}
        self._counts = {"accepted": 0, "failed": 0, "probes": 0, "refused": 0}
        self._acceptor: asyncio.Task[None] | None = None
        self._socket = listening(sock, host, port, backlog, reuse_port)
        self._socket.setblocking(False)
        self._address: tuple[str, int] = self._socket.getsockname()[:2]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens on."""
        return self._address

    @property
    def active(self) -> int:
        """How many calls are on."""
        return len(self._calls)

    def stats(self) -> dict[str, int]:
        """Calls `active`, `accepted`, `failed` (no handshake), `probes` (only opened and closed) and `refused`."""
        return {"active": self.active, **self._counts}

    def start(self) -> None:
        """Starts accepting, in the running loop."""
        if self._acceptor is None:
            self._acceptor = asyncio.get_running_loop().create_task(self._accept())

    async def serve_forever(self) -> None:
        """Accepts calls until the listener is stopped or this is cancelled, which ends accepting."""
        self.start()
        acceptor = self._acceptor
        assert acceptor is not None
        try:
            await asyncio.wait({acceptor})
        finally:
            acceptor.cancel()

    async def stop(self, timeout: Timeout = 10.0) -> bool:
        """Accepts no more calls, and awaits those that are on.

        What is left after `timeout` is hung up with `failure_cause` and closed, and its handlers are awaited. Says
        whether all had ended by themselves. A second call does nothing.
        """
        if self._acceptor is not None:
            self._acceptor.cancel()
            await asyncio.gather(self._acceptor, return_exceptions=True)
        self._socket.close()
        for task in self._tasks - set(self._calls):
            # No call yet.
            task.cancel()
        if not self._tasks:
            return True
        _, left = await asyncio.wait(set(self._tasks), timeout=seconds(timeout))
        calls = [connection for task, connection in self._calls.items() if task in left]
        limit = _native.HANGUP_TIMEOUT
        await asyncio.gather(*(connection._give_up(self._failure_cause, limit) for connection in calls))
        if left:
            await asyncio.wait(left)
        return not calls

    async def __aenter__(self) -> Listener:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def __del__(self) -> None:
        sock = getattr(self, "_socket", None)
        if sock is not None and sock.fileno() >= 0:
            warnings.warn(f"unclosed listener {self!r}", ResourceWarning, stacklevel=2, source=self)
            sock.close()

    def __repr__(self) -> str:
        host, port = self.address
        return f"<switchwire.aio.Listener {host}:{port}>"

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                # Waits for a free session; a peer that has not finished its handshake takes none.
                async with self._places:
                    pass
                try:
                    sock, _ = await loop.sock_accept(self._socket)
                except OSError as error:
                    self._counts["refused"] += 1
                    logger.warning("cannot accept a call: %s", error)
                    await asyncio.sleep(_native.ACCEPT_PAUSE)
                    continue
                self._counts["accepted"] += 1
                task = loop.create_task(self._serve(sock))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        finally:
            # Accepting has ended: the system is to refuse further connections.
            self._socket.close()

    async def _serve(self, sock: socket.socket) -> None:
        try:
            with sock:
                opening = _native.Opening.outbound(sock.fileno(), self._options)
            handle = await finish(opening, self._options)
        except SwitchwireError as error:
            self._counts["probes" if isinstance(error, DisconnectedError) else "failed"] += 1
            log_untaken(error)
            return
        connection = Connection(handle)
        task = asyncio.current_task()
        assert task is not None
        try:
            async with self._places:
                self._calls[task] = connection
                await self._run(connection)
        finally:
            self._calls.pop(task, None)
            connection.disconnect()

    async def _run(self, connection: Connection) -> None:
        """Runs the handler; hangs the call up when it fails."""
        try:
            result = self._handler(connection)
            if inspect.isawaitable(result):
                await result
        except asyncio.CancelledError:
            await connection._give_up(self._failure_cause, _native.HANGUP_TIMEOUT)
            raise
        except Exception as error:
            if has_failed(error, connection.hung_up):
                await connection._give_up(self._failure_cause, _native.HANGUP_TIMEOUT)
