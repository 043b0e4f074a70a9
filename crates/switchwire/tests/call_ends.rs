//! How what a call does ends when the call does, in time, or without its events.

#[path = "support/call.rs"]
mod call;
mod support;

use std::sync::mpsc;
use std::time::Duration;

use call::{end, field, outbound, with_events};
use support::PATIENCE;
use switchwire::application::{Application, BridgeSide, Playback, Record, RecordEnd};
use switchwire::dial::{DialString, Endpoint};
use switchwire::proto::{AnswerState, HangupCause};
use switchwire::{ErrorKind, Phase};

#[test]
fn a_hang_up_ends_a_verb_at_once() {
    let (call, server) = with_events(|line, command| {
        line.reply("+OK");
        let id = field(command, "event-uuid");
        match field(command, "execute-app-name") {
            // The application reports its end first.
            "playback" => line.event(&format!(
                "Event-Name: CHANNEL_EXECUTE_COMPLETE\nUnique-ID: own\nApplication-UUID: {id}\n\
                 Answer-State: hangup\nHangup-Cause: USER_BUSY\nApplication-Response: PLAYBACK ERROR\n"
            )),
            other => panic!("{other}"),
        }
    });
    let error = call.playback("a.wav").unwrap_err();
    assert_eq!((error.kind(), error.hangup_cause()), (ErrorKind::Hangup, Some("USER_BUSY")));
    // Its event has the outcome.
    let outcome = Playback::new("a.wav").outcome(error.event().unwrap());
    assert!(outcome.hangup());
    // Nothing more is sent for a call that has ended.
    assert_eq!(call.answer().unwrap_err().kind(), ErrorKind::Hangup);
    assert_eq!(call.hold().unwrap_err().kind(), ErrorKind::Hangup);
    assert_eq!(call.dtmf().unwrap_err().kind(), ErrorKind::Hangup);
    call.hangup(HangupCause::NormalClearing).unwrap();
    drop(call);
    server.join().unwrap();
}

#[test]
fn bridges_and_recordings_outlive_the_call() {
    let (call, server) = with_events(|line, command| {
        end(
            line,
            command,
            "Answer-State: hangup\nHangup-Cause: NORMAL_CLEARING\nvariable_originate_disposition: SUCCESS\n\
             variable_last_bridge_role: originator\nvariable_bridge_hangup_cause: NORMAL_CLEARING\n",
        );
    });
    let outcome = call.bridge(DialString::new(Endpoint::user("1000"))).unwrap();
    assert!(outcome.answered && outcome.hangup);
    assert_eq!(outcome.hung_up_by, Some(BridgeSide::ThisLeg));
    drop(call);
    server.join().unwrap();
    let hung_up = "Answer-State: hangup\nHangup-Cause: NORMAL_CLEARING\nvariable_record_ms: 4200\n";
    let (call, server) = with_events(move |line, command| end(line, command, hung_up));
    let recorded = call.record(&Record::new("a.wav").limit(60)).unwrap();
    assert_eq!((recorded.end, recorded.duration), (RecordEnd::Hangup, Some(Duration::from_millis(4200))));
    drop(call);
    server.join().unwrap();
}

#[test]
fn a_timeout_leaves_the_call_usable() {
    let (call, server) = with_events(|line, command| match field(command, "execute-app-name") {
        "playback" => line.reply("+OK"),
        _ => end(line, command, ""),
    });
    let error = call.timeout(Duration::from_millis(1)).playback("long.wav").unwrap_err();
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Execute)));
    call.answer().unwrap();
    let running = call.start(Playback::new("long.wav")).unwrap();
    assert!(running.take_timeout(Duration::ZERO).unwrap().is_none());
    drop((running, call));
    server.join().unwrap();
}

#[test]
fn the_end_of_an_abandoned_run_is_an_event_like_others() {
    let (tell, told) = mpsc::channel();
    let (call, server) = with_events(move |line, command| match field(command, "execute-app-name") {
        "playback" => {
            line.reply("+OK");
            let id: String = told.recv().unwrap();
            line.event(&format!(
                "Event-Name: CHANNEL_EXECUTE_COMPLETE\nUnique-ID: own\nApplication-UUID: {id}\n"
            ));
        }
        _ => end(line, command, ""),
    });
    let run = call.run_with(Box::new(Playback::new("a.wav")), |_| panic!("abandoned")).unwrap();
    assert!(run.abandon() && !run.abandon());
    tell.send(run.uuid().to_owned()).unwrap();
    let event = call.connection().recv_event_timeout(PATIENCE).unwrap().unwrap();
    assert_eq!(event.header("Application-UUID").unwrap(), run.uuid());
    drop(call);
    server.join().unwrap();
}

#[test]
fn waits_that_no_event_ends_fail_at_once() {
    let (connection, server) = outbound("async", "full", |line| assert!(line.command().is_none()));
    let call = connection.own_call().unwrap();
    assert_eq!(call.playback("a.wav").unwrap_err().kind(), ErrorKind::NotSubscribed);
    assert_eq!(call.dtmf().unwrap_err().kind(), ErrorKind::NotSubscribed);
    assert_eq!(call.wait_for(AnswerState::Answered, PATIENCE).unwrap_err().kind(), ErrorKind::NotSubscribed);
    assert_eq!(call.playback("a!b").unwrap_err().kind(), ErrorKind::InvalidArgument);
    drop((call, connection));
    server.join().unwrap();
}

#[test]
fn a_callback_may_own_the_last_handle() {
    let (call, server) = with_events(|line, command| end(line, command, ""));
    let held = call.clone();
    call.on_dtmf(move |_| drop(held.clone())).unwrap().keep();
    call.connection().disconnect();
    drop(call);
    server.join().unwrap();
}
