"""How applications ended: what the methods of `Call` give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, Union

if TYPE_CHECKING:
    from .vocabulary import HangupCause

PlaybackEnd = Literal["completed", "terminator", "not-found", "failed", "hangup"]
"""`completed`: all was played, or `stop_playback` ended it. `terminator`: a key of `playback_terminators` did."""

DigitsEnd = Literal["complete", "terminator", "timeout", "invalid", "failed", "hangup"]
"""`complete`: as many as asked for. `invalid`: those of the last try did not match. `failed`: none were collected."""

RecordEnd = Literal["terminator", "silence", "limit", "stopped", "hangup"]
"""`hangup`: the caller hung up; what was said before is in the file."""


@dataclass(frozen=True)
class PlaybackOutcome:
    """How `playback`, `say` or `speak` ended."""

    end: PlaybackEnd
    """Why it ended."""
    terminator: str | None
    """The key that ended it."""
    duration: timedelta | None
    """How long it played; of several files, the last one. Not for `say` and `speak`."""
    samples: int | None
    """The same in samples."""
    response: str | None
    """The server's word for it, e.g. `FILE PLAYED`."""


@dataclass(frozen=True)
class DigitsOutcome:
    """What `play_and_get_digits` or `read` collected."""

    digits: str | None
    """The good digits; `None` when there are none."""
    end: DigitsEnd
    """Why it stopped."""
    terminator: str | None
    """The key that ended the input."""
    invalid: str | None
    """After `invalid`: the digits of the last try."""


@dataclass(frozen=True)
class RecordOutcome:
    """What `record` recorded."""

    end: RecordEnd
    """Why it ended."""
    terminator: str | None
    """The key that ended it."""
    duration: timedelta | None
    """How long it is."""
    samples: int | None
    """The same in samples."""


@dataclass(frozen=True)
class BridgeOutcome:
    """What came of a `bridge`."""

    answered: bool
    """The far end answered, and the two were connected."""
    cause: HangupCause | str | None
    """Answered: why the bridged leg was hung up. Else why there was no answer, e.g. `NO_ANSWER`."""
    disposition: str | None
    """`originate_disposition`: `SUCCESS`, or the cause."""
    dial_status: str | None
    """`DIALSTATUS`: `SUCCESS`, `BUSY`, `NOANSWER`, ..."""
    hung_up_by: Literal["this-leg", "peer"] | None
    """Who hung up, after an answer."""
    peer_uuid: str | None
    """The uuid of the leg that answered."""
    peer_channel: str | None
    """The name of its channel."""
    hangup: bool
    """This call has been hung up, too."""


@dataclass(frozen=True)
class DoneOutcome:
    """The end of an application that has no outcome of its own."""

    response: str | None
    """The Application-Response, where the application left one."""
    hangup: bool
    """The call was being hung up."""


@dataclass(frozen=True)
class DigitsReceived:
    """What `wait_for_dtmf` got."""

    digits: str
    """The digits, without the terminator."""
    end: DigitsEnd
    """`complete`, `terminator` or `timeout`."""
    terminator: str | None
    """The key that ended it."""


@dataclass(frozen=True)
class Dtmf:
    """A digit that the far end pressed (the event DTMF)."""

    digit: str
    """0 to 9, `*`, `#`, A to D, `F` for a flash."""
    duration: timedelta | None
    """How long it was pressed."""
    source: str | None
    """How it came, e.g. `RTP`."""


Outcome = Union[PlaybackOutcome, DigitsOutcome, RecordOutcome, BridgeOutcome, DoneOutcome]

BY_KIND = {
    "playback": PlaybackOutcome,
    "digits": DigitsOutcome,
    "record": RecordOutcome,
    "bridge": BridgeOutcome,
    "done": DoneOutcome,
    "received": DigitsReceived,
}
"""The classes by the core's words for them."""
