"""The counters and the health of connections for Prometheus. Needs the package `prometheus_client`.

    from prometheus_client import REGISTRY, start_http_server
    from switchwire.prometheus import Collector

    collector = Collector(pbx=connection, fleet=fleet)
    REGISTRY.register(collector)
    start_http_server(9100)

Nothing is counted for it: values are read when they are asked for. Nothing secret is among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Union

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from ._native import Connection as _Connection
from .aio.connection import Connection as _AioConnection
from .fleet.base import FleetBase
from .fleet.items import Health
from .managed.base import ManagedBase

Source = Union[_Connection, _AioConnection, ManagedBase, FleetBase]
"""What can be observed: connections, supervised connections and fleets, blocking and for asyncio."""

LABELS = ("connection", "server")
STATES = ("up", "degraded", "down")


class Collector:
    """A collector for a `prometheus_client` registry, over any number of connections and fleets by name.

    The label `connection` is that name, and `server` the server's in a fleet. `add` and `remove` change what is
    observed, at any time.
    """

    def __init__(self, **sources: Source) -> None:
        self._sources: dict[str, Source] = dict(sources)

    def add(self, name: str, source: Source) -> None:
        """Observes that one, too."""
        self._sources[name] = source

    def remove(self, name: str) -> None:
        """Observes it no more."""
        self._sources.pop(name, None)

    def describe(self) -> Iterable[Metric]:
        """The families, without samples."""
        return _Families().all()

    def collect(self) -> Iterable[Metric]:
        """The families with their samples, as things stand."""
        families = _Families()
        for name, source in list(self._sources.items()):
            if isinstance(source, FleetBase):
                for server, health in source.health_of_all().items():
                    families.managed((name, server), source.connection(server))  # type: ignore[attr-defined]
                    families.health((name, server), health)
            elif isinstance(source, ManagedBase):
                families.managed((name, ""), source)
            else:
                families.connection((name, ""), source.stats(), source.connected)
        return families.all()


class _Families:
    def __init__(self) -> None:
        def gauge(name: str, text: str, *more: str) -> GaugeMetricFamily:
            return GaugeMetricFamily(f"switchwire_{name}", text, labels=[*LABELS, *more])

        def counter(name: str, text: str, *more: str) -> CounterMetricFamily:
            return CounterMetricFamily(f"switchwire_{name}", text, labels=[*LABELS, *more])

        self._up = gauge("up", "Whether there is a connection.")
        self._received = counter("events_received", "Events, log lines and other messages received.")
        self._dropped = counter("events_dropped", "Those for which the queue had no room, by the bound met.", "cause")
        self._queued = gauge("queue_events", "Events that wait to be taken.")
        self._queued_bytes = gauge("queue_bytes", "Their size.")
        self._unanswered = gauge("commands_in_flight", "Commands whose replies have not come.")
        self._late = counter("late_replies", "Replies that came after their caller had given up.")
        self._unasked = counter("unasked_replies", "Replies without a command.")
        self._outages = counter("outages", "Connections that were lost.")
        self._attempts = counter("connect_attempts", "Attempts to connect.")
        self._round_trip = gauge("round_trip_seconds", "How long the last ping took.")
        self._state = gauge("server_state", "1 for the state that the server is in.", "state")
        self._draining = gauge("server_draining", "Whether it takes no new calls by the program's wish.")
        self._sessions = gauge("server_sessions", "Session-Count of the last HEARTBEAT.")
        self._max_sessions = gauge("server_max_sessions", "Max-Sessions of the last HEARTBEAT.")
        self._idle_cpu = gauge("server_idle_cpu_percent", "Idle-CPU of the last HEARTBEAT.")
        self._heartbeat_age = gauge("server_heartbeat_age_seconds", "How long ago the last HEARTBEAT came.")

    def all(self) -> Iterator[Metric]:
        return iter(vars(self).values())

    def connection(self, labels: tuple[str, str], stats: dict[str, int], up: bool) -> None:
        self._up.add_metric(labels, float(up))
        self._received.add_metric(labels, stats["received"])
        by_bytes = stats["dropped_by_bytes"]
        self._dropped.add_metric((*labels, "events"), stats["dropped_events"] - by_bytes)
        self._dropped.add_metric((*labels, "bytes"), by_bytes)
        self._queued.add_metric(labels, stats["queued"])
        self._queued_bytes.add_metric(labels, stats["queued_bytes"])
        self._unanswered.add_metric(labels, stats["unanswered"])
        self._late.add_metric(labels, stats["late_replies"])
        self._unasked.add_metric(labels, stats["unasked_replies"])

    def managed(self, labels: tuple[str, str], connection: ManagedBase) -> None:
        status = connection.status
        self.connection(labels, connection.stats(), status.state == "up")
        self._outages.add_metric(labels, status.outages)
        self._attempts.add_metric(labels, status.attempts)
        if status.round_trip is not None:
            self._round_trip.add_metric(labels, status.round_trip.total_seconds())

    def health(self, labels: tuple[str, str], health: Health) -> None:
        for state in STATES:
            self._state.add_metric((*labels, state), float(health.state == state))
        self._draining.add_metric(labels, float(health.draining))
        if health.heartbeat_age is not None:
            self._heartbeat_age.add_metric(labels, health.heartbeat_age.total_seconds())
        for family, found in (
            (self._sessions, health.sessions),
            (self._max_sessions, health.max_sessions),
            (self._idle_cpu, health.idle_cpu),
        ):
            if found is not None:
                family.add_metric(labels, found)
