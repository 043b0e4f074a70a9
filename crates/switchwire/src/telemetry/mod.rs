//! What a program can see of its connections: spans and events (feature `tracing`), counters, gauges and histograms
//! (feature `metrics`). Each point of the code that can be seen calls one function here; without the features these are
//! empty, and nothing is compiled.
//!
//! **Nothing secret.** Of a command only its first word is shown, and after `api` and `bgapi` the name of the api
//! command: no arguments, no headers, no bodies. Errors are shown by their kinds, and their texts only where these come
//! from the network and not from a command.

#![cfg_attr(
    not(all(feature = "metrics", feature = "tracing")),
    allow(
        unused_variables,
        clippy::unused_self,
        clippy::ptr_arg,
        reason = "what is passed is seen by the features"
    )
)]

#[cfg(feature = "metrics")]
mod meters;
#[cfg(feature = "tracing")]
mod trace;

#[cfg(any(feature = "metrics", feature = "tracing"))]
use std::time::Instant;

use switchwire_proto::Message;

use crate::Error;
use crate::inbox::ReadyCallback;

/// What is remembered of a connection.
#[derive(Default)]
pub(crate) struct Line {
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    opened: bool,
    #[cfg(feature = "tracing")]
    span: Option<tracing::Span>,
}

/// What is remembered of a command until its reply comes.
pub(crate) struct Asked {
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    name: String,
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    at: Instant,
}

/// How a connection came about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    Inbound,
    Outbound,
}

impl Side {
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    fn name(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
}

impl Line {
    /// The connection is open.
    pub(crate) fn opened(&mut self, side: Side, fd: i32) {
        #[cfg(any(feature = "metrics", feature = "tracing"))]
        {
            self.opened = true;
        }
        #[cfg(feature = "metrics")]
        meters::opened(side);
        #[cfg(feature = "tracing")]
        {
            self.span = Some(trace::opened(side, fd));
        }
    }

    /// The connection has ended. Not with a lock held: so the event is left to the callbacks.
    pub(crate) fn closed(&mut self, reason: &Error, ready: &mut Vec<ReadyCallback>) {
        #[cfg(any(feature = "metrics", feature = "tracing"))]
        if !std::mem::take(&mut self.opened) {
            return;
        }
        #[cfg(feature = "metrics")]
        meters::closed(reason);
        #[cfg(feature = "tracing")]
        {
            let (span, reason) = (self.span.take(), reason.clone());
            ready.push(Box::new(move || trace::closed(span.as_ref(), &reason)));
        }
    }

    /// The reply has come to a command that was sent.
    pub(crate) fn replied(&self, asked: &Asked, ready: &mut Vec<ReadyCallback>) {
        #[cfg(feature = "metrics")]
        meters::replied(&asked.name, asked.at.elapsed());
        #[cfg(feature = "tracing")]
        if trace::shows_commands() {
            let (span, name, time) = (self.span.clone(), asked.name.clone(), asked.at.elapsed());
            ready.push(Box::new(move || trace::replied(span.as_ref(), &name, time)));
        }
    }

    /// Events may have been dropped now, so many by the bound of events and of bytes; `count` are all so far.
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    pub(crate) fn dropped(&self, now: (u64, u64), count: u64, ready: &mut Vec<ReadyCallback>) {
        for (bound, dropped) in
            [("events", now.0), ("bytes", now.1)].into_iter().filter(|(_, dropped)| *dropped > 0)
        {
            #[cfg(feature = "metrics")]
            meters::dropped(bound, dropped);
            // The first, the second, the fourth: a flood of drops is no flood of lines.
            #[cfg(feature = "tracing")]
            if dropped > 1 || count.is_power_of_two() {
                let span = self.span.clone();
                ready.push(Box::new(move || trace::dropped(span.as_ref(), bound, count)));
            }
        }
    }
}

impl Asked {
    /// A command that is sent now.
    pub(crate) fn now(command: &[u8]) -> Self {
        #[cfg(any(feature = "metrics", feature = "tracing"))]
        let name = name_of(command);
        #[cfg(feature = "metrics")]
        meters::sent(&name);
        #[cfg(feature = "tracing")]
        trace::sent(&name);
        Self {
            #[cfg(any(feature = "metrics", feature = "tracing"))]
            name,
            #[cfg(any(feature = "metrics", feature = "tracing"))]
            at: Instant::now(),
        }
    }
}

/// Messages have been received. Called without locks.
pub(crate) fn received(messages: &[Message]) {
    #[cfg(feature = "metrics")]
    meters::received(messages);
    #[cfg(feature = "tracing")]
    trace::received(messages);
}

/// The number of events that wait to be taken has changed.
#[cfg(feature = "metrics")]
pub(crate) fn queued(change: i64) {
    meters::queued(change);
}

/// A supervised connection could not be made.
pub(crate) fn attempt_failed(address: &(String, u16), error: &Error) {
    #[cfg(feature = "metrics")]
    meters::attempt_failed(error);
    #[cfg(feature = "tracing")]
    trace::attempt_failed(address, error);
}

/// A supervised connection is up: the first, or again after that time.
pub(crate) fn is_up(address: &(String, u16), outage: Option<std::time::Duration>, attempts: u32) {
    #[cfg(feature = "metrics")]
    meters::is_up(outage);
    #[cfg(feature = "tracing")]
    trace::is_up(address, outage, attempts);
}

/// A supervised connection is lost.
pub(crate) fn lost(address: &(String, u16), reason: &Error) {
    #[cfg(feature = "metrics")]
    meters::lost(reason);
    #[cfg(feature = "tracing")]
    trace::lost(address, reason);
}

/// A supervised connection will not be tried again.
pub(crate) fn gave_up(address: &(String, u16), error: &Error) {
    #[cfg(feature = "metrics")]
    meters::gave_up(error);
    #[cfg(feature = "tracing")]
    trace::gave_up(address, error);
}

/// A listener's handler begins a call.
pub(crate) fn call_begins() {
    #[cfg(feature = "metrics")]
    meters::call_begins();
    #[cfg(feature = "tracing")]
    trace::call_begins();
}

/// It has ended: `well`, `failed` or `panicked`.
pub(crate) fn call_ends(how: &'static str) {
    #[cfg(feature = "metrics")]
    meters::call_ends(how);
    #[cfg(feature = "tracing")]
    trace::call_ends(how);
}

/// The command's first word, and the name of an api command.
#[cfg(any(feature = "metrics", feature = "tracing"))]
fn name_of(command: &[u8]) -> String {
    let line = command.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let mut next = || {
        let word = words.next()?;
        let plain =
            word.len() <= LONGEST && word.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        plain.then(|| String::from_utf8_lossy(word).into_owned())
    };
    let Some(verb) = next() else { return "other".to_owned() };
    match verb.as_str() {
        "api" | "bgapi" => next().map_or(verb.clone(), |name| format!("{verb} {name}")),
        _ => verb,
    }
}

/// The name of the event that the message is; `None` for what is none.
#[cfg(any(feature = "metrics", feature = "tracing"))]
fn event_name(message: &Message) -> Option<&'static str> {
    message.content_type().is_event().then(|| crate::inbox::event_type(message).name())
}

/// A word that is longer is no command's name.
#[cfg(any(feature = "metrics", feature = "tracing"))]
const LONGEST: usize = 48;

#[cfg(all(test, any(feature = "metrics", feature = "tracing")))]
mod tests {
    use super::name_of;

    #[test]
    fn a_commands_name_holds_no_argument() {
        for (command, name) in [
            ("auth s3cret\n\n", "auth"),
            ("userauth 1000@d:s3cret\n\n", "userauth"),
            ("api originate user/1000 &park\n\n", "api originate"),
            ("bgapi uuid_kill x\nJob-UUID: y\n\n", "bgapi uuid_kill"),
            ("api\n\n", "api"),
            ("api {s3cret}x y\n\n", "api"),
            ("sendmsg 1234\ncall-command: execute\n\n", "sendmsg"),
            ("s3cret:with/marks\n\n", "other"),
            ("\n", "other"),
        ] {
            assert_eq!(name_of(command.as_bytes()), name);
        }
    }
}
