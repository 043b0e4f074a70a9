"""Many servers as one, blocking and for asyncio: the same checks on both."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

import switchwire
from switchwire import (
    Backoff,
    Event,
    Fleet,
    FleetServer,
    Health,
    HealthLimits,
    Liveness,
    Pick,
    Removed,
    Subscription,
    aio,
)
from switchwire.testing import Faults, Simulator

WANTED = Subscription("DTMF", "CHANNEL_CREATE", "CHANNEL_DESTROY", "BACKGROUND_JOB")
Make = Callable[..., Any]


async def value(of: Any) -> Any:
    """What an asyncio method gives, or a blocking one."""
    return await of if inspect.isawaitable(of) else of


def server(name: str, simulator: Simulator, **settings: Any) -> FleetServer:
    return FleetServer(
        simulator.host,
        simulator.port,
        simulator.password,
        name=name,
        subscription=WANTED,
        snapshot=True,
        liveness=Liveness(ping_after=0.01, ping_deadline=60),
        backoff=Backoff(first=0.005, most=0.05),
        **settings,
    )


@pytest.fixture(params=["blocking", "asyncio"])
def run(request: pytest.FixtureRequest) -> Callable[[int, Callable[..., Awaitable[None]]], None]:
    """Runs a check with a fleet of so many simulators, all of which are connected."""
    face = Fleet if request.param == "blocking" else aio.Fleet

    def run(count: int, check: Callable[..., Awaitable[None]]) -> None:
        async def main() -> None:
            with ExitStack() as ends:
                simulators = [ends.enter_context(Simulator(heartbeat=0.02)) for _ in range(count)]
                fleet: Any = face(*(server(f"fs{at}", one) for at, one in enumerate(simulators)), attempts_at_once=2)
                try:
                    for name in fleet.servers():
                        await value(fleet.connection(name).wait_up(20))
                    await asyncio.wait_for(check(fleet, *simulators), 60)
                finally:
                    await value(fleet.close())

        asyncio.run(main())

    return run


async def until(fleet: Any, found: Callable[[str, Any], bool]) -> Any:
    while True:
        item = await value(fleet.recv(20))
        assert item is not None, "nothing has come in time"
        if found(*item):
            return item.update


async def becomes(fleet: Any, name: str, state: str) -> Health:
    health: Health = await until(
        fleet, lambda server, update: server == name and isinstance(update, Health) and update.state == state
    )
    return health


def test_every_event_comes_once_tagged_and_in_order(run: Any) -> None:
    async def check(fleet: Any, *simulators: Simulator) -> None:
        with Simulator() as added:
            fleet.add(server("added", added))
            with pytest.raises(switchwire.InvalidArgumentError):
                fleet.add(server("added", added))
            await value(fleet.connection("added").wait_up(20))
            fleet.drain("fs1")
            all_of = {"fs1": simulators[1], "fs2": simulators[2], "added": added}
            for number in range(200):
                for one in all_of.values():
                    one.fire("DTMF", {"N": str(number)})
                if number == 100:
                    simulators[0].disconnect_all("reset")
            got: dict[str, list[int]] = {name: [] for name in all_of}
            while any(len(numbers) < 200 for numbers in got.values()):
                item = await value(fleet.recv(20))
                if isinstance(item.update, Event) and item.update.type == "DTMF":
                    got[item.server].append(int(item.update["N"]))
            assert all(numbers == list(range(200)) for numbers in got.values())
            await value(fleet.remove("added"))
            await until(fleet, lambda server, update: server == "added" and update == Removed())
            assert fleet.servers() == ["fs0", "fs1", "fs2"]

    run(3, check)


def test_health_has_its_values_and_its_changes(run: Any) -> None:
    async def check(fleet: Any, *simulators: Simulator) -> None:
        health = await becomes(fleet, "fs0", "up")
        for _ in range(1000):
            health = fleet.health("fs0")
            if health.round_trip is not None and health.sessions is not None:
                break
            await asyncio.sleep(0.01)
        assert health.sessions == 0
        assert health.max_sessions
        assert isinstance(health.round_trip, timedelta)
        assert isinstance(health.heartbeat_age, timedelta)
        assert set(fleet.health_of_all()) == {"fs0"}
        simulators[0].refuse()
        simulators[0].disconnect_all()
        down = await becomes(fleet, "fs0", "down")
        assert down.outages == 1
        assert fleet.pick() is None
        with pytest.raises(switchwire.DisconnectedError):
            await value(fleet.api_any("status"))
        simulators[0].refuse(False)
        await becomes(fleet, "fs0", "up")
        fleet.drain("fs0")
        assert (await becomes(fleet, "fs0", "up")).draining
        assert fleet.pick() is None
        assert fleet.health("nonsense") is None

    run(1, check)


def test_commands_say_what_is_unknown_apart_from_what_failed(run: Any) -> None:
    async def check(fleet: Any, *simulators: Simulator) -> None:
        assert "UP" in await value(fleet.api_on("fs0", "status"))
        with pytest.raises(switchwire.InvalidArgumentError):
            await value(fleet.api_on("nonsense", "status"))
        name, reply = await value(fleet.api_any("status"))
        assert name in fleet.servers()
        assert reply.ok
        simulators[1].set_faults(Faults(stalled=True))
        simulators[2].refuse()
        simulators[2].disconnect_all()
        await becomes(fleet, "fs2", "down")
        results = await value(fleet.api_all("status", timeout=0.2))
        assert [(one.server, one.outcome) for one in results] == [
            ("fs0", "reply"),
            ("fs1", "unknown"),
            ("fs2", "failed"),
        ]
        assert isinstance(results[1].error, switchwire.WaitTimeoutError)
        assert isinstance(results[2].error, switchwire.DisconnectedError)
        simulators[1].set_faults(Faults())
        job = await value(fleet.connection("fs0").bgapi("status"))
        assert "UP" in await value(job.result(20))

    run(3, check)


def test_a_channel_is_killed_on_the_server_that_it_is_on(run: Any) -> None:
    async def check(fleet: Any, *simulators: Simulator) -> None:
        output = await value(fleet.api_on("fs1", "originate", "null/test &park()"))
        uuid = output.split()[1]
        assert await value(fleet.find(uuid)) == "fs1"
        await until(fleet, lambda _, update: isinstance(update, Event) and update.name == "CHANNEL_CREATE")
        assert fleet.server_of(uuid) == "fs1"
        assert (await value(fleet.uuid_kill(uuid))).ok
        await until(fleet, lambda _, update: isinstance(update, Event) and update.name == "CHANNEL_DESTROY")
        assert await value(fleet.find(uuid)) is None
        with pytest.raises(switchwire.RefusedError):
            await value(fleet.uuid_kill(uuid))

    run(2, check)


def test_choosing_honours_tags_weights_and_keys() -> None:
    with ExitStack() as ends:
        simulators = [ends.enter_context(Simulator()) for _ in range(3)]
        fleet = Fleet(
            server("a", simulators[0], tags="video"),
            server("b", simulators[1], weight=2),
            server("c", simulators[2], weight=0),
            limits=HealthLimits(heartbeat_age=None),
        )
        with fleet:
            for name in fleet.servers():
                fleet.connection(name).wait_up(20)
            turns = [fleet.pick(Pick(weighted=True)) for _ in range(30)]
            assert (turns.count("a"), turns.count("b"), turns.count("c")) == (10, 20, 0)
            assert fleet.pick(Pick(tags=["video"])) == "a"
            assert fleet.pick(Pick(tags=["video", "fax"])) is None
            keys = {key: fleet.pick(Pick(sticky=key)) for key in map(str, range(40))}
            assert set(keys.values()) == {"a", "b"}
            assert all(fleet.pick(Pick(sticky=key)) == name for key, name in keys.items())


def test_iterating_ends_with_the_fleet(run: Any) -> None:
    async def check(fleet: Any, _simulator: Simulator) -> None:
        await value(fleet.close())
        items = list(fleet) if isinstance(fleet, Fleet) else [item async for item in fleet]
        assert items
        assert isinstance(fleet.ended, switchwire.DisconnectedError)

    run(1, check)
