//! What a core, a machine and ten machines carry, worked out of the results: the table of docs/capacity.md.

use std::fmt::Write as _;

use crate::client::CLIENTS;
use crate::measure::Results;
use crate::server::Sends;

/// A call between two parties, everything subscribed to: 57,600 events of 1,200 calls were recorded in a minute.
const EVENTS_OF_A_CALL: f64 = 48.0;
/// Of those, what most programs need: created, answered, hung up, of either leg.
const EVENTS_NEEDED: f64 = 6.0;
/// The share of a core that is planned with: the rest is for the program, and for bursts.
const SHARE: f64 = 0.5;
const CORES: f64 = 8.0;
const MACHINES: f64 = 10.0;

const ROWS: &[(&str, &str)] = &[
    ("Rust", "rust"),
    ("C", "c"),
    ("C++", "c++"),
    ("Python, `ESL`", "py-esl"),
    ("Python, `switchwire`", "py"),
    ("Python, asyncio", "py-aio"),
    ("Node", "node"),
];

pub(crate) fn table(results: &Results) -> String {
    let mut text = format!(
        "| | µs CPU per event | events/s, one core | calls/s, all events | calls/s, {EVENTS_NEEDED} events | \
         {CORES} cores: calls/s | {MACHINES} machines: calls/s | idle connections per GB |\n\
         | --- | --: | --: | --: | --: | --: | --: | --: |\n"
    );
    for (title, name) in ROWS {
        let Some(seen) = results.events.get(&Sends::Two).and_then(|seen| seen.get(name)) else { continue };
        let known = CLIENTS.iter().any(|client| client.name == *name);
        debug_assert!(known, "no client is called {name}");
        let events = SHARE * 1e6 / seen.cpu;
        let calls = events / EVENTS_OF_A_CALL;
        let connections = results.idle_each(name).map_or("-".to_owned(), |kb| rounded(1e6 / kb.max(0.1)));
        let _ = writeln!(
            text,
            "| {title} | {:.2} | {} | {} | {} | {} | {} | {connections} |",
            seen.cpu,
            rounded(events),
            rounded(calls),
            rounded(events / EVENTS_NEEDED),
            rounded(calls * CORES),
            rounded(calls * CORES * MACHINES),
        );
    }
    text
}

/// Two figures are what such a number is worth.
fn rounded(value: f64) -> String {
    if !value.is_finite() || value < 1.0 {
        return "0".to_owned();
    }
    let unit = 10_f64.powf(value.log10().floor() - 1.0).max(1.0);
    let digits = format!("{:.0}", (value / unit).round() * unit);
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Effort, Middle};

    #[test]
    fn half_a_core_of_five_microseconds_carries_a_hundred_thousand_events() {
        let mut results = Results::new(Effort {
            rounds: 1,
            events: 1,
            asks: 1,
            instructions: false,
            seconds: 1,
            starts: 1,
        });
        let middle = Middle { rate: 1.0, cpu: 5.0, peak: 1 };
        results.events.insert(Sends::Two, [("rust", middle)].into());
        let table = table(&results);
        let row = table.lines().last().unwrap();
        assert_eq!(row, "| Rust | 5.00 | 100,000 | 2,100 | 17,000 | 17,000 | 170,000 | - |");
    }

    #[test]
    fn numbers_have_two_figures_and_their_thousands_apart() {
        assert_eq!(rounded(1_234_567.0), "1,200,000");
        assert_eq!(rounded(99.6), "100");
        assert_eq!(rounded(7.4), "7");
        assert_eq!(rounded(0.2), "0");
    }
}
