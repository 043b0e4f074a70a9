//! The commands of an event loop: answers go straight into their futures, with no Python in between; the commands of
//! one turn leave together; one timer of the loop serves all time-outs.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use pyo3::prelude::*;
use switchwire::{Command, Connection, Error, Phase, Reply, Submitted};

use crate::errors::exception;
use crate::future::resolve;

/// What the loop is to do for the commands that were sent.
///
/// Futures are touched and dropped without the lock: that may run anybody's code, which may send.
#[derive(Default)]
pub(crate) struct PendingFutures(Mutex<State>);

#[derive(Default)]
struct State {
    /// What has been asked, in order. Some replies may be here already, see [`PendingFutures::answered`].
    due: VecDeque<Due>,
    /// When the loop's timer rings.
    alarm: Option<Instant>,
    /// The loop has not been told of that yet.
    alarm_is_new: bool,
    /// The loop will flush at the end of its turn.
    flushing: bool,
    /// It has not been told of that yet.
    flushing_is_new: bool,
}

/// A command whose reply has not come, as far as is known.
struct Due {
    /// When its time has passed, if ever.
    end: Option<Instant>,
    future: Py<PyAny>,
    submitted: Submitted,
}

/// What is left to do: write when the socket has room, flush at the end of this turn, set the timer to so many seconds.
pub(crate) type Left = (bool, bool, Option<f64>);

impl PendingFutures {
    /// Sends a command; `future` gets what `value` makes of the answer, or the error, or a time-out after `limit`
    /// seconds. Says whether something is [`left`](Self::left) to do.
    ///
    /// The first command goes out at once. While answers are awaited further ones are gathered for a flush.
    pub(crate) fn ask(
        &self,
        py: Python<'_>,
        connection: &Connection,
        command: &Command,
        future: Py<PyAny>,
        limit: Option<f64>,
        value: impl for<'py> FnOnce(Python<'py>, Reply) -> PyResult<Bound<'py, PyAny>> + Send + 'static,
    ) -> PyResult<bool> {
        let gathers = connection.stats().unanswered > 0;
        if gathers {
            connection.event_loop().gather_writes();
        }
        let asker = future.clone_ref(py);
        let submitted = connection.event_loop().try_submit_with(command, move |answer| {
            Python::try_attach(|py| {
                let outcome = match answer {
                    Ok(reply) => value(py, reply),
                    Err(error) => Err(exception(py, &error)),
                };
                resolve(asker.bind(py), outcome);
            });
        });
        let submitted = submitted.map_err(|error| exception(py, &error))?;
        let mut due = Due { end: limit.and_then(end_of), future, submitted };
        if limit.is_some_and(|limit| limit <= 0.0) {
            due.time_out(py);
            due.end = None;
        }
        let mut state = self.0.lock();
        if let Some(end) = due.end {
            state.ring_at(end);
        }
        state.due.push_back(due);
        if gathers && !state.flushing {
            (state.flushing, state.flushing_is_new) = (true, true);
        }
        Ok(state.flushing_is_new || state.alarm_is_new || connection.event_loop().wants_write())
    }

    /// What is left to do; tells each thing once.
    pub(crate) fn left(&self, connection: &Connection) -> Left {
        let mut state = self.0.lock();
        let flush = std::mem::take(&mut state.flushing_is_new);
        let alarm = state.alarm.filter(|_| std::mem::take(&mut state.alarm_is_new));
        let seconds = alarm.map(|alarm| alarm.saturating_duration_since(Instant::now()).as_secs_f64());
        (connection.event_loop().wants_write(), flush, seconds)
    }

    /// The turn is over: what is sent from now on is gathered anew.
    pub(crate) fn flushed(&self) {
        self.0.lock().flushing = false;
    }

    /// So many commands have no answer yet. They are the last ones; what lies before them is not kept any longer.
    pub(crate) fn answered(&self, unanswered: usize) {
        let mut state = self.0.lock();
        let done = state.due.len().saturating_sub(unanswered);
        if done == 0 {
            return;
        }
        let left = state.due.split_off(done);
        let done = std::mem::replace(&mut state.due, left);
        drop(state);
        drop(done);
    }

    /// The timer has rung: what is due fails.
    pub(crate) fn expire(&self, py: Python<'_>) {
        let mut state = self.0.lock();
        let now = Instant::now();
        let mut passed = Vec::new();
        let mut first = None;
        for due in &mut state.due {
            match due.end {
                // Its place is kept: replies are counted by it.
                Some(end) if end <= now => {
                    due.end = None;
                    passed.push(Due {
                        future: due.future.clone_ref(py),
                        submitted: due.submitted.clone(),
                        ..*due
                    });
                }
                Some(end) => first = Some(first.map_or(end, |first: Instant| first.min(end))),
                None => {}
            }
        }
        state.alarm = None;
        if let Some(end) = first {
            state.ring_at(end);
        }
        drop(state);
        for due in passed {
            due.time_out(py);
        }
    }

    /// The asker of that future wants no reply any more: it is counted as late when it comes.
    pub(crate) fn abandon(&self, future: &Bound<'_, PyAny>) {
        let state = self.0.lock();
        let asked = state.due.iter().rev().find(|due| due.future.is(future)).map(|due| due.submitted.clone());
        drop(state);
        if let Some(submitted) = asked {
            submitted.abandon();
        }
    }
}

impl State {
    fn ring_at(&mut self, end: Instant) {
        if self.alarm.is_none_or(|alarm| end < alarm) {
            (self.alarm, self.alarm_is_new) = (Some(end), true);
        }
    }
}

/// When so many seconds have passed; `None`, for ever, when that cannot be told.
fn end_of(limit: f64) -> Option<Instant> {
    Instant::now().checked_add(Duration::try_from_secs_f64(limit).ok()?)
}

impl Due {
    fn time_out(&self, py: Python<'_>) {
        self.submitted.abandon();
        resolve(self.future.bind(py), Err(exception(py, &Error::timeout(Phase::Reply))));
    }
}
