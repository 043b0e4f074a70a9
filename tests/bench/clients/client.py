"""One turn of a Python client: ``python client.py CLIENT WORK PORT COUNT SENDS``.

CLIENT is ``ESL`` (the classic module, ours or python-ESL's: whichever this interpreter has), ``switchwire``, ``aio``,
``greenswitch`` or ``genesis``. It prints what src/turn.rs specifies.
"""

from __future__ import annotations

import sys
import time

NAMES = ("Event-Name", "Unique-ID", "Channel-State")
# The header that says when an event was sent.
STAMP = "variable_bench_sent"
RECEIVES = ("events", "verify", "latency", "flood")
FLOODED = 20
DEPTH = 100
# Seconds of rest after a flood, before memory is looked at.
QUIET = 6


class Turn:
    def __init__(self, work: str, port: str, count: str, sends: str) -> None:
        self.work, self.port, self.count = work, port, int(count)
        self.stream = f"stream {count} {sends}"
        self.deep = work == "verify"
        self.events = 0
        self.values = self.bodies = 0x811C9DC5 if self.deep else 0
        self.connections = {"idle": self.count, "flood": FLOODED}.get(work, 1)
        self.used: tuple[int, int] | None = None
        self.add = self.add_deep if self.deep else self.add_shallow
        self.is_stamped = work == "latency"
        self.stamps: list[tuple[int, str]] = []

    def add_shallow(self, name: str, uuid: str, state: str, body: str) -> None:
        self.events += 1
        self.values = (self.values * 31 + len(name) + len(uuid) + len(state)) & 0xFFFFFFFF
        self.bodies += len(body)

    def add_deep(self, name: str, uuid: str, state: str, body: str) -> None:
        self.events += 1
        for value in (name, uuid, state):
            self.values = hashed(self.values, value)
        self.bodies = hashed(self.bodies, body)

    def stamp(self, sent: str) -> None:
        """An event came, whose stamp this is."""
        self.stamps.append((time.monotonic_ns(), sent))
        self.events += 1

    def start(self) -> None:
        print("ready", flush=True)
        sys.stdin.readline()
        self.wall, self.cpu = time.perf_counter_ns(), time.process_time_ns()

    def hold(self) -> None:
        """The work is done; what follows is not counted."""
        self.used = (time.perf_counter_ns() - self.wall, time.process_time_ns() - self.cpu)

    def stop(self) -> None:
        if self.used is None:
            self.hold()
        if self.is_stamped:
            # (greenswitch has the body in the last header.)
            print("delays", *(now - int(sent.split()[0]) for now, sent in self.stamps), flush=True)
        wall, cpu = self.used
        print(self.events, self.values, self.bodies, wall, cpu, flush=True)
        sys.stdin.readline()


def hashed(start: int, value: str) -> int:
    for byte in value.encode("utf-8", "surrogateescape") + b"\0":
        start = ((start ^ byte) * 0x01000193) & 0xFFFFFFFF
    return start


def check(reply: str) -> None:
    if reply != "+OK":
        raise SystemExit(f"a wrong reply: {reply!r}")


def classic(turn: Turn) -> None:
    import ESL

    name, uuid, state = NAMES
    stamped = turn.is_stamped

    def receive(connection: ESL.ESLconnection) -> None:
        if stamped:
            for _ in range(turn.count):
                turn.stamp(connection.recvEvent().getHeader(STAMP))
            return
        for _ in range(turn.count):
            event = connection.recvEvent()
            turn.add(
                event.getHeader(name) or "",
                event.getHeader(uuid) or "",
                event.getHeader(state) or "",
                event.getBody() or "",
            )

    connections = [ESL.ESLconnection("127.0.0.1", turn.port, "ClueCon") for _ in range(turn.connections)]
    if turn.work in RECEIVES:
        for connection in connections:
            connection.events("plain", "ALL")
    turn.start()
    if turn.work == "serial":
        for _ in range(turn.count):
            check(connections[0].api("x").getBody())
            turn.events += 1
    elif turn.work != "idle":
        for connection in connections:
            connection.api(turn.stream)
        if turn.work == "flood":
            time.sleep(0.2)
        for connection in connections:
            receive(connection)
        if turn.work == "flood":
            turn.hold()
            time.sleep(QUIET)
    turn.stop()


def modern(turn: Turn) -> None:
    import switchwire

    name, uuid, state = NAMES
    stamped = turn.is_stamped

    def receive(connection: switchwire.Connection) -> None:
        if stamped:
            for _, event in zip(range(turn.count), connection):
                turn.stamp(event.get(STAMP))
            return
        for _, event in zip(range(turn.count), connection):
            get = event.get
            turn.add(get(name) or "", get(uuid) or "", get(state) or "", event.body or "")

    connections = [switchwire.connect("127.0.0.1", int(turn.port), "ClueCon") for _ in range(turn.connections)]
    if turn.work in RECEIVES:
        for connection in connections:
            connection.events("ALL")
    turn.start()
    if turn.work == "serial":
        for _ in range(turn.count):
            check(connections[0].api("x"))
            turn.events += 1
    elif turn.work != "idle":
        for connection in connections:
            connection.api(turn.stream)
        if turn.work == "flood":
            time.sleep(0.2)
        for connection in connections:
            receive(connection)
        if turn.work == "flood":
            turn.hold()
            time.sleep(QUIET)
    turn.stop()


def aio(turn: Turn) -> None:
    import asyncio

    from switchwire import aio

    name, uuid, state = NAMES
    stamped = turn.is_stamped

    async def receive_stamped(connection: aio.Connection) -> None:
        async for event in connection:
            turn.stamp(event.get(STAMP))
            if turn.events == turn.count:
                break

    async def receive(connection: aio.Connection) -> None:
        if stamped:
            await receive_stamped(connection)
            return
        left = turn.count
        async for event in connection:
            get = event.get
            turn.add(get(name) or "", get(uuid) or "", get(state) or "", event.body or "")
            left -= 1
            if not left:
                break

    async def run() -> None:
        connections = [await aio.connect("127.0.0.1", int(turn.port), "ClueCon") for _ in range(turn.connections)]
        if turn.work in RECEIVES:
            for connection in connections:
                await connection.events("ALL")
        turn.start()
        if turn.work == "serial":
            for _ in range(turn.count):
                check(await connections[0].api("x"))
                turn.events += 1
        elif turn.work == "pipelined":
            for _ in range(turn.count // DEPTH):
                for answer in await asyncio.gather(*(connections[0].api("x") for _ in range(DEPTH))):
                    check(answer)
                    turn.events += 1
        elif turn.work != "idle":
            for connection in connections:
                await connection.api(turn.stream)
            if turn.work == "flood":
                time.sleep(0.2)
            for connection in connections:
                await receive(connection)
            if turn.work == "flood":
                turn.hold()
                await asyncio.sleep(QUIET)
        turn.stop()

    asyncio.run(run())


def greenswitch(turn: Turn) -> None:
    import gevent
    import gevent.event
    import greenswitch

    name, uuid, state = NAMES
    stamped = turn.is_stamped
    done = gevent.event.Event()
    total = turn.count * turn.connections

    def take(event: greenswitch.ESLEvent) -> None:
        get = event.headers.get
        if stamped:
            turn.stamp(get(STAMP))
        else:
            turn.add(get(name, ""), get(uuid, ""), get(state, ""), getattr(event, "data", ""))
        if turn.events == total:
            done.set()

    connections = []
    for _ in range(turn.connections):
        connection = greenswitch.InboundESL("127.0.0.1", int(turn.port), "ClueCon")
        connection.connect()
        connections.append(connection)
        if turn.work in RECEIVES:
            connection.register_handle("*", take)
            connection.send("event plain ALL")
    turn.start()
    if turn.work == "serial":
        for _ in range(turn.count):
            check(connections[0].send("api x").data)
            turn.events += 1
    elif turn.work != "idle":
        for connection in connections:
            connection.send(f"api {turn.stream}")
        if turn.work == "flood":
            time.sleep(0.2)
        done.wait()
        if turn.work == "flood":
            turn.hold()
            gevent.sleep(QUIET)
    turn.stop()
    import os

    os._exit(0)


def genesis(turn: Turn) -> None:
    import asyncio
    import logging

    from genesis import Inbound
    from genesis.loop import use_uvloop

    logging.disable(logging.CRITICAL)
    use_uvloop()
    name, uuid, state = NAMES
    stamped = turn.is_stamped

    async def run() -> None:
        done = asyncio.Event()
        total = turn.count * turn.connections

        async def take(event) -> None:  # type: ignore[no-untyped-def]
            get = event.get
            if stamped:
                turn.stamp(text(get(STAMP)))
            else:
                turn.add(text(get(name)), text(get(uuid)), text(get(state)), event.body or "")
            if turn.events == total:
                done.set()

        connections = []
        for _ in range(turn.connections):
            connection = Inbound("127.0.0.1", int(turn.port), "ClueCon")
            await connection.start()
            connections.append(connection)
            if turn.work in RECEIVES:
                connection.on("*", take)
                await connection.send("event plain ALL")
        turn.start()
        if turn.work == "serial":
            for _ in range(turn.count):
                check((await connections[0].send("api x")).body)
                turn.events += 1
        elif turn.work != "idle":
            for connection in connections:
                await connection.send(f"api {turn.stream}")
            if turn.work == "flood":
                time.sleep(0.2)
            await done.wait()
            if turn.work == "flood":
                turn.hold()
                await asyncio.sleep(QUIET)
        turn.stop()

    asyncio.run(run())


def text(value: str | list[str] | None) -> str:
    return value[0] if isinstance(value, list) else value or ""


def main() -> None:
    clients = {
        "ESL": classic,
        "switchwire": modern,
        "aio": aio,
        "greenswitch": greenswitch,
        "genesis": genesis,
    }
    clients[sys.argv[1]](Turn(*sys.argv[2:6]))


if __name__ == "__main__":
    main()
