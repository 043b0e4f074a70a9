//! A call's states and digits, from its events.

#[path = "support/call.rs"]
mod call;
mod support;

use std::sync::mpsc;
use std::time::Duration;

use call::with_events;
use support::PATIENCE;
use switchwire::application::DigitsEnd;
use switchwire::proto::{AnswerState, CallState, ChannelState, HangupCause};
use switchwire::{ErrorKind, Phase, State};

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
fn states_have_names() {
    assert_eq!(State::from_name("answered"), Some(State::Answer(AnswerState::Answered)));
    assert_eq!(State::from_name("ACTIVE"), Some(State::Call(CallState::Active)));
    assert_eq!(State::from_name("HANGUP"), Some(State::Call(CallState::Hangup)));
    assert_eq!(State::from_name("CS_PARK"), Some(State::Channel(ChannelState::Park)));
    assert_eq!(State::from_name("Answered"), None);
}
