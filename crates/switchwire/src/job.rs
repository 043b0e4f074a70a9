use std::fmt;
use std::time::Duration;

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
}

impl Job {
    pub(crate) fn new(watcher: Watcher) -> Self {
        Self { watcher }
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
        self.check()?;
        self.watcher.wait(Deadline::after(timeout))?.ok_or_else(|| Error::timeout(Phase::Job))
    }

    /// The job's event if it has come; reads what has arrived, without waiting.
    ///
    /// # Errors
    /// As [`wait`](Self::wait), but no `Timeout`.
    pub fn try_take(&self) -> Result<Option<Event>> {
        self.check()?;
        self.watcher.wait(Deadline::after(Duration::ZERO))
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
