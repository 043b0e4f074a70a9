//! Running dialplan applications on a channel.

use std::sync::atomic::Ordering;
use std::time::Duration;

use switchwire_proto::{Command, Execute, Reply};

use super::{Connection, Modes};
use crate::answer::Answer;
use crate::deadline::Deadline;
use crate::inbox::Watch;
use crate::watch::Watcher;
use crate::{Error, ErrorKind, Event, Phase, Result};

/// How an application ended.
#[derive(Debug, Clone)]
pub struct Executed {
    /// The server's answer to `sendmsg`.
    pub reply: Reply,
    /// The `CHANNEL_EXECUTE_COMPLETE`; `None` on a sync socket without events, where the answer itself tells the end.
    pub complete: Option<Event>,
}

impl Executed {
    /// `Application-Response`, e.g. `FILE PLAYED`.
    #[must_use]
    pub fn response(&self) -> Option<String> {
        Some(self.complete.as_ref()?.header("Application-Response")?.into_owned())
    }
}

/// An application that has been started; see [`Connection::start_execute`].
///
/// May be sent to another thread. When it is dropped, the event of its end comes to
/// [`recv_event`](Connection::recv_event) as any other.
pub struct Execution {
    watcher: Watcher,
    answer: Answer,
    answer_is_end: bool,
    application: String,
}

impl Execution {
    /// The Event-UUID of this run.
    #[must_use]
    pub fn uuid(&self) -> &str {
        self.watcher.id()
    }

    /// Waits for the end for at most `timeout`.
    ///
    /// # Errors
    /// `Timeout` (wait again as you like; the application goes on), `Hangup`, `Refused`, `Disconnected`.
    pub fn wait(&self, timeout: Duration) -> Result<Executed> {
        self.ended(Deadline::after(timeout))?.ok_or_else(|| Error::timeout(Phase::Execute))
    }

    /// The end if it has come; reads what has arrived, without waiting.
    ///
    /// # Errors
    /// As [`wait`](Self::wait), but no `Timeout`.
    pub fn try_take(&self) -> Result<Option<Executed>> {
        self.ended(Deadline::after(Duration::ZERO))
    }

    fn ended(&self, deadline: Deadline) -> Result<Option<Executed>> {
        let Some(reply) = self.answer.wait(self.watcher.engine(), deadline)? else { return Ok(None) };
        if let Some(refusal) = reply.error() {
            return Err(Error::refused(&self.application, &refusal));
        }
        if self.answer_is_end {
            let complete = self.watcher.wait(Deadline::after(Duration::ZERO)).unwrap_or_default();
            return Ok(Some(Executed { reply, complete }));
        }
        let complete = self.watcher.wait(deadline)?;
        Ok(complete.map(|event| Executed { reply, complete: Some(event) }))
    }
}

impl std::fmt::Debug for Execution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Execution").field("uuid", &self.uuid()).finish_non_exhaustive()
    }
}

impl Connection {
    /// `sendmsg [UUID]` `execute`: runs an application. The answer says that it was queued (async socket, inbound) or
    /// that it has ended (sync socket). The uuid is needed inbound, unless the connection is bound to a channel.
    /// An argument with line breaks is sent as the body.
    ///
    /// # Errors
    /// `InvalidArgument`, `Timeout`, `Disconnected`.
    pub fn execute(&self, application: &str, argument: &str, uuid: Option<&str>) -> Result<Reply> {
        self.execute_with(&self.execution(application, argument, uuid))
    }

    /// As [`execute`](Self::execute) with `async: true`: a sync socket, too, answers before the application's end.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub fn execute_async(&self, application: &str, argument: &str, uuid: Option<&str>) -> Result<Reply> {
        self.execute_with(&self.execution(application, argument, uuid).asynchronous(true))
    }

    /// Runs an application with all its options.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub fn execute_with(&self, execute: &Execute) -> Result<Reply> {
        self.request(&execute.build()?)
    }

    /// Runs an application and waits for its end: for the `CHANNEL_EXECUTE_COMPLETE` of just this run, which is told
    /// apart by an Event-UUID of its own. Other events that pass meanwhile stay queued, in order.
    ///
    /// The connection must be subscribed to `CHANNEL_EXECUTE_COMPLETE` (`myevents`, `ALL`), and to
    /// `CHANNEL_HANGUP_COMPLETE` if a hangup is to end the wait; a sync socket needs no events, there the answer comes
    /// at the end.
    ///
    /// # Errors
    /// `Timeout` (the application goes on), `Hangup` when the call ends meanwhile, `Refused` when the server answers
    /// `-ERR`, `NotSubscribed`, `InvalidArgument`, `Disconnected`.
    pub fn execute_and_wait(
        &self,
        application: &str,
        argument: &str,
        uuid: Option<&str>,
        timeout: Duration,
    ) -> Result<Executed> {
        let execution = self.start_execute(application, argument, uuid)?;
        self.engine().make_room()?;
        execution.wait(timeout)
    }

    /// As [`execute_and_wait`](Self::execute_and_wait), but never waits: the execution is what to wait on.
    ///
    /// # Errors
    /// `NotSubscribed`, `InvalidArgument`, `Disconnected`, `LimitExceeded` when too much is held back already.
    pub fn start_execute(&self, application: &str, argument: &str, uuid: Option<&str>) -> Result<Execution> {
        let answer_is_end = self.check_execute_is_heard()?;
        let id = uuid::Uuid::new_v4().to_string();
        let command = self.execution(application, argument, uuid).event_uuid(&id).build()?;
        let channel = uuid.map(str::to_owned).or_else(|| self.channel_uuid());
        let watch = Watch::Execute { channel, complete: None, hung_up: false };
        let watcher = Watcher::new(self.engine().clone(), id, watch)?;
        let answer = Answer::to(self.engine().try_submit(&command)?);
        Ok(Execution { watcher, answer, answer_is_end, application: application.to_owned() })
    }

    /// Makes every later `execute` carry `async: true`, or not; gives the value now.
    pub fn set_async_execute(&self, on: bool) -> bool {
        Modes::set(&self.modes.async_execute, on)
    }

    /// Makes every later `execute` carry `event-lock: true`, or not; gives the value now.
    pub fn set_event_lock(&self, on: bool) -> bool {
        Modes::set(&self.modes.event_lock, on)
    }

    /// `sendmsg [UUID]` with the event's headers and body.
    ///
    /// # Errors
    /// `InvalidArgument` when a header holds a line break, `Timeout`, `Disconnected`.
    pub fn send_msg(&self, event: &Event, uuid: Option<&str>) -> Result<Reply> {
        self.request(&Command::sendmsg(uuid, event)?)
    }

    /// `sendmsg [UUID]` `hangup`: ends the call, with a cause such as `USER_BUSY`.
    ///
    /// # Errors
    /// `InvalidArgument`, `Timeout`, `Disconnected`.
    pub fn hangup(&self, uuid: Option<&str>, cause: Option<&str>) -> Result<Reply> {
        self.request(&Command::hangup(uuid, cause)?)
    }

    /// Whether the answer to `execute` is the application's end; if not, its event must have been asked for.
    pub(super) fn check_execute_is_heard(&self) -> Result<bool> {
        let answer_is_end = self.is_sync() && !self.modes.async_execute.load(Ordering::Relaxed);
        if !answer_is_end && !self.engine().subscribed().execute_complete {
            let detail =
                "no CHANNEL_EXECUTE_COMPLETE event will come: ask for them first (myevents or events)";
            return Err(Error::new(ErrorKind::NotSubscribed, detail));
        }
        Ok(answer_is_end)
    }

    /// An application as [`execute`](Self::execute) runs it, this connection's modes included: to be given more options
    /// for [`execute_with`](Self::execute_with).
    #[must_use]
    pub fn execution(&self, application: &str, argument: &str, uuid: Option<&str>) -> Execute {
        let mut execute = Execute::new(application)
            .asynchronous(self.modes.async_execute.load(Ordering::Relaxed))
            .event_lock(self.modes.event_lock.load(Ordering::Relaxed));
        if !argument.is_empty() {
            execute = execute.argument(argument);
        }
        match uuid {
            Some(uuid) => execute.uuid(uuid),
            None => execute,
        }
    }
}
