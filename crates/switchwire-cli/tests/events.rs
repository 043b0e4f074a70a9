//! `events`: the tail, its forms and its end.

mod support;

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::{Duration, Instant};

use support::{Running, Target, program, run, server_of};
use switchwire_sim::{End, Simulator, User};

fn beating() -> (Simulator, String) {
    let simulator = Simulator::builder().heartbeat(Some(Duration::from_millis(20))).start().unwrap();
    let server = server_of(&simulator);
    (simulator, server)
}

#[test]
fn json_lines_are_json_in_every_format() {
    let (_simulator, server) = beating();
    for format in ["plain", "json", "xml"] {
        let ran = run(&["events", "HEARTBEAT", "--server", &server, "--format", format, "--json", "-n", "3"])
            .expect(0);
        let events = ran.json();
        assert_eq!(events.len(), 3);
        assert!(events.iter().all(|event| event["Event-Name"] == "HEARTBEAT"), "{format}: {events:?}");
        assert!(ran.stderr.is_empty(), "{ran:?}");
    }
}

#[test]
fn text_is_one_line_an_event_and_full_is_all_of_it() {
    let (_simulator, server) = beating();
    let ran = run(&["events", "HEARTBEAT", "--server", &server, "--count", "2"]).expect(0);
    assert!(ran.lines().len() == 2 && ran.stdout.contains("HEARTBEAT"), "{ran:?}");
    let full = run(&["events", "HEARTBEAT", "--server", &server, "--count", "1", "--full"]).expect(0);
    assert!(full.lines().contains(&"Event-Name: HEARTBEAT"), "{full:?}");
}

#[test]
fn an_event_of_a_subclass_is_seen_from_another_process() {
    let target = Target::new();
    let tail = ["events", "--server", &target.server, "--subclass", "switchwire::cli", "--json", "-n", "1"];
    let mut tail = Running::start(&tail);
    // The tail may not have subscribed yet: fire until it has seen one.
    let deadline = Instant::now() + Duration::from_secs(60);
    while tail.0.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "no event was seen");
        target.run(&["send", "sendevent CUSTOM\nEvent-Subclass: switchwire::cli\nX-Text: a b%25"]).expect(0);
    }
    let mut text = String::new();
    tail.0.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    let event: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(event["Event-Subclass"], "switchwire::cli");
    assert_eq!(tail.0.wait().unwrap().code(), Some(0));
}

#[test]
fn filters_and_time_bound_the_tail() {
    let (_simulator, server) = beating();
    let tail = ["events", "--server", &server, "--for", "200ms"];
    let none = run(&[&tail[..], &["--filter", "Event-Name=DTMF"]].concat()).expect(0);
    assert!(none.stdout.is_empty(), "{none:?}");
    let some = run(&["events", "--server", &server, "-n", "1", "--filter", "Event-Name=/^HEART/"]).expect(0);
    assert_eq!(some.lines().len(), 1);
    run(&[&tail[..], &["--filter", "nothing"]].concat()).expect(2);
}

#[test]
fn log_lines_are_shown() {
    let (simulator, server) = beating();
    let mut tail = Running::start(&["events", "--server", &server, "--log", "debug", "-n", "1"]);
    let deadline = Instant::now() + Duration::from_secs(60);
    while tail.0.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "no log line was seen");
        simulator.log(switchwire::LogLevel::Warning, "look here");
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut text = String::new();
    tail.0.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(text.starts_with("LOG WARNING") && text.ends_with("look here\n"), "{text:?}");
}

#[test]
fn refusals_and_the_end_of_the_server_are_reported() {
    let (simulator, server) = beating();
    let unknown = run(&["events", "NO_SUCH_EVENT", "--server", &server]).expect(2);
    assert!(unknown.stderr.contains("NO_SUCH_EVENT"), "{unknown:?}");
    let user = User::new("1000", "d", "x").allow_events("HEARTBEAT");
    let strict = Simulator::builder().user(user).start().unwrap();
    let login = ["-P", &strict.port().to_string(), "-u", "1000@d", "-p", "x"];
    let refused = run(&[&login[..], &["events", "CHANNEL_ANSWER"]].concat()).expect(1);
    assert!(refused.stderr.contains("-ERR permission denied"), "{refused:?}");

    let mut tail = Running(
        program(&["events", "--server", &server])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut out = BufReader::new(tail.0.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    simulator.disconnect_all(End::Notice);
    out.read_to_string(&mut line).unwrap();
    let mut said = String::new();
    tail.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(tail.0.wait().unwrap().code(), Some(3), "{said}");
    assert!(said.starts_with("switchwire: ") && said.lines().count() == 1, "{said}");
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let (_simulator, server) = beating();
    let mut command = program(&["events", "--server", &server]);
    let mut tail = Running(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    BufReader::new(tail.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let mut said = String::new();
    tail.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((tail.0.wait().unwrap().code(), &said[..]), (Some(1), ""));
}

#[test]
fn columns_are_separated_by_tabs() {
    let (_simulator, server) = beating();
    let columns = "Event-Name,Nothing,Event-Info";
    let ran = run(&["events", "HEARTBEAT", "--server", &server, "-n", "1", "--columns", columns]).expect(0);
    assert_eq!(ran.stdout, "HEARTBEAT\t\tSystem Ready\n");
}

#[test]
fn files_grow_to_a_size_and_are_compressed() {
    let (_simulator, server) = beating();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.zst");
    let name = file.to_str().unwrap();
    let tail = [
        "events",
        "HEARTBEAT",
        "--server",
        &server,
        "--json",
        "-n",
        "5",
        "-o",
        name,
        "--rotate",
        "1",
        "--keep",
        "3",
    ];
    let ran = run(&tail).expect(0);
    assert!(ran.stdout.is_empty() && ran.stderr.is_empty(), "{ran:?}");
    for name in ["events.zst", "events.1.zst", "events.2.zst", "events.3.zst"] {
        let text = zstd::decode_all(&std::fs::read(folder.path().join(name)).unwrap()[..]).unwrap();
        let event: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(event["Event-Name"], "HEARTBEAT");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
}

#[test]
fn a_signal_leaves_a_file_that_is_whole() {
    let (_simulator, server) = beating();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.zst");
    let tail = ["events", "--server", &server, "--json", "--progress", "-o", file.to_str().unwrap()];
    let mut tail = Running(program(&tail).stderr(Stdio::piped()).spawn().unwrap());
    let mut said = BufReader::new(tail.0.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("events/s, ") || line.contains(" 0 in all") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "no progress");
    }
    let killed =
        std::process::Command::new("kill").arg("-TERM").arg(tail.0.id().to_string()).status().unwrap();
    assert!(killed.success());
    assert_eq!(tail.0.wait().unwrap().code(), Some(0));
    let text = zstd::decode_all(&std::fs::read(&file).unwrap()[..]).unwrap();
    assert!(text.starts_with(b"{\"") && text.ends_with(b"}\n"));
}

#[test]
fn a_lost_connection_comes_back() {
    let (simulator, server) = beating();
    let tail = ["events", "HEARTBEAT", "--server", &server, "--reconnect"];
    let mut tail = Running(program(&tail).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut out = BufReader::new(tail.0.stdout.take().unwrap());
    let mut said = BufReader::new(tail.0.stderr.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    simulator.disconnect_all(End::Notice);
    line.clear();
    said.read_line(&mut line).unwrap();
    assert!(line.contains(": lost: "), "{line}");
    line.clear();
    said.read_line(&mut line).unwrap();
    assert!(line.contains(": back after "), "{line}");
    assert!(out.read_line(&mut line).unwrap() > 0);
}

#[test]
fn several_servers_are_one_stream() {
    let ((_one, first), (_two, second)) = (beating(), beating());
    let (mut seen, both) = (std::collections::HashSet::new(), ["--server", &first, "--server", &second]);
    while seen.len() < 2 {
        let ran = run(&[&both[..], &["events", "HEARTBEAT", "--json", "-n", "5"]].concat()).expect(0);
        seen.extend(ran.json().iter().map(|event| event["Switchwire-Server"].as_str().unwrap().to_owned()));
    }
    let text = run(&[&both[..], &["events", "HEARTBEAT", "-n", "1"]].concat()).expect(0);
    assert!(text.stdout.starts_with("127.0.0.1:"), "{text:?}");
    let away = format!("127.0.0.1:{}:x", support::closed_port());
    let other = format!("127.0.0.1:{}:x", support::closed_port());
    let ran = run(&["--server", &away, "--server", &other, "events"]).expect(3);
    assert!(ran.stderr.contains("refused"), "{ran:?}");
}
