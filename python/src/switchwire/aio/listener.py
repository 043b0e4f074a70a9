"""Outbound mode for asyncio: FreeSWITCH connects to us for a call."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import socket
from collections.abc import Awaitable, Callable
from types import TracebackType

from .. import _native
from .._options import OUTBOUND, Options, Timeout, port_number, seconds
from ..errors import ConnectError, SwitchwireError
from ..log import logger
from .connection import Connection
from .opening import finish, prepare


class Listener:
    """Serves the calls that the dialplan's `socket` application connects to us, each in a task of its own.

    `handler` is a coroutine function that is called for each call with its `Connection`, which is closed when it
    returns. What it raises goes to the logger `switchwire` and ends its call only. `max_sessions` bounds the calls at
    once; further ones wait unaccepted. Port 0 takes a free one, see `address`. Use it with `async with`, or `start` and
    `stop`.
    """

    def __init__(
        self,
        handler: Callable[[Connection], Awaitable[object] | object],
        host: str = "127.0.0.1",
        port: int | str = 8084,
        *,
        max_sessions: int = 1000,
        options: Options = OUTBOUND,
    ) -> None:
        self._handler = handler
        self._options = options
        self._places = asyncio.Semaphore(max_sessions)
        self._calls: dict[asyncio.Task[None], Connection | None] = {}
        self._acceptor: asyncio.Task[None] | None = None
        port = port_number(port, free=True)
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._socket = socket.create_server((host, port), family=family, backlog=1024)
        except OSError as error:
            raise ConnectError(f"cannot bind the listener: {error}") from error
        self._socket.setblocking(False)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens on."""
        host, port = self._socket.getsockname()[:2]
        return host, port

    @property
    def active(self) -> int:
        """How many calls are on."""
        return len(self._calls)

    def start(self) -> None:
        """Starts accepting, in the running loop."""
        if self._acceptor is None:
            self._acceptor = asyncio.get_running_loop().create_task(self._accept())

    async def serve_forever(self) -> None:
        """Accepts calls until the listener is stopped or this is cancelled."""
        self.start()
        assert self._acceptor is not None
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(self._acceptor)

    async def stop(self, timeout: Timeout = 10.0) -> bool:
        """Accepts no more calls, and awaits those that are on.

        What is left after `timeout` is disconnected, and its handlers are awaited. Says whether all had ended by
        themselves.
        """
        if self._acceptor is not None:
            self._acceptor.cancel()
            await asyncio.gather(self._acceptor, return_exceptions=True)
        self._socket.close()
        if not self._calls:
            return True
        _, left = await asyncio.wait(set(self._calls), timeout=seconds(timeout))
        for task in left:
            connection = self._calls.get(task)
            if connection is None:
                task.cancel()
            else:
                connection.disconnect()
        if left:
            await asyncio.wait(left)
        return not left

    async def __aenter__(self) -> Listener:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._places.acquire()
            try:
                sock, _ = await loop.sock_accept(self._socket)
            except asyncio.CancelledError:
                self._places.release()
                raise
            except OSError as error:
                self._places.release()
                logger.warning("cannot accept a call: %s", error)
                await asyncio.sleep(0.05)
                continue
            task = loop.create_task(self._serve(sock))
            self._calls[task] = None
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._calls.pop(task, None)
        self._places.release()

    async def _serve(self, sock: socket.socket) -> None:
        try:
            with sock:
                prepare(sock, self._options)
                opening = _native.Opening.outbound(sock.fileno(), self._options)
            connection = Connection(await finish(opening, self._options))
        except SwitchwireError as error:
            logger.warning("a call could not be taken: %s", error)
            return
        task = asyncio.current_task()
        assert task is not None
        self._calls[task] = connection
        try:
            result = self._handler(connection)
            if inspect.isawaitable(result):
                await result
        except Exception:
            logger.exception("the handler of a call failed")
        finally:
            connection.disconnect()
