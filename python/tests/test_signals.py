"""Ctrl-C ends every wait. (How soon is printed, not asserted: machines differ. It is some 40 ms.)"""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from support.wire import Peer, Server, reply

CLASSIC = "import ESL; con = ESL.ESLconnection('127.0.0.1', port, 'x'); "
MODERN = "import switchwire; con = switchwire.connect(port=port, command_timeout=None); "
WAITS = {
    "recvEvent": CLASSIC + "ready(); con.recvEvent()",
    "recvEventTimed": CLASSIC + "ready(); con.recvEventTimed(0)",
    "recvEventTimed long": CLASSIC + "ready(); con.recvEventTimed(60000)",
    "recvEventTimed dead": CLASSIC + "con.disconnect(); ready(); con.recvEventTimed(60000)",
    "api": CLASSIC + "ready(); con.api('x')",
    "sendMSG": CLASSIC + "ready(); con.sendMSG(ESL.ESLevent('CUSTOM'))",
    "classic connect": "import ESL; ready(); ESL.ESLconnection('127.0.0.1', mute, 'x')",
    "classic fd": "import ESL, socket; s = socket.create_connection(('127.0.0.1', mute)); ready(); "
    "ESL.ESLconnection(s.fileno())",
    "connect": "import switchwire; ready(); switchwire.connect(port=mute)",
    "modern api": MODERN + "ready(); con.api('x')",
    "recv": MODERN + "ready(); con.recv()",
    "iteration": MODERN + "ready(); list(con)",
    "job": MODERN + "con.events('BACKGROUND_JOB'); job = con.bgapi('x'); ready(); job.result()",
    "full socket": MODERN + "ready()\nwhile True: con.send('x' * 1000000)",
    "serve_forever": "import switchwire; listener = switchwire.Listener(print, port=0); ready(); "
    "listener.serve_forever()",
    "a thread receives": MODERN
    + "import threading; threading.Thread(target=con.recv, daemon=True).start(); ready(); con.recv()",
    "aio": "import asyncio; from switchwire import aio\n"
    "async def main():\n con = await aio.connect(port=port); ready(); await con.recv()\nasyncio.run(main())",
}


@pytest.mark.parametrize("name", WAITS)
def test_an_interrupt_ends(name: str) -> None:
    def talk(peer: Peer) -> None:
        # Replies to event and bgapi, and reads nothing else.
        while peer.command().startswith((b"event", b"bgapi")):
            peer.send(reply())
        peer.idle()

    def mute(peer: Peer) -> None:
        peer.command()
        peer.idle()

    with Server(talk) as server, Server(mute, login=False) as other:
        code = f"port = {server.port}; mute = {other.port}\ndef ready(): print('ready', flush=True)\n{WAITS[name]}"
        script = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert script.stdout is not None
        assert script.stdout.readline() == "ready\n"
        time.sleep(0.1)
        begin = time.monotonic()
        script.send_signal(signal.SIGINT)
        _, errors = script.communicate(timeout=20)
        print(f"{name}: ended after {(time.monotonic() - begin) * 1000:.0f} ms")
        assert script.returncode == -signal.SIGINT or "KeyboardInterrupt" in errors


def test_other_signals_go_on_waiting() -> None:
    code = (
        "import signal, ESL, sys; seen = []; signal.signal(signal.SIGUSR1, lambda *a: seen.append(1));"
        "con = ESL.ESLconnection('127.0.0.1', int(sys.argv[1]), 'x'); print('ready', flush=True);"
        "print(con.recvEventTimed(1000), seen)"
    )
    with Server(lambda peer: peer.command() and None) as server:
        script = subprocess.Popen([sys.executable, "-c", code, str(server.port)], stdout=subprocess.PIPE, text=True)
        assert script.stdout is not None
        assert script.stdout.readline() == "ready\n"
        script.send_signal(signal.SIGUSR1)
        assert script.communicate(timeout=20)[0] == "None [1]\n"
