//! Loads on a simulator, and what was delivered: for the tests, and for `examples/load.rs` at full length.
#![allow(dead_code, unreachable_pub, reason = "the tests and the program use different parts")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

pub mod listener;
pub mod usage;

use std::collections::BTreeSet;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use listener::Listener;
use switchwire_proto::Event;
use switchwire_sim::{Load, Simulator};

/// What a load of events came to.
#[derive(Debug)]
pub struct Delivered {
    pub sent: u64,
    /// What each listener got, in its order.
    pub received: Vec<u64>,
    pub bytes: u64,
    pub took: Duration,
}

/// Fires that many numbered events a second; every listener must get each of them, in order.
pub fn events(sim: &Simulator, listeners: usize, rate: u64, time: Duration) -> Delivered {
    let total = rate * u64::try_from(time.as_millis()).unwrap() / 1000;
    let threads: Vec<JoinHandle<(u64, u64)>> = (0..listeners)
        .map(|_| {
            let mut listener = Listener::new(sim.addr(), "CUSTOM load::event");
            std::thread::spawn(move || {
                for expected in 0..total {
                    let Some(event) = listener.event() else { return (expected, listener.bytes) };
                    assert_eq!(
                        listener::header(event, "N"),
                        Some(expected.to_string().as_str()),
                        "the order"
                    );
                }
                (total, listener.bytes)
            })
        })
        .collect();
    let began = Instant::now();
    let mut sent = 0;
    while sent < total {
        let due = u64::try_from(began.elapsed().as_micros()).unwrap() * rate / 1_000_000;
        for n in sent..due.min(total) {
            let mut event = Event::custom("load::event");
            event.add_header("N", n.to_string());
            // As long as the event of a call that has some variables.
            event.add_header("variable_padding", "0123456789abcdef".repeat(32));
            sim.fire(event);
        }
        sent = sent.max(due.min(total));
        std::thread::sleep(PACE);
    }
    let received: Vec<(u64, u64)> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    Delivered {
        sent,
        bytes: received.iter().map(|(_, bytes)| bytes).sum(),
        received: received.into_iter().map(|(count, _)| count).collect(),
        took: began.elapsed(),
    }
}

/// What a load of calls came to, as one listener saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls {
    pub begun: BTreeSet<String>,
    pub answered: BTreeSet<String>,
    pub ended: BTreeSet<String>,
    pub events: u64,
}

/// Lets the simulator make that many calls a second. Listeners that want all of their events see them begin and end.
pub fn calls(sim: &Simulator, listeners: usize, rate: u64, time: Duration) -> (u64, Vec<Calls>, Duration) {
    let total = rate * u64::try_from(time.as_millis()).unwrap() / 1000;
    let threads: Vec<JoinHandle<Calls>> = (0..listeners)
        .map(|_| {
            let mut listener = Listener::new(sim.addr(), "ALL");
            std::thread::spawn(move || {
                let mut seen = Calls::default();
                while (seen.ended.len() as u64) < total {
                    let Some(event) = listener.event() else { break };
                    seen.events += 1;
                    let set = match listener::header(event, "Event-Name") {
                        Some("CHANNEL_CREATE") => &mut seen.begun,
                        Some("CHANNEL_ANSWER") => &mut seen.answered,
                        Some("CHANNEL_DESTROY") => &mut seen.ended,
                        _ => continue,
                    };
                    set.insert(listener::header(event, "Unique-ID").unwrap().to_owned());
                }
                seen
            })
        })
        .collect();
    let began = Instant::now();
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    sim.load(Load::calls_per_second(rate as f64).total(total));
    let seen = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    (total, seen, began.elapsed())
}

/// How often due events are fired.
const PACE: Duration = Duration::from_millis(2);
