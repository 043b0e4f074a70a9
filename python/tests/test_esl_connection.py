"""ESLconnection, row by row of the table: what is on the wire, what is returned."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest

import ESL
from support.wire import AUTH, Peer, Server, event, reply, response
from switchwire.testing import Simulator, User


def connect(server: Server) -> ESL.ESLconnection:
    connection = ESL.ESLconnection(server.host, server.port, "ClueCon")
    assert connection.connected() == 1
    return connection


@pytest.fixture
def wire() -> Iterator[Server]:
    with Server() as server:
        yield server


Call = Callable[[ESL.ESLconnection], object]

EXECUTE = b"sendmsg\ncall-command: execute\nexecute-app-name: answer\n\n"
WIRE: list[tuple[str, Call, bytes]] = [
    ("api", lambda c: c.api("status"), b"api status \n\n"),
    ("api arg", lambda c: c.api("show", "channels"), b"api show channels\n\n"),
    ("api keywords", lambda c: c.api(cmd="show", arg="calls"), b"api show calls\n\n"),
    ("bgapi", lambda c: c.bgapi("status"), b"bgapi status \n\n"),
    ("bgapi id", lambda c: c.bgapi("a", "b", "id"), b"bgapi a b\nJob-UUID: id\n\n"),
    ("bgapi keywords", lambda c: c.bgapi("a", job_uuid="id"), b"bgapi a \nJob-UUID: id\n\n"),
    ("sendRecv", lambda c: c.sendRecv("log 7"), b"log 7\n\n"),
    ("sendRecv newlines", lambda c: c.sendRecv("api hostname\n\n"), b"api hostname\n\n"),
    ("sendRecv latin", lambda c: c.sendRecv("api caf\udce9"), b"api caf\xe9\n\n"),
    ("api latin", lambda c: c.api("caf\udce9", "\udce9"), b"api caf\xe9 \xe9\n\n"),
    ("bgapi latin", lambda c: c.bgapi("a", "\udce9"), b"bgapi a \xe9\n\n"),
    ("filter latin", lambda c: c.filter("A", "\udce9"), b"filter A \xe9\n\n"),
    ("no application", lambda c: c.execute(None), b"sendmsg\ncall-command: execute\n\n"),
    ("filter", lambda c: c.filter("Unique-ID", "7"), b"filter Unique-ID 7\n\n"),
    ("events", lambda c: c.events("json", "DTMF CUSTOM a::b"), b"event json DTMF CUSTOM a::b\n\n"),
    ("events xml", lambda c: c.events("xml", "all"), b"event xml all\n\n"),
    ("events unknown", lambda c: c.events("yaml", "all"), b"event plain all\n\n"),
    ("execute", lambda c: c.execute("answer"), EXECUTE),
    (
        "execute all",
        lambda c: c.execute("playback", "x.wav", "uuid"),
        b"sendmsg uuid\ncall-command: execute\nexecute-app-name: playback\nexecute-app-arg: x.wav\n\n",
    ),
    ("executeAsync", lambda c: c.executeAsync("answer"), EXECUTE[:-1] + b"async: true\n\n"),
    (
        "modes",
        lambda c: (c.setAsyncExecute("true"), c.setEventLock("1"), c.execute("answer")),
        EXECUTE[:-1] + b"event-lock: true\nasync: true\n\n",
    ),
    ("send", lambda c: (c.send("noevents"), c.recvEventTimed(5000)), b"noevents\n\n"),
]


@pytest.mark.parametrize(("name", "call", "sent"), WIRE, ids=[row[0] for row in WIRE])
def test_what_is_sent(wire: Server, name: str, call: Call, sent: bytes) -> None:
    call(connect(wire))
    assert wire.received[-1] == sent


def test_sent_events(wire: Server) -> None:
    connection = connect(wire)
    message = ESL.ESLevent("CUSTOM", "a::b")
    message.addHeader("A", "x y")
    message.addBody("text")
    assert isinstance(connection.sendEvent(message), ESL.ESLevent)
    assert wire.received[-1].startswith(b"sendevent CUSTOM\n")
    assert b"\nA: x y\n" in wire.received[-1]
    assert wire.received[-1].endswith(b"Content-Length: 4\n\ntext")
    assert connection.sendMSG(message) == 0
    assert wire.received[-1].startswith(b"sendmsg\n")
    assert connection.sendMSG(message, "uuid") == 0
    assert wire.received[-1].startswith(b"sendmsg uuid\n")
    assert connection.sendMSG(send_me=message, uuid="uuid") == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.api("status\n\nexit"),
        lambda c: c.api("status", "x\r\n"),
        lambda c: c.api(None),
        lambda c: c.bgapi("a", "b", "id\nX: y"),
        lambda c: c.sendRecv("status\n\nexit"),
        lambda c: c.sendRecv(None),
        lambda c: c.sendRecv(""),
        lambda c: c.filter("A\nB", "x"),
        lambda c: c.filter(None, "x"),
        lambda c: c.execute("answer\nX: y"),
        lambda c: c.execute("answer", "x", "uuid\nX: y"),
    ],
)
def test_injected_lines_give_nothing_and_send_nothing(wire: Server, call: Call) -> None:
    connection = connect(wire)
    assert call(connection) is None
    assert connection.sendRecv("ping") is not None
    assert wire.received[1:] == [b"ping\n\n"]


def test_injected_lines_give_a_failure_status(wire: Server) -> None:
    connection = connect(wire)
    bad = ESL.ESLevent("CUSTOM", "a::b")
    bad.addHeader("A", "x\nB: y")
    assert connection.send("a\n\nb") == 1
    assert connection.send(None) == 1
    assert connection.events("plain", "all\nexit") == 1
    assert connection.sendMSG(bad) == 1
    assert connection.sendMSG(None) == 1
    assert connection.sendEvent(bad).getType() == "SERVER_DISCONNECTED"
    assert connection.sendEvent(None).getType() == "SERVER_DISCONNECTED"
    assert connection.connected() == 1
    assert len(wire.received) == 1


def test_replies(con: ESL.ESLconnection) -> None:
    status = con.api("status")
    assert status.getType() == "SOCKET_DATA"
    assert status.getHeader("Content-Type") == "api/response"
    assert "UP" in status.getBody()
    assert con.sendRecv("api hostname\n\n").getBody()
    assert con.sendRecv("log 7").getHeader("Reply-Text").startswith("+OK")
    assert con.sendRecv("no such command").getHeader("Reply-Text").startswith("-ERR")
    assert con.filter("Event-Name", "NONE").getHeader("reply-text").startswith("+OK")
    job = con.bgapi("status", "", "11111111-2222-3333-4444-555555555555")
    assert job.getHeader("Job-UUID") == "11111111-2222-3333-4444-555555555555"
    assert con.events("plain", "all") == 0
    assert con.getInfo() is None
    assert con.execute("answer").getType() == "SOCKET_DATA"
    # A reply's text shows its length twice, as the original does.
    assert status.serialize().count("Content-Length: ") == 2


def test_empty_body_is_text() -> None:
    with Server(b"Content-Type: api/response\nContent-Length: 0\n\n") as server:
        assert connect(server).api("x").getBody() == ""


def test_modes_take_words_alone(wire: Server) -> None:
    connection = connect(wire)
    for set_mode in (connection.setAsyncExecute, connection.setEventLock):
        for on in ("1", "true", "TRUE", "yes", "on", "2"):
            assert set_mode(on) == 1
        for off in ("0", "false", "", "no", "off", None, "x1"):
            assert set_mode(off) == 0
        with pytest.raises(TypeError):
            set_mode(1)
    assert connection.setEventLock(val="1") == 1


def test_sending_an_event_gives_the_last_received() -> None:
    def talk(peer: Peer) -> None:
        peer.command()
        peer.send(event("Event-Name: HEARTBEAT", "A: 1") + reply())
        peer.answer_all(reply("+OK uuid"))

    with Server(talk) as server:
        connection = connect(server)
        connection.events("plain", "all")
        assert connection.recvEvent().getType() == "HEARTBEAT"
        assert connection.sendEvent(ESL.ESLevent("CUSTOM", "a::b")).getHeader("A") == "1"


def test_the_answer_to_send_comes_as_an_event() -> None:
    def talk(peer: Peer) -> None:
        peer.command()
        peer.send(event("Event-Name: HEARTBEAT") + response("one"))
        peer.command()
        peer.send(response("two"))
        peer.command()

    with Server(talk) as server:
        connection = connect(server)
        assert connection.send("api one") == 0
        assert connection.api("two").getBody() == "two"
        assert connection.recvEvent().getType() == "HEARTBEAT"
        assert connection.recvEvent().getBody() == "one"


def test_timed_receive() -> None:
    def talk(peer: Peer) -> None:
        peer.command()
        peer.send(event("Event-Name: HEARTBEAT", "A: caf\udce9"))
        peer.command()

    with Server(talk) as server:
        connection = connect(server)
        begin = time.monotonic()
        assert connection.recvEventTimed(60) is None
        assert time.monotonic() - begin >= 0.05
        assert connection.connected() == 1
        connection.send("go")
        # 0 waits indefinitely, as in the classic library.
        received = connection.recvEventTimed(0)
        assert received.getType() == "HEARTBEAT"
        assert received.getHeader("A") == "caf\udce9"
        assert connection.recvEventTimed(ms=1) is None
        with pytest.raises(TypeError):
            connection.recvEventTimed("x")


def test_events_in_json_and_xml() -> None:
    json_event = b'{"Event-Name":"DTMF","A":"1","_body":"x"}'
    xml_event = b"<event><headers><Event-Name>DTMF</Event-Name></headers></event>"

    def talk(peer: Peer) -> None:
        for kind, body in ((b"json", json_event), (b"xml", xml_event)):
            peer.send(b"Content-Length: %d\nContent-Type: text/event-%s\n\n%s" % (len(body), kind, body))
        peer.command()

    with Server(talk) as server:
        connection = connect(server)
        received = connection.recvEvent()
        assert (received.getType(), received.getHeader("A"), received.getBody()) == ("DTMF", "1", "x")
        # XML stays as it came.
        received = connection.recvEvent()
        assert received.getType() == "SOCKET_DATA"
        assert received.getBody() == xml_event.decode()


def test_unknown_event_names_are_custom() -> None:
    def talk(peer: Peer) -> None:
        peer.send(event("Event-Name: BRAND_NEW"))
        peer.command()

    with Server(talk) as server:
        received = connect(server).recvEvent()
        assert received.getType() == "CUSTOM"
        assert received.getHeader("Event-Name") == "BRAND_NEW"


def assert_dead(connection: ESL.ESLconnection) -> None:
    """Every call gives its failure value, again and again."""
    for _ in range(2):
        assert connection.connected() == 0
        assert connection.socketDescriptor() == -1
        assert connection.getInfo() is None
        assert connection.send("x") == 1
        assert connection.sendRecv("x") is None
        assert connection.api("x") is None
        assert connection.bgapi("x") is None
        assert connection.filter("x", "y") is None
        assert connection.events("plain", "all") == 1
        assert connection.execute("x") is None
        assert connection.executeAsync("x") is None
        assert connection.sendMSG(ESL.ESLevent("CUSTOM")) == 1
        assert connection.sendEvent(ESL.ESLevent("CUSTOM")).getType() == "SERVER_DISCONNECTED"
        lost = connection.recvEvent()
        assert lost.getType() == "SERVER_DISCONNECTED"
        assert lost.getHeader("Event-Name") == "SERVER_DISCONNECTED"
        begin = time.monotonic()
        assert connection.recvEventTimed(30) is None
        assert time.monotonic() - begin >= 0.025, "a polling loop on a dead connection must not spin"
        assert connection.recvEventTimed(0) is None
        assert connection.setAsyncExecute("1") == 1
        assert connection.disconnect() == 0


@pytest.fixture
def closed_port() -> Iterator[int]:
    # Bound and not listening: connections are refused, and no other program gets the port meanwhile.
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield int(sock.getsockname()[1])


def test_connecting_never_raises(closed_port: int) -> None:
    port = closed_port
    for arguments in [
        ("127.0.0.1", port, "ClueCon"),
        ("127.0.0.1", str(port), "ClueCon"),
        ("127.0.0.1", "nonsense", "ClueCon"),
        ("127.0.0.1", "", "ClueCon"),
        ("127.0.0.1", 99999, "ClueCon"),
        ("127.0.0.1", -1, "ClueCon"),
        ("no-such-host.invalid", "8021", "ClueCon"),
        ("", port, "ClueCon"),
        (None, port, "ClueCon"),
        ("127.0.0.1", port, None),
        ("127.0.0.1", port, "user", "password"),
        ("127.0.0.1", port, "a\nb"),
        (12345,),
        (-1,),
    ]:
        connection = ESL.ESLconnection(*arguments)
        assert connection.connected() == 0, arguments
    assert_dead(connection)


@pytest.mark.parametrize(
    "arguments", [(), ("host",), ("host", 1), (1, 2, 3), ("host", 1.5, "x"), ("h", 1, b"x"), ("a", 1, "b", "c", "d")]
)
def test_wrong_arguments_raise_both_kinds(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        ESL.ESLconnection(*arguments)
    with pytest.raises(NotImplementedError):
        ESL.ESLconnection(*arguments)


def test_logins() -> None:
    with Simulator(password="secret", users=[User("1000", "1234")]) as fs:
        address = (fs.host, fs.port)
        assert ESL.ESLconnection(*address, "secret").connected() == 1
        assert ESL.ESLconnection(fs.host, str(fs.port), "secret").connected() == 1
        assert ESL.ESLconnection(host=fs.host, port=fs.port, password="secret").connected() == 1
        assert ESL.ESLconnection(fs.host, fs.port, password="secret").connected() == 1
        assert ESL.ESLconnection(*address, "wrong").connected() == 0
        assert ESL.ESLconnection(*address, "1000@localdomain.test", "1234").connected() == 1
        assert ESL.ESLconnection(*address, "1000@localdomain.test", "4321").connected() == 0
    with Simulator(acl_reject=True) as fs:
        assert ESL.ESLconnection(fs.host, fs.port, "ClueCon").connected() == 0


def test_login_on_the_wire(wire: Server) -> None:
    ESL.ESLconnection(wire.host, wire.port, "pass word")
    ESL.ESLconnection(wire.host, wire.port, "me@domain", "secret")
    assert wire.received == [b"auth pass word\n\n", b"userauth me@domain:secret\n\n"]


def test_the_server_goes_away() -> None:
    with Simulator() as fs:
        connection = ESL.ESLconnection(fs.host, fs.port, fs.password)
        connection.events("plain", "all")
        fs.fire("HEARTBEAT")
        assert connection.recvEvent().getType() == "HEARTBEAT"
        fs.disconnect_all("notice")
        assert connection.recvEvent().getType() == "SERVER_DISCONNECTED"
        assert_dead(connection)


def test_what_came_before_the_end_is_still_given() -> None:
    def talk(peer: Peer) -> None:
        peer.command()
        peer.send(b"".join(event("Event-Name: HEARTBEAT", f"N: {n}") for n in range(100)) + reply())

    with Server(talk) as server:
        connection = connect(server)
        assert connection.events("plain", "all") == 0
        time.sleep(0.05)
        seen = []
        while connection.connected():
            received = connection.recvEvent()
            if received.getType() == "HEARTBEAT":
                seen.append(int(received.getHeader("N")))
        assert seen == list(range(100))
        assert_dead(connection)


def test_timed_receive_notices_the_end() -> None:
    with Server(lambda peer: None) as server:
        connection = connect(server)
        while connection.connected():
            assert connection.recvEventTimed(1000) is None
        assert_dead(connection)


def test_disconnecting() -> None:
    with Server(event("Event-Name: HEARTBEAT") + reply()) as server:
        connection = connect(server)
        assert connection.sendRecv("x") is not None
        assert connection.disconnect() == 0
        assert_dead(connection)
        assert server.received[1:] == [b"x\n\n"], "no exit is sent"


def test_a_server_that_is_none() -> None:
    def talk(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        peer.command()

    with Server(talk, login=False) as server:
        assert ESL.ESLconnection(server.host, server.port, "x").connected() == 0
    with Server(lambda peer: peer.send(AUTH), login=False) as server:
        assert ESL.ESLconnection(server.host, server.port, "x").connected() == 0


def test_descriptor_and_attributes(con: ESL.ESLconnection) -> None:
    import select

    descriptor = con.socketDescriptor()
    assert descriptor > 2
    assert select.select([descriptor], [], [], 0) == ([], [], [])
    assert con.connected  # a method is always true, as many programs have it
    assert repr(con).startswith("<ESL.ESLconnection; proxy of <Swig Object of type 'ESLconnection *' at 0x")
    con.anything = 1
    assert con.anything == 1
    assert con.thisown is True


def test_subclasses_may_be_made(wire: Server, closed_port: int) -> None:
    class Plain(ESL.ESLconnection):
        pass

    class Mine(ESL.ESLconnection):
        def __init__(self, server: Server) -> None:
            ESL.ESLconnection.__init__(self, server.host, str(server.port), password="x")
            self.server = server

    class Event(ESL.ESLevent):
        def __init__(self) -> None:
            super().__init__("CUSTOM", "a::b")

    assert Plain("127.0.0.1", closed_port, "x").connected() == 0
    mine = Mine(wire)
    assert mine.connected() == 1
    assert mine.sendRecv("x") is not None
    assert Event().getHeader("Event-Subclass") == "a::b"


@pytest.mark.parametrize("wrong", [1, b"x"])
def test_values_of_other_types_raise(con: ESL.ESLconnection, wrong: object) -> None:
    for call in (con.send, con.sendRecv, con.api, con.bgapi, con.execute, con.executeAsync, con.sendMSG, con.sendEvent):
        with pytest.raises(TypeError):
            call(wrong)
    with pytest.raises(TypeError):
        con.events(wrong, "all")
    with pytest.raises(TypeError):
        con.filter("a", wrong)
    with pytest.raises(TypeError):
        con.api("a", wrong)
