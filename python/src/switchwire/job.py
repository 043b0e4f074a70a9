"""What is waited for on the server: background jobs and applications."""

from __future__ import annotations

from typing import NamedTuple

from . import _native
from ._native import Event, Reply
from ._options import Timeout


class Executed(NamedTuple):
    """How an application ended."""

    reply: Reply
    """The server's reply to the command."""
    event: Event | None
    """Its CHANNEL_EXECUTE_COMPLETE; `None` on a sync socket without events, where the reply comes at the end."""

    @property
    def response(self) -> str | None:
        """The Application-Response, e.g. `FILE PLAYED`."""
        return None if self.event is None else self.event.get("Application-Response")


class Job:
    """A command that runs in the background of the server (`bgapi`).

    Its BACKGROUND_JOB event goes to the job alone. If the job object is collected before that, the event goes to
    `recv` like any other.
    """

    def __init__(self, native: _native.Job) -> None:
        self._native = native
        self._event: Event | None = None

    @property
    def uuid(self) -> str:
        """The Job-UUID."""
        return self._native.uuid

    def event(self, timeout: Timeout | None = None) -> Event:
        """Waits for the job's event, for at most `timeout` when given; the output is its body.

        Raises `WaitTimeoutError` (wait again as you like), `NotSubscribedError` without a subscription to
        BACKGROUND_JOB, `DisconnectedError`.
        """
        if self._event is None:
            self._event = self._native._wait(timeout)
        return self._event

    def result(self, timeout: Timeout | None = None) -> str:
        """Waits as `event` does, and gives the command's output."""
        return self.event(timeout).body or ""

    def done(self) -> bool:
        """Whether the job has ended; never waits."""
        if self._event is None:
            self._event = self._native._try_take()
        return self._event is not None

    def __repr__(self) -> str:
        return f"<switchwire.Job {self.uuid}>"
