//! Running dialplan applications on a channel.

use std::sync::atomic::Ordering;
use std::time::Duration;

use switchwire_proto::{Command, Execute, Reply};

use super::outcome::Outcome;
use super::{Connection, ExecuteDefaults};
use crate::deadline::Deadline;
use crate::event_wait::EventWait;
use crate::shared_reply::SharedReply;
use crate::{Error, Event, Phase, Result};

/// How an application ended while its call went on.
#[derive(Debug, Clone)]
#[non_exhaustive]
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

/// An application that is running; see [`EventLoop::start_execute`](super::EventLoop::start_execute).
///
/// May be sent to another thread. When it is dropped, the event of its end comes to
/// [`recv_event`](Connection::recv_event) as any other.
pub struct Execution {
    event: EventWait,
    reply: SharedReply,
    outcome: Outcome,
}

impl Execution {
    pub(super) fn start(connection: &Connection, execute: Execute) -> Result<Self> {
        let outcome = Outcome::of(connection, &execute)?;
        let (id, command) = outcome.command(execute)?;
        let engine = connection.engine();
        let event = EventWait::new(engine.clone(), id, outcome.awaited())?;
        let submitted = engine.try_submit(&command);
        let reply = SharedReply::to(submitted.map_err(|error| outcome.of_error(error))?);
        Ok(Self { event, reply, outcome })
    }

    /// The Event-UUID of this run.
    #[must_use]
    pub fn uuid(&self) -> &str {
        self.event.id()
    }

    /// Waits for the end for at most `timeout`.
    ///
    /// # Errors
    /// `Timeout` (you may wait again; the application goes on), `Hangup`, `Refused`, `Disconnected`.
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
        let reply = match self.reply.wait(self.event.engine(), deadline) {
            Ok(None) => return Ok(None),
            Ok(Some(reply)) => self.outcome.reply(Ok(reply))?,
            Err(error) => self.outcome.reply(Err(error))?,
        };
        if self.outcome.reply_is_end && !self.event.is_subscribed() {
            return self.outcome.ended(reply, None).map(Some);
        }
        match self.event.wait(deadline)? {
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
        self.execute_request(&self.prepare_execute(application, argument, uuid))
    }

    /// Runs an application with more options: see [`prepare_execute`](Self::prepare_execute).
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub fn execute_request(&self, execute: &Execute) -> Result<Reply> {
        let (call, command) = self.execute_command(execute)?;
        self.perform(&call, &command)
    }

    /// What [`execute_request`](Self::execute_request) performs: the name that errors give, and the command. For callers
    /// that wait for its reply themselves.
    ///
    /// # Errors
    /// `InvalidArgument`, also for a missing uuid.
    pub fn execute_command(&self, execute: &Execute) -> Result<(String, Command)> {
        let call = super::outcome::call_of(execute);
        self.check_channel_of(&call, execute.get_uuid())?;
        Ok((call, execute.build()?))
    }

    /// Runs an application and waits for its end: for the `CHANNEL_EXECUTE_COMPLETE` of just this run, identified by an
    /// Event-UUID of its own. Other events that arrive meanwhile stay queued, in order.
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
        let execute = self.prepare_execute(application, argument, uuid);
        let execution = Execution::start(self, execute)?;
        self.engine().make_room()?;
        execution.wait(timeout)
    }

    /// Makes every later `execute` carry `async: true`, or not; returns the new value.
    pub fn set_async_execute(&self, on: bool) -> bool {
        ExecuteDefaults::set(&self.execute_defaults.async_execute, on)
    }

    /// Makes every later `execute` carry `event-lock: true`, or not; returns the new value.
    pub fn set_event_lock(&self, on: bool) -> bool {
        ExecuteDefaults::set(&self.execute_defaults.event_lock, on)
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

    /// An application as [`execute`](Self::execute) would run it, this connection's defaults included, to be given more
    /// options: for [`execute_request`](Self::execute_request),
    /// [`start_execute`](super::EventLoop::start_execute) and
    /// [`execute_and_wait_with`](super::EventLoop::execute_and_wait_with).
    ///
    /// ```no_run
    /// # let call = switchwire::Connection::connect("127.0.0.1", 8021, "ClueCon")?;
    /// call.execute_request(&call.prepare_execute("playback", "welcome.wav", None).loops(3).asynchronous(true))?;
    /// # Ok::<(), switchwire::Error>(())
    /// ```
    #[must_use]
    pub fn prepare_execute(&self, application: &str, argument: &str, uuid: Option<&str>) -> Execute {
        let mut execute = Execute::new(application)
            .asynchronous(self.execute_defaults.async_execute.load(Ordering::Relaxed))
            .event_lock(self.execute_defaults.event_lock.load(Ordering::Relaxed));
        if !argument.is_empty() {
            execute = execute.argument(argument);
        }
        match uuid {
            Some(uuid) => execute.uuid(uuid),
            None => execute,
        }
    }
}
