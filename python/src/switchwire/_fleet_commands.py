"""The commands of a fleet."""

from __future__ import annotations

from ._native import Reply
from ._options import Timeout
from ._running import FleetRuns
from .fleet.base import PATIENCE
from .fleet.items import ServerResult
from .fleet.server import Pick


class FleetCommands(FleetRuns):
    """What is asked of one server, of any, and of all."""

    def api_on(self, server: str, command: str, arguments: str = "", *, timeout: Timeout | None = None) -> str:
        """`api` on that server: its output."""
        return self.connection(server).api(command, arguments, timeout=timeout)

    def api_any(
        self,
        command: str,
        arguments: str = "",
        *,
        pick: Pick = Pick(),  # noqa: B008
        timeout: Timeout | None = PATIENCE,
    ) -> tuple[str, Reply]:
        """`api` on a server chosen by `pick`, and on another one where this one could not be sent to.

        Gives the server's name and the reply. Never sent twice: after `OutcomeUnknownError` or `WaitTimeoutError` no
        other server is tried. `DisconnectedError` when no server will do.
        """
        chosen: tuple[str, Reply] = self._run("api_any", timeout, pick, command, arguments)
        return chosen

    def api_all(self, command: str, arguments: str = "", *, timeout: Timeout | None = PATIENCE) -> list[ServerResult]:
        """`api` on every server at once, draining ones included; each has its own outcome."""
        results: list[ServerResult] = self._run("api_all", timeout, command, arguments)
        return results

    def find(self, uuid: str, *, timeout: Timeout | None = PATIENCE) -> str | None:
        """The server that a channel is on, by asking all of them (`uuid_exists`) where the stream has not told."""
        server: str | None = self._run("find", timeout, uuid)
        return server

    def uuid_kill(self, uuid: str, cause: str = "NORMAL_CLEARING", *, timeout: Timeout | None = PATIENCE) -> Reply:
        """`uuid_kill` on the server that the channel is on. `RefusedError` when none has it."""
        reply: Reply = self._run("uuid_kill", timeout, uuid, cause)
        return reply
