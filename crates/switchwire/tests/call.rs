//! A call as an object, against a peer that plays a server's part: what each verb sends, what it makes of the end, how it
//! ends when the call does.

mod support;

use std::net::TcpStream;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use support::{Line, PATIENCE, Peer};
use switchwire::application::{
    Action, Application, BridgeSide, DigitsEnd, Named, Outcome, PlayAndGetDigits, Playback, PlaybackEnd,
    Record, RecordEnd, RecordSession, ScheduledHangup, Transfer, TransferLeg,
};
use switchwire::dial::{DialString, Endpoint};
use switchwire::proto::{AnswerState, CallState, ChannelState, HangupCause};
use switchwire::{Call, CallStatus, Connection, ErrorKind, Listener, Phase, State};

/// An outbound call on such a socket; `script` is the server's side after the handshake.
fn outbound(
    mode: &str,
    control: &str,
    script: impl FnOnce(&mut Line) + Send + 'static,
) -> (Connection, JoinHandle<()>) {
    let listener = Listener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr();
    let head = format!(
        "Event-Name: CHANNEL_DATA\nUnique-ID: own\nChannel-State: CS_EXECUTE\nChannel-Call-State: RINGING\n\
         Answer-State: ringing\nContent-Type: command/reply\nReply-Text: %2BOK%0A\nSocket-Mode: {mode}\n\
         Control: {control}\n\n"
    );
    let server = std::thread::spawn(move || {
        let mut line = Line::new(TcpStream::connect(address).unwrap());
        assert_eq!(line.command().unwrap(), "connect");
        line.write(head);
        script(&mut line);
    });
    (listener.accept().unwrap(), server)
}

/// An async call with events, whose server replies to each command as `on_command` says.
fn with_events(mut on_command: impl FnMut(&mut Line, &str) + Send + 'static) -> (Call, JoinHandle<()>) {
    let (connection, server) = outbound("async", "full", move |line| {
        assert_eq!(line.command().unwrap(), "myevents");
        line.reply("+OK Events Enabled");
        while let Some(command) = line.command() {
            on_command(line, &command);
        }
    });
    connection.myevents(None).unwrap();
    (connection.own_call().unwrap(), server)
}

fn field<'a>(command: &'a str, name: &str) -> &'a str {
    command.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
}

/// Ends the application that the command runs, with these header lines in its event.
fn end(line: &mut Line, command: &str, more: &str) {
    line.reply("+OK");
    let id = field(command, "event-uuid");
    let state = if more.contains("Answer-State") { "" } else { "Answer-State: answered\n" };
    line.event(&format!(
        "Event-Name: CHANNEL_EXECUTE_COMPLETE\nUnique-ID: own\nApplication-UUID: {id}\n{state}{more}"
    ));
}

fn shown(command: &str) -> String {
    match field(command, "call-command") {
        "execute" => format!("{} {}", field(command, "execute-app-name"), field(command, "execute-app-arg"))
            .trim()
            .to_owned(),
        _ => command.to_owned(),
    }
}

/// Runs `work` on a call all of whose commands succeed, with these variables at the end of each application; what was
/// sent.
fn sent(more: &'static str, work: impl FnOnce(&Call)) -> Vec<String> {
    let (tell, told) = mpsc::channel();
    let (call, server) = with_events(move |line, command| {
        tell.send(shown(command)).unwrap();
        match command.starts_with("api ") {
            true => line.api("+OK Success\n"),
            false => end(line, command, more),
        }
    });
    work(&call);
    drop(call);
    server.join().unwrap();
    told.iter().collect()
}

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
fn states_follow_the_events() {
    let (tell, told) = mpsc::channel::<String>();
    let (call, server) = with_events(move |line, command| {
        assert!(command.starts_with("api "), "{command}");
        line.write(told.recv().unwrap());
        line.api("read");
    });
    assert_eq!(call.status().answer, Some(AnswerState::Ringing));
    assert_eq!((call.state(), call.answered()), (Some(CallState::Ringing), false));
    let now = |events: &[&str]| {
        let text: String = events.iter().map(|event| support::event(event, "")).collect();
        tell.send(text).unwrap();
        call.connection().api("now", "").unwrap();
        call.status()
    };
    let status = now(&[
        "Event-Name: CHANNEL_ANSWER\nUnique-ID: own\nAnswer-State: answered\nChannel-Call-State: RINGING\n",
    ]);
    assert!(call.answered() && status.call == Some(CallState::Active));
    // The events of the call's making may come late.
    let late = "Event-Name: CHANNEL_CREATE\nUnique-ID: own\nAnswer-State: ringing\nChannel-State: CS_INIT\n";
    assert_eq!(now(&[late]), status);
    let held = now(&[
        "Event-Name: CHANNEL_CALLSTATE\nUnique-ID: own\nAnswer-State: answered\nChannel-Call-State: HELD\n",
        "Event-Name: CHANNEL_ANSWER\nUnique-ID: other\nAnswer-State: early\n",
        "Event-Name: CUSTOM\nUnique-ID: own\nAnswer-State: early\n",
    ]);
    assert_eq!((held.call, held.answer), (Some(CallState::Held), Some(AnswerState::Answered)));
    let parked =
        now(&["Event-Name: CHANNEL_STATE\nUnique-ID: own\nChannel-State: CS_PARK\nAnswer-State: answered\n"]);
    assert_eq!(parked.channel, Some(ChannelState::Park));
    let ended =
        now(&["Event-Name: CHANNEL_HANGUP\nUnique-ID: own\nAnswer-State: hangup\nHangup-Cause: USER_BUSY\n"]);
    assert!(ended.hung_up() && call.hung_up() && !call.answered());
    assert_eq!(call.hangup_cause(), Some(HangupCause::UserBusy));
    call.wait_for(AnswerState::Hangup, PATIENCE).unwrap();
    let error = call.wait_for(AnswerState::Answered, PATIENCE).unwrap_err();
    assert_eq!((error.kind(), error.hangup_cause()), (ErrorKind::Hangup, Some("USER_BUSY")));
    drop(tell);
    drop(call);
    server.join().unwrap();
}

#[test]
fn states_are_waited_for() {
    let (call, server) = with_events(|line, command| {
        line.api("+OK");
        let event =
            |name: &str, state: &str| format!("Event-Name: {name}\nUnique-ID: own\nAnswer-State: {state}\n");
        match command {
            "api answer" => line.event(&event("CHANNEL_ANSWER", "answered")),
            _ => line.event(&event("CHANNEL_HANGUP", "hangup")),
        }
    });
    let error = call.wait_for(AnswerState::Answered, Duration::ZERO).unwrap_err();
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::State)));
    // `myevents` brings no CHANNEL_CALLSTATE.
    let error = call.wait_for(CallState::Held, PATIENCE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSubscribed);
    call.connection().api("answer", "").unwrap();
    call.wait_for(AnswerState::Answered, PATIENCE).unwrap();
    let waiting = {
        let call = call.clone();
        std::thread::spawn(move || call.wait_for(ChannelState::Park, PATIENCE))
    };
    let (tell, told) = mpsc::channel();
    call.wait_for_with(AnswerState::Hangup, move |done| tell.send(done).unwrap()).unwrap().unwrap();
    call.connection().api("hangup", "").unwrap();
    call.wait_for(AnswerState::Hangup, PATIENCE).unwrap();
    assert_eq!(waiting.join().unwrap().unwrap_err().kind(), ErrorKind::Hangup);
    told.recv_timeout(PATIENCE).unwrap().unwrap();
    drop(call);
    server.join().unwrap();
}

#[test]
fn digits_come_as_they_are_pressed() {
    let (call, server) = with_events(|line, command| {
        for digit in command.strip_prefix("api press ").unwrap_or_default().chars() {
            let digit = if digit == '#' { "%23".to_owned() } else { digit.to_string() };
            line.event(&format!(
                "Event-Name: DTMF\nUnique-ID: own\nDTMF-Digit: {digit}\nDTMF-Duration: 2000\n"
            ));
        }
        if command == "api hangup" {
            // Before the reply: no thread reads after it.
            line.event("Event-Name: CHANNEL_HANGUP\nUnique-ID: own\nAnswer-State: hangup\n");
        }
        line.api("+OK");
    });
    let press = |digits: &str| drop(call.connection().api("press", digits).unwrap());
    let mut keys = call.dtmf().unwrap();
    assert!(keys.recv_timeout(Duration::ZERO).unwrap().is_none());
    let (tell, told) = mpsc::channel();
    let watch = call.on_dtmf(move |dtmf| tell.send(dtmf.digit).unwrap()).unwrap();
    press("12");
    let first = keys.recv_timeout(PATIENCE).unwrap().unwrap();
    assert_eq!((first.digit, first.duration), ('1', Some(Duration::from_millis(250))));
    assert_eq!(told.iter().take(2).collect::<String>(), "12");
    drop(watch);
    assert!(told.recv().is_err());

    let collect = |count: usize, terminators: &'static str| {
        let (tell, told) = mpsc::channel();
        let wait = call.digits_with(count, terminators, move |done| tell.send(done).unwrap()).unwrap();
        (wait, told)
    };
    let (_, complete) = collect(2, "#");
    press("345");
    let complete = complete.recv_timeout(PATIENCE).unwrap().unwrap();
    assert_eq!((&*complete.digits, complete.end, complete.terminator), ("34", DigitsEnd::Complete, None));
    let (_, terminated) = collect(9, "#");
    press("6#");
    let terminated = terminated.recv_timeout(PATIENCE).unwrap().unwrap();
    assert_eq!((&*terminated.digits, terminated.terminator), ("6", Some('#')));
    let (wait, expired) = collect(9, "#");
    press("7");
    assert!(wait.expire() && !wait.expire());
    let expired = expired.recv_timeout(PATIENCE).unwrap().unwrap();
    assert_eq!((&*expired.digits, expired.end), ("7", DigitsEnd::Timeout));
    let nothing = call.wait_for_dtmf(1, Duration::ZERO, "").unwrap();
    assert_eq!((&*nothing.digits, nothing.end), ("", DigitsEnd::Timeout));
    assert_eq!(call.wait_for_dtmf(0, PATIENCE, "").unwrap_err().kind(), ErrorKind::InvalidArgument);

    let (_, ended) = collect(9, "#");
    call.connection().api("hangup", "").unwrap();
    assert_eq!(ended.recv_timeout(PATIENCE).unwrap().unwrap_err().kind(), ErrorKind::Hangup);
    assert_eq!(keys.by_ref().map(|dtmf| dtmf.digit).collect::<String>(), "23456#7");
    assert_eq!(keys.recv_timeout(PATIENCE).unwrap_err().kind(), ErrorKind::Hangup);
    drop((keys, call));
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
    assert_eq!(connection.call("").unwrap_err().kind(), ErrorKind::InvalidArgument);
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
fn a_callback_may_own_the_last_handle() {
    let (call, server) = with_events(|line, command| end(line, command, ""));
    let held = call.clone();
    call.on_dtmf(move |_| drop(held.clone())).unwrap().keep();
    call.connection().disconnect();
    drop(call);
    server.join().unwrap();
}

#[test]
fn states_have_names() {
    assert_eq!(State::from_name("answered"), Some(State::Answer(AnswerState::Answered)));
    assert_eq!(State::from_name("ACTIVE"), Some(State::Call(CallState::Active)));
    assert_eq!(State::from_name("HANGUP"), Some(State::Call(CallState::Hangup)));
    assert_eq!(State::from_name("CS_PARK"), Some(State::Channel(ChannelState::Park)));
    assert_eq!(State::from_name("Answered"), None);
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
