use std::fmt;
use std::time::Duration;

use crate::answer::Answer;
use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::watch::Watcher;
use crate::{Error, ErrorKind, Event, Phase, Result};

/// A command that runs in the background of the server (`bgapi`); its end is a `BACKGROUND_JOB` event.
///
/// The job's event goes to the job and to nobody else; when the job is dropped before it was waited for, the event
/// comes to [`recv_event`](crate::Connection::recv_event) as any other. May be sent to another thread.
pub struct Job {
    watcher: Watcher,
    answer: Answer,
}

impl Job {
    pub(crate) fn new(watcher: Watcher, answer: Answer) -> Self {
        Self { watcher, answer }
    }

    /// Whether the server has taken the job; `false` when its answer has not come.
    pub(crate) fn accepted(&self, deadline: Deadline) -> Result<bool> {
        match self.answer.wait(self.watcher.engine(), deadline)? {
            None => Ok(false),
            Some(reply) if reply.is_ok() => Ok(true),
            Some(reply) => Err(Error::refused("bgapi", &reply.text())),
        }
    }

    /// Waits for the server's answer for at most `timeout`: whether it has taken the job. `false` when the answer has
    /// not come yet. Only of use after [`start_bgapi`](crate::Connection::start_bgapi).
    ///
    /// # Errors
    /// `Refused` with the server's words, or `Disconnected`.
    pub fn wait_accepted(&self, timeout: Duration) -> Result<bool> {
        self.accepted(Deadline::after(timeout))
    }

    /// The Job-UUID.
    #[must_use]
    pub fn uuid(&self) -> &str {
        self.watcher.id()
    }

    /// Waits for the job's end for at most `timeout`, and gives its event: the command's output is the body. Other
    /// events that pass meanwhile stay queued, in order.
    ///
    /// # Errors
    /// `Timeout` (wait again as you like), `NotSubscribed` when the connection never asked for `BACKGROUND_JOB` (or
    /// `ALL`) events, or `Disconnected`.
    pub fn wait(&self, timeout: Duration) -> Result<Event> {
        self.event(Deadline::after(timeout))?.ok_or_else(|| Error::timeout(Phase::Job))
    }

    /// The job's event if it has come; reads what has arrived, without waiting.
    ///
    /// # Errors
    /// As [`wait`](Self::wait), but no `Timeout`.
    pub fn try_take(&self) -> Result<Option<Event>> {
        self.event(Deadline::after(Duration::ZERO))
    }

    fn event(&self, deadline: Deadline) -> Result<Option<Event>> {
        self.check()?;
        match self.accepted(deadline)? {
            true => self.watcher.wait(deadline),
            false => Ok(None),
        }
    }

    fn check(&self) -> Result<()> {
        check_subscribed(self.watcher.engine())
    }
}

pub(crate) fn check_subscribed(engine: &Engine) -> Result<()> {
    if engine.subscribed().jobs {
        return Ok(());
    }
    let detail = "no BACKGROUND_JOB event will come: ask for them first (events, or Subscription)";
    Err(Error::new(ErrorKind::NotSubscribed, detail))
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("uuid", &self.uuid()).finish()
    }
}
