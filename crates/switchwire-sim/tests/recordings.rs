//! What the simulator says is what a real server said: recorded clients are played at it.
#![allow(clippy::unwrap_used, reason = "a failure here is the message")]
#![allow(clippy::print_stdout, reason = "the report of a run with --nocapture")]

#[path = "recordings/mod.rs"]
mod recordings;

use std::collections::BTreeMap;

use recordings::align::Score;
use recordings::{line, recording, scores, setup};

/// The share of messages that must be equal, per class. It rises and never falls.
const THRESHOLDS: &[(&str, f64)] = &[
    ("login", 99.0),
    ("inbound", 96.0),
    ("outbound", 95.5),
    ("calls", 90.5),
    ("ivr", 94.5),
    ("rooms", 93.5),
    ("logs", 93.5),
];

#[test]
fn recorded_clients_hear_what_the_real_server_said() {
    let mut classes: BTreeMap<&str, Score> = BTreeMap::new();
    let chosen: Vec<_> = recording::all()
        .into_values()
        .filter(|recording| setup::class_of(&recording.name).is_some())
        .collect();
    for (recording, score) in chosen.iter().zip(scores(&chosen)) {
        println!("{}", line(&recording.name, &score));
        classes.entry(setup::class_of(&recording.name).unwrap()).or_default().add(&score);
    }
    for (class, least) in THRESHOLDS {
        let score = &classes[class];
        println!("{}", line(class, score));
        assert!(score.percent() >= *least, "{class}: {:.1} % are equal, {least} % were", score.percent());
    }
}
