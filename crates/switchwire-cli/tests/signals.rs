//! Signals end the program, whichever process it is.
#![cfg(target_os = "linux")]

mod support;

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};

use support::{Running, Serving, program, server_of};
use switchwire_sim::Simulator;

const SIGTERM: i32 = 15;
const SIGINT: i32 = 2;

/// A mask of the process's status: whether it has that signal in it.
fn has(pid: u32, mask: &str, signal: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix(mask)).unwrap().trim();
    u64::from_str_radix(mask, 16).unwrap() >> (signal - 1) & 1 == 1
}

fn send(signal: i32, pid: u32) {
    let kill = Command::new("kill").args([format!("-{signal}"), pid.to_string()]).status().unwrap();
    assert!(kill.success());
}

/// `events` on a simulator, once it has begun to listen.
fn tail() -> (Simulator, Running, BufReader<ChildStdout>) {
    let simulator =
        Simulator::builder().heartbeat(Some(std::time::Duration::from_millis(5))).start().unwrap();
    let mut running = Running::start(&["--server", &server_of(&simulator), "events"]);
    let mut line = String::new();
    let mut out = BufReader::new(running.0.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    assert!(line.contains("HEARTBEAT"), "{line}");
    (simulator, running, out)
}

#[test]
fn sim_and_events_have_handlers_and_end_as_the_signal_says() {
    let (_simulator, events, _out) = tail();
    for mut running in [Serving::start(&["sim", "--bind", "127.0.0.1:0"]).running, events] {
        let pid = running.0.id();
        for signal in [SIGTERM, SIGINT] {
            assert!(has(pid, "SigCgt:", signal), "no handler for {signal}");
        }
        send(SIGTERM, pid);
        assert_eq!(running.0.wait().unwrap().signal(), Some(SIGTERM));
    }
}

/// What a shell's background jobs are started with.
#[test]
fn a_signal_that_was_ignored_stays_ignored() {
    let mut child = Command::new("sh")
        .args(["-c", "trap '' INT; exec \"$0\" sim --bind 127.0.0.1:0", env!("CARGO_BIN_EXE_switchwire")])
        .stdout(Stdio::piped())
        .spawn()
        .map(Running)
        .unwrap();
    BufReader::new(child.0.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    let pid = child.0.id();
    assert!(has(pid, "SigIgn:", SIGINT) && !has(pid, "SigCgt:", SIGINT));
    assert!(has(pid, "SigCgt:", SIGTERM));
}

/// In a pid namespace of its own, if this machine allows it; the masks above are checked in any case.
#[test]
fn process_1_of_a_container_ends() {
    let alone = ["--user", "--map-root-user", "--pid", "--fork", "--kill-child"];
    let possible = Command::new("unshare").args(alone).arg("true").stderr(Stdio::null()).status();
    if !possible.is_ok_and(|status| status.success()) {
        return println!("this machine makes no pid namespaces");
    }
    let mut unshare = Command::new("unshare");
    unshare.args(alone).arg(program(&[]).get_program()).args(["sim", "--bind", "127.0.0.1:0"]);
    let mut running = Running(unshare.stdout(Stdio::piped()).spawn().unwrap());
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    let pid = running.0.id();
    let children =
        Path::new("/proc").join(pid.to_string()).join("task").join(pid.to_string()).join("children");
    let inner = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
    send(SIGTERM, inner);
    assert_eq!(running.0.wait().unwrap().code(), Some(128 + SIGTERM));
}
