"""A leg as an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _native
from ._call_state import KnownCall, TransferLeg
from ._call_verbs import CallVerbs
from ._options import Timeout

if TYPE_CHECKING:
    from .connection import Connection

__all__ = ["Call", "TransferLeg"]


class Call(CallVerbs, KnownCall):
    """A leg: a channel that a connection controls. From `connection.own_call()`, and from `connection.call(uuid)`.

    Every verb waits for its end: for that of its own run, never by the application's name. It ends at once with
    `HangupError` when the call hangs up, with `DisconnectedError`, or after its `timeout`, if given, with
    `WaitTimeoutError` (the application goes on then). What cannot be said is an `InvalidArgumentError` before anything
    is sent. `bridge` and `record` have their outcome also when the call was hung up meanwhile.

    The verbs hang on CHANNEL_EXECUTE_COMPLETE and, for a channel that is not the connection's own, on
    CHANNEL_HANGUP_COMPLETE: `my_events()`, or `subscribe`; else they are a `NotSubscribedError`. A sync socket needs no
    events. Any number of threads may use one call.
    """

    def __init__(self, connection: Connection, native: _native.Call) -> None:
        self._connection = connection
        self._native = native

    @property
    def connection(self) -> Connection:
        """The connection that controls it."""
        return self._connection

    def variable(self, name: str, *, timeout: Timeout | None = None) -> str | None:
        """The value of a channel variable; `None` when it is not set."""
        return self._connection.variable(name, uuid=self.uuid, timeout=timeout)

    def __repr__(self) -> str:
        return f"<switchwire.Call {self.uuid}>"
