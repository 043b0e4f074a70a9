use std::fmt;
use std::time::Duration;

use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::event_wait::EventWait;
use crate::inbox::Awaited;
use crate::shared_reply::SharedReply;
use crate::{Error, Event, Phase, Reply, Result};

/// A command that runs in the background of the server (`bgapi`); its end is a `BACKGROUND_JOB` event.
///
/// The event goes to the job only; when the job is dropped before it was waited for, the event comes to
/// [`recv_event`](crate::Connection::recv_event) as any other. May be sent to another thread.
pub struct Job {
    event: EventWait,
    reply: SharedReply,
}

impl Job {
    pub(crate) fn new(event: EventWait, reply: SharedReply) -> Self {
        Self { event, reply }
    }

    /// Whether the server has taken the job; `false` when its reply has not come yet.
    pub(crate) fn accepted(&self, deadline: Deadline) -> Result<bool> {
        match self.reply.wait(self.event.engine(), deadline)? {
            None => Ok(false),
            Some(reply) if reply.is_ok() => Ok(true),
            Some(reply) => Err(Error::refused("bgapi", &reply.text())),
        }
    }

    /// Waits for the server's reply for at most `timeout`: whether it has taken the job. `false` when the reply has not
    /// come yet. Only of use after [`start_bgapi`](crate::EventLoop::start_bgapi).
    ///
    /// # Errors
    /// `Refused` with the server's words, or `Disconnected`.
    pub fn wait_accepted(&self, timeout: Duration) -> Result<bool> {
        self.accepted(Deadline::after(timeout))
    }

    /// The Job-UUID.
    #[must_use]
    pub fn uuid(&self) -> &str {
        self.event.id()
    }

    /// Waits for the job's end for at most `timeout`, and returns its event: the command's output is the body. Other
    /// events that arrive meanwhile stay queued, in order.
    ///
    /// # Errors
    /// `Timeout` (you may wait again), `NotSubscribed` when no `BACKGROUND_JOB` event will come (the connection is not
    /// subscribed to them, or no longer), or `Disconnected`.
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

    /// Waits as [`wait`](Self::wait), and returns the command's output; a refusal (`-ERR …`, `-USAGE: …`) is an error.
    ///
    /// # Errors
    /// As [`wait`](Self::wait), and `Refused` with the command's words.
    pub fn output(&self, timeout: Duration) -> Result<String> {
        job_output(&self.wait(timeout)?)
    }

    fn event(&self, deadline: Deadline) -> Result<Option<Event>> {
        if check_subscribed(self.event.engine()).is_err() {
            // It may have come before the subscription ended.
            return self.event.wait(Deadline::after(Duration::ZERO));
        }
        match self.accepted(deadline)? {
            true => self.event.wait(deadline),
            false => Ok(None),
        }
    }
}

/// The output of a background job, of its `BACKGROUND_JOB` event.
///
/// # Errors
/// `Refused` when the command has failed: its output begins with `-ERR` or `-USAGE`.
pub fn job_output(event: &Event) -> Result<String> {
    let output = event.body().unwrap_or_default();
    let text = String::from_utf8_lossy(output).into_owned();
    match Reply::is_refusal(output) {
        false => Ok(text),
        true => {
            let command = event.header("Job-Command").unwrap_or("the job".into());
            Err(Error::refused(&command, &text))
        }
    }
}

pub(crate) fn check_subscribed(engine: &Engine) -> Result<()> {
    engine.inbox_here().ok_or_else(Error::forked)?.check(&Awaited::Job)
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("uuid", &self.uuid()).finish()
    }
}
