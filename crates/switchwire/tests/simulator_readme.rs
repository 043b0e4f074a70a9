//! The Rust program in the simulator's README, which needs a client: the lines between the marks are those that it shows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

// README
use std::time::Duration;

use switchwire::application::PlayAndGetDigits;
use switchwire::{Connection, Listener, Result};
use switchwire_sim::{Scenario, Simulator};

/// The program under test.
fn ivr(connection: Connection) -> Result<()> {
    connection.myevents(None)?;
    let call = connection.own_call()?;
    call.answer()?;
    let key = call.play_and_get_digits(&PlayAndGetDigits::new(1, 1, "menu.wav"))?.digits;
    call.playback(if key.as_deref() == Some("1") { "hours.wav" } else { "address.wav" }).map(drop)
}

#[test]
fn key_1_plays_the_opening_hours() {
    let server = Listener::bind("127.0.0.1:0").unwrap().serve(ivr).unwrap();
    let scenario: Scenario =
        SCENARIO.replace("PORT", &server.local_addr().port().to_string()).parse().unwrap();
    let sim = Simulator::builder().scenario(&scenario).start().unwrap();
    sim.verify(Duration::from_secs(10)).unwrap();
}
// README

const README: &str = include_str!("../../switchwire-sim/README.md");

/// The first TOML of the README.
const SCENARIO: &str = include_str!("../../switchwire-sim/examples/ivr.toml");

#[test]
fn the_readme_shows_this_program_and_its_scenario() {
    let program = include_str!("simulator_readme.rs").split("// README\n").nth(1).unwrap();
    assert!(README.contains(&format!("```rust,ignore\n{}\n```", program.trim_end())), "{program}");
    assert!(README.contains(&format!("```toml\n{}\n```", SCENARIO.trim_end())), "{SCENARIO}");
}

#[test]
fn what_does_not_happen_is_told_with_what_came_instead() {
    let server = Listener::bind("127.0.0.1:0").unwrap().serve(ivr).unwrap();
    let wrong = SCENARIO.replace("${Unique-ID} 1", "${Unique-ID} 2");
    let scenario: Scenario = wrong.replace("PORT", &server.local_addr().port().to_string()).parse().unwrap();
    let sim = Simulator::builder().scenario(&scenario).start().unwrap();
    sim.wait_for(&[switchwire_sim::Expect::event("CHANNEL_HANGUP_COMPLETE")], Duration::from_secs(10))
        .unwrap();
    let message = sim.verify(Duration::ZERO).unwrap_err().to_string();
    for part in [
        "1 of 1 expectations not met",
        "CHANNEL_EXECUTE (Application: playback, Application-Data: hours.wav) did not come",
        "Application: playback, Application-Data: address.wav",
    ] {
        assert!(message.contains(part), "{message}");
    }
}
