//! `doctor` and `bench`.

mod support;

use support::{Ran, Running, closed_port, run, server_of};
use switchwire_sim::{Simulator, User};

/// Verdict and check of each line.
fn findings(ran: &Ran) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    ran.json().iter().map(|line| (text(&line["verdict"]), text(&line["check"]))).collect()
}

#[test]
fn a_good_server_passes_every_check() {
    let simulator = Simulator::builder().password("keepsecret").start().unwrap();
    let ran = run(&["--server", &server_of(&simulator), "doctor", "--json"]).expect(0);
    let checks: Vec<_> = findings(&ran).into_iter().map(|(_, check)| check).collect();
    let expected =
        ["name", "port", "login", "permission", "version", "round trip", "lag", "clock", "load", "queue"];
    assert_eq!(checks, expected, "{ran:?}");
    // (A loaded machine may be slow.)
    assert!(
        findings(&ran)
            .iter()
            .all(|(verdict, check)| verdict == "ok" || check == "round trip" || check == "lag"),
        "{ran:?}"
    );
    assert!(!ran.stdout.contains("keepsecret"), "{ran:?}");
    let text = run(&["--server", &server_of(&simulator), "doctor"]).expect(0);
    assert!(text.stdout.contains("ok    permission   api, bgapi, event, log\n"), "{text:?}");
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let away = run(&["-P", &closed_port(), "doctor"]).expect(3);
    assert!(away.stdout.contains("BAD   port") && away.stdout.contains("listen-ip"), "{away:?}");
    let simulator = Simulator::builder().start().unwrap();
    let wrong = run(&["--server", &format!("{}:keepsecret", simulator.addr()), "doctor"]).expect(3);
    assert!(
        wrong.stdout.contains("BAD   login") && wrong.stdout.contains("event_socket.conf.xml"),
        "{wrong:?}"
    );
    assert!(!wrong.stdout.contains("keepsecret") && !wrong.stderr.contains("keepsecret"), "{wrong:?}");
    let default = run(&["--server", &server_of(&simulator), "doctor"]).expect(0);
    assert!(default.stdout.contains("poor  login        with the default password"), "{default:?}");
    // What is no event socket: a server that says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    let ran = run(&["-P", &port, "-t", "200", "doctor"]).expect(3);
    assert!(ran.stdout.contains("BAD   login") && ran.stdout.contains("says nothing"), "{ran:?}");
}

#[test]
fn missing_permissions_are_named() {
    let user = User::new("1000", "d", "x").allow_events("HEARTBEAT").allow_api("version status eval");
    let simulator = Simulator::builder().user(user).start().unwrap();
    let login = ["-P", &simulator.port().to_string(), "-u", "1000@d", "-p", "x"];
    let ran = run(&[&login[..], &["doctor"]].concat()).expect(1);
    assert!(ran.stdout.contains("BAD   permission") && ran.stdout.contains("esl-allowed-events"), "{ran:?}");
}

#[test]
fn round_trips_and_events_are_measured() {
    let simulator = Simulator::builder().start().unwrap();
    let server = server_of(&simulator);
    let ran = run(&["--server", &server, "bench", "--for", "100ms", "--json"]).expect(0);
    let figures = &ran.json()[0];
    let number = |name: &str| figures[name].as_f64().unwrap();
    assert!(number("round_trips") >= 1.0 && number("commands_per_second") > 0.0, "{figures}");
    assert!(number("events_per_second") > 0.0, "{figures}");
    let times = &figures["round_trip_us"];
    let of = |name: &str| times[name].as_u64().unwrap();
    assert!(of("min") <= of("p50") && of("p50") <= of("p99") && of("p99") <= of("max") + of("max") / 100 + 1);
    let text = run(&["--server", &server, "bench", "--for", "100ms"]).expect(0);
    assert!(text.stdout.contains("p99.9") && text.lines().len() == 3, "{text:?}");
    let svg = run(&["--server", &server, "bench", "--for", "100ms", "--svg"]).expect(0).stdout;
    assert!(svg.starts_with("<svg ") && svg.contains("<rect x="), "{svg}");
}

#[test]
fn prometheus_reads_the_figures() {
    let simulator =
        Simulator::builder().heartbeat(Some(std::time::Duration::from_millis(50))).start().unwrap();
    run(&["--server", &server_of(&simulator), "api", "originate", "null/one", "&park()"]).expect(0);
    let exporter = support::Serving::start(&[
        "--server",
        &server_of(&simulator),
        "exporter",
        "--bind",
        "127.0.0.1:0",
        "--interval",
        "100ms",
    ]);
    let server = simulator.addr().to_string();
    let wanted = [
        format!("freeswitch_up{{server=\"{server}\"}} 1.0"),
        format!("freeswitch_legs{{server=\"{server}\"}} 1.0"),
        format!("freeswitch_registrations{{server=\"{server}\"}} 0.0"),
        format!("freeswitch_events_total{{server=\"{server}\",type=\"HEARTBEAT\"}} "),
        format!("freeswitch_sessions{{server=\"{server}\"}} 1.0"),
        format!("switchwire_dropped_events_total{{server=\"{server}\"}} 0"),
        "freeswitch_gateway_up{".to_owned(),
        "# EOF".to_owned(),
    ];
    let mut text = String::new();
    while !wanted.iter().all(|line| text.contains(line)) {
        text = get(&exporter.address, "/metrics");
        assert!(text.starts_with("HTTP/1.1 200") && text.contains("openmetrics-text"), "{text}");
        std::thread::sleep(std::time::Duration::from_millis(20));
        if std::env::var_os("SHOW").is_some() {
            println!("{text}");
        }
    }
    assert!(get(&exporter.address, "/nothing").starts_with("HTTP/1.1 404"));
    let Running(_) = &exporter.running;
}

fn get(address: &str, path: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}
