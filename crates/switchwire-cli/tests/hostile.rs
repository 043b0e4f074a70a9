//! Values that an attacker chose (a caller id is one) are shown harmlessly in every view.

mod support;
#[path = "support/terminal.rs"]
mod terminal;
#[path = "support/wild.rs"]
mod wild;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use support::{Running, program, run, server_of};
use switchwire_sim::Simulator;
use terminal::Terminal;
use wild::{WILD, is_harmless, wild};

fn start(simulator: &Simulator, arguments: &[&str]) -> Terminal {
    let server = server_of(simulator);
    let arguments = [&["--server", &server], arguments].concat();
    Terminal::start(Path::new(env!("CARGO_BIN_EXE_switchwire")), &std::env::temp_dir(), &arguments, 120)
}

#[test]
fn in_calls_and_top() {
    let simulator = Simulator::builder().start().unwrap();
    for view in ["calls", "top"] {
        let mut screen = start(&simulator, &[view]);
        screen.wait_for("0 legs");
        simulator.fire(wild());
        screen.wait_for("deadbeef");
        screen.wait_for("\\u{1b}[2J");
        if view == "top" {
            screen.type_keys("\r");
            screen.wait_for("CHANNEL_CREATE");
        }
        screen.type_keys("q");
        assert_eq!(screen.end(), 0);
        is_harmless(&String::from_utf8_lossy(&screen.raw));
    }
}

#[test]
fn in_the_console() {
    let simulator = Simulator::builder().start().unwrap();
    let mut console = start(&simulator, &["-q", "-Q"]);
    console.wait_for("freeswitch@fs-loopback>");
    console.type_keys("/event plain CHANNEL_CREATE\r");
    console.wait_for("+OK event listener enabled plain");
    let mut event = wild();
    event.del_header("X-Big");
    simulator.fire(event);
    console.wait_for("Caller-Destination-Number: \\u{1b}[2J");
    simulator.log(switchwire::LogLevel::Console, WILD);
    // And a value of a megabyte does not end it.
    simulator.fire(wild());
    console.type_keys("echo still;;echo here\r");
    console.wait_for_written("stillhere");
    is_harmless(&String::from_utf8_lossy(&console.raw));
}

#[test]
fn in_the_tail_of_events() {
    let simulator = Simulator::builder().start().unwrap();
    let server = server_of(&simulator);
    for form in [&[][..], &["--columns", "Unique-ID,Caller-Caller-ID-Name,X-Big"], &["--json"]] {
        let arguments = [&["events", "CHANNEL_CREATE", "--server", &server][..], form].concat();
        let line = first_line(&simulator, &arguments);
        match form.first() {
            Some(&"--json") => {
                let event: serde_json::Value = serde_json::from_str(&line).unwrap();
                // A program gets the value as it is.
                assert_eq!(event["Caller-Caller-ID-Name"], WILD);
            }
            _ => assert!(line.contains("\\u{1b}[2J"), "{}", line.chars().take(500).collect::<String>()),
        }
        is_harmless(&line);
    }
}

#[test]
fn in_a_trace() {
    let simulator = Simulator::builder().start().unwrap();
    let server = server_of(&simulator);
    let reply = run(&["--server", &server, "api", "originate", "null/x", "&park()"]).expect(0);
    let uuid = reply.stdout.trim().trim_start_matches("+OK ").to_owned();
    let mut command = program(&["--server", &server, "trace", &uuid, "--for", "2", "--svg"]);
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    let done = AtomicBool::new(false);
    let output = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let mut event = wild();
                event.set_header("Unique-ID", &uuid);
                simulator.fire(event);
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let output = child.wait_with_output().unwrap();
        done.store(true, Ordering::Relaxed);
        String::from_utf8(output.stdout).unwrap()
    });
    assert!(output.contains("\\u{1b}[2J") && output.ends_with("</svg>\n"), "{}", output.len());
    is_harmless(&output);
}

/// The first line that a tail prints of the wild event.
fn first_line(simulator: &Simulator, arguments: &[&str]) -> String {
    let mut tail = Running(program(arguments).stdout(Stdio::piped()).spawn().unwrap());
    let mut out = BufReader::new(tail.0.stdout.take().unwrap());
    let seen = AtomicBool::new(false);
    let mut line = String::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // It may not have subscribed yet.
            while !seen.load(Ordering::Relaxed) {
                simulator.fire(wild());
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        out.read_line(&mut line).unwrap();
        seen.store(true, Ordering::Relaxed);
    });
    line
}
