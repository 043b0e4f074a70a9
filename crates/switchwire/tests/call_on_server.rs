//! Calls as objects, and the IVR of `examples/`, on a server: the simulator, or a real FreeSWITCH on this machine
//! (`SWITCHWIRE_TEST_SERVER`).

#[path = "support/far_end.rs"]
mod far_end;
#[path = "../examples/ivr.rs"]
#[allow(dead_code, reason = "the test serves it itself")]
mod ivr;
#[path = "support/server.rs"]
mod server;
mod support;

use std::sync::mpsc;

use far_end::{FarEnd, LONG, SHORT, Way, with_call, with_connection};
use support::PATIENCE;
use switchwire::application::{
    BridgeSide, DigitsEnd, PlayAndGetDigits, PlaybackEnd, Read, Record, RecordEnd,
};
use switchwire::dial::{DialString, Endpoint};
use switchwire::proto::{AnswerState, HangupCause};
use switchwire::{Connection, ErrorKind, EventType};

#[test]
fn digits_are_collected_until_they_are_good_or_the_tries_are_used_up() {
    for way in [Way::Outbound, Way::Inbound] {
        digits_are_collected(way);
    }
}

fn digits_are_collected(way: Way) {
    with_call(
        way,
        |call| {
            let ask = |variable: &str| PlayAndGetDigits::new(2, 4, SHORT).variable(variable).timeout(20_000);
            let good = call.play_and_get_digits(&ask("a")).unwrap();
            assert_eq!((good.digits.as_deref(), good.end), (Some("12"), DigitsEnd::Terminator));
            assert_eq!(good.terminator, Some('#'));
            let full = call.play_and_get_digits(&ask("b")).unwrap();
            assert_eq!(
                (full.digits.as_deref(), full.end, full.terminator),
                (Some("1234"), DigitsEnd::Complete, None)
            );
            let wrong = ask("c").pattern("^[1-4]+$").tries(2).invalid_file(SHORT);
            let wrong = call.play_and_get_digits(&wrong).unwrap();
            assert_eq!((wrong.digits, wrong.end), (None, DigitsEnd::Invalid));
            assert_eq!(wrong.invalid.as_deref(), Some("98"));
            let nothing = call.play_and_get_digits(&ask("d").timeout(100)).unwrap();
            assert_eq!((nothing.digits, nothing.end), (None, DigitsEnd::Timeout));
            let read = call.read(&Read::new(1, 5, SHORT).variable("e").timeout(20_000)).unwrap();
            assert_eq!((read.digits.as_deref(), read.end), (Some("7"), DigitsEnd::Terminator));
        },
        |far| {
            far.press("play_and_get_digits", "12#");
            far.press("play_and_get_digits", "1234");
            far.press("play_and_get_digits", "99#");
            far.press_now("98#");
            far.wait(EventType::ChannelExecute, "play_and_get_digits");
            far.press("read", "7#");
        },
    );
}

#[test]
fn keys_end_playbacks_and_recordings() {
    for way in [Way::Outbound, Way::Inbound] {
        keys_end(way);
    }
}

fn keys_end(way: Way) {
    with_call(
        way,
        |call| {
            assert_eq!(call.playback(SHORT).unwrap().end, PlaybackEnd::Completed);
            call.set("playback_terminators", "#").unwrap();
            assert_eq!(call.variable("playback_terminators").unwrap().as_deref(), Some("#"));
            let played = call.playback(LONG).unwrap();
            assert_eq!((played.end, played.terminator), (PlaybackEnd::Terminator, Some('#')));
            let stopped = {
                let call = call.clone();
                std::thread::spawn(move || call.playback(LONG))
            };
            let mut keys = call.dtmf().unwrap();
            assert_eq!(keys.recv_timeout(PATIENCE).unwrap().unwrap().digit, '5');
            call.stop_playback().unwrap();
            assert_eq!(stopped.join().unwrap().unwrap().end, PlaybackEnd::Completed);
            let file = std::env::temp_dir().join(format!("switchwire {}.wav", call.uuid()));
            let recorded = call.record(&Record::new(file.to_str().unwrap()).limit(60)).unwrap();
            assert_eq!((recorded.end, recorded.terminator), (RecordEnd::Terminator, Some('#')));
            assert!(recorded.duration.is_some());
            let _ = std::fs::remove_file(file);
        },
        |far| {
            far.wait(EventType::ChannelExecute, "playback");
            far.press("playback", "1#");
            far.press("playback", "5");
            far.press("record", "#");
        },
    );
}

#[test]
fn bridges_end_by_either_side_or_fail() {
    for way in [Way::Outbound, Way::Inbound] {
        bridges_end(way);
    }
}

fn bridges_end(way: Way) {
    let (tell, told) = mpsc::channel::<String>();
    let told = std::sync::Mutex::new(told);
    with_call(
        way,
        move |call| {
            call.set_all([("continue_on_fail", "true"), ("hangup_after_bridge", "false")]).unwrap();
            let busy = call.bridge(DialString::new(Endpoint::from_text("error/USER_BUSY"))).unwrap();
            assert_eq!((busy.answered, busy.cause), (false, Some(HangupCause::UserBusy)));
            assert_eq!((busy.dial_status.as_deref(), busy.hangup), (Some("BUSY"), false));
            for (cause, side) in [
                (HangupCause::UserBusy, BridgeSide::Peer),
                (HangupCause::NormalClearing, BridgeSide::ThisLeg),
            ] {
                let peer = told.lock().unwrap().recv().unwrap();
                let dial = DialString::new(Endpoint::loopback("9196", "default"));
                let outcome = call.bridge(dial.uuid(&*peer).variable("loopback_bowout", "false")).unwrap();
                assert!(outcome.answered, "{outcome:?}");
                assert_eq!((outcome.cause, outcome.hung_up_by), (Some(cause), Some(side)));
                assert_eq!(outcome.peer_uuid.as_deref(), Some(&*peer));
                assert_eq!(outcome.hangup, side == BridgeSide::ThisLeg);
            }
            call.wait_for(AnswerState::Hangup, PATIENCE).unwrap();
            assert_eq!(call.hangup_cause(), Some(HangupCause::NormalClearing));
            assert_eq!(call.playback(SHORT).unwrap_err().kind(), ErrorKind::Hangup);
        },
        |far| {
            let (first, second) = (far.new_uuid(), far.new_uuid());
            tell.send(first.clone()).unwrap();
            far.wait(EventType::ChannelBridge, "");
            far.kill(&first, "USER_BUSY");
            tell.send(second).unwrap();
            far.wait(EventType::ChannelBridge, "");
            far.kill(&far.uuid, "NORMAL_CLEARING");
        },
    );
}

#[test]
fn the_caller_may_hang_up_while_leaving_a_message() {
    for way in [Way::Outbound, Way::Inbound] {
        a_message_is_left(way);
    }
}

fn a_message_is_left(way: Way) {
    with_call(
        way,
        |call| {
            let file = std::env::temp_dir().join(format!("switchwire-{}.wav", call.uuid()));
            let recorded = call.record(&Record::new(file.to_str().unwrap())).unwrap();
            assert_eq!(recorded.end, RecordEnd::Hangup);
            let _ = std::fs::remove_file(file);
            assert_eq!(call.answer().unwrap_err().kind(), ErrorKind::Hangup);
            call.hangup(HangupCause::NormalClearing).unwrap();
        },
        |far| {
            far.wait(EventType::ChannelExecute, "record");
            far.kill(&far.uuid, "NORMAL_CLEARING");
        },
    );
}

#[test]
fn a_sync_socket_gives_the_same_outcomes() {
    with_connection(
        "full",
        |connection| {
            let call = connection.own_call().unwrap();
            call.answer().unwrap();
            let good = call.play_and_get_digits(&PlayAndGetDigits::new(2, 4, SHORT).timeout(20_000)).unwrap();
            assert_eq!((good.digits.as_deref(), good.end), (Some("12"), DigitsEnd::Terminator));
            assert_eq!(call.playback(SHORT).unwrap().end, PlaybackEnd::Completed);
            call.set("continue_on_fail", "true").unwrap();
            let busy = call.bridge(DialString::new(Endpoint::from_text("error/USER_BUSY"))).unwrap();
            assert_eq!((busy.answered, busy.cause), (false, Some(HangupCause::UserBusy)));
            call.hangup(HangupCause::NormalClearing).unwrap();
        },
        |far| far.press("play_and_get_digits", "12#"),
    );
}

/// The IVR with a caller who does that; what came of it.
fn with_ivr(caller: impl FnOnce(&FarEnd)) -> Option<String> {
    let messages = std::env::temp_dir();
    let (kept, uuid) = (messages.clone(), std::cell::RefCell::new(String::new()));
    let handle = move |connection: Connection| ivr::handle(&connection, messages.to_str().unwrap());
    let end = with_connection("async full", handle, |far| {
        uuid.replace(far.uuid.clone());
        caller(far);
    });
    let _ = std::fs::remove_file(kept.join(format!("{}.wav", uuid.borrow())));
    end.map(|end| end.unwrap())
}

#[test]
fn the_ivr_connects_whom_it_is_told() {
    let end = with_ivr(|far| {
        far.press("play_and_get_digits", "1000");
        far.press_now("9196");
        far.wait(EventType::ChannelBridge, "");
        far.kill(&far.uuid, "NORMAL_CLEARING");
    });
    assert!(end.is_none_or(|end| end == "talked to 9196"));
}

#[test]
fn the_ivr_records_a_message_when_there_is_no_answer() {
    let end = with_ivr(|far| {
        far.press("play_and_get_digits", "9003");
        far.press("record", "#");
    });
    assert!(end.is_none_or(|end| end == "left a message, which ended by terminator"));
}

#[test]
fn the_ivr_is_short() {
    assert!(include_str!("../examples/ivr.rs").lines().count() <= 40);
}
