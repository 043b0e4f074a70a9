"""Outbound calls: the modern listener and the classic descriptor."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import socketserver
import threading

import pytest

import ESL
import switchwire
from support.wait import until, until_async
from support.wire import Server
from switchwire import Connection, Listener, aio
from switchwire.testing import Simulator


def call(fs: Simulator, port: int, flags: str = "async full") -> Connection:
    """Has the simulator call us; gives the connection that commanded it."""
    fs.extension("7000", ("answer", ""), ("socket", f"127.0.0.1:{port} {flags}"))
    connection = switchwire.connect(*fs.address)
    connection.events("CHANNEL_HANGUP_COMPLETE", "CHANNEL_ANSWER")
    connection.api("bgapi", "originate loopback/7000 &park()")
    return connection


def test_a_call(fs_server: Simulator) -> None:
    seen: list[object] = []
    done = threading.Event()

    def handler(connection: Connection) -> None:
        try:
            assert connection.info is not None
            seen.append(connection.channel_uuid == connection.info["Unique-ID"])
            connection.linger()
            connection.my_events()
            done_event = connection.execute("playback", "x.wav", wait=True, timeout=10).event
            seen.append(done_event and done_event["Application"])
            connection.hangup()
        finally:
            done.set()

    with Listener(handler, port=0) as listener:
        assert listener.address[1] > 0
        with call(fs_server, listener.address[1]):
            assert done.wait(10)
    assert seen == [True, "playback"]
    assert listener.stats()["active"] == 0


def test_a_sync_call(fs_server: Simulator) -> None:
    seen: list[object] = []
    done = threading.Event()

    def handler(connection: Connection) -> None:
        seen.append(connection.is_sync)
        seen.append(connection.execute("playback", "x.wav", wait=True, timeout=10).reply.ok)
        done.set()

    with Listener(handler, port=0) as listener, call(fs_server, listener.address[1], ""):
        assert done.wait(10)
    assert seen == [True, True]


def test_a_handler_that_raises_ends_its_call_alone(fs_server: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    def handler(connection: Connection) -> None:
        raise RuntimeError("broken")

    with Listener(handler, port=0) as listener:
        with call(fs_server, listener.address[1]), call(fs_server, listener.address[1]):
            until(lambda: listener.stats()["accepted"] == 2 and not listener.stats()["active"], listener.stats)
        assert caplog.text.count("the handler of a call failed") == 2


def test_stopping_disconnects_what_is_left(fs_server: Simulator) -> None:
    begun, ended = threading.Event(), threading.Event()

    def handler(connection: Connection) -> None:
        begun.set()
        for _ in connection:
            pass
        ended.set()

    listener = Listener(handler, port=0)
    with call(fs_server, listener.address[1]):
        assert begun.wait(10)
        assert listener.stop(0.05) is False
        assert ended.is_set()
        assert listener.stop() is True
    listener.serve_forever()


def probe(address: tuple[str, int]) -> None:
    """What a load balancer does."""
    socket.create_connection(address).close()


def test_probes_are_no_warnings_and_silent_strays_hold_no_call_up(
    fs_server: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "switchwire")
    called = threading.Event()
    with Listener(lambda call: called.set(), port=0, max_sessions=1, handshake_timeout=None) as listener:
        probe(listener.address)
        until(lambda: listener.stats()["probes"], listener.stats)
        with socket.create_connection(listener.address), call(fs_server, listener.address[1]):
            assert called.wait(10)
    assert not [record for record in caplog.records if record.levelno > logging.DEBUG]


def test_probes_and_strays_in_asyncio(fs_server: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "switchwire")

    async def main() -> None:
        called = asyncio.Event()

        async def handler(_: aio.Connection) -> None:
            called.set()

        async with aio.Listener(handler, port=0, max_sessions=1, handshake_timeout=None) as listener:
            probe(listener.address)
            await until_async(lambda: listener.stats()["probes"], listener.stats)
            with socket.create_connection(listener.address), call(fs_server, listener.address[1]):
                await called.wait()
            assert listener.stats()["accepted"] == 3
        async with aio.Listener(handler, port=0, handshake_timeout=0.01) as listener:
            with socket.create_connection(listener.address, timeout=20) as stray:
                loop = asyncio.get_running_loop()
                assert await loop.run_in_executor(None, stray.recv, 100) == b"connect\n\n"
                assert await loop.run_in_executor(None, stray.recv, 100) == b""

    asyncio.run(asyncio.wait_for(main(), 60))
    shown = [record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG]
    assert len(shown) == 1
    assert "login" in shown[0]


def test_a_peer_has_so_long_for_its_handshake() -> None:
    with Listener(print, port=0, handshake_timeout=0.01) as listener:
        with socket.create_connection(listener.address, timeout=20) as stray:
            assert stray.recv(100) == b"connect\n\n"
            assert stray.recv(100) == b""
        until(lambda: listener.stats()["failed"], listener.stats)


def test_an_asyncio_listener_that_is_not_stopped_is_closed_with_a_warning() -> None:
    async def never_started() -> None:
        aio.Listener(lambda call: None, port=0)

    with pytest.warns(ResourceWarning, match=r"unclosed listener <switchwire.aio.Listener 127.0.0.1:\d+>"):
        asyncio.run(never_started())

    # The loop's end, and the end of serving, end accepting: nothing is left to close.
    listeners: list[aio.Listener] = []

    async def started() -> None:
        listeners.append(aio.Listener(lambda call: None, port=0))
        listeners[0].start()
        await asyncio.sleep(0)

    async def served() -> None:
        listeners.append(aio.Listener(lambda call: None, port=0))
        serving = asyncio.ensure_future(listeners[1].serve_forever())
        await asyncio.sleep(0)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    asyncio.run(started())
    asyncio.run(served())
    for listener in listeners:
        with pytest.raises(ConnectionRefusedError):
            probe(listener.address)
    listeners.clear()
    gc.collect()


def test_a_port_that_is_taken() -> None:
    with Listener(print, port=0) as listener, pytest.raises(switchwire.ConnectError):
        Listener(print, port=listener.address[1])


def test_the_classic_descriptor_stays_its_owners(fs_server: Simulator) -> None:
    seen: list[object] = []
    done = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            descriptor = self.request.fileno()
            connection = ESL.ESLconnection(descriptor)
            seen.append(connection.connected())
            info = connection.getInfo()
            seen.append(info.getType())
            uuid = info.getHeader("unique-id")
            seen.append(connection.execute("answer", "", uuid).getHeader("Reply-Text")[:3])
            connection.disconnect()
            del connection
            gc.collect()
            os.fstat(descriptor)
            seen.append("open")
            done.set()

    class Calls(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Calls(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with call(fs_server, server.server_address[1]):
            assert done.wait(10)
        server.shutdown()
    assert seen == [1, "CHANNEL_DATA", "+OK", "open"]


def test_a_peer_that_is_no_server() -> None:
    with Server(lambda peer: None, login=False) as server:
        with socket.create_connection((server.host, server.port)) as sock:
            connection = ESL.ESLconnection(sock.fileno())
            assert connection.connected() == 0
            assert connection.getInfo() is None


@pytest.mark.parametrize("listener", [Listener, aio.Listener])
def test_a_socket_that_does_not_listen_is_refused(listener: type) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        with pytest.raises(switchwire.InvalidArgumentError, match="does not listen"):
            listener(print, sock=sock)
