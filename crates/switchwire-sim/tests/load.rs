//! Many at once: a thousand inbound connections, a thousand outbound sessions, events and calls at a rate; and nothing
//! at all. `examples/load.rs` does the same at full length and prints what it cost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

mod common;
#[path = "loads/mod.rs"]
mod loads;

use std::collections::HashSet;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use common::{Client, LIMIT};
use switchwire_proto::Event;
use switchwire_sim::Simulator;

const MANY: usize = 1000;

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + LIMIT;
    while !done() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_thousand_connections_get_every_event() {
    let sim = Simulator::builder().start().unwrap();
    let mut clients: Vec<Client> = (0..MANY).map(|_| Client::login(sim.addr())).collect();
    for client in &mut clients {
        client.ask("event plain CUSTOM load::test");
    }
    assert_eq!(sim.connections(), MANY);
    for n in 0..20 {
        let mut event = Event::custom("load::test");
        event.add_header("N", n.to_string());
        sim.fire(event);
    }
    for client in &mut clients {
        for n in 0..20 {
            assert_eq!(client.frame().unwrap().event("N"), Some(n.to_string()));
        }
    }
    drop(clients);
    wait_until("connections are forgotten", || sim.connections() == 0);
}

#[test]
fn a_thousand_outbound_sessions_run_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let sim = Simulator::builder().start().unwrap();
    sim.extension("9010", &[("socket", &format!("{} async full", listener.local_addr().unwrap()))]);
    let mut control = Client::login(sim.addr());
    let mut sessions = Vec::new();
    // In lots, so that the listener's backlog holds.
    for _ in 0..MANY / 50 {
        for _ in 0..50 {
            control.ask("bgapi originate {ignore_early_media=true}loopback/9010/default &park");
        }
        for _ in 0..50 {
            sessions.push(Client::new(listener.accept().unwrap().0));
        }
    }
    let mut uuids = HashSet::new();
    for session in &mut sessions {
        let head = session.ask("connect").head;
        uuids.insert(head.lines().find_map(|line| line.strip_prefix("Unique-ID: ")).unwrap().to_owned());
        session.ask("myevents");
    }
    assert_eq!(uuids.len(), MANY);
    assert_eq!(sim.channels(), 2 * MANY);
    for session in &mut sessions {
        session.ask("sendmsg\ncall-command: execute\nexecute-app-name: answer");
    }
    for session in &mut sessions {
        session.event("CHANNEL_ANSWER");
    }
    assert!(control.api("hupall").starts_with("+OK"));
    for session in &mut sessions {
        while session.frame().is_some() {}
    }
    wait_until("every channel is gone", || sim.channels() == 0);
    assert_eq!(sim.connections(), 1);
}

#[test]
fn fifty_listeners_get_every_event_of_a_steady_rate_in_order() {
    let sim = Simulator::builder().start().unwrap();
    let delivered = loads::events(&sim, 50, 2000, Duration::from_secs(1));
    assert_eq!((delivered.sent, delivered.received), (2000, vec![2000; 50]));
}

#[test]
fn every_call_of_a_load_begins_and_ends_for_every_listener() {
    let sim = Simulator::builder().start().unwrap();
    let (total, seen, _) = loads::calls(&sim, 3, 500, Duration::from_secs(1));
    for calls in &seen {
        assert_eq!(calls.begun.len() as u64, total);
        assert!(calls.begun == calls.answered && calls.begun == calls.ended);
        assert_eq!(calls.events, seen[0].events);
    }
    wait_until("every channel is gone", || sim.channels() == 0);
}

#[test]
#[cfg(target_os = "linux")]
fn an_idle_simulator_sleeps() {
    // In a process of its own, where no other test's simulator is at work.
    if std::env::var_os("ALONE").is_none() {
        let alone = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["an_idle_simulator_sleeps", "--exact", "--nocapture"])
            .env("ALONE", "1")
            .status();
        return assert!(alone.unwrap().success());
    }
    let sim = Simulator::builder().start().unwrap();
    let _idle = loads::listener::Listener::new(sim.addr(), "ALL");
    // Until it has written its last reply and sleeps.
    std::thread::sleep(Duration::from_millis(50));
    let before = loads::usage::Usage::of_simulators().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let used = loads::usage::Usage::of_simulators().unwrap().since(before);
    assert_eq!((used.sleeps, used.cpu), (0, Duration::ZERO));
}
