//! What a bridge leaves on the channel that ran it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

mod common;

use common::Client;
use switchwire_sim::Simulator;

#[test]
fn what_every_leg_of_a_bridge_came_to_is_kept() {
    let sim = Simulator::builder().extension("7002", &[("hangup", "USER_BUSY")]).start().unwrap();
    let mut client = Client::login(sim.addr());
    client.ask("event plain CHANNEL_BRIDGE");
    let plan = "'m:^:set:continue_on_fail=true^bridge:loopback/7002^bridge:null/b' inline";
    client.ask(&format!("bgapi originate null/a {plan}"));
    let bridged = client.event("CHANNEL_BRIDGE");
    let causes = bridged.event("variable_originate_causes").unwrap();
    assert!(causes.starts_with("ARRAY%3A%3A") && causes.ends_with("%3BNONE"), "{causes}");
    assert_eq!(causes.matches("%7C%3A").count(), 1, "{causes}");
    assert_eq!(bridged.event("variable_last_bridge_hangup_cause"), None);
}

#[test]
fn a_caller_that_is_answered_takes_over_that_the_other_leg_rings() {
    let ringing = [("ring_ready", ""), ("sleep", "10"), ("answer", ""), ("park", "")];
    let sim = Simulator::builder().extension("7007", &ringing).start().unwrap();
    let mut client = Client::login(sim.addr());
    client.ask("event plain CHANNEL_BRIDGE");
    client.ask("bgapi originate null/a &bridge(loopback/7007)");
    let bridged = client.event("CHANNEL_BRIDGE");
    assert_ne!(bridged.event("Caller-Channel-Progress-Time").as_deref(), Some("0"));
}
