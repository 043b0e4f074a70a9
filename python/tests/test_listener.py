"""Outbound calls: the modern listener and the classic descriptor."""

from __future__ import annotations

import gc
import os
import socket
import socketserver
import threading
import time

import pytest

import ESL
import switchwire
from support.wire import Server
from switchwire import Connection, Listener
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
            while listener.stats()["accepted"] < 2 or listener.stats()["active"]:
                time.sleep(0.01)
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
