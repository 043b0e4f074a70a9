"""The commands of a supervised connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from ._native import Event, Reply
from ._options import Timeout
from ._running import ManagedRuns
from .job import Executed

if TYPE_CHECKING:
    from ._running import Job


class ManagedCommands(ManagedRuns):
    """What goes out on the present connection, or waits for the next one."""

    def request(self, command: str, *, timeout: Timeout | None = None) -> Reply:
        """`Connection.request`, on the present connection."""
        return self._with(lambda connection: connection.request(command, timeout=timeout))

    def api(self, command: str, arguments: str = "", *, timeout: Timeout | None = None, check: bool = False) -> str:
        """`Connection.api`, on the present connection."""
        return self._with(lambda connection: connection.api(command, arguments, timeout=timeout, check=check))

    def bgapi(
        self, command: str, arguments: str = "", *, job_uuid: str | None = None, timeout: Timeout | None = None
    ) -> Job:
        """`Connection.bgapi`, on the present connection; the job ends with `OutcomeUnknownError` when that is lost."""
        return self._with(lambda connection: connection.bgapi(command, arguments, job_uuid=job_uuid, timeout=timeout))

    @overload
    def execute(
        self,
        application: str,
        argument: str = ...,
        *,
        uuid: str | None = ...,
        wait: Literal[False] = ...,
        timeout: Timeout | None = ...,
    ) -> Reply: ...
    @overload
    def execute(
        self,
        application: str,
        argument: str = ...,
        *,
        uuid: str | None = ...,
        wait: Literal[True],
        timeout: Timeout | None = ...,
    ) -> Executed: ...
    def execute(
        self,
        application: str,
        argument: str = "",
        *,
        uuid: str | None = None,
        wait: bool = False,
        timeout: Timeout | None = None,
    ) -> Reply | Executed:
        """`Connection.execute`, on the present connection."""
        if wait:
            return self._with(
                lambda connection: connection.execute(application, argument, uuid=uuid, wait=True, timeout=timeout)
            )
        return self._with(lambda connection: connection.execute(application, argument, uuid=uuid, timeout=timeout))

    def send_event(self, event: Event) -> Reply:
        """`Connection.send_event`, on the present connection."""
        return self._with(lambda connection: connection.send_event(event))
