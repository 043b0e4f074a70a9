//! Calls as objects, and the IVR of `examples/`, on a server: the simulator, or a real FreeSWITCH on this machine
//! (`SWITCHWIRE_TEST_SERVER`).

#[path = "../examples/ivr.rs"]
#[allow(dead_code, reason = "the test serves it itself")]
mod ivr;
#[path = "support/server.rs"]
mod server;
mod support;

use std::sync::mpsc;
use std::time::Duration;

use server::Server;
use support::PATIENCE;
use switchwire::application::{
    BridgeSide, Conference, DigitsEnd, Eavesdrop, Fifo, PlayAndGetDigits, PlaybackEnd, Read, Record,
    RecordEnd, RecordSession, Say, ScheduledHangup, Speak, Transfer, TransferLeg,
};
use switchwire::dial::{DialString, Endpoint};
use switchwire::proto::{AnswerState, HangupCause};
use switchwire::vocabulary::{SayMethod, SayType};
use switchwire::{Call, Connection, ErrorKind, EventFormat, EventType, Listener};

const LONG: &str = "tone_stream://%(60000,0,350)";
const SHORT: &str = "silence_stream://30";

/// The far end of the call under test: sees its events on a connection of its own.
struct FarEnd {
    control: Connection,
    uuid: String,
}

impl FarEnd {
    /// Waits for that event of the call.
    fn wait(&self, event_type: EventType, application: &str) {
        loop {
            let event = self.control.recv_event_timeout(PATIENCE).unwrap().expect("the event does not come");
            let here = event.unique_id().as_deref() == Some(&self.uuid);
            if here
                && event.event_type() == event_type
                && event.header("Application").unwrap_or_default() == application
            {
                return;
            }
        }
    }

    /// Presses keys once the application runs.
    fn press(&self, application: &str, digits: &str) {
        self.wait(EventType::ChannelExecute, application);
        self.press_now(digits);
    }

    fn press_now(&self, digits: &str) {
        let reply = self.control.api("uuid_recv_dtmf", &format!("{} {digits}", self.uuid)).unwrap();
        assert!(reply.is_ok(), "{}", reply.text());
    }

    fn kill(&self, uuid: &str, cause: &str) {
        self.control.api("uuid_kill", &format!("{uuid} {cause}")).unwrap();
    }

    fn new_uuid(&self) -> String {
        self.control.api("create_uuid", "").unwrap().text().into_owned()
    }
}

/// Runs `handler` on the connection of a call with these socket options, and beside it `far_end`; gives what `handler`
/// returns.
fn with_call<T: Send + 'static>(
    options: &str,
    handler: impl Fn(Connection) -> T + Send + Sync + 'static,
    far_end: impl FnOnce(&FarEnd),
) -> Option<T> {
    let server = Server::start();
    if !server.is_local() {
        support::skip("the server cannot connect to this machine's loopback");
        return None;
    }
    let control = server.connect();
    control.events(EventFormat::Plain, "CHANNEL_EXECUTE CHANNEL_BRIDGE").unwrap();
    let (tell, told) = mpsc::channel();
    let listener = Listener::bind("127.0.0.1:0").unwrap();
    let listener = listener.serve(move |call| tell.send(handler(call)).unwrap()).unwrap();
    let uuid = control.api("create_uuid", "").unwrap().text().into_owned();
    let address = listener.local_addr();
    let dial = format!(
        "{{origination_uuid={uuid},loopback_bowout=false}}loopback/9664/default '&socket({address} {options})'"
    );
    assert!(control.bgapi("originate", &dial).is_ok());
    let far = FarEnd { control, uuid };
    far_end(&far);
    let result = told.recv_timeout(PATIENCE).expect("the call does not come to an end");
    far.kill(&far.uuid, "NORMAL_CLEARING");
    assert!(listener.stop(PATIENCE));
    Some(result)
}

fn prepared(connection: &Connection) -> Call {
    connection.linger(Some(5)).unwrap();
    connection.myevents(None).unwrap();
    let call = connection.own_call().unwrap();
    call.answer().unwrap();
    assert!(call.answered());
    call
}

#[test]
fn digits_are_collected_until_they_are_good_or_the_tries_are_used_up() {
    with_call(
        "async full",
        |connection| {
            let call = prepared(&connection);
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
    with_call(
        "async full",
        |connection| {
            let call = prepared(&connection);
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
    let (tell, told) = mpsc::channel::<String>();
    let told = std::sync::Mutex::new(told);
    with_call(
        "async full",
        move |connection| {
            let call = prepared(&connection);
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
    with_call(
        "async full",
        |connection| {
            let call = prepared(&connection);
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
    with_call(
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

#[test]
fn every_other_verb_is_taken_by_the_server() {
    with_call(
        "async full",
        |connection| {
            let call = prepared(&connection);
            call.pre_answer().unwrap();
            call.ring_ready().unwrap();
            call.sleep(Duration::from_millis(20)).unwrap();
            call.say(&Say::new("en", SayType::Number, SayMethod::Pronounced, "125")).unwrap();
            call.speak(&Speak::new("flite", "kal", "hello")).unwrap();
            call.set("a", "it's, yes").unwrap();
            assert_eq!(call.variable("a").unwrap().as_deref(), Some("it's, yes"));
            call.set_array("b", ["x", "y z"]).unwrap();
            assert_eq!(call.variable("b").unwrap().as_deref(), Some("ARRAY::x|:y z"));
            call.unset("a").unwrap();
            assert_eq!(call.variable("a").unwrap(), None);
            call.export("c", "d").unwrap();
            call.hold().unwrap();
            // Only a SIP leg can be taken off hold; the server says so of others.
            let unheld = call.unhold();
            assert!(unheld.is_ok() || unheld.is_err_and(|error| error.kind() == ErrorKind::Refused));
            let has = |command| connection.api(command, "").unwrap().text().contains("USAGE");
            if has("uuid_audio") {
                call.mute().unwrap();
                call.unmute().unwrap();
            }
            let file = std::env::temp_dir().join(format!("switchwire-session-{}.wav", call.uuid()));
            let path = file.to_str().unwrap();
            call.start_recording(RecordSession::new(path)).unwrap();
            call.stop_recording(path).unwrap();
            let _ = std::fs::remove_file(&file);
            call.send_dtmf("12").unwrap();
            call.broadcast(SHORT, TransferLeg::This).unwrap();
            if has("sched_hangup") {
                call.schedule_hangup(ScheduledHangup::new(600)).unwrap();
            }
            assert_eq!(call.refresh().unwrap().variable("c").unwrap(), "d");
            call.transfer(Transfer::new("9196")).unwrap();
        },
        |_| {},
    );
    // These need a partner, a queue or a conference: here, what they send.
    use switchwire::application::Application as _;
    assert_eq!(Conference::new("room").argument().unwrap(), "room");
    assert_eq!(Fifo::wait_in("q").argument().unwrap(), "q in");
    assert_eq!(Eavesdrop::new("u").argument().unwrap(), "u");
}

/// The IVR with a caller who does that; what came of it.
fn with_ivr(caller: impl FnOnce(&FarEnd)) -> Option<String> {
    let messages = std::env::temp_dir();
    let (kept, uuid) = (messages.clone(), std::cell::RefCell::new(String::new()));
    let handle = move |connection: Connection| ivr::handle(&connection, messages.to_str().unwrap());
    let end = with_call("async full", handle, |far| {
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
