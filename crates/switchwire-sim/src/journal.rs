//! What a simulator has seen: the commands that came and the events that it fired.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use switchwire_proto::Event;

/// One thing that was seen, and when, counted from the simulator's start by its own clock.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Seen {
    /// How long after the start.
    pub at: Duration,
    /// What it was.
    pub what: What,
}

/// A command or an event.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum What {
    /// A client sent a command.
    Command {
        /// The connection: 1 for the first that was made.
        connection: usize,
        /// Its first line. Passwords are replaced by `***`.
        line: String,
        /// Its header lines.
        headers: Vec<(String, String)>,
    },
    /// The simulator fired an event.
    Event(Event),
}

impl What {
    /// A header of the command or the event.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        match self {
            Self::Command { headers, .. } => headers
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.clone()),
            Self::Event(event) => event.header(name).map(|value| value.to_string()),
        }
    }
}

/// The newest things seen, shared with the handle.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal {
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Debug, Default)]
struct State {
    seen: VecDeque<Seen>,
    forgotten: u64,
    over: bool,
}

impl Journal {
    pub(crate) fn add(&self, seen: Seen) {
        let mut state = self.state.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.seen.len() == MOST {
            state.seen.pop_front();
            state.forgotten += 1;
        }
        state.seen.push_back(seen);
        drop(state);
        self.state.1.notify_all();
    }

    /// Nothing more will come.
    pub(crate) fn close(&self) {
        self.state.0.lock().unwrap_or_else(PoisonError::into_inner).over = true;
        self.state.1.notify_all();
    }

    /// Everything, oldest first, and how many older things were forgotten.
    pub(crate) fn all(&self) -> (Vec<Seen>, u64) {
        let state = self.state.0.lock().unwrap_or_else(PoisonError::into_inner);
        (state.seen.iter().cloned().collect(), state.forgotten)
    }

    /// Waits until `done` says so of everything seen, at most that long; its last result.
    pub(crate) fn wait<T>(
        &self,
        time: Duration,
        mut done: impl FnMut(&[Seen], u64) -> Result<(), T>,
    ) -> Result<(), T> {
        let end = Instant::now().checked_add(time);
        let mut state = self.state.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let result = {
                let forgotten = state.forgotten;
                done(state.seen.make_contiguous(), forgotten)
            };
            let left = end.map_or(time, |end| end.saturating_duration_since(Instant::now()));
            if result.is_ok() || state.over || left.is_zero() {
                return result;
            }
            state = self.state.1.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Older things are forgotten, and counted.
const MOST: usize = 100_000;
