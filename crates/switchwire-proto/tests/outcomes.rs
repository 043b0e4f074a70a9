//! Outcomes, read from the `CHANNEL_EXECUTE_COMPLETE` events that a real server sent (`tests/captures/outcomes.txt`).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is its message")]

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use switchwire_proto::application::{
    Application, Bridge, BridgeSide, DigitsEnd, Field, Named, Outcome, PlayAndGetDigits, Playback,
    PlaybackEnd, Read, Record, RecordEnd, Say, Sleep, Speak, TypedApplication as _,
};
use switchwire_proto::dial::{DialString, Endpoint};
use switchwire_proto::vocabulary::{SayMethod, SayType};
use switchwire_proto::{Event, EventType, HangupCause};

/// Each event under its heading: the recording, the application, which one.
static RECORDED: LazyLock<HashMap<String, Event>> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/outcomes.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let parts = text.split("\n\n").filter(|part| !part.trim().is_empty());
    let event = |part: &str| {
        let (heading, event) = part.trim_start().split_once('\n').unwrap();
        let event = Event::from_plain(format!("{event}\n\n")).unwrap();
        (heading.strip_prefix("# ").unwrap().to_owned(), event)
    };
    parts.map(event).collect()
});

fn recorded(heading: &str) -> &'static Event {
    RECORDED.get(heading).unwrap_or_else(|| panic!("no recording {heading}"))
}

fn ask(min: u32, max: u32, variable: &str) -> PlayAndGetDigits {
    PlayAndGetDigits::new(min, max, "tone").variable(variable)
}

#[test]
fn digits_are_what_the_caller_typed() {
    for (heading, asked, digits, end, terminator, invalid) in [
        (
            "ivr_pagd play_and_get_digits 1",
            ask(1, 6, "got1"),
            Some("1234"),
            DigitsEnd::Terminator,
            Some('#'),
            None,
        ),
        // Wrong twice. (`read_result` is `success` all the same, `read_terminator_used` still the one of the first.)
        ("ivr_pagd play_and_get_digits 2", ask(2, 2, "got2"), None, DigitsEnd::Invalid, None, Some("97")),
        ("ivr_pagd play_and_get_digits 3", ask(1, 3, "got3"), None, DigitsEnd::Timeout, None, None),
        ("ivr_pagd play_and_get_digits 4", ask(3, 3, "got4"), Some("315"), DigitsEnd::Complete, None, None),
        (
            "ivr_caller_hangs_up play_and_get_digits 1",
            ask(1, 6, "got"),
            Some("12"),
            DigitsEnd::Hangup,
            None,
            None,
        ),
    ] {
        let outcome = asked.read_outcome(recorded(heading));
        assert_eq!(outcome.digits.as_deref(), digits, "{heading}");
        assert_eq!((outcome.end, outcome.terminator), (end, terminator), "{heading}");
        assert_eq!(outcome.invalid.as_deref(), invalid, "{heading}");
    }
    for (heading, asked, digits, end, terminator) in [
        (
            "ivr_read read 1",
            Read::new(1, 5, "t").variable("name1"),
            Some("1234"),
            DigitsEnd::Terminator,
            Some('#'),
        ),
        ("ivr_read read 2", Read::new(2, 2, "t").variable("name2"), Some("42"), DigitsEnd::Complete, None),
        ("ivr_read read 3", Read::new(1, 5, "t").variable("name3"), None, DigitsEnd::Timeout, None),
    ] {
        let outcome = asked.read_outcome(recorded(heading));
        assert_eq!(outcome.digits.as_deref(), digits, "{heading}");
        assert_eq!((outcome.end, outcome.terminator), (end, terminator), "{heading}");
    }
}

#[test]
fn playbacks_say_why_they_ended() {
    let play = Playback::new("tone");
    for (heading, end, terminator, milliseconds) in [
        ("ivr_terminators playback 1", PlaybackEnd::Terminator, Some('#'), Some(2048)),
        ("ivr_terminators playback 2", PlaybackEnd::Terminator, Some('9'), Some(2048)),
        ("ivr_terminators playback 3", PlaybackEnd::Completed, None, Some(900)),
        // Ended by `break`.
        ("ivr_terminators playback 4", PlaybackEnd::Completed, None, Some(2048)),
        ("ivr_terminators playback 6", PlaybackEnd::Completed, None, Some(100)),
        ("ivr_say playback 6", PlaybackEnd::NotFound, None, None),
        ("ivr_say playback 8", PlaybackEnd::Completed, None, Some(1000)),
    ] {
        let outcome = play.read_outcome(recorded(heading));
        assert_eq!((outcome.end, outcome.terminator), (end, terminator), "{heading}");
        let length = outcome.duration.map(|duration| u64::try_from(duration.as_millis()).unwrap());
        assert_eq!(length, milliseconds, "{heading}");
        assert_eq!(outcome.samples, milliseconds.map(|length| length * 8), "{heading}");
    }
    let cut_off = play.read_outcome(recorded("bridge_loopback_b playback 2"));
    assert_eq!(cut_off.response.as_deref(), Some("PLAYBACK ERROR"));
    assert_eq!(cut_off.end, PlaybackEnd::Hangup);
    let say = Say::new("en", SayType::Number, SayMethod::Pronounced, "125");
    assert_eq!(say.read_outcome(recorded("ivr_say say 1")).end, PlaybackEnd::Completed);
    assert_eq!(say.read_outcome(recorded("ivr_say phrase 3")).end, PlaybackEnd::Failed);
    let speak = Speak::new("flite", "kal", "hello").read_outcome(recorded("ivr_say speak 4"));
    assert_eq!((speak.end, speak.duration), (PlaybackEnd::Completed, None));
    // The outer application shows the response of the last one inside it, and that the call was hung up.
    let socket = Named::new("socket").read_outcome(recorded("ivr_say socket 9"));
    assert_eq!((socket.response.as_deref(), socket.hangup), (Some("FILE PLAYED"), true));
    let sleep = Sleep::new(200).read_outcome(recorded("ivr_say sleep 5"));
    assert_eq!((sleep.response, sleep.hangup), (None, false));
}

#[test]
fn recordings_say_why_they_ended() {
    let record = Record::new("a.wav").limit(10).silence(500, 5);
    let outcome = record.read_outcome(recorded("ivr_record record 1"));
    assert_eq!((outcome.end, outcome.terminator), (RecordEnd::Terminator, Some('#')));
    let outcome = record.read_outcome(recorded("ivr_record record 2"));
    assert_eq!((outcome.end, outcome.terminator), (RecordEnd::Limit, None));
    // (The null endpoint had no media to record.)
    assert_eq!((outcome.duration.unwrap().as_millis(), outcome.samples), (0, Some(0)));
    assert_eq!(Record::new("a.wav").read_outcome(recorded("ivr_record record 2")).end, RecordEnd::Stopped);
    let mut silent = recorded("ivr_record record 2").clone();
    silent.del_header("variable_silence_hits_exhausted");
    silent.add_header("variable_silence_hits_exhausted", "true");
    silent.del_header("variable_record_ms");
    silent.add_header("variable_record_ms", "2500");
    let outcome = record.read_outcome(&silent);
    assert_eq!((outcome.end, outcome.duration.unwrap().as_millis()), (RecordEnd::Silence, 2500));
    silent.del_header("Answer-State");
    silent.add_header("Answer-State", "hangup");
    assert_eq!(record.read_outcome(&silent).end, RecordEnd::Hangup);
}

#[test]
fn bridges_say_what_came_of_them() {
    let bridge = Bridge::new(DialString::new(Endpoint::user("1000")));
    for (heading, answered, cause, side, hangup) in [
        ("ivr_bridge bridge 1", true, HangupCause::NormalClearing, Some(BridgeSide::Peer), false),
        ("ivr_bridge bridge 2", false, HangupCause::UserBusy, None, false),
        ("ivr_bridge bridge 3", false, HangupCause::CallRejected, None, false),
        ("ivr_bridge bridge 4", false, HangupCause::NoAnswer, None, false),
        ("ivr_bridge bridge 5", true, HangupCause::NormalClearing, Some(BridgeSide::ThisLeg), true),
        ("bridge_null_a bridge 1", true, HangupCause::NormalClearing, Some(BridgeSide::ThisLeg), true),
        // The far end hung up, and the dialplan said `hangup_after_bridge`.
        ("bridge_null_b bridge 1", true, HangupCause::UserBusy, Some(BridgeSide::Peer), true),
        ("bridge_loopback_b bridge 1", true, HangupCause::UserBusy, Some(BridgeSide::Peer), false),
        ("bridge_incompatible bridge 1", false, HangupCause::IncompatibleDestination, None, true),
    ] {
        let outcome = bridge.read_outcome(recorded(heading));
        assert_eq!((outcome.answered, outcome.hung_up_by), (answered, side), "{heading}");
        assert_eq!((outcome.cause.unwrap(), outcome.hangup), (cause, hangup), "{heading}");
        // What a failed bridge leaves of the one before is not taken for its own.
        assert_eq!(outcome.peer_uuid.is_some(), answered, "{heading}");
        assert_eq!(outcome.peer_channel.is_some(), answered, "{heading}");
    }
    let busy = bridge.read_outcome(recorded("ivr_bridge bridge 2"));
    assert_eq!(busy.disposition.as_deref(), Some("USER_BUSY"));
    assert_eq!(busy.dial_status.as_deref(), Some("BUSY"));
    let answered = bridge.read_outcome(recorded("bridge_loopback_b bridge 1"));
    assert_eq!(answered.disposition.as_deref(), Some("SUCCESS"));
}

#[test]
fn one_route_reads_them_all() {
    let applications: [(Box<dyn Application>, &str, &str); 5] = [
        (Box::new(Playback::new("t")), "ivr_terminators playback 1", "playback"),
        (Box::new(ask(1, 6, "got1")), "ivr_pagd play_and_get_digits 1", "digits"),
        (Box::new(Record::new("a")), "ivr_record record 1", "record"),
        (Box::new(Bridge::new(DialString::new(Endpoint::user("1")))), "ivr_bridge bridge 1", "bridge"),
        (Box::new(Named::new("sleep")), "ivr_say sleep 5", "done"),
    ];
    for (application, heading, kind) in &applications {
        let event = recorded(heading);
        let outcome = application.outcome(event);
        assert_eq!(outcome.kind(), *kind);
        assert!(!outcome.fields().is_empty() && !outcome.hangup());
        // A sync socket has no event: the same comes of the variables alone.
        let mut fetched = Event::new(EventType::ChannelExecuteComplete);
        for name in application.outcome_variables() {
            if let Some(value) = event.variable(&name) {
                fetched.add_header(format!("variable_{name}"), &*value);
            }
        }
        assert_eq!(application.outcome(&fetched), outcome, "{heading}");
    }
    let Outcome::Digits(digits) = applications[1].0.outcome(recorded(applications[1].1)) else { panic!() };
    let text = |text: &str| Field::Text(text.to_owned());
    assert_eq!(
        Outcome::from(digits).fields(),
        [
            ("digits", text("1234")),
            ("end", Field::Word("terminator")),
            ("terminator", text("#")),
            ("invalid", Field::None)
        ]
    );
}

#[test]
fn outcomes_of_events_without_anything_are_no_panic() {
    let nothing = Event::new(EventType::ChannelExecuteComplete);
    assert_eq!(ask(1, 1, "x").read_outcome(&nothing).end, DigitsEnd::Failed);
    assert_eq!(Playback::new("x").read_outcome(&nothing).end, PlaybackEnd::Completed);
    assert_eq!(Record::new("x").read_outcome(&nothing).duration, None);
    let bridge = Bridge::new(DialString::new(Endpoint::user("1"))).read_outcome(&nothing);
    assert_eq!((bridge.answered, bridge.cause), (false, None));
}
