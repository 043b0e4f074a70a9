"""The collector for Prometheus."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

import switchwire
from support.wait import until
from switchwire import Fleet, FleetServer, ManagedConnection, aio
from switchwire.testing import Simulator

prometheus_client = pytest.importorskip("prometheus_client")
SECRET = "a-secret-password"


def test_connections_and_fleets_are_observed_without_secrets() -> None:
    from switchwire.prometheus import Collector

    with Simulator(password=SECRET, heartbeat=0.02) as fs:
        target = (fs.host, fs.port, SECRET)
        fleet = Fleet(FleetServer(*target, name="fs1"))
        with switchwire.connect(*target) as bare, ManagedConnection(*target) as managed, fleet:
            managed.wait_up(20)
            bare.subscribe("DTMF")
            fs.fire("DTMF")
            assert bare.recv(20) is not None

            def sessions_known() -> bool:
                fleet.recv(0.01)
                health = fleet.health("fs1")
                return health is not None and health.sessions is not None

            until(sessions_known)
            registry = prometheus_client.CollectorRegistry()
            collector = Collector(bare=bare, managed=managed)
            registry.register(collector)
            collector.add("fleet", fleet)

            def sample(name: str, connection: str, server: str = "", **labels: str) -> float | None:
                found: float | None = registry.get_sample_value(
                    f"switchwire_{name}", {"connection": connection, "server": server, **labels}
                )
                return found

            assert sample("up", "bare") == sample("up", "managed") == sample("up", "fleet", "fs1") == 1
            assert sample("events_received_total", "bare") == 1
            assert sample("events_dropped_total", "bare", cause="bytes") == 0
            assert sample("connect_attempts_total", "managed") == 1
            assert sample("server_sessions", "fleet", "fs1") == 0
            assert sample("server_state", "fleet", "fs1", state="up") == 1
            assert sample("server_state", "fleet", "fs1", state="down") == 0
            fs.disconnect_all()
            assert isinstance(managed.recv(20), switchwire.Connected)
            assert isinstance(managed.recv(20), switchwire.Lost)
            assert sample("outages_total", "managed") == 1
            assert SECRET not in prometheus_client.generate_latest(registry).decode()
            collector.remove("bare")
            assert sample("up", "bare") is None

    async def main() -> None:
        with Simulator() as fs:
            async with await aio.connect(fs.host, fs.port) as connection:
                registry = prometheus_client.CollectorRegistry()
                registry.register(Collector(fs=connection))
                assert registry.get_sample_value("switchwire_up", {"connection": "fs", "server": ""}) == 1

    asyncio.run(main())


def test_nothing_imports_it_unasked() -> None:
    names = ("prometheus_client", "switchwire.managed", "switchwire.fleet")
    program = f"import switchwire, sys; print([name for name in {names} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
