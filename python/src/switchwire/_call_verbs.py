"""What a call can be asked for. `cargo xtask generate` makes the same for asyncio from this file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from ._call_state import TransferLeg
from ._native import DialString, Event, Leg, Verb
from ._options import Timeout
from ._running import CallRuns
from .outcomes import BridgeOutcome, DigitsOutcome, DigitsReceived, DoneOutcome, PlaybackOutcome, RecordOutcome

if TYPE_CHECKING:
    from ._call_state import StateName
    from .vocabulary import (
        AnswerState,
        CallState,
        Cause,
        ChannelState,
        SayGender,
        SayGenderName,
        SayMethod,
        SayMethodName,
        SayType,
        SayTypeName,
    )


class CallVerbs(CallRuns):
    """The verbs of a call: each runs an application, or a command of the server, and ends with it."""

    def answer(self, *, timeout: Timeout | None = None) -> None:
        """`answer`: answers the call."""
        self._run(Verb.named("answer", ""), timeout)

    def pre_answer(self, *, timeout: Timeout | None = None) -> None:
        """`pre_answer`: early media: the caller hears what is played without an answer."""
        self._run(Verb.named("pre_answer", ""), timeout)

    def ring_ready(self, *, timeout: Timeout | None = None) -> None:
        """`ring_ready`: the caller hears ringing."""
        self._run(Verb.named("ring_ready", ""), timeout)

    def playback(self, *sources: str, timeout: Timeout | None = None) -> PlaybackOutcome:
        """`playback`: plays a file, tone or stream, or several files one after the other, to the end."""
        return self._run(Verb.playback(sources), timeout)

    def play_and_get_digits(
        self,
        file: str,
        *,
        min: int = 1,
        max: int = 1,
        tries: int = 1,
        input_timeout: Timeout = 5,
        digit_timeout: Timeout | None = None,
        terminators: str = "#",
        invalid_file: str | None = None,
        variable: str = "digits",
        pattern: str = r"\d+",
        timeout: Timeout | None = None,
    ) -> DigitsOutcome:
        """`play_and_get_digits`: plays a prompt and collects `min` to `max` digits that match, in some `tries`.

        `input_timeout` begins after the prompt, `digit_timeout` after each digit. The digits are in the channel's
        `variable`, too.
        """
        return self._run(
            Verb.play_and_get_digits(
                file,
                min,
                max,
                tries,
                input_timeout,
                digit_timeout,
                terminators,
                invalid_file,
                variable,
                pattern,
            ),
            timeout,
        )

    def read(
        self,
        file: str,
        *,
        min: int = 1,
        max: int = 1,
        input_timeout: Timeout = 5,
        digit_timeout: Timeout | None = None,
        terminators: str = "#",
        variable: str = "digits",
        timeout: Timeout | None = None,
    ) -> DigitsOutcome:
        """`read`: plays a prompt and collects digits once."""
        return self._run(Verb.read(file, min, max, input_timeout, digit_timeout, terminators, variable), timeout)

    def say(
        self,
        text: str,
        kind: SayType | SayTypeName = "NUMBER",
        method: SayMethod | SayMethodName = "PRONOUNCED",
        gender: SayGender | SayGenderName | None = None,
        *,
        language: str = "en",
        timeout: Timeout | None = None,
    ) -> PlaybackOutcome:
        """`say`: says a number, a date or letters with recorded words."""
        return self._run(Verb.say(text, kind, method, gender, language), timeout)

    def speak(self, text: str, *, engine: str, voice: str, timeout: Timeout | None = None) -> PlaybackOutcome:
        """`speak`: has a speech engine say a text, e.g. `flite` with the voice `kal`."""
        return self._run(Verb.speak(text, engine, voice), timeout)

    def record(
        self,
        file: str,
        *,
        limit: Timeout | None = None,
        silence: tuple[int, int] | None = None,
        timeout: Timeout | None = None,
    ) -> RecordOutcome:
        """`record`: records the caller. A hang-up is one of the ends, not an error.

        `silence` is a level and for how many checks (of a second each, as a rule) it must stay below it.
        """
        return self._run(Verb.record(file, limit, silence), timeout)

    def bridge(self, dial: DialString | Leg | str, *, timeout: Timeout | None = None) -> BridgeOutcome:
        """`bridge`: dials, and connects the call with the leg that is answered, until one of them hangs up.

        A text is read as it stands in a dialplan; `DialString` writes one. A hang-up of this call is one of the ends,
        not an error. The call goes on after a failure or the other's hang-up where the variables
        `continue_on_fail` and `hangup_after_bridge` say so.
        """
        return self._run(Verb.bridge(dial), timeout)

    def attended_transfer(self, dial: DialString | Leg | str, *, timeout: Timeout | None = None) -> DoneOutcome:
        """`att_xfer`: an attended transfer of the leg that this one is bridged to."""
        return self._run(Verb.attended_transfer(dial), timeout)

    def conference(
        self,
        name: str,
        *,
        profile: str | None = None,
        pin: str | None = None,
        flags: Sequence[str] = (),
        timeout: Timeout | None = None,
    ) -> DoneOutcome:
        """`conference`: joins a conference, until the call leaves it."""
        return self._run(Verb.conference(name, profile, pin, flags), timeout)

    def fifo(
        self,
        queue: str,
        *,
        role: Literal["wait", "take", "try_take"] = "wait",
        announce: str | None = None,
        music: str | None = None,
        timeout: Timeout | None = None,
    ) -> DoneOutcome:
        """`fifo`: waits in a queue and talks, or takes a call out of it (`try_take`: if there is one) and talks."""
        return self._run(Verb.fifo(queue, role, announce, music), timeout)

    def valet_park(
        self,
        lot: str,
        stall: str | None = None,
        *,
        between: tuple[int, int] | None = None,
        timeout: Timeout | None = None,
    ) -> DoneOutcome:
        """`valet_park`: parks in a stall (or any `between` two), or takes the call that is parked there."""
        return self._run(Verb.valet_park(lot, stall, between), timeout)

    def eavesdrop(self, uuid: str, *, timeout: Timeout | None = None) -> DoneOutcome:
        """`eavesdrop`: listens to the call of that uuid until it ends."""
        return self._run(Verb.eavesdrop(uuid), timeout)

    def sleep(self, time: Timeout, *, timeout: Timeout | None = None) -> None:
        """`sleep`: waits on the server; digits that come meanwhile are kept for the next application."""
        self._run(Verb.sleep(time), timeout)

    def execute(self, application: str, argument: str = "", *, timeout: Timeout | None = None) -> DoneOutcome:
        """Any application by name, with its argument as the server takes it."""
        return self._run(Verb.named(application, argument), timeout)

    def set(self, name: str, value: str, *, timeout: Timeout | None = None) -> None:
        """`set`: sets a channel variable to just that value, whatever it holds; an empty one unsets it."""
        self._run(Verb.set(name, value), timeout)

    def set_array(self, name: str, elements: Sequence[str], *, timeout: Timeout | None = None) -> None:
        """Sets a channel variable to an array."""
        self._run(Verb.set_array(name, elements), timeout)

    def unset(self, name: str, *, timeout: Timeout | None = None) -> None:
        """`unset`: unsets a channel variable."""
        self._run(Verb.unset(name), timeout)

    def execute_on_answer(self, application: str, argument: str = "", *, timeout: Timeout | None = None) -> None:
        """Has the server run an application when the call is answered (the variable `execute_on_answer`)."""
        self._run(Verb.execute_on_answer(application, argument), timeout)

    def export(self, name: str, value: str, *, timeout: Timeout | None = None) -> None:
        """`export`: sets a variable here and on every leg that the call dials from then on."""
        self._run(Verb.export(name, value), timeout)

    def hangup(self, cause: Cause = "NORMAL_CLEARING", *, timeout: Timeout | None = None) -> None:
        """Ends the call (`uuid_kill`, or the protocol's `hangup`). No error when it has ended already."""
        self._run(Verb.hangup(cause), timeout)

    def transfer(
        self,
        extension: str,
        *,
        dialplan: str | None = None,
        context: str | None = None,
        leg: TransferLeg = "this",
        timeout: Timeout | None = None,
    ) -> None:
        """Goes on in the dialplan elsewhere (`uuid_transfer`, `transfer`)."""
        self._run(Verb.transfer(extension, dialplan, context, leg), timeout)

    def park(self, *, timeout: Timeout | None = None) -> None:
        """Parks the call (`uuid_park`, `park`)."""
        self._run(Verb.park(), timeout)

    def hold(self, *, timeout: Timeout | None = None) -> None:
        """Puts the call on hold (`uuid_hold`, `hold`)."""
        self._run(Verb.hold(True), timeout)

    def unhold(self, *, timeout: Timeout | None = None) -> None:
        """Takes the call off hold (`uuid_hold off`, `unhold`)."""
        self._run(Verb.hold(False), timeout)

    def mute(self, *, hearing: bool = False, timeout: Timeout | None = None) -> None:
        """Mutes what the call says, or with `hearing` what it hears (`uuid_audio`)."""
        self._run(Verb.mute(hearing), timeout)

    def unmute(self, *, timeout: Timeout | None = None) -> None:
        """Takes every `mute` back (`uuid_audio stop`)."""
        self._run(Verb.unmute(), timeout)

    def start_recording(self, file: str, *, limit: Timeout | None = None, timeout: Timeout | None = None) -> None:
        """Records the call while other things go on (`uuid_record`, `record_session`)."""
        self._run(Verb.start_recording(file, limit), timeout)

    def stop_recording(self, file: str = "all", *, timeout: Timeout | None = None) -> None:
        """Ends the recording to that file, or every one (`uuid_record stop`, `stop_record_session`)."""
        self._run(Verb.stop_recording(file), timeout)

    def broadcast(self, file: str, *, leg: TransferLeg = "this", timeout: Timeout | None = None) -> None:
        """Plays a file over whatever the call does, without waiting for its end (`uuid_broadcast`)."""
        self._run(Verb.broadcast(file, leg), timeout)

    def displace(
        self,
        file: str,
        *,
        mix: bool = False,
        limit: Timeout | None = None,
        timeout: Timeout | None = None,
    ) -> None:
        """Plays a file in the place of what the far end says (`uuid_displace`, `displace_session`)."""
        self._run(Verb.displace(file, mix, limit), timeout)

    def stop_displacing(self, file: str, *, timeout: Timeout | None = None) -> None:
        """Ends what `displace` plays."""
        self._run(Verb.stop_displacing(file), timeout)

    def stop_playback(self, *, all: bool = False, timeout: Timeout | None = None) -> None:
        """Ends what the call plays; with `all` also what is queued behind it (`uuid_break`, `break`)."""
        self._run(Verb.stop_playback(all), timeout)

    def send_dtmf(self, digits: str, *, duration: Timeout | None = None, timeout: Timeout | None = None) -> None:
        """Sends digits to the far end (`uuid_send_dtmf`, `send_dtmf`)."""
        self._run(Verb.send_dtmf(digits, duration), timeout)

    def schedule_hangup(self, after: Timeout, cause: Cause | None = None, *, timeout: Timeout | None = None) -> None:
        """Hangs up later (`sched_hangup`)."""
        self._run(Verb.schedule_hangup(after, cause), timeout)

    def schedule_transfer(
        self,
        after: Timeout,
        extension: str,
        *,
        dialplan: str | None = None,
        context: str | None = None,
        timeout: Timeout | None = None,
    ) -> None:
        """Transfers the call later (`sched_transfer`)."""
        self._run(Verb.schedule_transfer(after, extension, dialplan, context), timeout)

    def wait_for(
        self, state: AnswerState | CallState | ChannelState | StateName, *, timeout: Timeout | None = None
    ) -> None:
        """Waits until the call is in that state; of an `AnswerState`, at least so far.

        It hangs on CHANNEL_ANSWER, CHANNEL_CALLSTATE or CHANNEL_STATE events. Waiting for `hangup` succeeds with the
        call's end; any other wait is a `HangupError` then.
        """
        self._run(Verb.wait_for(state), timeout)

    def wait_for_dtmf(self, count: int = 1, *, terminators: str = "", timeout: Timeout | None = None) -> DigitsReceived:
        """Waits for digits that come from now on: `count`, or one of `terminators`. No application runs for it.

        It hangs on DTMF events. A timeout is no error: the `end` says so.
        """
        return self._run(Verb.digits(count, terminators), timeout)

    def refresh(self, *, timeout: Timeout | None = None) -> Event:
        """Asks the server (`uuid_dump`) for the state and all variables of the channel."""
        return self._run(Verb.refresh(), timeout)

    def set_all(self, variables: Mapping[str, str], *, timeout: Timeout | None = None) -> None:
        """Sets several variables. What cannot be said is found before anything is sent."""
        verbs = [Verb.set(name, value) for name, value in variables.items()]
        for verb in verbs:
            verb.check()
        for verb in verbs:
            self._run(verb, timeout)
