//! Every verb on a server, on the call's own connection and by its uuid: what it comes to.

#[path = "support/far_end.rs"]
mod far_end;
#[path = "support/server.rs"]
mod server;
mod support;

use std::time::Duration;

use far_end::{FarEnd, LONG, SHORT, Way, with_call};
use support::PATIENCE;
use switchwire::application::{
    Conference, DigitsEnd, Displace, Named, PlaybackEnd, RecordSession, Say, ScheduledHangup,
    ScheduledTransfer, Speak, Transfer, TransferLeg,
};
use switchwire::conference::{ConferenceEvent, Members};
use switchwire::dial::{DialString, Endpoint};
use switchwire::proto::{AnswerState, CallState, HangupCause};
use switchwire::vocabulary::{SayMethod, SayType};
use switchwire::{Call, ErrorKind, EventType};

const WAYS: [Way; 2] = [Way::Outbound, Way::Inbound];

fn is_there(call: &Call, command: &str) -> bool {
    !call.connection().api(command, "").unwrap().text().starts_with("-ERR command not found")
}

#[test]
fn sounds_variables_and_waits() {
    for way in WAYS {
        with_call(way, sounds_and_variables, |_| {});
    }
}

fn sounds_and_variables(call: Call) {
    call.pre_answer().unwrap();
    call.ring_ready().unwrap();
    call.sleep(Duration::from_millis(20)).unwrap();
    assert_eq!(call.playback(SHORT).unwrap().end, PlaybackEnd::Completed);
    call.say(&Say::new("en", SayType::Number, SayMethod::Pronounced, "125")).unwrap();
    call.speak(&Speak::new("flite", "kal", "hello")).unwrap();
    call.set("a", "it's, yes").unwrap();
    call.set_all([("e", "1, 2"), ("f", "3")]).unwrap();
    call.set_array("b", ["x", "y z"]).unwrap();
    let value = |name: &str| call.variable(name).unwrap();
    assert_eq!(value("a").as_deref(), Some("it's, yes"));
    assert_eq!((value("e").as_deref(), value("f").as_deref()), (Some("1, 2"), Some("3")));
    assert_eq!(value("b").as_deref(), Some("ARRAY::x|:y z"));
    call.unset("a").unwrap();
    assert_eq!(value("a"), None);
    call.export("c", "d").unwrap();
    assert_eq!(call.refresh().unwrap().variable("c").unwrap(), "d");
    call.execute_on_answer(&Named::with("set", "answered_by_hook=yes")).unwrap();
    assert_eq!(value("execute_on_answer").as_deref(), Some("set answered_by_hook=yes"));
    assert!(!call.execute("log", "INFO verbs").unwrap().hangup);
    assert_eq!(call.wait_for_dtmf(1, Duration::ZERO, "").unwrap().end, DigitsEnd::Timeout);
    call.wait_for(CallState::Active, PATIENCE).or_else(not_subscribed).unwrap();
    call.wait_for(AnswerState::Answered, PATIENCE).unwrap();
    call.hangup(HangupCause::UserBusy).unwrap();
    call.wait_for(AnswerState::Hangup, PATIENCE).unwrap();
    assert_eq!(call.hangup_cause(), Some(HangupCause::UserBusy));
}

/// `myevents` brings no CHANNEL_CALLSTATE.
fn not_subscribed(error: switchwire::Error) -> switchwire::Result<()> {
    if error.kind() == ErrorKind::NotSubscribed { Ok(()) } else { Err(error) }
}

#[test]
fn what_is_done_to_a_call_while_it_plays() {
    for way in WAYS {
        with_call(way, while_it_plays, what_was_done);
    }
}

fn while_it_plays(call: Call) {
    let playing = call.start(switchwire::application::Playback::new(LONG)).unwrap();
    let state = || call.refresh().unwrap().call_state();
    call.hold().unwrap();
    assert_eq!(state(), Some(CallState::Held));
    // Only a SIP leg can be taken off hold; the server says so of others, and does it all the same.
    let unheld = call.unhold();
    assert!(unheld.is_ok() || unheld.is_err_and(|error| error.kind() == ErrorKind::Refused));
    assert_eq!(state(), Some(CallState::Active));
    if is_there(&call, "uuid_audio") {
        call.mute().unwrap();
        call.deafen().unwrap();
        call.unmute().unwrap();
    }
    let file = std::env::temp_dir().join(format!("switchwire-session-{}.wav", call.uuid()));
    let file = file.to_str().unwrap();
    call.start_recording(RecordSession::new(file)).unwrap();
    call.stop_recording(file).unwrap();
    let _ = std::fs::remove_file(file);
    call.displace(Displace::new(SHORT).mix()).unwrap();
    call.stop_displacing(SHORT).unwrap();
    let refused = call.stop_displacing(SHORT).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused, "nothing is displaced any more");
    call.send_dtmf("12").unwrap();
    call.broadcast(SHORT, TransferLeg::This).unwrap();
    call.schedule_hangup(ScheduledHangup::new(600)).unwrap();
    call.act(switchwire::application::Action::StopPlayback { all: true }).unwrap();
    assert_eq!(playing.take_timeout(PATIENCE).unwrap().unwrap().end, PlaybackEnd::Completed);
    call.hangup(HangupCause::NormalClearing).unwrap();
}

/// What the far end sees of it.
fn what_was_done(far: &FarEnd) {
    use EventType::{ChannelHold, ChannelUnhold, MediaBugStart, MediaBugStop};
    far.wait(ChannelHold, "");
    far.wait(ChannelUnhold, "");
    if !far.control.api("uuid_audio", "").unwrap().text().starts_with("-ERR command not found") {
        assert_eq!(far.wait_for_bug(MediaBugStart, "audio"), "mute");
        far.wait_for_bug(MediaBugStop, "audio");
    }
    assert!(far.wait_for_bug(MediaBugStart, "session_record").contains(&far.uuid));
    far.wait_for_bug(MediaBugStop, "session_record");
    assert_eq!(far.wait_for_bug(MediaBugStart, "displace"), SHORT);
    far.wait_for_bug(MediaBugStop, "displace");
}

#[test]
fn a_scheduled_transfer_comes() {
    for way in WAYS {
        let waits = |call: Call| {
            call.park().unwrap();
            call.schedule_transfer(ScheduledTransfer::new(1, Transfer::new("9196"))).unwrap();
            call.wait_for(AnswerState::Hangup, PATIENCE).unwrap();
        };
        let transferred = |far: &FarEnd| {
            far.wait(EventType::ChannelExecute, "echo");
            far.kill(&far.uuid, "NORMAL_CLEARING");
        };
        with_call(way, waits, transferred);
    }
}

#[test]
fn digits_are_waited_for_as_they_come() {
    for way in WAYS {
        let digits = |call: Call| {
            let collecting = {
                let call = call.clone();
                std::thread::spawn(move || call.wait_for_dtmf(9, PATIENCE, "#"))
            };
            let played = call.playback(LONG).unwrap_err();
            assert_eq!(played.kind(), ErrorKind::Hangup);
            collecting.join().unwrap().map(|got| (got.end, got.terminator))
        };
        let far_end = |far: &FarEnd| {
            // The wait may begin after the first of them.
            far.wait(EventType::ChannelExecute, "playback");
            for _ in 0..40 {
                far.press_now("1#");
                std::thread::sleep(Duration::from_millis(5));
            }
            far.kill(&far.uuid, "NORMAL_CLEARING");
        };
        if let Some(got) = with_call(way, digits, far_end) {
            assert_eq!(got.unwrap(), (DigitsEnd::Terminator, Some('#')));
        }
    }
}

#[test]
fn a_transfer_leaves_the_application_and_a_scheduled_hang_up_comes() {
    for way in WAYS {
        let transferred = |call: Call| {
            call.park().unwrap();
            call.transfer(Transfer::new("9196")).unwrap();
            call.schedule_hangup(ScheduledHangup::new(1).cause(HangupCause::AllottedTimeout)).unwrap();
            call.wait_for(AnswerState::Hangup, PATIENCE).unwrap();
            call.hangup_cause()
        };
        if let Some(cause) = with_call(way, transferred, |_| {}) {
            assert_eq!(cause, Some(HangupCause::AllottedTimeout));
        }
    }
}

#[test]
fn a_member_of_a_conference_is_muted_and_sent_out() {
    for way in WAYS {
        let joins = |call: Call| {
            let room = Conference::new(format!("room-{}", call.uuid()));
            let left = call.conference(&room);
            assert!(left.is_ok() || left.is_err_and(|error| error.kind() == ErrorKind::Hangup));
        };
        let moderates = |far: &FarEnd| {
            let room = far.control.conference(format!("room-{}", far.uuid)).unwrap();
            let next = || {
                let event = far.control.recv_event_timeout(PATIENCE).unwrap().expect("no event");
                ConferenceEvent::read(&event)
            };
            while next().is_none_or(|happened| happened.action.name() != "add-member") {}
            let [member] = &room.members().unwrap()[..] else { panic!("one member") };
            assert_eq!((&*member.uuid, member.speaks), (&*far.uuid, true));
            room.mute(member.id).unwrap();
            assert!(!room.members().unwrap()[0].speaks);
            room.lock(true).unwrap();
            assert!(room.info().unwrap().unwrap().locked);
            room.lock(false).unwrap();
            room.kick(member.id).unwrap();
            while next().is_none_or(|happened| happened.action.name() != "kick-member") {}
        };
        with_call(way, joins, moderates);
    }
}

#[test]
fn a_conference_plays_records_and_dials() {
    let joins = |call: Call| {
        let left = call.conference(&Conference::new(format!("room-{}", call.uuid())));
        assert!(left.is_ok() || left.is_err_and(|error| error.kind() == ErrorKind::Hangup));
    };
    let moderates = |far: &FarEnd| {
        let name = format!("room-{}", far.uuid);
        let room = far.control.conference(&*name).unwrap();
        let until = |action: &str| loop {
            let event = far.control.recv_event_timeout(PATIENCE).unwrap();
            let event = event.unwrap_or_else(|| panic!("no {action}"));
            let happened = ConferenceEvent::read(&event).filter(|happened| happened.conference == name);
            if happened.is_some_and(|happened| happened.action.name() == action) {
                return event;
            }
        };
        until("add-member");
        room.play(SHORT).unwrap();
        assert_eq!(until("play-file").header("File").as_deref(), Some(SHORT));
        until("play-file-done");
        room.play(LONG).unwrap();
        until("play-file");
        room.stop().unwrap();
        until("play-file-done");
        room.record("/tmp/room.wav").unwrap();
        assert_eq!(until("start-recording").header("Path").as_deref(), Some("/tmp/room.wav"));
        room.stop_recording(None).unwrap();
        until("stop-recording");
        let job = room.dial(&DialString::new(Endpoint::from_text("null/guest")), None).unwrap();
        // The new member joins on its own channel's thread, before or after.
        assert_eq!(until("bgdial-result").header("Job-UUID").as_deref(), Some(&*job));
        while room.members().unwrap().len() < 2 {
            far.control.recv_event_timeout(PATIENCE).unwrap().expect("no member joins");
        }
        room.kick(Members::All).unwrap();
    };
    with_call(Way::Inbound, joins, moderates);
}

#[test]
fn every_verb_is_run() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/faces/calls.json");
    let table: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let others = include_str!("verbs_with_others.rs");
    let text = [include_str!("verbs_on_server.rs"), include_str!("call_on_server.rs"), others].concat();
    let verbs = table["call"].as_array().unwrap().iter().map(|row| row["verb"].as_str().unwrap());
    let left: Vec<_> = verbs.filter(|verb| !text.contains(&format!("call.{verb}("))).collect();
    assert!(left.is_empty(), "{left:?}");
}
