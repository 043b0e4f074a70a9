//! The commands of an event loop: replies go straight into their futures, with no Python code in between; the commands of
//! one turn are written together; one timer of the loop serves all timeouts.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use pyo3::prelude::*;
use switchwire::{Command, Connection, Phase, Reply, Submitted};

use crate::errors::{exception, timeout};
use crate::future::{Delivery, resolve};
use crate::log;

/// The futures whose replies have not come, and what the loop has to do for their commands.
///
/// Futures are resolved and dropped without the lock: that may run Python code, which may send.
#[derive(Default)]
pub(crate) struct PendingFutures {
    state: Mutex<State>,
    delivery: Delivery,
}

#[derive(Default)]
struct State {
    /// In the order of their commands. Some of the first may have their replies, see [`PendingFutures::answered`].
    sent: VecDeque<Sent>,
    /// When the loop's timer rings.
    alarm: Option<Instant>,
    /// The loop has not been given this time yet.
    alarm_is_new: bool,
    /// The loop will flush at the end of its turn.
    flushing: bool,
    /// The loop does not know yet.
    flushing_is_new: bool,
}

/// A command whose reply had not come when replies were counted last.
struct Sent {
    /// When its timeout passes, if it has one.
    end: Option<Instant>,
    future: Py<PyAny>,
    submitted: Submitted,
}

/// What is left to do: write when the socket has room, flush at the end of this turn, set the timer to so many seconds.
pub(crate) type Left = (bool, bool, Option<f64>);

impl PendingFutures {
    pub(crate) fn new(delivery: Delivery) -> Self {
        Self { state: Mutex::default(), delivery }
    }

    /// Sends a command; `future` gets what `value` makes of the reply, or the error, or a timeout after `limit`
    /// seconds. Says whether something is [`left`](Self::left) to do.
    ///
    /// The first command goes out at once. While replies are outstanding, further ones are gathered for a flush.
    pub(crate) fn ask(
        &self,
        py: Python<'_>,
        connection: &Connection,
        command: &Command,
        future: Py<PyAny>,
        limit: Option<f64>,
        value: impl for<'py> FnOnce(Python<'py>, Reply) -> PyResult<Bound<'py, PyAny>> + Send + 'static,
    ) -> PyResult<bool> {
        log::command(py, connection, || command.name());
        let gathers = connection.stats().unanswered > 0;
        if gathers {
            connection.event_loop().gather_writes();
        }
        let replied = future.clone_ref(py);
        let filled = self.delivery.fill(replied, move |py, reply| value(py, reply).map(Bound::unbind));
        let submitted = connection.event_loop().try_submit_with(command, filled);
        let submitted = submitted.map_err(|error| exception(py, &error))?;
        let mut sent = Sent { end: limit.and_then(end_of), future, submitted };
        if limit.is_some_and(|limit| limit <= 0.0) {
            sent.time_out(py);
            sent.end = None;
        }
        let mut state = self.state.lock();
        if let Some(end) = sent.end {
            state.fire_at(end);
        }
        state.sent.push_back(sent);
        if gathers && !state.flushing {
            (state.flushing, state.flushing_is_new) = (true, true);
        }
        Ok(state.flushing_is_new || state.alarm_is_new || connection.event_loop().wants_write())
    }

    /// What is left to do; reports each thing once.
    pub(crate) fn left(&self, connection: &Connection) -> Left {
        let mut state = self.state.lock();
        let flush = std::mem::take(&mut state.flushing_is_new);
        let alarm = state.alarm.filter(|_| std::mem::take(&mut state.alarm_is_new));
        let seconds = alarm.map(|alarm| alarm.saturating_duration_since(Instant::now()).as_secs_f64());
        (connection.event_loop().wants_write(), flush, seconds)
    }

    /// The turn is over: what is sent from now on is gathered anew.
    pub(crate) fn flushed(&self) {
        self.state.lock().flushing = false;
    }

    /// Drops all but the last `unanswered` commands: replies come in order, so the others have theirs.
    pub(crate) fn answered(&self, unanswered: usize) {
        let mut state = self.state.lock();
        let done = state.sent.len().saturating_sub(unanswered);
        if done == 0 {
            return;
        }
        let left = state.sent.split_off(done);
        let done = std::mem::replace(&mut state.sent, left);
        drop(state);
        drop(done);
    }

    /// The timer has fired: commands whose timeout has passed fail.
    pub(crate) fn expire(&self, py: Python<'_>) {
        let mut state = self.state.lock();
        let now = Instant::now();
        let mut passed = Vec::new();
        let mut first = None;
        for sent in &mut state.sent {
            match sent.end {
                // It stays in the list: replies are counted by position.
                Some(end) if end <= now => {
                    sent.end = None;
                    passed.push(Sent {
                        future: sent.future.clone_ref(py),
                        submitted: sent.submitted.clone(),
                        ..*sent
                    });
                }
                Some(end) => first = Some(first.map_or(end, |first: Instant| first.min(end))),
                None => {}
            }
        }
        state.alarm = None;
        if let Some(end) = first {
            state.fire_at(end);
        }
        drop(state);
        for sent in passed {
            sent.time_out(py);
        }
    }

    /// The future was cancelled: its reply is counted as late when it comes.
    pub(crate) fn abandon(&self, future: &Bound<'_, PyAny>) {
        let state = self.state.lock();
        let found = state.sent.iter().rev().find(|sent| sent.future.is(future));
        let submitted = found.map(|sent| sent.submitted.clone());
        drop(state);
        if let Some(submitted) = submitted {
            submitted.abandon();
        }
    }
}

impl State {
    fn fire_at(&mut self, end: Instant) {
        if self.alarm.is_none_or(|alarm| end < alarm) {
            (self.alarm, self.alarm_is_new) = (Some(end), true);
        }
    }
}

/// The instant that many seconds from now; `None`, no limit, when it is out of `Instant`'s range.
fn end_of(limit: f64) -> Option<Instant> {
    Instant::now().checked_add(Duration::try_from_secs_f64(limit).ok()?)
}

impl Sent {
    fn time_out(&self, py: Python<'_>) {
        self.submitted.abandon();
        resolve(self.future.bind(py), Err(timeout(py, Phase::Reply)));
    }
}
