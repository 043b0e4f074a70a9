"""Calls under `mypy --strict`: what has an ignore must be refused, all else must pass."""

from __future__ import annotations

from switchwire import (
    AnswerState,
    BridgeOutcome,
    Call,
    Conference,
    ConferenceAction,
    Connection,
    DialString,
    Event,
    HangupCause,
    Leg,
    aio,
)


def verbs(call: Call, text: str) -> str | None:
    call.hangup("USER_BUSY")
    call.hangup("USER_BUZY")  # type: ignore[arg-type]
    call.hangup(text)  # type: ignore[arg-type]
    call.wait_for("answered")
    call.wait_for(AnswerState.ANSWERED)
    call.wait_for("TALKING")  # type: ignore[arg-type]
    call.say("1", "NUMBER", "ITERATED")
    call.say("1", "NUMBR")  # type: ignore[arg-type]
    call.say("1", "NUMBER", "SPELLED")  # type: ignore[arg-type]
    call.say("1", gender="FEMALE")  # type: ignore[arg-type]
    call.schedule_hangup(60, "USER_BUZY")  # type: ignore[arg-type]
    call.fifo("sales", role="tries")  # type: ignore[arg-type]
    call.valet_park("lot", place="6001")  # type: ignore[call-arg]
    call.displace("a.wav", mixed=True)  # type: ignore[call-arg]
    call.record("a.wav", limits=60)  # type: ignore[call-arg]
    call.conference("lab", moderator=True)  # type: ignore[call-arg]
    call.transfer("1000", leg="peer")
    call.transfer("1000", leg="other")  # type: ignore[arg-type]
    outcome: BridgeOutcome = call.bridge(DialString(Leg("user/1000", timeout=20)) | "user/1001")
    outcome.answered = True  # type: ignore[misc]
    if call.playback("a.wav").end == "complete":  # type: ignore[comparison-overlap]
        return None
    return call.play_and_get_digits("a.wav", min=4, max=4).digits


def originates(fs: Connection) -> str:
    fs.originate("user/1000", aplication="park")  # type: ignore[call-arg]
    fs.originate("user/1000", inline=["answer"])  # type: ignore[list-item]
    fs.originate("user/1000", bridge=1000)  # type: ignore[arg-type]
    made = fs.originate("user/1000", inline=[("set", "a=b"), ("park", None)], job_uuid="job-1")
    return fs.originate(Leg("user/1000"), bridge=DialString("user/2000")).job_uuid + made.uuid


async def asynchronous(fs: aio.Connection) -> str | None:
    call = await fs.originate("user/1000").wait(20)
    await call.hangup("USER_BUZY")  # type: ignore[arg-type]
    digits = [dtmf.digit async for dtmf in call.dtmf()]
    assert digits
    return (await call.read("a.wav", max=4)).digits


def readers(event: Event) -> HangupCause | str | None:
    assert event.time_answered is None or event.time_answered.tzinfo
    event.hangup_cauze  # type: ignore[attr-defined]  # noqa: B018
    name: str | None = event.caller.caller_id_name
    assert name
    return event.hangup_cause


def conferences(fs: Connection) -> str:
    lab: Conference = fs.conference("lab")
    lab.mute(4)
    lab.mute("all")
    lab.mute("some")  # type: ignore[arg-type]
    lab.relate(1, 2, "nohear")
    lab.relate(1, 2, "no-hear")  # type: ignore[arg-type]
    for member in lab.members():
        member.speaks = False  # type: ignore[misc]
        member.speeks  # type: ignore[attr-defined]  # noqa: B018
    for happened in lab.events():
        if happened.action is ConferenceAction.ADD_MEMBER:
            break
        ConferenceAction.ADDED_MEMBER  # type: ignore[attr-defined]  # noqa: B018
    return lab.dial(DialString("user/1000"))


async def conferences_of_asyncio(fs: aio.Connection) -> bool:
    lab = fs.conference("lab")
    await lab.kick("last", sound="bye.wav")
    await lab.kick("first")  # type: ignore[arg-type]
    async for happened in lab.events():
        happened.akshun  # type: ignore[attr-defined]  # noqa: B018
    info = await lab.info()
    return info is not None and info.locked
