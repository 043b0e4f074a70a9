"""Typed readers of an event."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from switchwire import AnswerState, CallDirection, CallState, ChannelState, Event, HangupCause

HEADERS = {
    "Hangup-Cause": "USER_BUSY",
    "Channel-State": "CS_EXECUTE",
    "Channel-Call-State": "ACTIVE",
    "Answer-State": "answered",
    "Call-Direction": "inbound",
    "Caller-Direction": "outbound",
    "Caller-Caller-ID-Name": "Ann",
    "Caller-Channel-Answered-Time": "1700000000123456",
    "Caller-Channel-Hangup-Time": "0",
    "Event-Date-Timestamp": "1700000001000000",
    "DTMF-Digit": "#",
    "DTMF-Duration": "2000",
    "Application-Response": "FILE PLAYED",
    "variable_campaign": "spring",
    "variable_Other": "x",
}


def test_words_are_members_and_unknown_ones_stay_text() -> None:
    event = Event("CHANNEL_HANGUP", HEADERS)
    assert event.hangup_cause is HangupCause.USER_BUSY
    assert event.channel_state is ChannelState.CS_EXECUTE
    assert event.call_state is CallState.ACTIVE
    assert event.answer_state is AnswerState.ANSWERED
    assert event.call_direction is CallDirection.INBOUND
    unknown = Event("CHANNEL_HANGUP", {"Hangup-Cause": "FROM_THE_FUTURE"})
    assert unknown.hangup_cause == "FROM_THE_FUTURE"
    assert type(unknown.hangup_cause) is str
    assert unknown.call_state is None


def test_times_are_aware_and_lengths_are_timedeltas() -> None:
    event = Event("CHANNEL_HANGUP", HEADERS)
    assert event.time_answered == datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=timezone.utc)
    assert event.time == datetime(2023, 11, 14, 22, 13, 21, tzinfo=timezone.utc)
    assert event.time_hung_up is None
    assert event.time_created is None
    assert event.dtmf_duration == timedelta(milliseconds=250)


def test_digit_response_and_variables() -> None:
    event = Event("DTMF", HEADERS)
    assert event.dtmf_digit == "#"
    assert event.application_response == "FILE PLAYED"
    assert Event("DTMF", {"Application-Response": "_none_"}).application_response is None
    assert event.variable("CAMPAIGN") == "spring"
    assert event.variable("none") is None
    assert event.variable("none", "x") == "x"
    assert event.variables == {"campaign": "spring", "Other": "x"}


def test_profiles_of_both_legs() -> None:
    event = Event("CHANNEL_BRIDGE", {**HEADERS, "Other-Type": "originatee", "Other-Leg-Caller-ID-Name": "Bob"})
    assert event.caller.caller_id_name == "Ann"
    assert event.caller.direction is CallDirection.OUTBOUND
    assert event.caller.answered == event.time_answered
    assert event.caller.context is None
    assert event.other_leg is not None
    assert event.other_leg.caller_id_name == "Bob"
    assert Event("CHANNEL_BRIDGE", HEADERS).other_leg is None
