"""What a conference can be asked for. `cargo xtask generate` makes the same for asyncio from this file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._native import ConferenceVerb, DialString, Leg
from ._options import Timeout
from ._running import ConferenceRuns

if TYPE_CHECKING:
    from .conference import ConferenceInfo, Member, Members, Relation


class ConferenceVerbs(ConferenceRuns):
    """The verbs of a conference: `conference NAME ...`, and its reply."""

    def info(self, *, timeout: Timeout | None = None) -> ConferenceInfo | None:
        """`json_list`: the conference and its members; `None` when there is no conference of that name now."""
        return self._run(ConferenceVerb.info(), timeout)

    def members(self, *, timeout: Timeout | None = None) -> list[Member]:
        """`json_list`: its members, the one that joined last first; none when there is no conference."""
        return self._run(ConferenceVerb.members(), timeout)

    def mute(self, members: Members, *, timeout: Timeout | None = None) -> None:
        """They are not heard any more."""
        self._run(ConferenceVerb.of_members("mute", members), timeout)

    def unmute(self, members: Members, *, timeout: Timeout | None = None) -> None:
        """They are heard again."""
        self._run(ConferenceVerb.of_members("unmute", members), timeout)

    def toggle_mute(self, members: Members, *, timeout: Timeout | None = None) -> None:
        """`tmute`: mutes those that are heard, unmutes the others."""
        self._run(ConferenceVerb.of_members("toggle_mute", members), timeout)

    def deaf(self, members: Members, *, timeout: Timeout | None = None) -> None:
        """They hear nothing any more."""
        self._run(ConferenceVerb.of_members("deaf", members), timeout)

    def undeaf(self, members: Members, *, timeout: Timeout | None = None) -> None:
        """They hear again."""
        self._run(ConferenceVerb.of_members("undeaf", members), timeout)

    def hold(self, members: Members, *, timeout: Timeout | None = None) -> None:
        """Puts them on hold."""
        self._run(ConferenceVerb.of_members("hold", members), timeout)

    def unhold(self, members: Members, *, timeout: Timeout | None = None) -> None:
        """Takes them off hold."""
        self._run(ConferenceVerb.of_members("unhold", members), timeout)

    def kick(self, members: Members, *, sound: str | None = None, timeout: Timeout | None = None) -> None:
        """Sends them out, after a `sound` if given: their channels go on."""
        self._run(ConferenceVerb.kick(members, sound), timeout)

    def hup(self, members: Members, *, timeout: Timeout | None = None) -> None:
        """Hangs them up."""
        self._run(ConferenceVerb.of_members("hup", members), timeout)

    def floor(self, members: Members, *, timeout: Timeout | None = None) -> None:
        """Gives one of them the floor, or takes it back; refused while another talks."""
        self._run(ConferenceVerb.of_members("floor", members), timeout)

    def lock(self, *, timeout: Timeout | None = None) -> None:
        """No other member may join."""
        self._run(ConferenceVerb.lock(True), timeout)

    def unlock(self, *, timeout: Timeout | None = None) -> None:
        """Others may join again."""
        self._run(ConferenceVerb.lock(False), timeout)

    def pin(self, pin: str | None, *, timeout: Timeout | None = None) -> None:
        """Members are asked for that PIN from now on; with `None` (`nopin`) for none."""
        self._run(ConferenceVerb.pin(pin), timeout)

    def volume_in(self, members: Members, level: int, *, timeout: Timeout | None = None) -> None:
        """How loud they are heard, -4 to 4."""
        self._run(ConferenceVerb.volume_in(members, level), timeout)

    def volume_out(self, members: Members, level: int, *, timeout: Timeout | None = None) -> None:
        """How loud they hear, -4 to 4."""
        self._run(ConferenceVerb.volume_out(members, level), timeout)

    def energy(self, members: Members, level: int, *, timeout: Timeout | None = None) -> None:
        """From which level on they count as talking."""
        self._run(ConferenceVerb.energy(members, level), timeout)

    def play(
        self, file: str, *, member: int | None = None, beside: bool = False, timeout: Timeout | None = None
    ) -> None:
        """Plays a file to all or to one `member`; `beside` goes on with what is played to all already.

        The reply comes when it begins; the event `play-file-done` tells its end.
        """
        self._run(ConferenceVerb.play(file, member, beside), timeout)

    def stop(self, *, all: bool = True, timeout: Timeout | None = None) -> None:
        """Ends what is played; with `all` also what is queued behind it."""
        self._run(ConferenceVerb.stop(all), timeout)

    def say(self, text: str, *, member: int | None = None, timeout: Timeout | None = None) -> None:
        """Speaks a text to all, or to one `member` (`saymember`)."""
        self._run(ConferenceVerb.say(text, member), timeout)

    def record(self, file: str, *, timeout: Timeout | None = None) -> None:
        """Records the conference to a file."""
        self._run(ConferenceVerb.record(file), timeout)

    def stop_recording(self, file: str | None = None, *, timeout: Timeout | None = None) -> None:
        """`norecord`: ends that recording, or without a file all of them."""
        self._run(ConferenceVerb.stop_recording(file), timeout)

    def pause_recording(self, file: str, *, timeout: Timeout | None = None) -> None:
        """A pause in that recording."""
        self._run(ConferenceVerb.pause_recording(file, True), timeout)

    def resume_recording(self, file: str, *, timeout: Timeout | None = None) -> None:
        """The end of that pause."""
        self._run(ConferenceVerb.pause_recording(file, False), timeout)

    def dial(
        self,
        dial: DialString | Leg | str,
        *,
        caller_id: tuple[str, str] | None = None,
        timeout: Timeout | None = None,
    ) -> str:
        """`bgdial`: calls in the background and takes the party it reaches in; `caller_id` is name and number.

        Gives the Job-UUID that the event `bgdial-result` has: only that tells what came of it.
        """
        return self._run(ConferenceVerb.dial(dial, caller_id), timeout)

    def transfer(self, to: str, *members: int, timeout: Timeout | None = None) -> None:
        """These members go to another conference."""
        self._run(ConferenceVerb.transfer(to, members), timeout)

    def relate(self, member: int, other: int, relation: Relation, *, timeout: Timeout | None = None) -> None:
        """The first does not hear the second (`nohear`), or is not heard by it (`nospeak`); `clear` takes both back."""
        self._run(ConferenceVerb.relate(member, other, relation), timeout)

    def send_dtmf(self, members: Members, digits: str, *, timeout: Timeout | None = None) -> None:
        """Sends digits to members."""
        self._run(ConferenceVerb.send_dtmf(members, digits), timeout)
