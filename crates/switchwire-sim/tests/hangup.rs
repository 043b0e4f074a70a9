//! A call that ends while something runs or waits: which events come, in which order, and which never do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

mod common;

use std::net::TcpListener;

use common::{Client, Frame};
use switchwire_sim::{Completion, Faults, LastEvents, LingerNotice, Simulator};

/// A connection that watches everything, and an outbound session on extension 9010.
struct Scene {
    _sim: Simulator,
    control: Client,
    session: Client,
    uuid: String,
}

impl Scene {
    fn new(options: &str, faults: Faults) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = format!("{} {options}", listener.local_addr().unwrap());
        let sim = Simulator::builder()
            .extension("9010", &[("answer", ""), ("socket", &socket)])
            .faults(faults)
            .start()
            .unwrap();
        let mut control = Client::login(sim.addr());
        control.ask("event plain CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP_COMPLETE");
        control.ask("bgapi originate {ignore_early_media=true}loopback/9010/default &park");
        let mut session = Client::new(listener.accept().unwrap().0);
        let uuid = session.ask("connect").header("Unique-ID").unwrap().to_owned();
        session.ask("myevents");
        Self { _sim: sim, control, session, uuid }
    }

    /// Waits until an application of the session's channel has begun.
    fn running(&mut self, app: &str) {
        loop {
            let event = self.control.event("CHANNEL_EXECUTE");
            if event.event("Application").as_deref() == Some(app) {
                return;
            }
        }
    }

    /// Hangs the call up from elsewhere, and waits until it is over.
    fn kill(&mut self) {
        assert_eq!(self.control.api(&format!("uuid_kill {} USER_BUSY", self.uuid)), "+OK\n");
        while self.control.event("CHANNEL_HANGUP_COMPLETE").event("Unique-ID").as_ref() != Some(&self.uuid) {}
    }
}

fn message(app: &str, arg: &str, more: &str) -> String {
    format!("call-command: execute\nexecute-app-name: {app}\nexecute-app-arg: {arg}{more}")
}

/// What a frame is, in a word or two.
fn name(frame: &Frame) -> String {
    if let Some(event) = frame.event("Event-Name") {
        return match frame.event("Application") {
            Some(app) => format!("{event} {app}"),
            None => event,
        };
    }
    if let Some(notice) = frame.header("Content-Disposition") {
        return format!("notice {notice}");
    }
    format!("reply {}", frame.header("Reply-Text").unwrap_or_default())
}

/// The names of all frames until one of them, that one included.
fn until(client: &mut Client, last: &str) -> Vec<String> {
    let mut names = Vec::new();
    while names.last().map(String::as_str) != Some(last) {
        names.push(name(&client.frame().unwrap_or_else(|| panic!("no {last} after {names:?}"))));
    }
    names
}

const PLAYING: &str = "silence_stream://-1";

#[test]
fn a_lingering_session_accepts_an_application_that_never_runs() {
    let mut scene = Scene::new("async full", Faults::none());
    scene.session.ask("linger");
    scene.kill();
    until(&mut scene.session, "notice linger");
    let command = format!("sendmsg\n{}", message("playback", PLAYING, "\nEvent-UUID: never"));
    assert_eq!(scene.session.ask(&command).header("Reply-Text"), Some("+OK"));
    assert_eq!(scene.session.ask("getvar hangup_cause").header("Reply-Text"), Some("USER_BUSY"));
    let uuid = scene.uuid.clone();
    for (command, answer) in [
        (format!("uuid_getvar {uuid} hangup_cause"), "-ERR No such channel!\n"),
        (format!("uuid_exists {uuid}"), "false"),
        (format!("uuid_kill {uuid}"), "-ERR No such channel!\n"),
    ] {
        assert_eq!(scene.session.api(&command), answer, "{command}");
    }
    let reply = scene.control.ask(&format!("sendmsg {uuid}\n{}", message("answer", "", "")));
    assert_eq!(reply.header("Reply-Text"), Some(format!("-ERR invalid session id [{uuid}]").as_str()));
    scene.session.send("exit\n\n");
    assert_eq!(until(&mut scene.session, "notice disconnect"), ["reply +OK bye", "notice disconnect"]);
}

#[test]
fn what_is_queued_on_a_killed_channel_never_runs() {
    let sim = Simulator::builder().start().unwrap();
    let mut client = Client::login(sim.addr());
    client.ask("event plain CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP_COMPLETE");
    let answer = client.api("originate null/1 &park");
    let uuid = answer.trim_end().strip_prefix("+OK ").unwrap().to_owned();
    for n in 0..3 {
        let more = format!("\nevent-lock: true\nEvent-UUID: play-{n}");
        let reply = client.ask(&format!("sendmsg {uuid}\n{}", message("playback", PLAYING, &more)));
        assert_eq!(reply.header("Reply-Text"), Some("+OK"));
    }
    assert_eq!(client.api(&format!("uuid_kill {uuid}")), "+OK\n");
    let complete = client.event("CHANNEL_EXECUTE_COMPLETE");
    for (header, value) in [
        ("Application-UUID", "play-0"),
        ("Application-Response", "PLAYBACK%20ERROR"),
        ("Answer-State", "hangup"),
        ("Hangup-Cause", "NORMAL_CLEARING"),
        ("Channel-State-Number", "10"),
    ] {
        assert_eq!(complete.event(header).as_deref(), Some(value), "{header}");
    }
    let outer = client.event("CHANNEL_EXECUTE_COMPLETE");
    assert_eq!(outer.event("Application").as_deref(), Some("park"));
    assert_eq!(outer.event("Application-Response").as_deref(), Some("PLAYBACK%20ERROR"), "the last one's");
    assert_eq!(name(&client.frame().unwrap()), "CHANNEL_HANGUP_COMPLETE");
    // Killed before it ran: it leaves no trace at all.
    let answer = client.api("originate null/1 &park");
    let uuid = answer.trim_end().strip_prefix("+OK ").unwrap().to_owned();
    client.event("CHANNEL_EXECUTE");
    client.send(format!("sendmsg {uuid}\n{}\n\napi uuid_kill {uuid}\n\n", message("playback", PLAYING, "")));
    let names = until(&mut client, "CHANNEL_HANGUP_COMPLETE");
    assert_eq!(names[0], "reply +OK");
    assert_eq!(&names[2..], ["CHANNEL_EXECUTE_COMPLETE park", "CHANNEL_HANGUP_COMPLETE"]);
}

#[test]
fn playback_says_how_it_went() {
    let mut scene = Scene::new("async full", Faults::none());
    for (app, arg, response) in
        [("playback", "x.wav", "FILE%20PLAYED"), ("set", "a=b", "_none_"), ("sleep", "1", "_none_")]
    {
        scene.session.ask(&format!("sendmsg\n{}", message(app, arg, "")));
        let complete = scene.session.event("CHANNEL_EXECUTE_COMPLETE");
        assert_eq!(complete.event("Application-Response").as_deref(), Some(response), "{app}");
    }
}

#[test]
fn a_hangup_message_ends_what_runs() {
    let mut scene = Scene::new("async", Faults::none().last_events(LastEvents::All));
    scene.session.ask(&format!("sendmsg\n{}", message("playback", PLAYING, "")));
    scene.running("playback");
    let reply = scene.session.ask("sendmsg\ncall-command: hangup\nhangup-cause: CALL_REJECTED");
    assert_eq!(reply.header("Reply-Text"), Some("+OK"));
    let complete = scene.session.event("CHANNEL_EXECUTE_COMPLETE");
    assert_eq!(complete.event("Application-Response").as_deref(), Some("PLAYBACK%20ERROR"));
    assert_eq!(complete.event("Hangup-Cause").as_deref(), Some("CALL_REJECTED"));
}

#[test]
fn the_last_events_without_linger_are_a_choice() {
    let all = [
        "CHANNEL_HANGUP",
        "CHANNEL_EXECUTE_COMPLETE playback",
        "CHANNEL_UNPARK",
        "CHANNEL_EXECUTE_COMPLETE socket",
        "CHANNEL_STATE",
        "CHANNEL_STATE",
        "CHANNEL_HANGUP_COMPLETE",
        "notice disconnect",
    ];
    let some = ["CHANNEL_HANGUP", "CHANNEL_EXECUTE_COMPLETE playback", "notice disconnect"];
    for (last, expected) in
        [(LastEvents::All, &all[..]), (LastEvents::Some, &some), (LastEvents::None, &["notice disconnect"])]
    {
        let mut scene = Scene::new("async full", Faults::none().last_events(last));
        scene.session.ask(&format!("sendmsg\n{}", message("playback", PLAYING, "")));
        until(&mut scene.session, "CHANNEL_EXECUTE playback");
        scene.kill();
        assert_eq!(until(&mut scene.session, "notice disconnect"), expected, "{last:?}");
        assert!(scene.session.frame().is_none());
    }
}

#[test]
fn the_place_of_the_linger_notice_is_a_choice() {
    for (place, before) in
        [(LingerNotice::First, "CHANNEL_HANGUP"), (LingerNotice::Last, "CHANNEL_HANGUP_COMPLETE")]
    {
        let mut scene = Scene::new("async full", Faults::none().linger_notice(place));
        scene.session.ask("linger");
        scene.session.ask(&format!("sendmsg\n{}", message("playback", PLAYING, "")));
        until(&mut scene.session, "CHANNEL_EXECUTE playback");
        scene.kill();
        scene.session.send("exit\n\n");
        let names = until(&mut scene.session, "reply +OK bye");
        let at = names.iter().position(|name| name == "notice linger").unwrap();
        assert_eq!(names[at - 1], before, "{names:?}");
        for once in ["notice linger", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_EXECUTE_COMPLETE playback"] {
            assert_eq!(names.iter().filter(|name| *name == once).count(), 1, "{names:?}");
        }
    }
}

#[test]
fn a_synchronous_application_has_its_event_on_the_chosen_side_of_the_reply() {
    for (place, expected) in [
        (Completion::AfterReply, ["reply +OK", "CHANNEL_EXECUTE set", "CHANNEL_EXECUTE_COMPLETE set"]),
        (Completion::BeforeReply, ["CHANNEL_EXECUTE set", "CHANNEL_EXECUTE_COMPLETE set", "reply +OK"]),
    ] {
        let mut scene = Scene::new("full", Faults::none().completion(place));
        scene.session.send(format!("sendmsg\n{}\n\n", message("set", "a=b", "")));
        assert_eq!(until(&mut scene.session, expected[2]), expected);
    }
}

#[test]
fn a_synchronous_application_is_answered_when_the_call_is_killed() {
    let mut scene = Scene::new("full", Faults::none().last_events(LastEvents::All));
    scene.session.send(format!("sendmsg\n{}\n\n", message("playback", PLAYING, "")));
    scene.running("playback");
    scene.kill();
    let names = until(&mut scene.session, "notice disconnect");
    assert_eq!(
        names[..4],
        ["reply +OK", "CHANNEL_EXECUTE playback", "CHANNEL_HANGUP", "CHANNEL_EXECUTE_COMPLETE playback"]
    );
    assert!(names.contains(&"CHANNEL_HANGUP_COMPLETE".to_owned()), "{names:?}");
}

#[test]
fn hupall_takes_those_with_a_variable() {
    let sim = Simulator::builder().start().unwrap();
    let mut client = Client::login(sim.addr());
    for value in ["a", "b"] {
        let reply = client.api(&format!("originate {{side={value}}}null/1 &park"));
        assert!(reply.starts_with("+OK "), "{reply}");
    }
    let reply = client.api("hupall USER_BUSY side a");
    assert_eq!(reply, "+OK hangup all channels matching [side]=[a] with cause: USER_BUSY\n");
    assert_eq!(client.api("show channels count"), "\n1 total.\n");
    assert_eq!(client.api("hupall USER_BUSY"), "+OK hangup all channels with cause USER_BUSY\n");
    assert_eq!(client.api("show channels count"), "\n0 total.\n");
}

#[test]
fn an_async_session_that_hangs_up_itself_gets_all_events() {
    let mut scene = Scene::new("async full", Faults::none());
    scene.running("socket");
    assert_eq!(scene.session.ask("sendmsg\ncall-command: hangup").header("Reply-Text"), Some("+OK"));
    let names = until(&mut scene.session, "notice disconnect");
    let last: Vec<&str> = names.iter().rev().take(2).rev().map(String::as_str).collect();
    assert_eq!(last, ["CHANNEL_HANGUP_COMPLETE", "notice disconnect"], "{names:?}");
}
