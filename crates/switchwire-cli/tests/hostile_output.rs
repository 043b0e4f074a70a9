//! Values that an attacker chose, in what is printed rather than drawn: replies, reports, recordings, figures, errors.

mod support;
#[path = "support/terminal.rs"]
mod terminal;
#[path = "support/wild.rs"]
mod wild;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;

use support::{Serving, program, run, server_of};
use switchwire_sim::{Builder, Simulator};
use terminal::Terminal;
use wild::{UUID, WILD, is_harmless, wild};

/// A command in a terminal, to its end: its exit code and all that it wrote.
#[track_caller]
fn on_a_terminal(arguments: &[&str]) -> (u32, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_switchwire"));
    let mut run = Terminal::start(program, &std::env::temp_dir(), arguments, 120);
    let code = run.end();
    (code, String::from_utf8_lossy(&run.raw).into_owned())
}

/// A server whose replies hold wild values and a megabyte.
fn wild_server() -> Builder {
    let big = "M".repeat(1 << 20);
    let reply = move |_: &str| format!("{WILD} {big}\n");
    Simulator::builder().api("wild", reply).api("refused", |_| format!("-ERR {WILD}\n"))
}

#[test]
fn in_replies() {
    let simulator = wild_server().start().unwrap();
    let server = server_of(&simulator);
    for words in
        [&["api", "wild"][..], &["bgapi", "wild"], &["send", "api wild"], &["-x", "wild"], &["-X", "wild"]]
    {
        let (code, written) = on_a_terminal(&[&["--server", &server], words].concat());
        assert_eq!(code, 0, "{words:?}");
        assert!(written.contains("\\u{1b}[2J\\u{1b}]0;owned\\u{7}a"), "{words:?}");
        is_harmless(&written);
    }
    let (code, written) = on_a_terminal(&["--server", &server, "api", "refused"]);
    assert_eq!(code, 1);
    is_harmless(&written);
    // Of several servers.
    let other = Simulator::builder().start().unwrap();
    let (_, written) =
        on_a_terminal(&["--server", &server, "--server", &server_of(&other), "api", "refused"]);
    assert!(written.contains("\\u{1b}[2J"), "{written}");
    is_harmless(&written);
    // A program gets what the server sent, up to the NUL that ends it there.
    let ran = run(&["--server", &server, "api", "wild"]).expect(0);
    assert!(ran.stdout.starts_with("\u{1b}[2J\u{1b}]0;owned\u{7}a"), "{:?}", &ran.stdout[..40]);
}

#[test]
fn in_errors() {
    // What ends a connection says why.
    let simulator = Simulator::builder().start().unwrap();
    let server = server_of(&simulator);
    let mut console = Terminal::start(
        Path::new(env!("CARGO_BIN_EXE_switchwire")),
        &std::env::temp_dir(),
        &["--server", &server, "-q", "-Q"],
        120,
    );
    console.wait_for("freeswitch@fs-loopback>");
    let text = format!("Disconnected: {WILD}\n");
    simulator
        .send_raw(format!("Content-Type: text/disconnect-notice\nContent-Length: {}\n\n{text}", text.len()));
    simulator.disconnect_all(switchwire_sim::End::Close);
    console.end();
    is_harmless(&String::from_utf8_lossy(&console.raw));
}

#[test]
fn in_the_prompt() {
    let simulator = Simulator::builder().switchname(WILD).start().unwrap();
    let server = server_of(&simulator);
    let program = Path::new(env!("CARGO_BIN_EXE_switchwire"));
    let arguments = ["--server", &server, "-q", "-Q"];
    let mut console = Terminal::start(program, &std::env::temp_dir(), &arguments, 120);
    console.wait_for("freeswitch@\\u{1b}[2J");
    console.type_keys("\u{4}");
    console.end();
    is_harmless(&String::from_utf8_lossy(&console.raw));
}

#[test]
fn in_what_doctor_says() {
    let text = |_: &str| WILD.to_owned();
    let simulator = Simulator::builder().api("version", text).api("status", text).start().unwrap();
    let server = server_of(&simulator);
    for form in [&[][..], &["--json"]] {
        let ran = run(&[&["--server", &server, "doctor"][..], form].concat());
        assert!(ran.stdout.contains("u{1b}[2J") || ran.stdout.contains("\\u001b[2J"), "{ran:?}");
        is_harmless(&ran.stdout);
        is_harmless(&ran.stderr);
    }
    // A login that is refused in wild words.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("{}:x", listener.local_addr().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // One connection looks whether the port is open.
            for stream in listener.incoming().take(2) {
                let mut stream = stream.unwrap();
                let text = format!("Access Denied, {WILD}\n");
                let head = format!("Content-Type: text/rude-rejection\nContent-Length: {}\n\n", text.len());
                let _ = stream.write_all((head + &text).as_bytes());
            }
        });
        let ran = run(&["--server", &server, "doctor"]);
        assert!(ran.stdout.contains("BAD"), "{ran:?}");
        is_harmless(&(ran.stdout + &ran.stderr));
    });
}

#[test]
fn in_what_bench_says() {
    let simulator = Simulator::builder().api("eval", |_| format!("-ERR {WILD}")).start().unwrap();
    let server = server_of(&simulator);
    for form in [&[][..], &["--json"], &["--svg"]] {
        let ran = run(&[&["--server", &server, "bench", "--for", "50ms"][..], form].concat());
        assert!(!(ran.stdout.clone() + &ran.stderr).is_empty());
        is_harmless(&(ran.stdout + &ran.stderr));
    }
}

#[test]
fn in_what_decode_prints() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("wild.bin");
    let body = wild().to_plain(switchwire::proto::percent::Escape::Full);
    let mut bytes =
        format!("Content-Length: {}\nContent-Type: text/event-plain\n\n", body.len()).into_bytes();
    bytes.extend_from_slice(&body);
    let text = format!("{WILD}\n");
    bytes.extend_from_slice(
        format!(
            "Content-Type: log/data\nContent-Length: {}\nLog-Level: 3\nX: {}\n\n{text}",
            text.len(),
            "\u{1b}[2J\u{202e}\u{9b}"
        )
        .as_bytes(),
    );
    std::fs::write(&file, bytes).unwrap();
    let ran = run(&["decode", file.to_str().unwrap()]).expect(0);
    is_harmless(&ran.stdout);
    let lines = ran.json();
    // The values are what they were.
    let headers = lines[0]["event"]["headers"].as_array().unwrap();
    let name = headers.iter().find(|header| header[0] == "Caller-Caller-ID-Name").unwrap();
    assert_eq!(name[1], WILD);
    let big = headers.iter().find(|header| header[0] == "X-Big").unwrap();
    assert_eq!(big[1].as_str().unwrap().len(), 1 << 20);
    assert_eq!(lines[1]["body"], text);
    // A call of a recording as a timeline.
    for form in [&[][..], &["--json"], &["--svg"]] {
        let ran = run(&[&["trace", UUID, "--from", file.to_str().unwrap()][..], form].concat()).expect(0);
        assert!(ran.stdout.len() < 100_000, "a megabyte is cut");
        is_harmless(&ran.stdout);
    }
}

#[test]
fn in_what_the_exporter_serves() {
    let gateway = |_: &str| {
        let wild = WILD.replace(['\r', '\n'], " ");
        format!(
            "Name\tType\tData\tState\n=====\n{wild}\tgateway\tsip:x\t{wild}\n{}\tgateway\tsip:x\tREGED\n",
            "M".repeat(1 << 20)
        )
    };
    let simulator = Simulator::builder().api("sofia", gateway).start().unwrap();
    let server = server_of(&simulator);
    let exporter =
        Serving::start(&["--server", &server, "exporter", "--bind", "127.0.0.1:0", "--interval", "0.1"]);
    let figures = loop {
        let mut stream = TcpStream::connect(&exporter.address).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut figures = String::new();
        stream.read_to_string(&mut figures).unwrap();
        // Until the gateways have been asked for.
        if figures.contains("gateway=") {
            break figures;
        }
    };
    is_harmless(&figures);
    assert!(figures.contains("a\\\\u{0}b\\\\u{202e}c") && figures.len() < 100_000, "{figures}");
    for line in figures.lines().filter(|line| line.starts_with("freeswitch_gateway_up")) {
        assert!(line.ends_with("\"} 0.0") || line.ends_with("\"} 1.0"), "{line}");
    }
}

#[test]
fn in_lists_of_calls() {
    let simulator = Simulator::builder().start().unwrap();
    let server = server_of(&simulator);
    let mut child = program(&["--server", &server, "calls", "--json", "--for", "10"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let seen = std::sync::atomic::AtomicBool::new(false);
    let mut line = String::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // It may not have subscribed yet.
            while !seen.load(std::sync::atomic::Ordering::Relaxed) {
                simulator.fire(wild());
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        });
        out.read_line(&mut line).unwrap();
        seen.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    let _ = child.kill();
    let _ = child.wait();
    is_harmless(&line);
    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["leg"]["caller_id_name"], WILD, "{value}");
}

#[test]
fn in_whole_events_on_a_terminal() {
    let simulator = Simulator::builder().start().unwrap();
    let server = server_of(&simulator);
    let mut event = wild();
    event.set_body(WILD);
    let program = Path::new(env!("CARGO_BIN_EXE_switchwire"));
    for form in ["--full", "--json"] {
        let arguments = ["--server", &server, "events", "CHANNEL_CREATE", form, "-n", "1", "--progress"];
        let mut tail = Terminal::start(program, &std::env::temp_dir(), &arguments, 120);
        // It may not have subscribed yet: fired until it ends.
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    simulator.fire(event.clone());
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
            });
            assert_eq!(tail.end(), 0);
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        is_harmless(&String::from_utf8_lossy(&tail.raw));
    }
}
