//! A call as an object, against a peer that plays a server's part: what each verb sends, what it makes of the end.

#[path = "support/call.rs"]
mod call;
mod support;

use std::sync::mpsc;
use std::time::Duration;

use call::{end, outbound, sent, shown, with_events};
use support::Peer;
use switchwire::application::{
    Action, DigitsEnd, Named, Outcome, PlayAndGetDigits, Playback, PlaybackEnd, RecordSession,
    ScheduledHangup, Transfer, TransferLeg,
};
use switchwire::dial::{DialString, Endpoint};
use switchwire::proto::HangupCause;
use switchwire::{CallStatus, ErrorKind};

#[test]
fn verbs_say_how_they_ended() {
    let played = "Application-Response: FILE PLAYED\nvariable_playback_terminator_used: %23\n\
                  variable_playback_ms: 2048\n";
    let commands = sent(played, |call| {
        call.answer().unwrap();
        call.pre_answer().unwrap();
        call.ring_ready().unwrap();
        let played = call.playback("a b.wav").unwrap();
        assert_eq!((played.end, played.terminator), (PlaybackEnd::Terminator, Some('#')));
        assert_eq!(played.duration, Some(Duration::from_millis(2048)));
        call.sleep(Duration::from_millis(300)).unwrap();
        assert_eq!(call.execute("phrase", "x").unwrap().response.as_deref(), Some("FILE PLAYED"));
    });
    assert_eq!(commands, ["answer", "pre_answer", "ring_ready", "playback a b.wav", "sleep 300", "phrase x"]);
    let commands = sent("variable_pin: 1234\nvariable_read_result: success\n", |call| {
        let ask = PlayAndGetDigits::new(4, 4, "enter.wav").tries(3).variable("pin");
        let pin = call.play_and_get_digits(&ask).unwrap();
        assert_eq!((pin.digits.as_deref(), pin.end), (Some("1234"), DigitsEnd::Complete));
        let Outcome::Digits(same) = call.run_any(&ask).unwrap() else { panic!() };
        assert_eq!(same, pin);
    });
    assert_eq!(commands, [r"play_and_get_digits 4 4 3 5000 # enter.wav '' pin \d+"; 2]);
    let commands =
        sent("variable_originate_disposition: NO_ANSWER\nvariable_DIALSTATUS: NOANSWER\n", |call| {
            let dial = DialString::new(Endpoint::user("1000")).variable("call_timeout", "20");
            let outcome = call.bridge(dial).unwrap();
            assert_eq!((outcome.answered, outcome.cause), (false, Some(HangupCause::NoAnswer)));
        });
    assert_eq!(commands, ["bridge {call_timeout=20}user/1000"]);
}

#[test]
fn variables_are_set_as_they_are() {
    let commands = sent("", |call| {
        call.set("a", "it's, yes").unwrap();
        call.set_all([("b", "1"), ("c", "2 3")]).unwrap();
        call.set_array("d", ["x", "y"]).unwrap();
        call.unset("e").unwrap();
        call.export("f", "g").unwrap();
        call.execute_on_answer(&Playback::new("hello.wav")).unwrap();
        let refused = call.set_all([("h", "1"), ("i", "${j}")]).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    });
    assert_eq!(
        commands,
        [
            "set a=it's, yes",
            "set b=1",
            "set c=2 3",
            "set d=ARRAY::x|:y",
            "unset e",
            "export f=g",
            "set execute_on_answer=playback hello.wav"
        ]
    );
}

#[test]
fn what_is_done_at_once_goes_by_api() {
    let commands = sent("", |call| {
        call.transfer(Transfer::new("3000").context("public")).unwrap();
        call.park().unwrap();
        call.hold().unwrap();
        call.unhold().unwrap();
        call.mute().unwrap();
        call.deafen().unwrap();
        call.unmute().unwrap();
        call.start_recording(RecordSession::new("a.wav")).unwrap();
        call.stop_recording("all").unwrap();
        call.broadcast("b.wav", TransferLeg::Both).unwrap();
        call.stop_playback().unwrap();
        call.send_dtmf("12#").unwrap();
        call.schedule_hangup(ScheduledHangup::new(60)).unwrap();
        call.hangup(HangupCause::UserBusy).unwrap();
        let wrong = call.send_dtmf("1 2").unwrap_err();
        assert_eq!(wrong.kind(), ErrorKind::InvalidArgument);
    });
    assert_eq!(
        commands,
        [
            "api uuid_transfer own 3000 XML public",
            "api uuid_park own",
            "api uuid_hold own",
            "api uuid_hold off own",
            "api uuid_audio own start read mute -1",
            "api uuid_audio own start write mute -1",
            "api uuid_audio own stop",
            "api uuid_record own start a.wav",
            "api uuid_record own stop all",
            "api uuid_broadcast own b.wav both",
            "api uuid_break own",
            "api uuid_send_dtmf own 12#",
            "api sched_hangup +60 own",
            "api uuid_kill own USER_BUSY"
        ]
    );
}

#[test]
fn without_full_control_applications_do_it() {
    let (tell, told) = mpsc::channel();
    let (connection, server) = outbound("async", "single-channel", move |line| {
        assert_eq!(line.command().unwrap(), "myevents");
        line.reply("+OK Events Enabled");
        while let Some(command) = line.command() {
            tell.send(shown(&command)).unwrap();
            end(line, &command, "");
        }
    });
    connection.myevents(None).unwrap();
    let call = connection.own_call().unwrap();
    call.transfer(Transfer::new("3000")).unwrap();
    call.park().unwrap();
    call.send_dtmf("1").unwrap();
    let muted = call.mute().unwrap_err();
    assert_eq!(muted.kind(), ErrorKind::InvalidArgument);
    call.hangup(HangupCause::UserBusy).unwrap();
    drop((call, connection));
    server.join().unwrap();
    let commands: Vec<_> = told.iter().collect();
    let hangup = "sendmsg\ncall-command: hangup\nhangup-cause: USER_BUSY";
    assert_eq!(commands, ["transfer 3000", "park", "send_dtmf 1", hangup]);
}

#[test]
fn a_sync_socket_needs_no_events() {
    let (connection, server) = outbound("static", "full", |line| {
        for variables in [
            &[
                ("pin", "1234"),
                ("pin_invalid", "_undef_"),
                ("read_result", "success"),
                ("read_terminator_used", "#"),
            ][..],
            &[("current_application_response", "FILE NOT FOUND"), ("playback_terminator_used", "_undef_")][..],
        ] {
            assert!(line.command().unwrap().starts_with("sendmsg\ncall-command: execute"));
            line.reply("+OK");
            let mut left = 4;
            while left > 0 {
                let command = line.command().unwrap();
                if let Some(name) = command.strip_prefix("api uuid_getvar own ") {
                    line.api(
                        variables
                            .iter()
                            .find(|(known, _)| *known == name)
                            .map_or("_undef_", |(_, value)| value),
                    );
                    if variables.iter().any(|(known, value)| *known == name && *value != "_undef_") {
                        left -= 1;
                    }
                } else {
                    assert!(command.starts_with("getvar "), "{command}");
                    line.reply("-ERR command not found");
                    left -= 1;
                }
            }
        }
    });
    let call = connection.own_call().unwrap();
    let pin = call.play_and_get_digits(&PlayAndGetDigits::new(1, 6, "t").variable("pin")).unwrap();
    assert_eq!(
        (pin.digits.as_deref(), pin.end, pin.terminator),
        (Some("1234"), DigitsEnd::Terminator, Some('#'))
    );
    assert_eq!(call.playback("nosuch.wav").unwrap().end, PlaybackEnd::NotFound);
    server.join().unwrap();
}

#[test]
fn a_channel_of_any_uuid_is_a_call() {
    let peer = Peer::logged_in(|line| {
        assert_eq!(line.command().unwrap(), "event plain ALL");
        line.reply("+OK event listener enabled plain");
        assert_eq!(line.command().unwrap(), "api uuid_dump u");
        line.api("Event-Name: CHANNEL_DATA\nAnswer-State: answered\nChannel-Call-State: ACTIVE\nvariable_a: b%20c\n\n");
        let command = line.command().unwrap();
        assert!(command.starts_with("sendmsg u\n"), "{command}");
        line.reply("+OK");
        line.event(
            "Event-Name: CHANNEL_HANGUP\nUnique-ID: u\nAnswer-State: hangup\nHangup-Cause: USER_BUSY\n",
        );
        line.event("Event-Name: CHANNEL_HANGUP_COMPLETE\nUnique-ID: u\nAnswer-State: hangup\nHangup-Cause: USER_BUSY\n");
        assert_eq!(line.command().unwrap(), "api uuid_hold v");
        line.api("-ERR No such channel!\n");
    });
    let connection = peer.connect();
    assert_eq!(connection.own_call().unwrap_err().kind(), ErrorKind::InvalidArgument);
    for uuid in ["", "u v", "u\tv", "u\nv"] {
        assert_eq!(connection.call(uuid).unwrap_err().kind(), ErrorKind::InvalidArgument, "{uuid:?}");
    }
    connection.events(switchwire::EventFormat::Plain, "ALL").unwrap();
    let call = connection.call("u").unwrap();
    assert_eq!(call.status(), CallStatus::default());
    assert_eq!(call.refresh().unwrap().variable("a").unwrap(), "b c");
    assert!(call.answered());
    let error = call.playback("a.wav").unwrap_err();
    assert_eq!((error.kind(), error.hangup_cause()), (ErrorKind::Hangup, Some("USER_BUSY")));
    assert_eq!(call.hold().unwrap_err().kind(), ErrorKind::Hangup);
    // A channel that was never there.
    assert_eq!(connection.call("v").unwrap().hold().unwrap_err().kind(), ErrorKind::Refused);
    drop((call, connection));
    peer.finish();
}

#[test]
fn actions_have_callbacks() {
    let (call, server) = with_events(|line, command| {
        assert!(command.starts_with("api "));
        line.api(if command.contains("uuid_park") { "-ERR no\n" } else { "+OK\n" });
    });
    for (action, kind) in [(Action::Hold, None), (Action::Park, Some(ErrorKind::Refused))] {
        let (tell, told) = mpsc::channel();
        call.act_with(action, move |done| tell.send(done).unwrap()).unwrap();
        call.connection().api("now", "").unwrap();
        assert_eq!(told.try_recv().unwrap().err().map(|error| error.kind()), kind);
    }
    let wrong = call.run_with(Box::new(Named::new("play back")), |_| panic!("refused")).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::InvalidArgument);
    drop(call);
    server.join().unwrap();
}
