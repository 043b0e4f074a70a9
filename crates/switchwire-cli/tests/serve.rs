//! `sim` and `replay`: other processes are served.

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use support::{Serving, capture, program, run};

#[test]
fn a_simulator_serves_another_process() {
    let sim = Serving::start(&["sim", "--bind", "127.0.0.1:0", "--password", "a:b", "--user", "1@d:x"]);
    let port = sim.address.rsplit(':').next().unwrap();
    let ran = run(&["--server", &sim.server("a:b"), "-x", "status"]).expect(0);
    assert!(ran.stdout.starts_with("UP "), "{ran:?}");
    run(&["-P", port, "-p", "wrong", "-x", "status"]).expect(3);
    run(&["-P", port, "-u", "1@d", "-p", "x", "-x", "status"]).expect(0);
    run(&["--server", &sim.server("a:b"), "demo"]).expect(0);
}

#[test]
fn a_simulators_extension_connects_out() {
    let listener = switchwire::Listener::bind("127.0.0.1:0").unwrap();
    let outbound = format!("77={}", listener.local_addr());
    let sim = Serving::start(&["sim", "--bind", "127.0.0.1:0", "--outbound", &outbound]);
    let server = sim.server("ClueCon");
    run(&["--server", &server, "bgapi", "--wait", "0", "originate", "loopback/77 &park()"]).expect(0);
    let call = listener.accept().unwrap();
    assert!(call.channel_uuid().is_some());
}

#[test]
fn a_simulator_ends_on_fsctl_shutdown() {
    let mut sim = Serving::start(&["sim", "--bind", "127.0.0.1:0"]);
    let shutdown = run(&["--server", &sim.server("ClueCon"), "send", "api fsctl shutdown"]);
    assert!(shutdown.code == 0 || shutdown.code == 3, "{shutdown:?}");
    assert!(sim.running.0.wait().unwrap().success());
}

#[test]
fn a_port_that_is_taken_fails() {
    let taken = Serving::start(&["sim", "--bind", "127.0.0.1:0"]);
    let ran = run(&["sim", "--bind", &taken.address]).expect(1);
    assert!(ran.stderr.starts_with("switchwire: cannot listen on "), "{ran:?}");
}

#[test]
fn a_client_logs_in_to_a_recording_and_gets_its_replies() {
    let replay = Serving::start(&["replay", &capture("userauth_good"), "--wait-for-commands"]);
    let replies = || run(&["--server", &replay.server("any"), "-x", "one", "-x", "two"]);
    let lines = run(&["decode", &capture("userauth_good")]).json();
    let expected: String = lines[2..4]
        .iter()
        .map(|line| line["body"].as_str().or(line["headers"][1][1].as_str()).unwrap())
        .map(|text| format!("{text}\n"))
        .collect();
    for _ in 0..2 {
        assert_eq!(replies().stdout, expected);
    }
}

#[test]
fn a_recording_is_served_byte_by_byte_and_as_often_as_requested() {
    let file = capture("filters_regex");
    let recorded = fs::read(&file).unwrap();
    for (times, chunk) in [("1", "1"), ("1", "7"), ("3", "65536")] {
        let replay = Serving::start(&["replay", &file, "--chunk", chunk, "--times", times, "--once"]);
        let mut client = TcpStream::connect(&replay.address).unwrap();
        client.write_all(b"auth ClueCon\n\n").unwrap();
        let mut received = Vec::new();
        client.read_to_end(&mut received).unwrap();
        drop(client);
        let mut replay = replay;
        assert!(replay.running.0.wait().unwrap().success());
        assert_eq!(received, repeated(&recorded, times.parse().unwrap()), "{times} times by {chunk}");
    }
}

/// The opening once, the body that often, and the farewell once.
fn repeated(recorded: &[u8], times: usize) -> Vec<u8> {
    let find = |needle: &[u8]| recorded.windows(needle.len()).position(|window| window == needle).unwrap();
    let opening = find(b"+OK accepted\n\n") + b"+OK accepted\n\n".len();
    let farewell = find(b"Content-Type: text/disconnect-notice");
    let body = recorded[opening..farewell].repeat(times);
    [&recorded[..opening], &body, &recorded[farewell..]].concat()
}

#[test]
fn what_comes_before_the_first_answer_needs_no_command() {
    for name in ["acl_reject", "auth_timeout"] {
        let replay = Serving::start(&["replay", &capture(name), "--once"]);
        let mut received = Vec::new();
        TcpStream::connect(&replay.address).unwrap().read_to_end(&mut received).unwrap();
        assert_eq!(received, fs::read(capture(name)).unwrap(), "{name}");
    }
}

#[test]
fn nothing_follows_the_greeting_until_a_command_has_come() {
    let replay = Serving::start(&["replay", &capture("auth_bad"), "--once"]);
    let mut client = TcpStream::connect(&replay.address).unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    let mut received = String::new();
    client.read_to_string(&mut received).unwrap();
    assert_eq!(received, "Content-Type: auth/request\n\n");
}

/// A scenario in a file of its own.
fn scenario(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

const EXPECTS_STATUS: &str = "[[expect]]\ncommand = 'api status'\n";

#[test]
fn a_scenario_that_is_met_ends_with_0_and_one_that_is_not_with_1_and_what_came() {
    let file = scenario(EXPECTS_STATUS);
    let path = file.path().to_str().unwrap();
    for (command, code, told) in [("status", 0, ""), ("version", 1, "sent `api version`")] {
        let mut child = program(&["sim", "--bind", "127.0.0.1:0", "--scenario", path])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.as_mut().unwrap()), &mut line)
            .unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap();
        run(&["--server", &format!("{address}:ClueCon"), "-x", command]).expect(0);
        std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
        let ended = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(code), "{stderr}");
        assert!(stderr.contains(told), "{stderr}");
    }
    let wrong = scenario("[[expect]]\nnothing = 1\n");
    let ran = run(&["sim", "--scenario", wrong.path().to_str().unwrap()]).expect(2);
    assert!(ran.stderr.contains("unknown field `nothing`"), "{ran:?}");
    let ran = run(&["sim", "--faults", "slowly"]).expect(2);
    assert!(ran.stderr.contains("there are split, delay"), "{ran:?}");
}

#[test]
fn what_a_server_sends_is_recorded_and_can_be_served() {
    let sim = switchwire_sim::Simulator::builder().start().unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let mut record = Serving::start(&["record", "--to", &sim.addr().to_string(), path]);
    let first = run(&["--server", &record.server("ClueCon"), "-x", "create_uuid"]).expect(0).stdout;
    assert!(record.running.0.wait().unwrap().success());
    let recorded = fs::read_to_string(path).unwrap();
    assert!(recorded.starts_with("Content-Type: auth/request\n\n"), "{recorded}");
    assert!(!recorded.contains("ClueCon\n\n"), "the client's password");
    let replay = Serving::start(&["replay", path, "--wait-for-commands"]);
    assert_eq!(run(&["--server", &replay.server("any"), "-x", "anything"]).stdout, first);
}
