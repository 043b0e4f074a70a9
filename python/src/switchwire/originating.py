"""Calls that are being made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _native
from ._options import Timeout
from .call import Call

if TYPE_CHECKING:
    from .connection import Connection


class KnownOriginating:
    """What is known of a call that is being made, blocking or not."""

    _native: _native.Originating

    @property
    def uuid(self) -> str:
        """The uuid of the (first) leg that is dialled."""
        return self._native.uuid

    @property
    def uuids(self) -> list[str]:
        """The uuids of all legs that are dialled."""
        return self._native.uuids

    @property
    def job_uuid(self) -> str:
        """The Job-UUID."""
        return self._native.job_uuid


class Originating(KnownOriginating):
    """A call that is being made (`bgapi originate`); its uuid is known from the start."""

    def __init__(self, connection: Connection, native: _native.Originating) -> None:
        self._connection = connection
        self._native = native

    def wait(self, timeout: Timeout | None = None) -> Call:
        """Waits until a leg is up (answered, or with early media), and gives it.

        `HangupError` when the dialling failed, with its `cause`, e.g. `USER_BUSY`; `RefusedError` with the server's
        own text; `WaitTimeoutError` when `timeout` has passed: it goes on, `cancel` ends it. `DisconnectedError`.
        """
        return self._connection.call(self._native.wait(timeout))

    def cancel(self) -> bool:
        """Hangs up every leg under way, without waiting. Says whether there was something to cancel."""
        return self._native.cancel()

    def __repr__(self) -> str:
        return f"<switchwire.Originating {self.uuid}>"
