//! What a typed reader costs beside the plain look-up of its header, on every event of the plain recording:
//! `cargo bench -p switchwire-proto --bench typed_readers`. At most 1.3 times is the promise.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program for the terminal")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]
#![allow(clippy::disallowed_types, reason = "a bench needs a clock; the library has none")]

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use switchwire_proto::{Decoder, Event};

const ROUNDS: u32 = 30;

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/events_plain/server.bin");
    let mut decoder = Decoder::default();
    decoder.feed(&std::fs::read(path).unwrap());
    let mut events = Vec::new();
    while let Some(message) = decoder.next_message().unwrap() {
        if message.content_type().is_event() {
            events.push(message.into_event());
        }
    }
    println!("{:<18} {:>9} {:>9} {:>6}", "", "plain ns", "typed ns", "ratio");
    macro_rules! compare {
        ($name:literal, $header:literal, $typed:expr) => {
            let plain = time(&events, |event| {
                black_box(event.header(black_box($header)));
            });
            let typed = time(&events, |event| {
                black_box($typed(event));
            });
            println!("{:<18} {plain:>9.1} {typed:>9.1} {:>6.2}", $name, typed / plain);
        };
    }
    compare!("hangup_cause", "Hangup-Cause", Event::hangup_cause);
    compare!("channel_state", "Channel-State", Event::channel_state);
    compare!("call_state", "Channel-Call-State", Event::call_state);
    compare!("answer_state", "Answer-State", Event::answer_state);
    compare!("call_direction", "Call-Direction", Event::call_direction);
    compare!("time_created", "Caller-Channel-Created-Time", Event::time_created);
    compare!("time_hung_up", "Caller-Channel-Hangup-Time", Event::time_hung_up);
    compare!("caller_id_number", "Caller-Caller-ID-Number", |event: &Event| event
        .caller()
        .caller_id_number()
        .map(|_| ()));
    compare!("variable", "variable_channel_name", |event: &Event| event
        .variable(black_box("channel_name"))
        .map(|_| ()));
}

/// Nanoseconds a call, the least of the rounds.
fn time(events: &[Event], call: impl Fn(&Event)) -> f64 {
    let round = |_| {
        let start = Instant::now();
        events.iter().for_each(&call);
        start.elapsed().as_nanos() as f64 / events.len() as f64
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}
