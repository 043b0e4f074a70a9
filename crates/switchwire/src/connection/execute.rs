//! Running dialplan applications on a channel.

use std::sync::atomic::Ordering;
use std::time::Duration;

use switchwire_proto::{Command, Execute, Reply};

use super::outcome::Outcome;
use super::{Connection, Modes};
use crate::answer::Answer;
use crate::deadline::Deadline;
use crate::watch::Watcher;
use crate::{Error, Event, Phase, Result};

/// How an application ended while its call went on.
#[derive(Debug, Clone)]
pub struct Executed {
    /// The server's reply to `sendmsg`.
    pub reply: Reply,
    /// The `CHANNEL_EXECUTE_COMPLETE`; on a sync socket `None` unless the connection is subscribed to these events:
    /// there the reply itself reports the end.
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
    outcome: Outcome,
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
        let reply = match self.answer.wait(self.watcher.engine(), deadline) {
            Ok(None) => return Ok(None),
            Ok(Some(reply)) => self.outcome.reply(Ok(reply))?,
            Err(error) => self.outcome.reply(Err(error))?,
        };
        if self.outcome.answer_is_end && !self.watcher.is_heard() {
            return self.outcome.ended(reply, None).map(Some);
        }
        match self.watcher.wait(deadline)? {
            None => Ok(None),
            event => self.outcome.ended(reply, event).map(Some),
        }
    }
}

impl std::fmt::Debug for Execution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Execution").field("uuid", &self.uuid()).finish_non_exhaustive()
    }
}

impl Connection {
    /// `sendmsg [UUID]` `execute`: runs an application. The reply says that it was queued (async socket, inbound) or
    /// that it has ended (sync socket). The uuid is needed inbound, unless the connection is bound to a channel.
    /// An argument with line breaks is sent as the body.
    ///
    /// # Errors
    /// `Refused`, `InvalidArgument` (also for a missing uuid), `Timeout`, `Disconnected`.
    pub fn execute(&self, application: &str, argument: &str, uuid: Option<&str>) -> Result<Reply> {
        self.execute_with(&self.execution(application, argument, uuid))
    }

    /// As [`execute`](Self::execute) with `async: true`: a sync socket, too, replies before the application's end.
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
        let call = super::outcome::call_of(execute);
        self.check_channel_of(&call, execute.get_uuid())?;
        self.perform(&call, &execute.build()?)
    }

    /// Runs an application and waits for its end: for the `CHANNEL_EXECUTE_COMPLETE` of just this run, which is told
    /// apart by an Event-UUID of its own. Other events that pass meanwhile stay queued, in order.
    ///
    /// `Ok` means that the application has ended and the call goes on. When the call ends first (before the application
    /// begins, or during it), or has ended already, the error is `Hangup`, with the cause and the completion event where
    /// they are known. After a `bridge` the call may well have ended: the event of the error
    /// ([`Error::event`]) then has `variable_originate_disposition`.
    ///
    /// The connection must be subscribed to `CHANNEL_EXECUTE_COMPLETE` (`myevents`, `ALL`) and, for a channel that is
    /// not its own, to `CHANNEL_HANGUP_COMPLETE`, `CHANNEL_DESTROY` or `CHANNEL_HANGUP`: the end of its own call is
    /// reported to it in any case. A sync socket needs no events, there the reply comes at the end; a hang-up is
    /// then known only once the server has reported it.
    ///
    /// # Errors
    /// `Timeout` (the application goes on), `Hangup`, `Refused` when the server replies `-ERR`, `NotSubscribed`,
    /// `InvalidArgument`, `Disconnected`.
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
    /// `Hangup` when the call is known to have ended, `NotSubscribed`, `InvalidArgument`, `Disconnected`,
    /// `LimitExceeded` when too much is held back already.
    pub fn start_execute(&self, application: &str, argument: &str, uuid: Option<&str>) -> Result<Execution> {
        self.start_execution(self.execution(application, argument, uuid))
    }

    /// As [`start_execute`](Self::start_execute), with all options. The Event-UUID is the one given, or a new one. An
    /// asynchronous application on a sync socket is refused (`InvalidArgument`): it runs only inside the next one that
    /// is not, so that waiting for it would not end.
    ///
    /// # Errors
    /// As [`start_execute`](Self::start_execute).
    pub fn start_execution(&self, execution: Execute) -> Result<Execution> {
        let outcome = Outcome::of(self, &execution)?;
        let (id, command) = outcome.command(execution)?;
        let watcher = Watcher::new(self.engine().clone(), id, outcome.awaited())?;
        let submitted = self.engine().try_submit(&command);
        let answer = Answer::to(submitted.map_err(|error| outcome.of_error(error))?);
        Ok(Execution { watcher, answer, outcome })
    }

    /// Makes every later `execute` carry `async: true`, or not; gives the value now.
    pub fn set_async_execute(&self, on: bool) -> bool {
        Modes::set(&self.modes.async_execute, on)
    }

    /// Makes every later `execute` carry `event-lock: true`, or not; gives the value now.
    pub fn set_event_lock(&self, on: bool) -> bool {
        Modes::set(&self.modes.event_lock, on)
    }

    /// `sendmsg [UUID]` with the event's headers and body. The uuid is needed inbound, unless the connection is bound
    /// to a channel.
    ///
    /// # Errors
    /// `InvalidArgument` when a header holds a line break or the uuid is missing, `Refused`, `Timeout`, `Disconnected`.
    pub fn send_msg(&self, event: &Event, uuid: Option<&str>) -> Result<Reply> {
        self.check_channel("send_msg", uuid)?;
        self.perform("send_msg", &Command::sendmsg(uuid, event)?)
    }

    /// `sendmsg` `hangup`: ends the connection's own call, with a cause such as `USER_BUSY`.
    ///
    /// # Errors
    /// `InvalidArgument` (also inbound: see [`hangup_channel`](Self::hangup_channel)), `Refused`, `Timeout`,
    /// `Disconnected`.
    pub fn hangup(&self, cause: Option<&str>) -> Result<Reply> {
        self.check_channel("hangup", None)?;
        self.perform("hangup", &Command::hangup(None, cause)?)
    }

    /// `sendmsg UUID` `hangup`: ends that call, with a cause such as `USER_BUSY`.
    ///
    /// # Errors
    /// `InvalidArgument`, `Refused`, `Timeout`, `Disconnected`.
    pub fn hangup_channel(&self, uuid: &str, cause: Option<&str>) -> Result<Reply> {
        self.check_channel("hangup", Some(uuid))?;
        self.perform("hangup", &Command::hangup(Some(uuid), cause)?)
    }

    /// An application as [`execute`](Self::execute) runs it, this connection's modes included: to be given more options
    /// for [`execute_with`](Self::execute_with) and [`start_execution`](Self::start_execution).
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
