"""Names under `mypy --strict`: what has an ignore must be refused, all else must pass."""

from __future__ import annotations

from switchwire import Connection, Custom, Event, EventType, HangupCause, Subscription, aio, headers, variables
from switchwire.vocabulary import Cause


def names(fs: Connection, text: str) -> None:
    fs.subscribe("CHANNEL_ANSWER", EventType.DTMF, Custom("my::event"), custom="other::event")
    fs.subscribe(EventType(text))
    fs.no_events("CHANNEL_ANSWER")
    Subscription("CHANNEL_HANGUP_COMPLETE", Custom("my::event"))
    fs.subscribe("CHANNEL_ANSWERED")  # type: ignore[arg-type]
    fs.subscribe(text)  # type: ignore[arg-type]
    fs.no_events("channel_answer")  # type: ignore[arg-type]
    Subscription("CHANEL_HANGUP")  # type: ignore[arg-type]
    EventType.CHANNEL_ANSWERED  # type: ignore[attr-defined]  # noqa: B018


async def names_of_asyncio(fs: aio.Connection) -> None:
    await fs.subscribe("CHANNEL_ANSWER", Custom("my::event"))
    await fs.subscribe("CHANNEL_ANSWERED")  # type: ignore[arg-type]
    await fs.hangup("USER_BUSY")
    await fs.hangup("USER_BUZY")  # type: ignore[arg-type]


def causes(fs: Connection, text: str) -> Cause:
    fs.hangup("USER_BUSY")
    fs.hangup(HangupCause.USER_BUSY)
    fs.hangup("USER_BUZY")  # type: ignore[arg-type]
    fs.hangup(text)  # type: ignore[arg-type]
    HangupCause.USER_BUZY  # type: ignore[attr-defined]  # noqa: B018
    number: int = HangupCause.USER_BUSY.q850
    assert number
    return HangupCause(text)


def constants(event: Event) -> tuple[str | None, str | None]:
    headers.HANGUP_CAUZE  # type: ignore[attr-defined]  # noqa: B018
    variables.HANGUP_CAUZE  # type: ignore[attr-defined]  # noqa: B018
    return event.get(headers.HANGUP_CAUSE), event.get("variable_" + variables.HANGUP_CAUSE)
