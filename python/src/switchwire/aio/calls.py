"""What a connection for asyncio does with calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .. import _native
from .._native import DialString, Leg
from .._options import Timeout
from .call import Call
from .originating import Originating

if TYPE_CHECKING:
    from .connection import Connection


class Calls:
    """The part of `Connection` that is about calls."""

    _native: _native.Connection

    def _connection(self) -> Connection:
        return cast("Connection", self)

    def own_call(self) -> Call:
        """The connection's own call: of an outbound connection, or of one that `my_events(uuid)` has bound."""
        return Call(self._connection(), self._native._call())

    def call(self, uuid: str) -> Call:
        """The call of that channel. Sends nothing: whether there is one shows once something is done with it."""
        return Call(self._connection(), self._native._call(uuid))

    def originate(
        self,
        dial: DialString | Leg | str,
        *,
        application: str | None = None,
        argument: str | None = None,
        extension: str | None = None,
        dialplan: str | None = None,
        context: str | None = None,
        caller_id: tuple[str, str] | None = None,
        ring: Timeout | None = None,
    ) -> Originating:
        """Dials (`bgapi originate`); `wait` of what this gives waits for the answer. See the blocking one."""
        native = self._native._start_originate(
            dial, extension, application, argument, dialplan, context, caller_id, ring
        )
        self._connection()._ready()
        return Originating(self._connection(), native)
