//! The connection itself: login, limits, misuse, and its end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

mod common;

use std::io::Read;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use common::{Client, LIMIT};
use switchwire_proto::{Event, EventType, LogLevel};
use switchwire_sim::{End, Faults, Simulator};

const GOODBYE: &str = "Content-Type: text/disconnect-notice\nContent-Length: 67\n\nDisconnected, goodbye.\n\
    See you at ClueCon! http://www.cluecon.com/\n";

fn sim() -> Simulator {
    Simulator::builder().start().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_refused_address_gets_two_frames_and_the_end() {
    let sim = Simulator::builder().acl_reject(true).start().unwrap();
    let got = text(&Client::connect(sim.addr()).rest());
    let rude = "Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n";
    assert_eq!(got, format!("{rude}{GOODBYE}"));
}

#[test]
fn a_wrong_password_is_told_and_closed() {
    let sim = sim();
    let mut client = Client::connect(sim.addr());
    client.send("auth wrong\n\napi status\n\n");
    let reply = "Content-Type: command/reply\nReply-Text: -ERR invalid\n\n";
    assert_eq!(text(&client.rest()), format!("Content-Type: auth/request\n\n{reply}{GOODBYE}"));
}

#[test]
fn a_silent_client_is_closed_and_one_that_spoke_is_not() {
    let sim = Simulator::builder().auth_timeout(Duration::from_millis(50)).start().unwrap();
    let mut talker = Client::connect(sim.addr());
    talker.frame();
    assert_eq!(talker.ask("foo").header("Reply-Text"), Some("-ERR command not found"));
    let mut silent = Client::connect(sim.addr());
    assert_eq!(text(&silent.rest()), format!("Content-Type: auth/request\n\n{GOODBYE}"));
    assert_eq!(talker.ask("auth ClueCon").header("Reply-Text"), Some("+OK accepted"));
}

#[test]
fn a_half_closed_client_gets_its_replies_and_the_notice() {
    let sim = sim();
    let mut client = Client::connect(sim.addr());
    client.send("auth ClueCon\n\napi echo hi\n\napi ech");
    client.socket.shutdown(Shutdown::Write).unwrap();
    let got = text(&client.rest());
    assert!(got.ends_with(&format!("Content-Length: 2\n\nhi{GOODBYE}")), "{got}");
}

#[test]
fn a_body_length_out_of_bounds_ends_the_connection_without_a_reply() {
    let sim = sim();
    for length in ["-1", "16777217"] {
        let mut client = Client::login(sim.addr());
        client.send(format!("sendevent CUSTOM\nContent-Length: {length}\n\n"));
        assert_eq!(text(&client.rest()), GOODBYE, "{length}");
    }
}

#[test]
fn nothing_is_sent_while_a_command_is_half_received() {
    let sim = sim();
    let mut client = Client::login(sim.addr());
    client.ask("event plain HEARTBEAT");
    let mut witness = Client::login(sim.addr());
    witness.ask("event plain HEARTBEAT");
    client.send("api echo x");
    // The simulator reads in the order in which input comes: when the witness has its reply, the half command is read.
    assert_eq!(witness.api("echo w"), "w");
    sim.fire(Event::new(EventType::Heartbeat));
    witness.event("HEARTBEAT");
    client.send("\n\n");
    assert_eq!(client.frame().unwrap().text(), "x");
    client.event("HEARTBEAT");
}

#[test]
fn pipelined_commands_are_answered_in_order() {
    let sim = sim();
    let mut client = Client::login(sim.addr());
    let commands: Vec<String> = (0..500).map(|n| format!("api echo {n}\n\n")).collect();
    client.send(commands.concat());
    for n in 0..500 {
        assert_eq!(client.reply().text(), n.to_string());
    }
}

#[test]
fn a_sleeping_command_holds_its_own_connection_alone() {
    let sim = sim();
    let (mut sleeper, mut other) = (Client::login(sim.addr()), Client::login(sim.addr()));
    sleeper.send("api msleep 300\n\napi echo after\n\n");
    assert_eq!(other.api("echo meanwhile"), "meanwhile");
    assert_eq!(sleeper.reply().text(), "+OK");
    assert_eq!(sleeper.reply().text(), "after");
}

#[test]
fn the_job_reply_comes_before_its_event() {
    let sim = sim();
    let mut client = Client::login(sim.addr());
    client.ask("event json BACKGROUND_JOB");
    for n in 0..50 {
        client.send(format!("bgapi echo {n}\nJob-UUID: job-{n}\n\n"));
        let reply = client.frame().unwrap();
        assert_eq!(reply.header("Job-UUID"), Some(format!("job-{n}").as_str()));
        let event: serde_json::Value = serde_json::from_slice(&client.frame().unwrap().body).unwrap();
        assert_eq!(
            (&event["Job-UUID"], &event["_body"]),
            (&format!("job-{n}").into(), &n.to_string().into())
        );
        assert_eq!(
            (&event["Job-Command"], &event["Job-Command-Arg"]),
            (&"echo".into(), &n.to_string().into())
        );
    }
}

#[test]
fn fired_events_and_log_lines_reach_who_asked() {
    let sim = sim();
    let mut client = Client::login(sim.addr());
    client.ask("event plain CUSTOM my::thing");
    client.ask("log info");
    let mut event = Event::custom("my::thing");
    event.add_header("Answer", "forty two");
    event.set_body("body");
    sim.fire(event);
    let got = client.event("CUSTOM");
    assert_eq!(got.event("Answer").as_deref(), Some("forty%20two"));
    assert!(got.event("Event-Sequence").is_some() && got.text().ends_with("\n\nbody"));
    sim.log(LogLevel::Debug, "not this");
    sim.log(LogLevel::Err, "but this");
    let line = client.frame().unwrap();
    assert_eq!((line.header("Content-Type"), line.header("Log-Level")), (Some("log/data"), Some("3")));
    assert!(line.text().ends_with("but this\n"));
}

#[test]
fn what_a_test_gives_is_kept_and_raw_bytes_are_raw() {
    let sim = sim();
    let mut client = Client::login(sim.addr());
    client.ask("event plain ALL");
    let mut event = Event::new(EventType::Heartbeat);
    event.add_header("Core-UUID", "mine").add_header("Event-Info", "x");
    sim.fire(event);
    let got = client.event("HEARTBEAT").text();
    assert_eq!(got.matches("Core-UUID: ").count(), 1);
    assert!(got.contains("\nCore-UUID: mine\n") && got.contains("\nEvent-Sequence: "));
    sim.send_raw(*b"Content-Type: odd\n\n");
    assert_eq!(client.frame().unwrap().head, "Content-Type: odd");
}

#[test]
fn raw_bytes_come_after_the_events_that_were_fired_before() {
    let sim = sim();
    let mut client = Client::login(sim.addr());
    client.ask("event plain HEARTBEAT");
    // More than the sockets hold: the client does not read meanwhile.
    let mut event = Event::new(EventType::Heartbeat);
    event.set_body("x".repeat(10_000));
    (0..2_000).for_each(|_| sim.fire(event.clone()));
    sim.send_raw(*b"Content-Type: last\n\n");
    (0..2_000).for_each(|_| drop(client.event("HEARTBEAT")));
    assert_eq!(client.frame().unwrap().head, "Content-Type: last");
    // They are out before what is asked for next: half a message, cut.
    for _ in 0..50 {
        let mut client = Client::login(sim.addr());
        sim.send_raw(*b"Content-Type: ha");
        sim.disconnect_all(End::Close);
        assert_eq!(client.rest(), b"Content-Type: ha");
    }
}

#[test]
fn deep_nesting_and_endless_transfers_end() {
    let sim = sim();
    sim.extension("1", &[("transfer", "1")]);
    let mut client = Client::login(sim.addr());
    assert_eq!(client.api("originate loopback/1 &park"), "-ERR EXCHANGE_ROUTING_ERROR\n");
    // Each leg calls another one: the number of channels is bounded.
    sim.extension("2", &[("bridge", "loopback/2")]);
    assert_eq!(client.api("originate {ignore_early_media=true}loopback/2 &park"), "-ERR SWITCH_CONGESTION\n");
    let nested = "expand ".repeat(100_000);
    assert_eq!(client.api(&format!("{nested}echo x")), "x");
}

#[test]
fn a_client_that_does_not_read_its_replies_is_waited_for() {
    let sim = sim();
    let mut client = Client::login(sim.addr());
    let big = "x".repeat(100_000);
    let mut writer = client.socket.try_clone().unwrap();
    let command = format!("api echo {big}\n\n");
    let sending = std::thread::spawn(move || {
        use std::io::Write;
        for _ in 0..200 {
            writer.write_all(command.as_bytes()).unwrap();
        }
    });
    let mut other = Client::login(sim.addr());
    assert_eq!(other.api("echo alive"), "alive");
    for _ in 0..200 {
        assert_eq!(client.reply().body.len(), big.len());
    }
    sending.join().unwrap();
}

#[test]
fn reload_and_shutdown_are_announced() {
    let sim = sim();
    let mut client = Client::login(sim.addr());
    let answer = client.ask("reload mod_event_socket");
    assert!(answer.text().starts_with("+OK Job-UUID: "));
    let notice = client.frame().unwrap();
    assert_eq!(notice.text(), "The system is being shut down.\n");
    assert!(client.frame().is_none());
    let mut client = Client::login(sim.addr());
    client.ask("event plain SHUTDOWN");
    let addr = sim.addr();
    sim.shutdown();
    client.event("SHUTDOWN");
    assert_eq!(client.frame().unwrap().text(), "The system is being shut down.\n");
    assert!(client.frame().is_none());
    // The port is free again.
    TcpListener::bind(addr).unwrap();
}

#[test]
fn fsctl_shutdown_now_says_nothing() {
    let sim = sim();
    let mut client = Client::login(sim.addr());
    client.send("bgapi fsctl shutdown now\n\n");
    client.reply();
    assert_eq!(client.rest(), b"");
    // What comes after the end is not an error.
    sim.fire(Event::new(EventType::Heartbeat));
}

#[test]
fn a_dropped_simulator_frees_its_port_and_its_clients() {
    let sim = sim();
    let addr = sim.addr();
    let mut client = Client::login(addr);
    drop(sim);
    assert!(client.socket.read(&mut [0; 16]).map_or(true, |n| n == 0));
    TcpListener::bind(addr).unwrap();
}

#[test]
fn faults_split_and_cut_and_reset() {
    let sim = Simulator::builder().faults(Faults::none().split(3)).start().unwrap();
    let mut client = Client::login(sim.addr());
    assert_eq!(client.api("echo in pieces"), "in pieces");
    sim.set_faults(Faults::none().end_after_bytes(10, End::Close));
    let mut cut = Client::connect(sim.addr());
    assert_eq!(text(&cut.rest()), "Content-Ty");
    sim.set_faults(Faults::none().end_after_frames(2, End::Close));
    let mut two = Client::connect(sim.addr());
    two.send("auth ClueCon\n\napi status\n\n");
    assert_eq!(text(&two.rest()).matches("Content-Type").count(), 2);
    sim.set_faults(Faults::none());
    let mut client = Client::login(sim.addr());
    sim.disconnect_all(End::Reset);
    let error = client.socket.read(&mut [0; 16]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    let mut client = Client::login(sim.addr());
    sim.disconnect_all(End::Notice);
    assert_eq!(text(&client.rest()), GOODBYE);
    let mut client = Client::login(sim.addr());
    sim.disconnect_all(End::HalfClose);
    assert_eq!(client.rest(), b"");
    client.send("api status\n\n");
}

#[test]
fn a_silent_peer_accepts_and_says_nothing() {
    let sim = Simulator::builder().faults(Faults::none().silent()).start().unwrap();
    let mut socket = TcpStream::connect(sim.addr()).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    assert!(socket.read(&mut [0; 16]).is_err());
    sim.set_faults(Faults::none());
}

#[test]
fn a_reader_that_stops_is_killed_and_delays_no_other() {
    let sim = Simulator::builder().queue_bound(100).start().unwrap();
    let mut slow = Client::login(sim.addr());
    slow.ask("event plain CUSTOM");
    let mut other = Client::login(sim.addr());
    other.ask("event plain CUSTOM");
    let big = "x".repeat(64 * 1024);
    for n in 0..2000 {
        let mut event = Event::new(EventType::Custom);
        event.add_header("N", n.to_string());
        event.set_body(&big);
        sim.fire(event);
        if n % 50 == 0 {
            // A client that reads gets everything.
            let seen = other.event("CUSTOM").event("N");
            assert!(seen.is_some());
        }
        if n % 50 != 0 {
            other.event("CUSTOM");
        }
    }
    assert_eq!(other.api("echo alive"), "alive");
    let got = slow.rest();
    assert!(text(&got[got.len() - 39..]) == "killed listener because of lost events\n");
}

#[test]
fn many_simulators_live_side_by_side() {
    let sims: Vec<Simulator> =
        (0..20).map(|n| Simulator::builder().hostname(&format!("h{n}")).start().unwrap()).collect();
    for (n, sim) in sims.iter().enumerate() {
        assert_eq!(Client::login(sim.addr()).api("hostname"), format!("h{n}"));
    }
}

#[test]
fn heartbeats_come_when_asked_for() {
    let sim = Simulator::builder().heartbeat(Some(Duration::from_millis(20))).start().unwrap();
    let mut client = Client::login(sim.addr());
    client.ask("event xml HEARTBEAT");
    assert!(
        client
            .frame()
            .unwrap()
            .text()
            .starts_with("<event>\n  <headers>\n    <Event-Name>HEARTBEAT</Event-Name>\n")
    );
    assert!(LIMIT > Duration::ZERO);
}

#[test]
fn calls_are_logged_with_their_uuid() {
    let sim = sim();
    let mut client = Client::login(sim.addr());
    client.ask("log notice");
    let mut other = Client::login(sim.addr());
    let uuid = other.api("originate loopback/9000 &park");
    let uuid = uuid.trim_end().strip_prefix("+OK ").unwrap();
    let line = client.frame().unwrap();
    assert_eq!((line.header("Log-Level"), line.header("User-Data")), (Some("5"), Some(uuid)));
    assert!(
        line.text().ends_with(&format!("New Channel loopback/9000/default-a [{uuid}]\n")),
        "{}",
        line.text()
    );
    assert_eq!(client.ask("nolog").header("Reply-Text"), Some("+OK no longer logging"));
}

#[test]
fn a_command_that_prints_nothing_is_an_error_to_api_and_an_empty_job() {
    let sim = Simulator::builder().api("quiet", |_| String::new()).start().unwrap();
    let mut client = Client::login(sim.addr());
    assert_eq!(client.api("quiet"), "-ERR no reply\n");
    client.ask("event plain BACKGROUND_JOB");
    client.ask("bgapi quiet");
    let job = client.event("BACKGROUND_JOB");
    assert_eq!(job.event("Job-Command").as_deref(), Some("quiet"));
    assert!(!job.text().contains("Content-Length") && job.text().ends_with("\n\n"), "{}", job.text());
}

#[test]
fn sent_digits_leave_their_time_and_are_received_with_it() {
    let sim = Simulator::builder().start().unwrap();
    let mut client = Client::login(sim.addr());
    let uuid = client.api("originate loopback/9196 &park").trim_end().replacen("+OK ", "", 1);
    client.ask("event plain DTMF");
    client.api(&format!("uuid_send_dtmf {uuid} w1@100"));
    assert_eq!(client.event("DTMF").event("DTMF-Duration").as_deref(), Some("800"));
    assert_eq!(client.api(&format!("uuid_getvar {uuid} last_dtmf_duration")), "700");
}
