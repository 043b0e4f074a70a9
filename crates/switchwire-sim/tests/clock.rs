//! A virtual clock: hours of calls in a moment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

mod common;

use std::time::Duration;

use common::Client;
use switchwire_sim::{Simulator, Time};

const HOUR: Duration = Duration::from_secs(3600);

fn call(sim: &Simulator) -> Client {
    let mut client = Client::login(sim.addr());
    client.ask("event plain CHANNEL_PARK CHANNEL_HANGUP_COMPLETE PLAYBACK_STOP");
    client.ask("bgapi originate null/x &playback(silence_stream://3600000)");
    client
}

#[test]
fn an_hour_passes_when_it_is_told_to() {
    let sim = Simulator::builder().time(Time::Manual).start().unwrap();
    let mut client = call(&sim);
    while !client.api("show channels").contains("playback") {}
    assert!(sim.advance(HOUR - Duration::from_millis(1)));
    assert!(client.api("show channels").contains("playback"));
    assert!(sim.advance(Duration::from_millis(1)));
    client.event("PLAYBACK_STOP");
    assert_eq!(client.event("CHANNEL_HANGUP_COMPLETE").event("variable_duration").as_deref(), Some("3600"));
}

#[test]
fn a_skipping_clock_runs_it_all_at_once() {
    let sim = Simulator::builder().time(Time::Skipping).start().unwrap();
    let mut client = call(&sim);
    assert_eq!(client.event("CHANNEL_HANGUP_COMPLETE").event("variable_duration").as_deref(), Some("3600"));
}

#[test]
fn the_machines_clock_cannot_be_moved() {
    assert!(!Simulator::builder().start().unwrap().advance(HOUR));
}
