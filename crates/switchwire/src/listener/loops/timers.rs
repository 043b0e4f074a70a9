//! Callbacks that are due at a time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Continuation, SessionHandler};

/// A timer of a session: see [`Session::after`](super::Session::after).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionTimer {
    at: Instant,
    /// Of those due at one time the first set comes first.
    number: u64,
}

/// The timers of a loop's sessions.
pub(super) struct Timers<H: SessionHandler> {
    waiting: BTreeMap<SessionTimer, Due<H>>,
    next: u64,
}

pub(super) enum Due<H: SessionHandler> {
    Callback(u64, Continuation<H>),
    /// The server has had its time to hang up a failed call.
    Close(u64),
}

impl<H: SessionHandler> Timers<H> {
    pub(super) fn new() -> Self {
        Self { waiting: BTreeMap::new(), next: 0 }
    }

    pub(super) fn set(&mut self, after: Duration, due: Due<H>) -> SessionTimer {
        // (A time that no clock reaches never comes.)
        let at = Instant::now().checked_add(after).unwrap_or_else(|| Instant::now() + FOREVER);
        self.next += 1;
        let timer = SessionTimer { at, number: self.next };
        self.waiting.insert(timer, due);
        timer
    }

    pub(super) fn cancel(&mut self, timer: SessionTimer) -> Option<Due<H>> {
        self.waiting.remove(&timer)
    }

    pub(super) fn next_at(&self) -> Option<Instant> {
        self.waiting.first_key_value().map(|(timer, _)| timer.at)
    }

    pub(super) fn take_due(&mut self, now: Instant) -> Option<(SessionTimer, Due<H>)> {
        let first = self.waiting.first_entry()?;
        (first.key().at <= now).then(|| first.remove_entry())
    }
}

const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
