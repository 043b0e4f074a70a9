"""What a call has without asking the server, blocking or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from . import _native
from ._native import DtmfWatch
from .outcomes import Dtmf

if TYPE_CHECKING:
    from .vocabulary import (
        AnswerStateName,
        CallState,
        CallStateName,
        ChannelState,
        ChannelStateName,
        HangupCause,
    )

    StateName = AnswerStateName | CallStateName | ChannelStateName

TransferLeg = Literal["this", "peer", "both"]
"""This leg, the one that it is bridged to, or both."""


class KnownCall:
    """A call's uuid, its state from the events that have come, and its digits."""

    _native: _native.Call

    @property
    def uuid(self) -> str:
        """The channel's uuid."""
        return self._native.uuid

    @property
    def state(self) -> CallState | str | None:
        """The state of the call, from the events that have come; `None` while it is not known."""
        return self._native.state

    @property
    def channel_state(self) -> ChannelState | str | None:
        """The state of the channel's state machine; `None` while it is not known."""
        return self._native.channel_state

    @property
    def answered(self) -> bool:
        """Whether the call is answered, and up."""
        return self._native.answered

    @property
    def hung_up(self) -> bool:
        """Whether the call is known to have ended."""
        return self._native.hung_up

    @property
    def hangup_cause(self) -> HangupCause | str | None:
        """Why the call was hung up; `None` before that, and where no event has said."""
        return self._native.hangup_cause

    def on_dtmf(self, callback: Callable[[Dtmf], object]) -> DtmfWatch:
        """Calls back for every digit from now on; `stop()` of the result ends it.

        It runs on the thread that reads the connection (of asyncio the event loop's), which must not be held up.
        It hangs on DTMF events. What the callback raises is reported and dropped.
        """

        def take(digit: str, duration: timedelta | None, source: str | None) -> None:
            callback(Dtmf(digit, duration, source))

        return self._native.on_dtmf(take)
