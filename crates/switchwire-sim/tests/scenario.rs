//! Scenarios: dialplan and endpoints as data, scripts, expectations and their messages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

mod common;

use std::net::TcpListener;
use std::time::Duration;

use common::{Client, LIMIT};
use switchwire_sim::{Asked, Done, Endpoint, Expect, Extension, Scenario, Simulator, Time};

const IVR: &str = r#"
    [[extension]]
    regex = "^5(\\d+)$"
    context = "default"
    run = ["answer", "socket 127.0.0.1:1|ADDRESS async full"]

    [[endpoint]]
    dial = "user/*"
    ring = "5ms"
    dtmf = [{ after = "5ms", digits = "12" }]

    [[step]]
    on = { event = "DTMF", headers = { DTMF-Digit = "2" } }
    api = "uuid_kill ${Unique-ID} CALL_REJECTED"

    [[expect]]
    command = "myevents"
    then = [{ execute = "playback welcome.wav" }, { event = "PLAYBACK_START" }]
    within = "10s"

    [[expect]]
    event = "CHANNEL_HANGUP_COMPLETE"
    headers = { Hangup-Cause = "CALL_REJECTED" }
    times = 1

    [[expect]]
    command = "auth ***"
    times = 1

    [[expect]]
    command = "api *"
    never = true
"#;

fn ivr(listener: &TcpListener) -> Simulator {
    let text = IVR.replace("ADDRESS", &listener.local_addr().unwrap().to_string());
    let scenario: Scenario = text.parse().unwrap();
    Simulator::builder().scenario(&scenario).start().unwrap()
}

fn run_ivr(sim: &Simulator, listener: &TcpListener, file: &str) {
    let mut control = Client::login(sim.addr());
    control.ask("bgapi originate user/1000 5123");
    let mut session = Client::new(listener.accept().unwrap().0);
    assert!(session.ask("connect").head.contains("Channel-Name: user/1000"));
    session.ask("myevents");
    session
        .ask(&format!("sendmsg\ncall-command: execute\nexecute-app-name: playback\nexecute-app-arg: {file}"));
    while session.frame().is_some() {}
}

#[test]
fn an_ivr_is_called_and_every_expectation_is_met() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let sim = ivr(&listener);
    run_ivr(&sim, &listener, "welcome.wav");
    sim.verify(LIMIT).unwrap_or_else(|unmet| panic!("{unmet}"));
}

#[test]
fn a_failing_expectation_shows_what_came_instead() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let sim = ivr(&listener);
    run_ivr(&sim, &listener, "goodbye.wav");
    let unmet = sim.verify(Duration::ZERO).unwrap_err();
    let text = unmet.to_string();
    assert_eq!(unmet.count(), 1, "{text}");
    for part in [
        "1 of 4 expectations not met",
        "1. after the command `myevents`, CHANNEL_EXECUTE (Application: playback, Application-Data: welcome.wav) \
         did not come within 10s",
        "connection 3 sent `sendmsg` (playback goodbye.wav)",
        "CHANNEL_EXECUTE playback goodbye.wav Application: playback, Application-Data: goodbye.wav",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    assert!(!text.contains("ClueCon"), "{text}");
}

#[test]
fn counts_and_what_must_not_come_are_told() {
    let sim = Simulator::builder()
        .expect(Expect::command("api version*").never())
        .expect(Expect::command("noevents").times(2))
        .start()
        .unwrap();
    let mut client = Client::login(sim.addr());
    client.api("version short");
    client.ask("noevents");
    let text = sim.verify(Duration::ZERO).unwrap_err().to_string();
    assert!(text.contains("the command `api version*` came"), "{text}");
    assert!(text.contains("the command `noevents` came 1 times, not 2"), "{text}");
    client.ask("noevents");
    sim.wait_for(&[Expect::command("noevents").times(2)], LIMIT).unwrap();
}

#[test]
fn endpoints_do_what_they_are_told() {
    let sim = Simulator::builder()
        .time(Time::Skipping)
        .endpoint(
            "sofia/*",
            Endpoint::answers().early_media(Duration::from_secs(1)).ring(Duration::from_secs(3)),
        )
        .endpoint("user/busy", Endpoint::busy().ring(Duration::from_secs(1)))
        .endpoint("user/away", Endpoint::no_answer())
        .endpoint("user/rude", Endpoint::fails("CALL_REJECTED"))
        .endpoint("user/short", Endpoint::answers().hangs_up(Duration::from_secs(5), "NORMAL_CLEARING"))
        .start()
        .unwrap();
    let mut client = Client::login(sim.addr());
    client.ask("event plain CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_ANSWER CHANNEL_HANGUP_COMPLETE");
    for (dial, cause) in [
        ("user/busy", "USER_BUSY"),
        ("{originate_timeout=9}user/away", "NO_ANSWER"),
        ("user/rude", "CALL_REJECTED"),
    ] {
        assert_eq!(client.api(&format!("originate {dial} &park")), format!("-ERR {cause}\n"));
    }
    assert!(client.api("originate user/short &park").starts_with("+OK "));
    let end = loop {
        let end = client.event("CHANNEL_HANGUP_COMPLETE");
        if end.event("Channel-Name").as_deref() == Some("user/short") {
            break end;
        }
    };
    assert_eq!(end.event("variable_billsec").as_deref(), Some("5"));
    client.ask("bgapi originate {ignore_early_media=true}sofia/external/100@host &park");
    for name in ["CHANNEL_PROGRESS", "CHANNEL_PROGRESS_MEDIA", "CHANNEL_ANSWER"] {
        client.event(name);
    }
}

#[test]
fn the_users_own_commands_applications_and_endpoints_run() {
    let sim = Simulator::builder()
        .api("weather", |argument| format!("+OK sunny in {argument}\n"))
        .api_later("slow", |asked: Asked, respond| {
            std::thread::spawn(move || respond.send(format!("+OK {}", asked.argument)));
        })
        .api_later("lost", |_, respond| drop(respond))
        .api("broken", |_| panic!("meant to"))
        .application("greet", |asked| {
            let name = asked.variable("caller_name").unwrap_or("stranger").to_owned();
            Done::new().set("greeted", &name).response("GREETED")
        })
        .application_later("forever", |_, respond| std::mem::forget(respond))
        .endpoint_with("user/*", |asked| match asked.variable("mood") {
            Some("good") => Endpoint::answers(),
            _ => Endpoint::busy(),
        })
        .dialplan(Extension::number("7000").run("answer", "").run("greet", "").run("forever", ""))
        .start()
        .unwrap();
    let mut client = Client::login(sim.addr());
    assert_eq!(client.api("weather Rome"), "+OK sunny in Rome\n");
    assert_eq!(client.api("slow tea"), "+OK tea");
    assert_eq!(client.api("lost"), "-ERR no reply\n");
    assert_eq!(client.api("broken"), "-ERR no reply\n");
    client.ask("event plain CHANNEL_EXECUTE_COMPLETE");
    assert_eq!(client.api("originate user/1 7000"), "-ERR USER_BUSY\n");
    client.ask("bgapi originate {mood=good,caller_name=Ann}user/1 7000");
    let complete = loop {
        let complete = client.event("CHANNEL_EXECUTE_COMPLETE");
        if complete.event("Application").as_deref() == Some("greet") {
            break complete;
        }
    };
    assert_eq!(complete.event("Application-Response").as_deref(), Some("GREETED"));
    assert_eq!(complete.event("variable_greeted").as_deref(), Some("Ann"));
    assert!(client.api("hupall").starts_with("+OK"));
}

#[test]
fn a_fired_event_has_in_its_headers_what_the_step_waited_for() {
    let scenario: Scenario = r#"
        [[endpoint]]
        dial = "user/1"

        [[step]]
        on = { event = "CHANNEL_ANSWER" }
        fire = "DETECTED_SPEECH"
        headers = { Unique-ID = "${Unique-ID}", Speech-Type = "begin-speaking" }
    "#
    .parse()
    .unwrap();
    let sim = Simulator::builder().scenario(&scenario).start().unwrap();
    let mut client = Client::login(sim.addr());
    client.ask("event plain CHANNEL_ANSWER DETECTED_SPEECH");
    client.send("bgapi originate user/1 &park()\n\n");
    let answered = client.event("CHANNEL_ANSWER");
    let speech = client.event("DETECTED_SPEECH");
    assert!(answered.event("Unique-ID").is_some());
    assert_eq!(speech.event("Unique-ID"), answered.event("Unique-ID"));
    assert_eq!(speech.event("Speech-Type").as_deref(), Some("begin-speaking"));
}
