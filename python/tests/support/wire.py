"""A server of which a test says every byte: for what is on the wire, and for what no server should do."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

AUTH = b"Content-Type: auth/request\n\n"
ACCEPTED = b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"


def reply(text: str = "+OK", *headers: str) -> bytes:
    """A command/reply."""
    lines = ["Content-Type: command/reply", f"Reply-Text: {text}", *headers]
    return ("\n".join(lines) + "\n\n").encode()


def response(body: str | bytes) -> bytes:
    """An api/response."""
    body = body if isinstance(body, bytes) else body.encode()
    return b"Content-Type: api/response\nContent-Length: %d\n\n%s" % (len(body), body)


def event(*lines: str, body: str | None = None) -> bytes:
    """A text/event-plain."""
    text = "\n".join(lines) + "\n"
    if body is not None:
        text += f"Content-Length: {len(body.encode())}\n\n{body}"
    else:
        text += "\n"
    payload = text.encode("utf-8", "surrogateescape")
    return b"Content-Length: %d\nContent-Type: text/event-plain\n\n%s" % (len(payload), payload)


class Server:
    """Accepts connections, and runs `talk` for each on a thread of its own.

    `received` are the commands as they came, the blank line included. `talk` may be a function of a `Peer`, or bytes
    that reply to every command; the login is done before.
    """

    def __init__(self, talk: Callable[[Peer], None] | bytes = b"", *, login: bool = True) -> None:
        self._talk = talk if callable(talk) else lambda peer: peer.answer_all(talk or reply())
        self._login = login
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=2000)
        self.host, self.port = self._socket.getsockname()
        self.address: tuple[str, int] = (self.host, self.port)
        self.received: list[bytes] = []
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._peers: list[socket.socket] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            self._peers.append(sock)
            thread = threading.Thread(target=self._run, args=(sock,), daemon=True)
            # Before `close` can see it: what has not begun cannot be joined.
            thread.start()
            self._threads.append(thread)

    def _run(self, sock: socket.socket) -> None:
        peer = Peer(sock, self.received, self._closing)
        try:
            if self._login:
                peer.send(AUTH)
                peer.command()
                peer.send(ACCEPTED)
            self._talk(peer)
        except (EOFError, OSError):
            pass
        finally:
            sock.close()

    def close(self) -> None:
        """Ends it and every connection."""
        self._closing.set()
        with contextlib.suppress(OSError):
            # Closing alone does not wake the thread that accepts.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for sock in self._peers:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Peer:
    """One connection, seen from the server."""

    def __init__(self, sock: socket.socket, received: list[bytes], closing: threading.Event) -> None:
        self.socket = sock
        self._closing = closing
        self._received = received
        self._buffer = b""

    def send(self, data: bytes) -> None:
        """Sends bytes."""
        self.socket.sendall(data)

    def idle(self) -> None:
        """Reads and writes nothing until the server is closed."""
        self._closing.wait(60)

    def command(self) -> bytes:
        """The next command, its body included."""
        while b"\n\n" not in self._buffer.lstrip(b"\n"):
            self._more()
        self._buffer = self._buffer.lstrip(b"\n")
        end = self._buffer.index(b"\n\n") + 2
        for line in self._buffer[:end].lower().splitlines():
            if line.startswith(b"content-length:"):
                end += int(line.split(b":")[1])
        while len(self._buffer) < end:
            self._more()
        command, self._buffer = self._buffer[:end], self._buffer[end:]
        self._received.append(command)
        return command

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError
        self._buffer += data

    def answer_all(self, answer: bytes) -> None:
        """Replies to every command alike."""
        while True:
            self.command()
            self.send(answer)
