//! The tables of words: compared both ways with freeswitch-types, with the recordings, and read from events.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_types,
    reason = "a failure in a test is its message; a point in time is a value"
)]

mod support;

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, SystemTime};

use freeswitch_types as oracle;
use switchwire_proto::vocabulary::{VariableKind, headers, tables, variables};
use switchwire_proto::{
    AnswerState, CallDirection, CallState, ChannelState, Decoder, Event, EventType, HangupCause,
};

/// Headers of ours that freeswitch-types has in another table or not at all, by what they begin with, and why.
const HEADERS_OF_OURS: &[(&str, &str)] = &[
    ("Caller-Profile-Created-Time", "its timetable"),
    ("Caller-Channel-", "its timetable"),
    ("Other-Leg-Profile-Created-Time", "its timetable"),
    ("Other-Leg-Channel-", "its timetable"),
    ("Content-", "the frame's headers"),
    ("Command", "sendevent echoes it [recorded]"),
    ("Event-UUID", "sendevent and sendmsg [recorded]"),
    ("Old-Unique-ID", "CHANNEL_UUID [recorded]"),
    ("Bridge", "bridges and valet parking [recorded]"),
    ("Direction", "CALL_UPDATE [recorded]"),
    ("Sent-Callee-", "CALL_UPDATE [recorded]"),
    ("Playback-", "PLAYBACK_START and _STOP [recorded]"),
    ("Record-", "RECORD_START and _STOP [recorded]"),
    ("Media-Bug-", "MEDIA_BUG_START and _STOP [recorded]"),
    ("Job-Command", "BACKGROUND_JOB [recorded]"),
    ("API-Command", "API [recorded]"),
    ("Task-", "the schedule's events [recorded]"),
    ("Log-Func", "log/data [recorded]"),
    ("Text-Channel", "log/data [recorded]"),
    ("Conference-", "conference::maintenance [recorded]"),
    ("Action", "conference::maintenance [recorded]"),
    ("Member-", "conference::maintenance [recorded]"),
    ("Energy-Level", "conference::maintenance [recorded]"),
    ("Current-Energy", "conference::maintenance [recorded]"),
    ("Floor", "conference::maintenance [recorded]"),
    ("Hear", "conference::maintenance [recorded]"),
    ("Speak", "conference::maintenance [recorded]"),
    ("Talking", "conference::maintenance [recorded]"),
    ("Mute-Detect", "conference::maintenance [recorded]"),
    ("Hold", "conference::maintenance [recorded]"),
    ("Video", "conference::maintenance [recorded]"),
    ("See", "conference::maintenance [recorded]"),
    ("Old-ID", "conference::maintenance [recorded]"),
    ("New-ID", "conference::maintenance [recorded]"),
    ("Digits", "conference::maintenance [recorded]"),
    ("Path", "conference::maintenance [recorded]"),
    ("File", "conference::maintenance [recorded]"),
    ("Async", "conference::maintenance [recorded]"),
    ("Result", "conference::maintenance [recorded]"),
    ("FIFO-", "fifo::info [recorded]"),
    ("Valet-", "valet_parking::info [recorded]"),
    ("CC-", "callcenter::info [recorded]"),
    ("Resigning-", "loopback::bowout [recorded]"),
    ("Acquired-UUID", "loopback::bowout [recorded]"),
    ("from-", "sofia::register and its like [recorded]"),
    ("to-", "sofia::register and its like [recorded]"),
    ("contact", "sofia::register and its like [recorded]"),
    ("call-id", "sofia::register and its like [recorded]"),
    ("rpid", "sofia::register and its like [recorded]"),
    ("expires", "sofia::register and its like [recorded]"),
    ("network-", "sofia::register and its like [recorded]"),
    ("user-agent", "sofia::register and its like [recorded]"),
    ("username", "sofia::register and its like [recorded]"),
    ("realm", "sofia::register and its like [recorded]"),
    ("auth-result", "sofia::register and its like [recorded]"),
    ("SIP-Content-Type", "RECV_INFO [recorded]"),
    ("MWI-", "MESSAGE_WAITING [recorded]"),
    ("call-command", "COMMAND and PRIVATE_COMMAND [recorded]"),
    ("execute-app-", "COMMAND and PRIVATE_COMMAND [recorded]"),
    ("Controlled-Session-UUID", "the disconnect notice [recorded]"),
    ("Socket-Mode", "the connect reply of outbound connections [recorded]"),
    ("Control", "the connect reply of outbound connections [recorded]"),
    ("Caller-Unique-ID", "its row is read as Other-Leg-Unique-ID's twin"),
];

/// Variables of freeswitch-types that are left out: statistics that the server sets when a call has ended, one family
/// for each kind of media.
const STATISTICS: &[&str] = &["rtp_audio_", "rtp_video_", "rtp_text_"];

#[test]
fn words_are_those_of_freeswitch_types_both_ways() {
    // Each of its words, looked up in ours, and back.
    macro_rules! same {
        ($ours:ident, $theirs:ty) => {
            let theirs: BTreeSet<_> = <$theirs>::ALL.iter().map(|word| word.to_string()).collect();
            let ours: BTreeSet<_> = $ours::ALL.iter().map(|word| word.to_string()).collect();
            assert_eq!(ours, theirs);
        };
    }
    same!(HangupCause, oracle::HangupCause);
    same!(ChannelState, oracle::ChannelState);
    same!(CallState, oracle::CallState);
    same!(AnswerState, oracle::AnswerState);
    same!(CallDirection, oracle::CallDirection);
    for cause in HangupCause::ALL {
        let theirs: oracle::HangupCause = cause.name().parse().unwrap();
        assert_eq!(cause.number(), Some(theirs.as_number()), "{cause}");
    }
    for state in ChannelState::ALL {
        let theirs: oracle::ChannelState = state.name().parse().unwrap();
        assert_eq!(state.number(), Some(theirs.as_number().into()), "{state}");
    }
}

#[test]
fn headers_are_those_of_freeswitch_types_both_ways() {
    let theirs: BTreeSet<_> = oracle::EventHeader::ALL.iter().map(oracle::EventHeader::as_str).collect();
    let ours: BTreeSet<_> = headers::ALL.iter().map(|row| row.name).collect();
    let missing: Vec<_> = theirs.difference(&ours).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let explained = |name: &&&str| !HEADERS_OF_OURS.iter().any(|(start, _)| name.starts_with(start));
    let unexplained: Vec<_> = ours.difference(&theirs).filter(explained).collect();
    assert!(unexplained.is_empty(), "{unexplained:?}");
}

#[test]
fn variables_are_those_of_freeswitch_types() {
    let ours: BTreeSet<_> = variables::ALL.iter().map(|row| row.name).collect();
    let mut theirs = BTreeSet::new();
    theirs.extend(oracle::ChannelVariable::ALL.iter().map(oracle::ChannelVariable::as_str));
    theirs.extend(oracle::variables::SofiaVariable::ALL.iter().map(oracle::variables::SofiaVariable::as_str));
    theirs.extend(oracle::CoreMediaVariable::ALL.iter().map(oracle::CoreMediaVariable::as_str));
    theirs.extend(
        oracle::variables::ConferenceVariable::ALL.iter().map(oracle::variables::ConferenceVariable::as_str),
    );
    theirs.extend(
        oracle::variables::LoopbackVariable::ALL.iter().map(oracle::variables::LoopbackVariable::as_str),
    );
    let statistics = |name: &&&str| STATISTICS.iter().any(|start| name.starts_with(start));
    let missing: Vec<_> = theirs.difference(&ours).filter(|name| !statistics(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // Those of ours alone: the variables of fifo, valet_park, callcenter, limit, of recording, eavesdropping, transfers
    // and group confirmation, which it has no tables for.
    assert_eq!(ours.difference(&theirs).filter(|name| statistics(name)).count(), 0);
}

/// Every header name that the recordings have, with the letter cases it has.
fn recorded() -> HashMap<String, BTreeSet<String>> {
    let mut names: HashMap<String, BTreeSet<String>> = HashMap::new();
    for (_, bytes) in support::captures() {
        let mut decoder = Decoder::default();
        decoder.feed(&bytes);
        while let Some(message) = decoder.next_message().unwrap() {
            if message.content_type().is_event() {
                for header in message.into_event().headers() {
                    let name = header.name().into_owned();
                    names.entry(name.to_lowercase()).or_default().insert(name);
                }
            }
        }
    }
    names
}

#[test]
fn names_are_spelt_as_recorded() {
    let recorded = recorded();
    let mut seen = 0;
    // Other events (registrations, presence) have a header of the same name in lower case.
    let twins = ["Status", "State"];
    let mut check = |name: &str| {
        if let Some(cases) = recorded.get(&name.to_lowercase()) {
            assert!(cases.contains(name) || twins.contains(&name), "{name}: {cases:?}");
            seen += 1;
        }
    };
    headers::ALL.iter().for_each(|row| check(row.name));
    variables::ALL.iter().for_each(|row| check(&format!("variable_{}", row.name)));
    assert!(seen > 250, "{seen}");
}

#[test]
fn every_word_of_the_recordings_is_in_its_table() {
    let mut events = 0;
    for (name, bytes) in support::captures() {
        let mut decoder = Decoder::default();
        decoder.feed(&bytes);
        while let Some(message) = decoder.next_message().unwrap() {
            if !message.content_type().is_event() {
                continue;
            }
            let event = message.into_event();
            let known = !matches!(event.channel_state(), Some(ChannelState::Other(_)))
                && !matches!(event.call_state(), Some(CallState::Other(_)))
                && !matches!(event.call_direction(), Some(CallDirection::Other(_)));
            // Presence events have a dialog's state for an Answer-State.
            let answer = event.event_type() == EventType::PresenceIn
                || !matches!(event.answer_state(), Some(AnswerState::Other(_)));
            // What the server writes for a cause that it has no name for itself.
            let cause = match event.hangup_cause() {
                Some(HangupCause::Other(word)) => &*word == "UNKNOWN",
                _ => true,
            };
            assert!(known && answer && cause, "{name}: {event:?}");
            if let (Some(cause), Some(q850)) = (event.hangup_cause(), event.variable("hangup_cause_q850")) {
                assert_eq!(cause.q850().to_string(), q850, "{cause}");
            }
            events += 1;
        }
    }
    assert!(events > 1000, "{events}");
}

#[test]
fn words_are_read_in_any_case_and_unknown_ones_are_kept() {
    for cause in HangupCause::ALL {
        assert_eq!(HangupCause::from(&*cause.name().to_lowercase()), *cause);
        assert_eq!(HangupCause::from_number(cause.number().unwrap()).as_ref(), Some(cause));
        assert!(cause.meaning().unwrap().ends_with('.'), "{cause}");
    }
    let unknown: HangupCause = "Brand_New".parse().unwrap();
    assert_eq!((unknown.name(), unknown.number(), unknown.q850()), ("Brand_New", None, 16));
    assert_eq!(unknown.to_string(), "Brand_New");
    assert_eq!(HangupCause::from_argument("17"), Some(HangupCause::UserBusy));
    assert_eq!(HangupCause::from_argument("user_busy"), Some(HangupCause::UserBusy));
    assert_eq!(HangupCause::from_argument("bogus"), None);
    assert_eq!("answered".parse(), Ok(AnswerState::Answered));
    assert!(ChannelState::Reporting.is_ended() && !ChannelState::Execute.is_ended());
}

#[test]
fn tables_have_one_row_for_each_name() {
    let tables = tables();
    let mut rows = BTreeSet::new();
    for line in tables.lines() {
        let cells: Vec<_> = line.split('\t').collect();
        assert_eq!(cells.len(), 4, "{line}");
        assert!(rows.insert((cells[0], cells[1].to_lowercase())), "twice: {line}");
        assert!(cells[0] == "event_type" || cells[3].ends_with(['.', '…']), "{line}");
    }
    assert_eq!(headers::find("caller-caller-id-name").unwrap().name, headers::CALLER_CALLER_ID_NAME);
    assert_eq!(variables::find("ORIGINATE_TIMEOUT").unwrap().kind, VariableKind::Seconds);
    assert_eq!(variables::find("no_such_variable"), None);
}

#[test]
fn typed_readers_read_a_call() {
    let event = Event::from_plain(
        "Event-Name: CHANNEL_HANGUP\nEvent-Date-Timestamp: 1795647869044242\nChannel-State: CS_HANGUP\n\
         Channel-Call-State: HANGUP\nAnswer-State: hangup\nCall-Direction: outbound\nHangup-Cause: NO_ANSWER\n\
         Caller-Direction: outbound\nCaller-Caller-ID-Name: Ann%20B\nCaller-Caller-ID-Number: 1000\n\
         Caller-Destination-Number: 2000\nCaller-RDNIS: \nCaller-Channel-Created-Time: 1795647869000001\n\
         Caller-Channel-Answered-Time: 0\nCaller-Channel-Hangup-Time: 1795647870000001\n\
         Caller-Channel-Hold-Accum: 1500000\nOther-Type: originator\nOther-Leg-Unique-ID: u2\n\
         Other-Leg-Caller-ID-Number: 3000\nOther-Leg-Channel-Created-Time: x\nvariable_list: ARRAY::a|:b\n\
         Variable_sip_call_id: c%40h\n\n",
    )
    .unwrap();
    let at = |micros| Some(SystemTime::UNIX_EPOCH + Duration::from_micros(micros));
    assert_eq!(event.hangup_cause(), Some(HangupCause::NoAnswer));
    assert_eq!(event.channel_state(), Some(ChannelState::Hangup));
    assert_eq!(event.call_state(), Some(CallState::Hangup));
    assert_eq!(event.answer_state(), Some(AnswerState::Hangup));
    assert_eq!(event.call_direction(), Some(CallDirection::Outbound));
    assert_eq!(event.time(), at(1_795_647_869_044_242));
    assert_eq!(event.time_created(), at(1_795_647_869_000_001));
    assert_eq!(event.time_answered(), None);
    assert_eq!(event.time_hung_up(), at(1_795_647_870_000_001));
    let caller = event.caller();
    assert_eq!(caller.caller_id_name().as_deref(), Some("Ann B"));
    assert_eq!(caller.caller_id_number().as_deref(), Some("1000"));
    assert_eq!(caller.destination_number().as_deref(), Some("2000"));
    assert_eq!((caller.rdnis(), caller.ani()), (None, None));
    assert_eq!(caller.direction(), Some(CallDirection::Outbound));
    assert_eq!(caller.held(), Some(Duration::from_millis(1500)));
    let other = event.other_leg().unwrap();
    assert_eq!(other.unique_id().as_deref(), Some("u2"));
    assert_eq!(other.caller_id_number().as_deref(), Some("3000"));
    assert_eq!(other.created(), None);
    assert_eq!(event.variable("sip_call_id").as_deref(), Some("c@h"));
    assert_eq!(event.variable("x".repeat(500)), None);
    let variables: Vec<_> = event.variables().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(variables, ["list=ARRAY::a|:b", "sip_call_id=c@h"]);
}

#[test]
fn typed_readers_read_digits_and_responses() {
    let event = Event::from_plain(
        "Event-Name: DTMF\nDTMF-Digit: %23\nDTMF-Duration: 2000\nApplication-Response: FILE%20PLAYED\n\n",
    )
    .unwrap();
    assert_eq!(event.dtmf_digit(), Some('#'));
    assert_eq!(event.dtmf_duration(), Some(Duration::from_millis(250)));
    assert_eq!(event.application_response().as_deref(), Some("FILE PLAYED"));
    let event =
        Event::from_plain("Event-Name: DTMF\nDTMF-Duration: -5\nApplication-Response: _none_\n\n").unwrap();
    assert_eq!((event.dtmf_digit(), event.dtmf_duration(), event.application_response()), (None, None, None));
    assert!(event.other_leg().is_none());
}
