//! Faults, one by one, as a client sees them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

mod common;

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::Duration;

use common::Client;
use switchwire_sim::{End, Faults, Load, Simulator};

fn with(faults: &str) -> Simulator {
    Simulator::builder().faults(faults.parse().unwrap()).start().unwrap()
}

#[test]
fn pieces_and_a_throttle_change_no_byte() {
    for faults in ["split=1:7:2", "throttle=20000", "delay=1ms,split=5"] {
        let sim = with(faults);
        assert!(Client::login(sim.addr()).api("version").starts_with("FreeSWITCH Version"), "{faults}");
    }
}

#[test]
fn a_stall_in_a_frame_ends_when_the_faults_do() {
    let sim = with("stall-in-frame=3");
    let mut client = Client::login(sim.addr());
    client.send("api version\n\n");
    let mut half = [0; 10];
    client.socket.read_exact(&mut half).unwrap();
    assert_eq!(&half, b"Content-Ty");
    client.socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut rest = vec![0; 1000];
    let error = loop {
        match client.socket.read(&mut rest) {
            Ok(count) => assert!(count > 0),
            Err(error) => break error,
        }
    };
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    client.socket.set_read_timeout(Some(common::LIMIT)).unwrap();
    sim.set_faults(Faults::none());
    assert!(client.socket.read(&mut rest).unwrap() > 0);
}

#[test]
fn a_cut_frame_is_half_a_frame() {
    let sim = with("cut-in-frame=1");
    let mut text = String::new();
    TcpStream::connect(sim.addr()).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "Content-Type: ");
}

#[test]
fn lengths_garbage_and_doubled_replies_are_sent_as_told() {
    let sim = with("wrong-length=3:-2");
    let mut client = Client::login(sim.addr());
    assert_eq!(client.api("create_uuid").len(), 34);

    let sim = Simulator::builder().faults(Faults::none().garbage(2, "what?\n\n")).start().unwrap();
    let mut client = Client::connect(sim.addr());
    client.frame().unwrap();
    client.send("auth ClueCon\n\n");
    assert_eq!(client.frame().unwrap().head, "what?");
    assert_eq!(client.reply().header("Reply-Text"), Some("+OK accepted"));

    let sim = with("duplicate-reply=1");
    let mut client = Client::login(sim.addr());
    assert_eq!(client.frame().unwrap().header("Reply-Text"), Some("+OK accepted"));
}

#[test]
fn late_replies_come_after_the_events_they_cause() {
    let sim = Simulator::builder().start().unwrap();
    let mut client = Client::login(sim.addr());
    client.ask("event plain API");
    sim.set_faults(Faults::none().late_replies(Duration::from_millis(30)));
    while sim.connections() != 1 {}
    client.send("api version\n\n");
    let first = client.frame().unwrap();
    // The request for the fault and the command race; whichever way, both frames come.
    let second = client.frame().unwrap();
    assert!([&first, &second].iter().any(|frame| frame.is_reply()));
    client.send("api version\n\n");
    assert_eq!(client.frame().unwrap().event("Event-Name").as_deref(), Some("API"));
    assert!(client.frame().unwrap().is_reply());
}

#[test]
fn a_server_refuses_and_accepts_again() {
    let sim = Simulator::builder().faults_of(1, "refuse".parse().unwrap()).start().unwrap();
    let mut byte = [0];
    let read = TcpStream::connect(sim.addr()).and_then(|mut socket| socket.read(&mut byte));
    assert!(!matches!(read, Ok(1)), "{read:?}");
    drop(Client::login(sim.addr()));
    sim.refuse(true);
    assert_eq!(TcpStream::connect(sim.addr()).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    sim.refuse(false);
    drop(Client::login(sim.addr()));
}

#[test]
fn a_client_is_killed_for_lost_events() {
    let sim = Simulator::builder().start().unwrap();
    let mut client = Client::login(sim.addr());
    sim.disconnect_all(End::LostEvents);
    let rest = String::from_utf8(client.rest()).unwrap();
    assert!(rest.contains("killed listener because of lost events"), "{rest}");
}

#[test]
fn a_restarted_server_is_another_one() {
    let sim = Simulator::builder().start().unwrap();
    let mut client = Client::login(sim.addr());
    let core = client.api("global_getvar core_uuid");
    client.api("originate null/x &park");
    assert_eq!(sim.channels(), 1);
    sim.restart();
    assert!(client.rest().is_empty());
    let mut client = Client::login(sim.addr());
    assert_ne!(client.api("global_getvar core_uuid"), core);
    assert_eq!(sim.channels(), 0);
    client.ask("event plain API");
    client.send("api version\n\n");
    let event = client.event("API");
    assert!(event.event("Event-Sequence").unwrap().parse::<u64>().unwrap() < 20);
}

#[test]
fn a_load_makes_its_calls_with_all_their_events() {
    let load = Load::calls_per_second(400.0).duration(Duration::from_millis(5)).total(100);
    let sim = Simulator::builder().load(load).faults(Faults::none()).start().unwrap();
    let mut client = Client::login(sim.addr());
    client.ask("event plain CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_HANGUP_COMPLETE");
    let (mut created, mut ended, mut answered) = (0, 0, 0);
    loop {
        let event = client.frame().unwrap();
        match event.event("Event-Name").as_deref() {
            Some("CHANNEL_CREATE") => created += 1,
            Some("CHANNEL_ANSWER") => answered += 1,
            Some("CHANNEL_HANGUP_COMPLETE") => ended += 1,
            _ => {}
        }
        if event.event("Caller-ANI").as_deref() == Some("0000100") && ended >= created {
            break;
        }
    }
    assert!(created > 0 && ended >= created && answered >= created, "{created} {answered} {ended}");
}
