"""How an asyncio connection begins."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any, TypeVar

from .. import _native
from .._options import Options, Timeout, bounded_by, seconds
from ..errors import ConnectError, InvalidArgumentError, ResolveError, WaitTimeoutError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

_T = TypeVar("_T")


async def open_inbound(
    host: str, port: int, password: str, user: str | None, timeout: Timeout | None, options: Options
) -> _native.Handle:
    """Connects and logs in, for at most `timeout` in all."""
    check(options)
    end = None if timeout is None else asyncio.get_running_loop().time() + seconds(timeout)
    options = bounded_by(options, timeout)
    sock = await dial(host, port, options._replace(connect_timeout=_left(end, options.connect_timeout)))
    with sock:
        opening = _native.Opening.login(sock.fileno(), password, user, options)
    return await finish(opening, options._replace(login_timeout=_left(end, options.login_timeout)))


def check(options: Options) -> None:
    """Refuses a policy that would leave the descriptor readable, and the loop busy."""
    if options.overflow == "block":
        raise InvalidArgumentError("overflow: 'block' is for blocking and supervised connections")


def _left(end: float | None, timeout: Timeout | None) -> Timeout | None:
    """What is left of two times."""
    if end is None:
        return timeout
    left = max(0.0, end - asyncio.get_running_loop().time())
    return left if timeout is None else min(left, seconds(timeout))


async def dial(host: str, port: int, options: Options) -> socket.socket:
    """A connected socket: every address of the host in turn, within the connect timeout."""
    loop = asyncio.get_running_loop()
    limit = options.connect_timeout
    end = None if limit is None else loop.time() + seconds(limit)
    host = _native.bare_host(host)
    try:
        addresses = await within(loop.getaddrinfo(host, port, type=socket.SOCK_STREAM), _left(end, limit), "resolve")
    except socket.gaierror as error:
        raise ResolveError(f"cannot resolve {host}: {error}") from error
    return await _first(addresses, host, end)


async def _first(addresses: list[tuple[Any, ...]], host: str, end: float | None) -> socket.socket:
    loop = asyncio.get_running_loop()
    last: OSError | None = None
    for at, (family, kind, protocol, _, address) in enumerate(addresses):
        # As in the core: a silent address must not use up the time of those after it.
        left = _left(end, None)
        share = None if left is None else seconds(left) / (len(addresses) - at)
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as error:
            last = error
            continue
        sock.setblocking(False)
        try:
            await asyncio.wait_for(loop.sock_connect(sock, address), share)
        except (asyncio.TimeoutError, TimeoutError):
            last = None
            sock.close()
        except OSError as error:
            last = error
            sock.close()
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    if last is None:
        raise _native.timed_out("connect")
    raise ConnectError(f"cannot connect to {host}: {last}") from last


async def finish(opening: _native.Opening, options: Options) -> _native.Handle:
    """Drives an opening to its end, for at most the login timeout."""
    try:
        return await within(_advance(opening), options.login_timeout, "login")
    except BaseException:
        # The traceback keeps the opening alive for as long as the error is kept.
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
    """Awaits for at most `timeout`, then raises the `WaitTimeoutError` of that phase."""
    try:
        return await asyncio.wait_for(awaitable, None if timeout is None else seconds(timeout))
    except WaitTimeoutError:
        raise
    except asyncio.TimeoutError:
        raise _native.timed_out(phase) from None
