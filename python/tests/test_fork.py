"""Children made by fork, and workers that share a listening socket."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import switchwire
from conftest import Address
from support.wire import Server
from switchwire import aio

SCRIPTS = Path(__file__).parent / "scripts"


def output(name: str, address: Address) -> list[str]:
    # Newer interpreters warn of forks beside threads, which is what the scripts are about.
    command = [sys.executable, "-W", "ignore", str(SCRIPTS / name), *map(str, address)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout.splitlines()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_leaves_its_parents_connections_alone(server: Address) -> None:
    lines = []
    for how in ("disconnect", "garbage", "exit"):
        lines += [f"{how} 0 True True", "True"]
    assert output("fork_child.py", server) == lines


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_of_a_running_loop_leaves_what_it_watches_alone(server: Address) -> None:
    assert output("fork_aio.py", server) == ["0", "True"]


def knock(address: tuple[str, int]) -> None:
    """A call as far as a listener's handler."""
    with socket.create_connection(address) as sock:
        assert sock.recv(100) == b"connect\n\n"
        sock.sendall(b"Content-Type: command/reply\nReply-Text: +OK\nUnique-ID: u\nControl: full\n\n")
        while sock.recv(100):
            pass


def test_a_listener_takes_a_socket_that_listens() -> None:
    called: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as sock:
        with switchwire.Listener(lambda call: called.append("blocking"), sock=sock) as listener:
            assert listener.address == sock.getsockname()
            knock(listener.address)
        # It stays its owner's, and goes on listening for the next.
        assert sock.fileno() >= 0

        async def main() -> None:
            async with aio.Listener(lambda call: called.append("asyncio"), sock=sock) as listener:
                assert listener.address == sock.getsockname()
                await asyncio.get_running_loop().run_in_executor(None, knock, listener.address)

        asyncio.run(main())
    assert called == ["blocking", "asyncio"]
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        with pytest.raises(switchwire.InvalidArgumentError, match="listen"):
            switchwire.Listener(print, sock=sock)
    with Server() as server, socket.create_connection((server.host, server.port)) as sock:
        with pytest.raises(switchwire.InvalidArgumentError, match="listen"):
            switchwire.Listener(print, sock=sock)


def test_workers_may_bind_the_same_port() -> None:
    called = threading.Event()

    async def main(port: int) -> None:
        async with aio.Listener(lambda call: None, port=port, reuse_port=True) as other:
            assert other.address[1] == port

    with switchwire.Listener(lambda call: called.set(), port=0, reuse_port=True, backlog=5) as listener:
        asyncio.run(main(listener.address[1]))
        knock(listener.address)
        assert called.wait(10)
        with pytest.raises(switchwire.ConnectError):
            switchwire.Listener(print, port=listener.address[1])


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
@pytest.mark.parametrize("host", ["[::1]", "::1"])
def test_listeners_take_ipv6_addresses_in_brackets_or_not(host: str) -> None:
    async def main() -> None:
        async with aio.Listener(lambda call: None, host, 0) as listener:
            await asyncio.get_running_loop().run_in_executor(None, knock, listener.address)

    try:
        listener = switchwire.Listener(lambda call: None, host, 0)
    except switchwire.ConnectError:
        pytest.skip("no IPv6 here")
    with listener:
        assert listener.address[0] == "::1"
        knock(listener.address)
    asyncio.run(main())
