"""How an asyncio connection begins."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from .. import _native
from .._options import Options, Timeout, bounded_by, seconds
from ..errors import ConnectError, ResolveError, WaitTimeoutError
from ..job import timed_out

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

_T = TypeVar("_T")


async def open_inbound(
    host: str, port: int, password: str, user: str | None, timeout: Timeout | None, options: Options
) -> _native.Handle:
    """Connects and logs in, for at most `timeout` in all."""
    end = None if timeout is None else asyncio.get_running_loop().time() + seconds(timeout)
    options = bounded_by(options, timeout)
    sock = await dial(host, port, replace(options, connect_timeout=_left(end, options.connect_timeout)))
    with sock:
        prepare(sock, options)
        opening = _native.Opening.login(sock.fileno(), password, user, options)
    return await finish(opening, replace(options, login_timeout=_left(end, options.login_timeout)))


def _left(end: float | None, timeout: Timeout | None) -> Timeout | None:
    """What is left of two times."""
    if end is None:
        return timeout
    left = max(0.0, end - asyncio.get_running_loop().time())
    return left if timeout is None else min(left, seconds(timeout))


async def dial(host: str, port: int, options: Options) -> socket.socket:
    """A connected socket: every address of the host in turn, for at most the connect time-out."""
    loop = asyncio.get_running_loop()
    limit = options.connect_timeout
    end = None if limit is None else loop.time() + seconds(limit)
    host = _native.bare_host(host)
    try:
        addresses = await within(loop.getaddrinfo(host, port, type=socket.SOCK_STREAM), _left(end, limit), "resolve")
    except socket.gaierror as error:
        raise ResolveError(f"cannot resolve {host}: {error}") from error
    return await within(_first(addresses, host), _left(end, limit), "connect")


async def _first(addresses: list[tuple[Any, ...]], host: str) -> socket.socket:
    loop = asyncio.get_running_loop()
    last: OSError | None = None
    for family, kind, protocol, _, address in addresses:
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as error:
            last = error
            continue
        sock.setblocking(False)
        try:
            await loop.sock_connect(sock, address)
        except OSError as error:
            last = error
            sock.close()
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise ConnectError(f"cannot connect to {host}: {last}") from last


def prepare(sock: socket.socket, options: Options) -> None:
    """Small commands go out at once; a peer that is gone is noticed."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if options.keepalive is not None:
            idle = max(1, int(seconds(options.keepalive)))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in (
                ("TCP_KEEPIDLE", idle),
                ("TCP_KEEPINTVL", max(1, idle // 5)),
                ("TCP_KEEPCNT", 5),
            ):
                if hasattr(socket, name):
                    sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def finish(opening: _native.Opening, options: Options) -> _native.Handle:
    """Drives an opening to its end, for at most the login time-out."""
    try:
        return await within(_advance(opening), options.login_timeout, "login")
    except BaseException:
        # The error's frames hold the opening for as long as somebody keeps the error.
        opening.close()
        raise


async def _advance(opening: _native.Opening) -> _native.Handle:
    async with _readable(opening.fileno()) as wait:
        while True:
            handle = opening.advance()
            if handle is not None:
                return handle
            await wait()


@contextlib.asynccontextmanager
async def _readable(fd: int) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(fd, ready.set)

    async def wait() -> None:
        await ready.wait()
        ready.clear()

    try:
        yield wait
    finally:
        loop.remove_reader(fd)


async def within(awaitable: Awaitable[_T], timeout: Timeout | None, phase: str) -> _T:
    """Awaits for at most that long; `WaitTimeoutError` says in which phase the time passed."""
    try:
        return await asyncio.wait_for(awaitable, None if timeout is None else seconds(timeout))
    except WaitTimeoutError:
        raise
    except asyncio.TimeoutError:
        raise timed_out(_AWAITED[phase], phase) from None


_AWAITED = {
    "resolve": "the host's addresses",
    "connect": "the TCP connection",
    "login": "the server during login",
    "reply": "the answer to a command",
    "job": "the end of a background job",
    "execute": "the end of an application",
    "send": "room to send",
}
