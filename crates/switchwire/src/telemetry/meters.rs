//! The feature `metrics`: what is counted and measured, for whatever recorder the program installs.

use std::time::Duration;

use metrics::{counter, gauge, histogram};
use switchwire_proto::Message;

use super::{Side, event_name};
use crate::Error;

pub(super) fn opened(side: Side) {
    counter!("switchwire_connections_opened_total", "side" => side.name()).increment(1);
    gauge!("switchwire_connections").increment(1.0);
}

pub(super) fn closed(reason: &Error) {
    counter!("switchwire_connections_closed_total", "reason" => reason.kind().name()).increment(1);
    gauge!("switchwire_connections").decrement(1.0);
}

/// One label a word: what a program may say after `api` is not bounded.
fn verb(name: &str) -> String {
    name.split(' ').next().unwrap_or_default().to_owned()
}

pub(super) fn sent(name: &str) {
    counter!("switchwire_commands_total", "command" => verb(name)).increment(1);
}

pub(super) fn replied(name: &str, time: Duration) {
    histogram!("switchwire_round_trip_seconds", "command" => verb(name)).record(time.as_secs_f64());
}

/// Counts by type, once for all that one read has brought.
pub(super) fn received(messages: &[Message]) {
    let mut counts: Vec<(&'static str, u64, u64)> = Vec::new();
    for message in messages {
        let Some(name) = event_name(message) else { continue };
        let bytes = message.len() as u64;
        match counts.iter_mut().find(|(other, ..)| *other == name) {
            Some((_, count, sum)) => (*count, *sum) = (*count + 1, *sum + bytes),
            None => counts.push((name, 1, bytes)),
        }
    }
    for (name, count, bytes) in counts {
        counter!("switchwire_events_total", "type" => name).increment(count);
        counter!("switchwire_event_bytes_total", "type" => name).increment(bytes);
    }
}

pub(super) fn queued(change: i64) {
    gauge!("switchwire_queued_events").increment(change as f64);
}

pub(super) fn dropped(bound: &'static str, count: u64) {
    counter!("switchwire_dropped_events_total", "cause" => bound).increment(count);
}

pub(super) fn attempt_failed(error: &Error) {
    counter!("switchwire_failed_attempts_total", "reason" => error.kind().name()).increment(1);
}

pub(super) fn is_up(outage: Option<Duration>) {
    if let Some(outage) = outage {
        counter!("switchwire_reconnects_total").increment(1);
        histogram!("switchwire_outage_seconds").record(outage.as_secs_f64());
    }
}

pub(super) fn lost(reason: &Error) {
    counter!("switchwire_outages_total", "reason" => reason.kind().name()).increment(1);
}

pub(super) fn gave_up(error: &Error) {
    counter!("switchwire_gave_up_total", "reason" => error.kind().name()).increment(1);
}

pub(super) fn call_begins() {
    gauge!("switchwire_calls").increment(1.0);
}

pub(super) fn call_ends(how: &'static str) {
    counter!("switchwire_calls_served_total", "ended" => how).increment(1);
    gauge!("switchwire_calls").decrement(1.0);
}
