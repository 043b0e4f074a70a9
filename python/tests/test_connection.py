"""The modern connection, blocking."""

from __future__ import annotations

import logging
import socket
import sys
import threading
import time
from datetime import timedelta

import pytest

import switchwire
from conftest import Address
from support.wire import Peer, Server, event, reply, response
from switchwire import Connection, Event, EventType
from switchwire.testing import Faults, Simulator, User


def connect(server: Server, **options: object) -> Connection:
    return switchwire.connect(server.host, server.port, **options)


def test_a_session(server: Address) -> None:
    with switchwire.connect(*server) as fs:
        assert fs.connected
        assert "UP" in fs.api("status")
        assert fs.api("no_such_api").startswith("-ERR")
        with pytest.raises(switchwire.RefusedError, match="no_such_api"):
            fs.api("no_such_api", check=True)
        fs.events(EventType.HEARTBEAT, "BACKGROUND_JOB", "CUSTOM", custom=["a::b"])
        fs.filter("A", "1")
        fs.no_filter()
        job = fs.bgapi("status")
        assert "UP" in job.result(timeout=10)
        assert job.done()
        assert job.event()["Job-UUID"] == job.uuid
        fs.send_event(Event("CUSTOM", {"A": "x"}, "text", subclass="a::b"))
        received = fs.recv(timeout=10)
        assert received is not None
        assert (received.subclass, received["A"], received.body) == ("a::b", "x", "text")
        assert fs.recv(timeout=0) is None
        assert fs.recv(timeout=timedelta(milliseconds=20)) is None
        fs.no_events()
        answer = fs.request("no_such_command")
        assert not answer.ok
        assert answer.error is not None
        assert answer.text.startswith("-ERR")
        assert fs.info is None
        assert fs.channel_uuid is None
        assert fs.fileno() > 2
        assert fs.disconnect_reason is None
        assert fs.stats()["unanswered"] == 0
        fs.exit()
    assert not fs.connected
    assert fs.fileno() == -1
    assert isinstance(fs.disconnect_reason, switchwire.DisconnectedError)


def test_iteration_ends_with_the_connection(fs_server: Simulator) -> None:
    with switchwire.connect(*fs_server.address) as fs:
        fs.events("HEARTBEAT")
        for number in range(5):
            fs_server.fire("HEARTBEAT", {"N": str(number)})
        seen = []
        for received in fs:
            seen.append(received["N"])
            if len(seen) == 5:
                fs_server.disconnect_all()
        assert seen == list("01234")
        with pytest.raises(switchwire.DisconnectedError):
            fs.recv()


def test_what_is_sent() -> None:
    with Server() as server, connect(server) as fs:
        fs.events("DTMF", "CUSTOM", "a::b", "HEARTBEAT")
        fs.events(custom=["a::b"])
        fs.events(format="json")
        fs.execute("playback", "x.wav", uuid="u", event_lock=True)
        fs.my_events()
        fs.my_events("u")
        fs.linger(5)
        fs.hangup("USER_BUSY", uuid="u")
        fs.log("warning")
        fs.log(None)
        fs.divert_events()
        fs.send("noevents")
        fs.request("last")
        assert [command.decode() for command in server.received[1:]] == [
            "event plain DTMF HEARTBEAT CUSTOM a::b\n\n",
            "event plain CUSTOM a::b\n\n",
            "event json ALL\n\n",
            "sendmsg u\ncall-command: execute\nexecute-app-name: playback\nexecute-app-arg: x.wav\nevent-lock: true\n\n",
            "myevents\n\n",
            "myevents u plain\n\n",
            "linger 5\n\n",
            "sendmsg u\ncall-command: hangup\nhangup-cause: USER_BUSY\n\n",
            "log 4\n\n",
            "nolog\n\n",
            "divert_events on\n\n",
            "noevents\n\n",
            "last\n\n",
        ]


@pytest.mark.parametrize("text", ["a\n\nb", "a\nb", "a\rb", "a\0b"])
def test_nothing_starts_a_second_command(text: str) -> None:
    with Server() as server, connect(server) as fs:
        for call in (
            lambda: fs.api(text),
            lambda: fs.api("x", text),
            lambda: fs.bgapi("x", text),
            lambda: fs.filter("x", text),
            lambda: fs.events(custom=[text]),
            lambda: fs.hangup(uuid=text),
            lambda: fs.execute(text),
            lambda: fs.send_event(Event("CUSTOM", {"A": text})),
        ):
            with pytest.raises((switchwire.InvalidArgumentError, switchwire.RefusedError)):
                call()
        fs.request("last")
        joined = b"".join(server.received[1:])
        assert b"\n\nb" not in joined
        assert server.received[-1] == b"last\n\n"


def test_failures_to_connect() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        with pytest.raises(switchwire.WaitTimeoutError, match="login") as raised:
            switchwire.connect(port=port, login_timeout=0.05)
        assert raised.value.phase == "login"
        assert isinstance(raised.value, TimeoutError)
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        with pytest.raises(switchwire.ConnectError):
            switchwire.connect(port=sock.getsockname()[1])
    with pytest.raises(ConnectionError):
        switchwire.connect("no-such-host.invalid")
    with Simulator(users=[User("1000", "1234")]) as fs:
        with pytest.raises(switchwire.AuthenticationError):
            switchwire.connect(*fs.address, "wrong")
        with pytest.raises(PermissionError):
            switchwire.connect(*fs.address, "wrong", user="1000@localdomain.test")
        with switchwire.connect(*fs.address, "1234", user="1000@localdomain.test") as connection:
            assert connection.connected
    with Simulator(acl_reject=True) as fs, pytest.raises(switchwire.RejectedByAclError):
        switchwire.connect(*fs.address)
    with Server(lambda peer: peer.send(b"SSH-2.0-x\r\n"), login=False) as server:
        with pytest.raises(switchwire.NotFreeSwitchError):
            connect(server)
    with pytest.raises(switchwire.InvalidArgumentError):
        switchwire.connect(port=port, password="a\nb")
    with pytest.raises(ValueError, match="overflow"):
        switchwire.connect(port=port, overflow="never")


def test_arguments_of_connect(fs_server: Simulator) -> None:
    with switchwire.connect(fs_server.host, str(fs_server.port), timeout=20) as fs:
        assert repr(fs) == f"<switchwire.Connection inbound to {fs_server.host}:{fs_server.port}, connected>"
    assert repr(fs) == f"<switchwire.Connection inbound to {fs_server.host}:{fs_server.port}, closed>"
    for port in (70000, -1, 0, "70000"):
        with pytest.raises(switchwire.InvalidArgumentError, match="port"):
            switchwire.connect(port=port)
    for port in ("", "http", "²", 1.5, None, True):
        with pytest.raises(TypeError, match="port"):
            switchwire.connect(port=port)
    with pytest.raises(switchwire.InvalidArgumentError, match="port"):
        switchwire.Listener(print, port=70000)
    with Server(Peer.idle, login=False) as server:
        with pytest.raises(switchwire.WaitTimeoutError) as raised:
            connect(server, timeout=0.05)
        assert raised.value.phase == "login"


def test_time_outs_leave_the_connection_in_step() -> None:
    def talk(peer: Peer) -> None:
        peer.command()
        peer.command()
        peer.send(response("one") + response("two"))
        peer.answer_all(response("three"))

    with Server(talk) as server, connect(server) as fs:
        with pytest.raises(switchwire.WaitTimeoutError) as raised:
            fs.api("one", timeout=0.05)
        assert raised.value.phase == "reply"
        assert fs.api("two") == "two"
        assert fs.api("three") == "three"
        assert fs.stats()["late_replies"] == 1
    for wrong in (-1, float("nan"), "1", [1]):
        with pytest.raises((ValueError, TypeError)):
            fs.recv(timeout=wrong)


def test_jobs_that_fail() -> None:
    with Server(reply("-ERR no")) as server, connect(server) as fs:
        with pytest.raises(switchwire.RefusedError, match="no"):
            fs.bgapi("x")
    with Server() as server, connect(server) as fs:
        with pytest.raises(switchwire.NotSubscribedError):
            fs.bgapi("x").result()
        fs.events("BACKGROUND_JOB")
        job = fs.bgapi("x")
        assert not job.done()
        with pytest.raises(switchwire.WaitTimeoutError) as raised:
            job.result(timeout=0.05)
        assert raised.value.phase == "job"


def test_execute_and_wait(fs_server: Simulator) -> None:
    with switchwire.connect(*fs_server.address) as fs:
        with pytest.raises(switchwire.NotSubscribedError):
            fs.execute("answer", uuid="x", wait=True)
        fs.events("CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HANGUP_COMPLETE")
        uuid = fs.api("create_uuid")
        assert fs.api("originate", f"{{origination_uuid={uuid}}}loopback/9000 &park()").startswith("+OK")
        done = fs.execute("set", "a=b", uuid=uuid, wait=True, timeout=10)
        assert done.reply.ok
        assert done.event is not None
        assert done.event["Application"] == "set"


def test_a_hangup_ends_the_wait() -> None:
    def talk(peer: Peer) -> None:
        peer.command()
        peer.send(reply())
        peer.command()
        peer.send(reply() + event("Event-Name: CHANNEL_HANGUP_COMPLETE", "Unique-ID: u"))
        peer.command()

    with Server(talk) as server, connect(server) as fs:
        fs.events("CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HANGUP_COMPLETE")
        with pytest.raises(switchwire.HangupError):
            fs.execute("playback", "x.wav", uuid="u", wait=True, timeout=10)
        assert fs.recv(0) is not None


def test_log_lines_go_to_logging(fs_server: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    with switchwire.connect(*fs_server.address) as fs, caplog.at_level(logging.DEBUG, "switchwire.freeswitch"):
        fs.log("debug")
        fs_server.log("warning", "look out")
        assert fs.recv(timeout=0.2) is None
        record = next(record for record in caplog.records if record.message.endswith("look out"))
        assert record.levelno == logging.WARNING
        assert record.freeswitch.level_name == "WARNING"
    with pytest.raises(ValueError, match="warning"):
        switchwire.Connection.log(fs, "loud")


def test_consumers(fs_server: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []
    arrived = threading.Event()

    def take(received: Event) -> None:
        if received["N"] == "1":
            raise RuntimeError("one")
        seen.append(received["N"])
        if received["N"] == "3":
            arrived.set()

    with switchwire.connect(*fs_server.address) as fs:
        fs.events("HEARTBEAT")
        consumer = fs.consume(take)
        for number in range(4):
            fs_server.fire("HEARTBEAT", {"N": str(number)})
        assert arrived.wait(10)
        assert seen == ["0", "2", "3"]
        assert "callback failed" in caplog.text
        assert fs.api("status")
        assert consumer.stop(10)
        with fs.consume(take):
            fs.disconnect()


def test_coroutine_functions_are_refused_where_nothing_awaits_them(
    fs_server: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    async def take(_: object) -> None:
        raise AssertionError

    class Taker:
        async def __call__(self, _: object) -> None:
            raise AssertionError

    called = threading.Event()

    def hidden(received: Event) -> object:
        called.set()
        return take(received)

    with switchwire.connect(*fs_server.address) as fs:
        for callback in (take, Taker()):
            with pytest.raises(TypeError, match="aio"):
                fs.consume(callback)
            with pytest.raises(TypeError, match="aio"):
                switchwire.Listener(callback, port=0)
        fs.events("HEARTBEAT")
        with fs.consume(hidden):
            fs_server.fire("HEARTBEAT")
            assert called.wait(10)
        assert "returned a coroutine" in caplog.text


def test_sys_exit_ends_a_consumer(fs_server: Simulator) -> None:
    with switchwire.connect(*fs_server.address) as fs:
        fs.events("HEARTBEAT")
        consumer = fs.consume(lambda _: sys.exit(1))
        fs_server.fire("HEARTBEAT")
        assert consumer.join(10)
        assert fs.connected


def test_a_full_queue_is_counted() -> None:
    def talk(peer: Peer) -> None:
        peer.command()
        peer.send(b"".join(event("Event-Name: HEARTBEAT", f"N: {n}") for n in range(50)) + reply())
        peer.command()

    for overflow, kept in (("drop-newest", "0"), ("drop-oldest", "40")):
        with Server(talk) as server, connect(server, queue_events=10, overflow=overflow) as fs:
            fs.events()
            assert fs.stats()["dropped_events"] == 40
            first = fs.recv()
            assert first is not None
            assert first["N"] == kept
    with Server(talk) as server, connect(server, queue_events=10, overflow="fail") as fs:
        with pytest.raises(switchwire.LimitExceededError):
            fs.events()
        assert not fs.connected


def test_faults() -> None:
    with Simulator(faults=Faults(split=7)) as fs, switchwire.connect(*fs.address) as connection:
        assert "UP" in connection.api("status")
    with Simulator() as fs, switchwire.connect(*fs.address) as connection:
        fs.set_faults(Faults(silent=True))
        with pytest.raises(switchwire.WaitTimeoutError):
            connection.api("status", timeout=0.1)
    with Simulator(faults=Faults(end_after_frames=2, end="reset")) as fs:
        connection = switchwire.connect(*fs.address)
        with pytest.raises(ConnectionError):
            connection.api("status")
    with pytest.raises(RuntimeError):
        fs.fire("HEARTBEAT")


def test_a_writer_whose_server_does_not_read_times_out() -> None:
    with Server(Peer.idle) as server, connect(server, command_timeout=0.2) as fs:
        begin = time.monotonic()
        with pytest.raises(switchwire.WaitTimeoutError):
            for _ in range(100):
                fs.send("x" * (1 << 20))
        assert time.monotonic() - begin < 20
