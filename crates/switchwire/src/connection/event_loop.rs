//! The half of a connection that never waits: what an event loop builds on.

use switchwire_proto::{Command, Execute, Message, Reply};

use super::commands::{require_success, takes_back};
use super::{Connection, Execution};
use crate::engine::{Pumped, Until};
use crate::event_wait::EventWait;
use crate::inbox::Awaited;
use crate::job::Job;
use crate::pending::{PendingReply, Submitted};
use crate::shared_reply::SharedReply;
use crate::{PendingValue, Result};

/// A connection as an event loop uses it (see [`Connection::event_loop`]): nothing here waits.
///
/// The loop watches the descriptor ([`AsFd`](std::os::fd::AsFd) of the connection), calls [`pump`](Self::pump) when it is
/// ready, and takes messages with [`queued_message`](Self::queued_message). It keeps the timers: no timeouts apply here.
///
/// Calls come in two forms: `start_…` and [`try_submit`](Self::try_submit) return a handle that can be asked or waited on
/// later, also by another thread; `…_with` runs a callback once, on the thread that reads the connection or closes it,
/// which must not be held up.
#[derive(Clone, Copy, Debug)]
pub struct EventLoop<'a> {
    pub(crate) connection: &'a Connection,
}

impl Connection {
    /// The half of this connection that never waits, for event loops.
    #[must_use]
    pub fn event_loop(&self) -> EventLoop<'_> {
        EventLoop { connection: self }
    }
}

impl EventLoop<'_> {
    /// Reads what has arrived (about a megabyte at most, see [`Pumped::more`]) and writes what a full socket held back:
    /// to be called when the descriptor is ready. Then take messages with [`queued_message`](Self::queued_message) until
    /// there are none.
    #[must_use]
    pub fn pump(self) -> Pumped {
        self.connection.engine.pump(Until::Nothing)
    }

    /// As [`pump`](Self::pump), but ends at the first read that finds less than there was room for, which spares a system
    /// call that mostly finds nothing. For polls that report again what is still there: level-triggered ones, and mio's and
    /// tokio's, which are edge-triggered but keep the end of the stream.
    #[must_use]
    pub fn pump_level(self) -> Pumped {
        self.connection.engine.pump(Until::Short)
    }

    /// A message that has been received already; never looks at the socket.
    #[must_use]
    pub fn queued_message(self) -> Option<Message> {
        self.connection.engine.inbox_here()?.next_message()
    }

    /// Up to `max` messages that have been received already, in order, taken at once; never looks at the socket.
    #[must_use]
    pub fn queued_messages(self, max: usize) -> Vec<Message> {
        self.connection.engine.inbox_here().map_or_else(Vec::new, |mut inbox| inbox.next_messages(max))
    }

    /// Whether bytes wait for room in the socket: [`pump`](Self::pump) when it becomes writable.
    #[must_use]
    pub fn wants_write(self) -> bool {
        self.connection.engine.wants_write()
    }

    /// Gathers the commands that are sent without waiting from now on. They are written in one go by the next
    /// [`pump`](Self::pump) or [`flush_writes`](Self::flush_writes), before the next command that may wait, or at
    /// [`disconnect`](Connection::disconnect); nothing else writes them. For loops whose programs send many commands
    /// before the loop turns again.
    pub fn gather_writes(self) {
        self.connection.engine.gather();
    }

    /// Writes what was gathered or held back, as far as there is room; whether some is left.
    #[must_use]
    pub fn flush_writes(self) -> bool {
        // A broken connection has notified its waiters.
        self.connection.engine.write_held().unwrap_or(false)
    }

    /// Frees the buffers that a busy time has left, and returns how many bytes: to be called when nothing has come for a
    /// while. (Calls that wait do so after 100 ms of inactivity.)
    pub fn release_buffers(self) -> usize {
        self.connection.engine.release()
    }

    /// Sends a built command and returns a handle for its reply. What has no room in the socket is held back, until
    /// [`pump`](Self::pump) or [`flush_timeout`](Connection::flush_timeout) writes it.
    ///
    /// # Errors
    /// `Disconnected`, or `LimitExceeded` when too much is held back already.
    pub fn try_submit(self, command: &Command) -> Result<PendingReply> {
        self.connection.engine.try_submit(command)
    }

    /// As [`try_submit`](Self::try_submit); the callback gets the reply. The token returned can
    /// [abandon](Submitted::abandon) it.
    ///
    /// # Errors
    /// As [`try_submit`](Self::try_submit); the callback is not called then.
    pub fn try_submit_with(
        self,
        command: &Command,
        callback: impl FnOnce(Result<Reply>) + Send + 'static,
    ) -> Result<Submitted> {
        self.connection.engine.try_submit_with(command, Box::new(callback))
    }

    /// Sends a built command whose reply is dropped when it comes; see [`try_submit`](Self::try_submit).
    ///
    /// # Errors
    /// As [`try_submit`](Self::try_submit).
    pub fn try_send(self, command: &Command) -> Result<()> {
        self.connection.engine.try_send(command)
    }

    /// Sends a built command whose reply comes to [`recv_message`](Connection::recv_message) in its slot among the
    /// events, as classic programs expect of `send`. See [`try_submit`](Self::try_submit).
    ///
    /// # Errors
    /// As [`try_submit`](Self::try_submit).
    pub fn try_send_queued(self, command: &Command) -> Result<()> {
        self.connection.engine.try_send_queued(command)
    }

    /// [`Connection::perform`], with a callback.
    ///
    /// # Errors
    /// As [`try_submit`](Self::try_submit); the callback is not called then.
    pub fn perform_with(
        self,
        call: &str,
        command: &Command,
        callback: impl FnOnce(Result<Reply>) + Send + 'static,
    ) -> Result<Submitted> {
        let (call, takes_back) = (call.to_owned(), takes_back(command));
        self.try_submit_with(command, move |reply| {
            callback(reply.and_then(|reply| require_success(&call, takes_back, reply)));
        })
    }

    /// [`Connection::bgapi_as`], without waiting even for the server's reply: the job reports a refusal.
    ///
    /// # Errors
    /// As [`try_submit`](Self::try_submit), and `InvalidArgument`.
    pub fn start_bgapi(self, command: &str, arguments: &str, job_uuid: &str) -> Result<Job> {
        let command = Command::bgapi(command, arguments, Some(job_uuid))?;
        let engine = &self.connection.engine;
        let event = EventWait::new(engine.clone(), job_uuid.to_owned(), Awaited::Job)?;
        let reply = SharedReply::to(engine.try_submit(&command)?);
        Ok(Job::new(event, reply))
    }

    /// Checks that jobs can be waited for.
    ///
    /// # Errors
    /// `NotSubscribed` when no `BACKGROUND_JOB` event will come: the connection is not subscribed to them, or no longer.
    pub fn check_jobs_are_heard(self) -> Result<()> {
        crate::job::check_subscribed(&self.connection.engine)
    }

    /// Starts an application (see [`Connection::prepare_execute`]) and returns a handle for its end. The Event-UUID is
    /// the one given, or a new one. An asynchronous application on a sync socket is refused (`InvalidArgument`): it runs
    /// only inside the next one that is not, so that waiting for it would not end.
    ///
    /// # Errors
    /// `Hangup` when the call is known to have ended, `NotSubscribed`, `InvalidArgument`, `Disconnected`,
    /// `LimitExceeded` when too much is held back already.
    pub fn start_execute(self, execute: Execute) -> Result<Execution> {
        Execution::start(self.connection, execute)
    }

    /// [`Connection::variable`], or [`variable_of`](Connection::variable_of) with a uuid, as a handle for the value.
    ///
    /// # Errors
    /// `InvalidArgument`, `Disconnected`, `LimitExceeded`.
    pub fn start_variable(self, uuid: Option<&str>, name: &str) -> Result<PendingValue<Option<String>>> {
        PendingValue::start(&self.connection.engine, |on_done| self.variable_with(uuid, name, on_done))
    }

    /// A handle for what a method with a callback reports: for languages whose waits are cut into slices. `start` gets the
    /// callback.
    ///
    /// # Errors
    /// Those of `start`.
    pub fn start_value<T: Send + 'static>(
        self,
        start: impl FnOnce(Box<dyn FnOnce(Result<T>) + Send>) -> Result<()>,
    ) -> Result<PendingValue<T>> {
        PendingValue::start(&self.connection.engine, start)
    }
}
