//! The feature `tracing`: a span for each connection, and events of what happens to it.

use std::time::Duration;

use switchwire_proto::Message;
use tracing::{Level, Span, debug, enabled, error, info, info_span, trace, warn};

use super::{Side, event_name};
use crate::{Error, ErrorKind};

pub(super) fn opened(side: Side, fd: i32) -> Span {
    let span =
        info_span!(target: "switchwire::connection", parent: None, "connection", side = side.name(), fd);
    debug!(target: "switchwire::connection", parent: &span, "connected");
    span
}

pub(super) fn closed(span: Option<&Span>, reason: &Error) {
    let id = span.and_then(Span::id);
    debug!(target: "switchwire::connection", parent: id, reason = shown(reason), "disconnected");
}

pub(super) fn sent(name: &str) {
    debug!(target: "switchwire::connection", command = name, "command sent");
}

/// Whether anyone looks at commands.
pub(super) fn shows_commands() -> bool {
    enabled!(target: "switchwire::connection", Level::DEBUG)
}

pub(super) fn replied(span: Option<&Span>, name: &str, time: Duration) {
    let id = span.and_then(Span::id);
    let round_trip = time.as_secs_f64();
    debug!(target: "switchwire::connection", parent: id, command = name, round_trip, "reply received");
}

pub(super) fn dropped(span: Option<&Span>, bound: &'static str, count: u64) {
    let id = span.and_then(Span::id);
    warn!(target: "switchwire::connection", parent: id, bound, count, "the queue is full: events are dropped");
}

pub(super) fn received(messages: &[Message]) {
    if !enabled!(target: "switchwire::event", Level::TRACE) {
        return;
    }
    for message in messages {
        if let Some(name) = event_name(message) {
            trace!(target: "switchwire::event", event = name, bytes = message.len(), "event received");
        }
    }
}

pub(super) fn attempt_failed((host, port): &(String, u16), error: &Error) {
    warn!(target: "switchwire::managed", host, port, reason = shown(error), "cannot connect");
}

pub(super) fn is_up((host, port): &(String, u16), outage: Option<Duration>, attempts: u32) {
    match outage {
        None => info!(target: "switchwire::managed", host, port, attempts, "connected"),
        Some(outage) => {
            let outage = outage.as_secs_f64();
            info!(target: "switchwire::managed", host, port, attempts, outage, "connected again");
        }
    }
}

pub(super) fn lost((host, port): &(String, u16), reason: &Error) {
    warn!(target: "switchwire::managed", host, port, reason = shown(reason), "connection lost");
}

pub(super) fn gave_up((host, port): &(String, u16), reason: &Error) {
    error!(target: "switchwire::managed", host, port, reason = shown(reason), "gave up");
}

pub(super) fn call_begins() {
    debug!(target: "switchwire::listener", "a call begins");
}

pub(super) fn call_ends(how: &'static str) {
    debug!(target: "switchwire::listener", ended = how, "a call has ended");
}

/// The kind alone where the text may hold what a program has said.
fn shown(error: &Error) -> String {
    match error.kind() {
        ErrorKind::Disconnected | ErrorKind::Connect | ErrorKind::Resolve | ErrorKind::Timeout => {
            error.to_string()
        }
        kind => kind.name().to_owned(),
    }
}
