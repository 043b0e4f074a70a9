//! `trace`: a call of a recording of a real server, and one that is followed.

mod support;

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use support::{Running, capture, program, run, server_of};
use switchwire::{Event, EventType};
use switchwire_sim::{Load, Simulator};

/// A loopback leg that a leg of another call bridges to.
const LEG: &str = "123009ce-a997-4c09-babd-747d068d5bcd";

#[test]
fn a_recorded_call_has_all_its_legs_from_their_beginnings() {
    let file = capture("events_plain");
    let ran = run(&["trace", LEG, "--from", &file]).expect(0);
    let heads: Vec<_> = ran.lines().into_iter().take_while(|line| !line.is_empty()).collect();
    assert_eq!(heads.len(), 4, "{ran:?}");
    assert!(heads[0].starts_with(&format!("a  {LEG}  loopback/9001-a  outbound")), "{heads:?}");
    for what in [
        "c  CHANNEL_CREATE ",
        "b  CHANNEL_EXECUTE          [playback 0.119s] loopback/9001-b",
        "c  CHANNEL_BRIDGE           [bridged 0.139s]",
        "a  CHANNEL_HANGUP_COMPLETE ",
    ] {
        assert!(ran.stdout.contains(what), "{what}: {}", ran.stdout);
    }
}

#[test]
fn json_and_picture_tell_the_same() {
    let file = capture("events_plain");
    let ran = run(&["trace", LEG, "--from", &file, "--json"]).expect(0);
    let story = &ran.json()[0];
    assert_eq!(story["legs"].as_array().unwrap().len(), 4);
    assert_eq!(story["legs"][0]["hangup_cause"], "NORMAL_CLEARING");
    let spans = story["spans"].as_array().unwrap();
    let bridged = spans.iter().find(|span| span["what"] == "bridged").unwrap();
    let lasted = bridged["to"].as_u64().unwrap() - bridged["from"].as_u64().unwrap();
    assert_eq!(lasted / 1000, 139);
    let entries = story["entries"].as_array().unwrap();
    assert!(entries.is_sorted_by_key(|entry| entry["at"].as_u64().unwrap()));
    let svg = run(&["trace", LEG, "--from", &file, "--svg"]).expect(0).stdout;
    assert!(svg.starts_with("<svg ") && svg.contains("bridged 0.139s") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("class=\"head\"").count(), 4);
}

#[test]
fn what_is_not_there_is_said() {
    let file = capture("events_plain");
    let ran = run(&["trace", "nosuch", "--from", &file]).expect(1);
    assert!(ran.stderr.contains("has nothing about nosuch"), "{ran:?}");
    let simulator = Simulator::builder().start().unwrap();
    let ran = run(&["--server", &server_of(&simulator), "trace", "nosuch"]).expect(1);
    assert!(ran.stderr.contains("no channel nosuch"), "{ran:?}");
    run(&["trace", "x", "--from", "/nonexistent"]).expect(1);
}

#[test]
fn a_call_is_followed_to_its_end() {
    let load = Load::calls_per_second(1000.0).total(1).duration(Duration::from_secs(3));
    let simulator = Simulator::builder().load(load).start().unwrap();
    let server = server_of(&simulator);
    let uuid = loop {
        let ran = run(&["--server", &server, "calls", "--once", "--json"]).expect(0);
        if let Some(line) = ran.json().first() {
            break line["leg"]["uuid"].as_str().unwrap().to_owned();
        }
    };
    let ran = run(&["--server", &server, "trace", &uuid, "--json"]).expect(0);
    let story = &ran.json()[0];
    let entries = story["entries"].as_array().unwrap();
    // What was before the trace, by the channel itself; and its end.
    assert_eq!(entries[0]["what"], "CHANNEL_CREATE");
    assert_eq!(entries[0]["detail"], "(before the trace began)");
    assert!(entries.iter().any(|entry| entry["what"] == "CHANNEL_DESTROY"), "{story}");
    assert!(entries.iter().any(|entry| entry["what"] == "LOG NOTICE"), "{story}");
    assert_eq!(story["legs"][0]["hangup_cause"], "NORMAL_CLEARING");
}

#[test]
fn a_signal_ends_it_with_what_there_is() {
    let simulator = Simulator::builder().start().unwrap();
    let server = server_of(&simulator);
    let reply = run(&["--server", &server, "api", "originate", "null/x", "&park()"]).expect(0);
    let uuid = reply.stdout.trim().trim_start_matches("+OK ").to_owned();
    let mut command = program(&["--server", &server, "trace", &uuid]);
    let mut child = Running(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut out = BufReader::new(child.0.stdout.take().unwrap());
    let mut text = String::new();
    let seen = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !seen.load(Ordering::Relaxed) {
                let mut event = Event::new(EventType::ChannelState);
                event.add_header("Unique-ID", &uuid);
                simulator.fire(event);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        out.read_line(&mut text).unwrap();
        seen.store(true, Ordering::Relaxed);
    });
    let killed = Command::new("kill").arg("-TERM").arg(child.0.id().to_string()).status().unwrap();
    assert!(killed.success());
    out.read_to_string(&mut text).unwrap();
    assert!(text.contains(&format!("\na  {uuid}  null/x  outbound")), "{text}");
    assert_eq!(child.0.wait().unwrap().code(), Some(0));
}
