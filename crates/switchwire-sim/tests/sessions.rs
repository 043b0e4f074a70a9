//! Connections that control a channel: outbound ones, and inbound ones that adopt one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

mod common;

use std::net::TcpListener;
use std::time::Duration;

use common::{Client, Frame};
use switchwire_sim::Simulator;

/// A simulator, a logged-in connection that watches everything, and a listener for extension 9010.
struct Scene {
    sim: Simulator,
    control: Client,
    listener: TcpListener,
}

impl Scene {
    fn new(options: &str) -> Self {
        Self::with(options, &[])
    }

    /// `after`: what the dialplan does after `socket`.
    fn with(options: &str, after: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sim = Simulator::builder().auth_timeout(Duration::from_millis(200)).start().unwrap();
        let socket = format!("{} {options}", listener.local_addr().unwrap());
        let actions: Vec<(&str, &str)> =
            [("socket", socket.as_str())].into_iter().chain(after.iter().copied()).collect();
        sim.extension("9010", &actions);
        let mut control = Client::login(sim.addr());
        control.ask("event plain CHANNEL_EXECUTE CHANNEL_HANGUP CHANNEL_DESTROY");
        Self { sim, control, listener }
    }

    fn call(&mut self) -> Client {
        self.control.ask("bgapi originate {ignore_early_media=true}loopback/9010/default &park");
        Client::new(self.listener.accept().unwrap().0)
    }
}

fn execute(client: &mut Client, app: &str, arg: &str, more: &str) -> Frame {
    client.ask(&format!(
        "sendmsg\ncall-command: execute\nexecute-app-name: {app}\nexecute-app-arg: {arg}{more}"
    ))
}

fn data(client: &mut Client) -> Frame {
    let reply = client.ask("connect");
    assert!(reply.head.starts_with("Event-Name: CHANNEL_DATA\nCore-UUID: "), "{}", reply.head);
    reply
}

#[test]
fn connect_shows_the_channel_and_the_mode() {
    for (options, mode, control) in [
        ("", "static", "single-channel"),
        ("async", "async", "single-channel"),
        ("full", "static", "full"),
        ("async full", "async", "full"),
    ] {
        let mut scene = Scene::new(options);
        let mut client = scene.call();
        let head = data(&mut client).head;
        let end = format!(
            "\nContent-Type: command/reply\nReply-Text: %2BOK%0A\nSocket-Mode: {mode}\nControl: {control}"
        );
        assert!(head.ends_with(&end), "{head}");
        assert!(head.lines().count() > 90, "{head}");
        assert!(head.contains("\nvariable_current_application: socket\n"), "{head}");
    }
}

/// A null channel has no dialplan; the loopback leg that it calls is routed all the same.
#[test]
fn a_leg_that_a_null_channel_bridges_to_finds_its_extension() {
    let mut scene = Scene::new("async full");
    scene.sim.extension("2345", &[("answer", ""), ("park", "")]);
    scene.control.ask("event plain CHANNEL_BRIDGE");
    scene.control.ask("bgapi originate null/x '&bridge(loopback/2345/default)'");
    loop {
        let event = scene.control.frame().expect("an event of the call");
        if event.event("Event-Name").as_deref() == Some("CHANNEL_BRIDGE") {
            break;
        }
        let cause = event.event("Hangup-Cause");
        assert!(cause.as_deref() != Some("NO_ROUTE_DESTINATION"), "{}", event.text());
    }
}

#[test]
fn a_single_channel_connection_knows_few_commands() {
    let mut scene = Scene::new("async");
    let mut client = scene.call();
    data(&mut client);
    for command in
        ["api status", "bgapi status", "event plain ALL", "log", "linger", "sendevent CUSTOM", "noevents"]
    {
        assert_eq!(client.ask(command).header("Reply-Text"), Some("-ERR command not found"), "{command}");
    }
    for (command, reply) in
        [("filter a b", "+OK filter added. [a]=[b]"), ("resume", "+OK"), ("getvar direction", "inbound")]
    {
        assert_eq!(client.ask(command).header("Reply-Text"), Some(reply));
    }
}

#[test]
fn a_synchronous_execute_is_answered_at_its_end() {
    let mut scene = Scene::new("");
    let mut client = scene.call();
    data(&mut client);
    client.ask("myevents");
    client.send("sendmsg\ncall-command: execute\nexecute-app-name: playback\nexecute-app-arg: silence_stream://150\n\n");
    client.send("getvar playback_ms\n\n");
    assert_eq!(client.frame().unwrap().header("Reply-Text"), Some("+OK"), "nothing comes before it");
    // The variable is there, so the application had ended; its events come between the commands.
    assert!(client.reply().header("Reply-Text").unwrap().parse::<u32>().unwrap() >= 150);
    let event = client.event("CHANNEL_EXECUTE_COMPLETE");
    assert_eq!(event.event("Application").as_deref(), Some("playback"));
}

#[test]
fn an_asynchronous_execute_is_queued_and_ordered() {
    let mut scene = Scene::new("async full");
    let mut client = scene.call();
    data(&mut client);
    client.ask("myevents");
    for n in 0..5 {
        let uuid = format!("\nEvent-UUID: ev-{n}\nEvent-UUID-Name: name {n}\nevent-lock: true");
        assert_eq!(
            execute(&mut client, "playback", "silence_stream://20", &uuid).header("Reply-Text"),
            Some("+OK")
        );
    }
    for n in 0..5 {
        let event = client.event("CHANNEL_EXECUTE_COMPLETE");
        assert_eq!(event.event("Application-UUID"), Some(format!("ev-{n}")));
        assert_eq!(event.event("Application-UUID-Name"), Some(format!("name%20{n}")));
    }
}

#[test]
fn an_application_runs_inside_of_an_unlocked_one() {
    let mut scene = Scene::new("async full");
    let mut client = scene.call();
    data(&mut client);
    client.ask("myevents");
    execute(&mut client, "playback", "silence_stream://200", "\nEvent-UUID: outer");
    execute(&mut client, "set", "a=b", "\nEvent-UUID: inner");
    for uuid in ["inner", "outer"] {
        assert_eq!(client.event("CHANNEL_EXECUTE_COMPLETE").event("Application-UUID").as_deref(), Some(uuid));
    }
}

#[test]
fn loops_run_again_unless_they_are_short() {
    let mut scene = Scene::new("");
    let mut client = scene.call();
    data(&mut client);
    client.ask("myevents");
    for (millis, more) in [(510, "loops: 2\nEvent-UUID: long"), (10, "loops: 5\nEvent-UUID: short")] {
        let app = format!("execute-app-name: playback\nexecute-app-arg: silence_stream://{millis}");
        client.send(format!("sendmsg\ncall-command: execute\n{app}\n{more}\n\n"));
    }
    for uuid in ["long", "long", "short"] {
        assert_eq!(client.event("CHANNEL_EXECUTE_COMPLETE").event("Application-UUID").as_deref(), Some(uuid));
    }
}

#[test]
fn the_argument_may_be_the_body() {
    let mut scene = Scene::new("");
    let mut client = scene.call();
    data(&mut client);
    client.send("sendmsg\ncall-command: execute\nexecute-app-name: set\ncontent-type: text/plain\ncontent-length: 12\n\nx=one line\n\n");
    assert_eq!(client.reply().header("Reply-Text"), Some("+OK"));
    assert_eq!(client.ask("getvar x").header("Reply-Text"), Some("one line"));
}

#[test]
fn an_unknown_application_hangs_up() {
    for options in ["", "async full"] {
        let mut scene = Scene::new(options);
        let mut client = scene.call();
        data(&mut client);
        assert_eq!(execute(&mut client, "nosuchapp", "x", "").header("Reply-Text"), Some("+OK"));
        let notice = client.frame().unwrap();
        assert_eq!(notice.header("Content-Disposition"), Some("disconnect"));
        assert!(notice.header("Controlled-Session-UUID").is_some() && client.frame().is_none());
        let hangup = scene.control.event("CHANNEL_HANGUP");
        assert_eq!(hangup.event("Hangup-Cause").as_deref(), Some("DESTINATION_OUT_OF_ORDER"));
    }
}

#[test]
fn the_first_reply_is_swallowed_unless_it_is_connect() {
    let mut scene = Scene::new("");
    let mut client = scene.call();
    client.send("getvar direction\n\n");
    data(&mut client);
    assert_eq!(client.ask("getvar direction").header("Reply-Text"), Some("inbound"));
}

#[test]
fn a_listener_that_says_nothing_is_left() {
    let mut scene = Scene::new("async full");
    let mut client = scene.call();
    let notice = client.frame().unwrap();
    assert_eq!(notice.header("Content-Disposition"), Some("disconnect"));
    assert!(client.frame().is_none());
    scene.control.event("CHANNEL_DESTROY");
}

#[test]
fn exit_lets_the_dialplan_go_on() {
    for options in ["", "full", "async full"] {
        let mut scene = Scene::with(options, &[("set", "went=on"), ("sleep", "1")]);
        let mut client = scene.call();
        data(&mut client);
        assert_eq!(client.ask("exit").header("Reply-Text"), Some("+OK bye"));
        assert_eq!(client.frame().unwrap().header("Content-Disposition"), Some("disconnect"));
        assert!(client.frame().is_none());
        let apps: Vec<_> =
            (0..3).map(|_| scene.control.event("CHANNEL_EXECUTE").event("Application").unwrap()).collect();
        assert_eq!(apps, ["socket", "set", "sleep"]);
        assert_eq!(
            scene.control.event("CHANNEL_HANGUP").event("Hangup-Cause").as_deref(),
            Some("NORMAL_CLEARING")
        );
    }
}

#[test]
fn a_client_that_dies_lets_the_dialplan_go_on() {
    let mut scene = Scene::with("async full", &[("set", "went=on")]);
    let mut client = scene.call();
    data(&mut client);
    drop(client);
    scene.control.event("CHANNEL_DESTROY");
    assert_eq!(scene.sim.connections(), 1);
}

#[test]
fn lingering_tells_and_goes_on_working() {
    let mut scene = Scene::new("async full");
    let mut client = scene.call();
    let head = data(&mut client).head;
    let uuid = head.lines().find_map(|l| l.strip_prefix("Unique-ID: ")).unwrap();
    assert_eq!(client.ask("linger 1").header("Reply-Text"), Some("+OK will linger 1 seconds"));
    client.ask("event plain CHANNEL_HANGUP_COMPLETE");
    scene.control.api(&format!("uuid_kill {uuid} USER_BUSY"));
    let notice = loop {
        let frame = client.frame().unwrap();
        if frame.header("Content-Type") == Some("text/disconnect-notice") {
            break frame;
        }
    };
    let expected = format!(
        "Content-Type: text/disconnect-notice\nControlled-Session-UUID: {uuid}\nContent-Disposition: linger\n\
         Channel-Name: loopback/9010-b\nLinger-Time: 1\nContent-Length: 0"
    );
    assert_eq!(notice.head, expected);
    assert_eq!(client.ask("getvar hangup_cause").header("Reply-Text"), Some("USER_BUSY"));
    assert_eq!(client.api(&format!("uuid_exists {uuid}")), "false");
    let last = client.frame().unwrap();
    assert_eq!(last.header("Content-Disposition"), Some("disconnect"));
    assert!(client.frame().is_none());
    scene.control.event("CHANNEL_DESTROY");
}

#[test]
fn a_remote_hangup_ends_a_blocking_application_and_the_connection() {
    let mut scene = Scene::new("");
    let mut client = scene.call();
    let head = data(&mut client).head;
    let uuid = head.lines().find_map(|l| l.strip_prefix("Unique-ID: ")).unwrap();
    client.ask("myevents");
    client.send("sendmsg\ncall-command: execute\nexecute-app-name: playback\nexecute-app-arg: silence_stream://-1\n\n");
    loop {
        if scene.control.event("CHANNEL_EXECUTE").event("Application").as_deref() == Some("playback") {
            break;
        }
    }
    scene.control.api(&format!("uuid_kill {uuid}"));
    assert_eq!(client.reply().header("Reply-Text"), Some("+OK"));
    client.event("CHANNEL_HANGUP");
    let complete = client.event("CHANNEL_EXECUTE_COMPLETE");
    assert_eq!(complete.event("Application").as_deref(), Some("playback"));
    assert_eq!(client.frame().unwrap().header("Content-Disposition"), Some("disconnect"));
    assert!(client.frame().is_none());
}

#[test]
fn a_dead_listener_is_passed_over() {
    let mut scene = Scene::new("");
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let alive = scene.listener.local_addr().unwrap();
    scene.sim.extension("9010", &[("socket", &format!("{dead}|{alive} async full"))]);
    let mut client = scene.call();
    data(&mut client);
    scene.sim.extension("9010", &[("socket", &format!("{dead} async full")), ("answer", ""), ("park", "")]);
    let answer = scene.control.api("originate loopback/9010/default &park");
    assert!(answer.starts_with("+OK "), "{answer}");
}

#[test]
fn diverted_events_are_bare() {
    let mut scene = Scene::new("async full");
    let mut client = scene.call();
    let head = data(&mut client).head;
    let uuid = head.lines().find_map(|l| l.strip_prefix("Unique-ID: ")).unwrap();
    client.ask("divert_events on");
    let reply = client.ask(&format!("sendevent MESSAGE\nunique-id: {uuid}\nFoo: diverted?"));
    let event_uuid = reply.header("Reply-Text").unwrap().strip_prefix("+OK ").unwrap().to_owned();
    let text = client.frame().unwrap().text();
    assert_eq!(
        text,
        format!(
            "Command: sendevent%20MESSAGE\nunique-id: {uuid}\nFoo: diverted%3F\nEvent-UUID: {event_uuid}\n\n"
        )
    );
}

#[test]
fn an_inbound_connection_adopts_a_channel_and_ends_with_it() {
    let mut scene = Scene::new("");
    let uuid = scene.control.api("originate loopback/9196 &echo");
    let uuid = uuid.trim_end().strip_prefix("+OK ").unwrap();
    let mut client = Client::login(scene.sim.addr());
    assert_eq!(client.ask(&format!("myevents {uuid} json")).header("Reply-Text"), Some("+OK Events Enabled"));
    assert_eq!(client.ask("getvar uuid").header("Reply-Text"), Some(uuid));
    data(&mut client);
    execute(&mut client, "set", "x=y", "");
    let event = client.event("CHANNEL_EXECUTE_COMPLETE");
    assert_eq!(event.event("Unique-ID").as_deref(), Some(uuid));
    // Another channel's events are not ours.
    let other = scene.control.api("originate loopback/9000 &park");
    scene.control.api(&format!("uuid_kill {}", other.trim_end().strip_prefix("+OK ").unwrap()));
    scene.control.api(&format!("uuid_kill {uuid}"));
    loop {
        let frame = client.frame().unwrap();
        if frame.header("Content-Disposition") == Some("disconnect") {
            assert_eq!(frame.header("Controlled-Session-UUID"), Some(uuid));
            break;
        }
        assert_eq!(frame.event("Unique-ID").as_deref(), Some(uuid));
    }
    assert!(client.frame().is_none());
}

#[test]
fn inbound_messages_are_fired_as_private_commands() {
    let mut scene = Scene::new("");
    let uuid = scene.control.api("originate loopback/9196 &park");
    let uuid = uuid.trim_end().strip_prefix("+OK ").unwrap();
    scene.control.ask("event plain PRIVATE_COMMAND CHANNEL_HANGUP");
    scene.control.ask(&format!("sendmsg {uuid}\ncall-command: hangup\nhangup-cause: USER_BUSY"));
    let command = scene.control.event("PRIVATE_COMMAND");
    assert_eq!(command.event("call-command").as_deref(), Some("hangup"));
    assert_eq!(command.event("Unique-ID").as_deref(), Some(uuid));
    assert_eq!(scene.control.event("CHANNEL_HANGUP").event("Hangup-Cause").as_deref(), Some("USER_BUSY"));
}

#[test]
fn digits_are_collected() {
    let mut scene = Scene::new("");
    let mut client = scene.call();
    let head = data(&mut client).head;
    let uuid = head.lines().find_map(|l| l.strip_prefix("Unique-ID: ")).unwrap();
    client.send(
        "sendmsg\ncall-command: execute\nexecute-app-name: play_and_get_digits\n\
         execute-app-arg: 1 4 1 9000 # x.wav y.wav got \\d+\n\n",
    );
    loop {
        if scene.control.event("CHANNEL_EXECUTE").event("Application").as_deref()
            == Some("play_and_get_digits")
        {
            break;
        }
    }
    let received = format!("+OK {uuid} received DTMF 12#.\n");
    assert_eq!(scene.control.api(&format!("uuid_recv_dtmf {uuid} 12#")), received);
    assert_eq!(client.reply().header("Reply-Text"), Some("+OK"));
    assert_eq!(client.ask("getvar got").header("Reply-Text"), Some("12"));
}
