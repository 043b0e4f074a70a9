//! What a callback works with.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use switchwire_proto::{Command, Execute, Reply};

use super::mailbox::{Mailbox, Post};
use super::slot::Own;
use super::timers::{Due, Timers};
use super::{Remote, SessionHandler, SessionTimer};
use crate::connection::EventLoop;
use crate::{Connection, Event, Executed, Result};

/// A call that an event loop runs, as its callbacks use it: nothing here waits.
///
/// Commands go out in order; what they bring comes to the callback given, with the handler and the session at hand.
/// When the connection ends first, the callback gets that error: `Hangup` where the call has ended, else `Disconnected`.
pub struct Session<'a, H: SessionHandler> {
    pub(super) id: u64,
    pub(super) connection: &'a Connection,
    pub(super) own: &'a mut Own,
    pub(super) timers: &'a mut Timers<H>,
    pub(super) mailbox: &'a Arc<Mailbox<H>>,
}

impl<H: SessionHandler> Session<'_, H> {
    /// The uuid of the call; `None` when the server has named none.
    #[must_use]
    pub fn uuid(&self) -> Option<String> {
        self.connection.engine().inbox_here()?.call.uuid.clone()
    }

    /// Whether the call is known to have ended (the connection may linger on).
    #[must_use]
    pub fn hung_up(&self) -> bool {
        self.connection.hung_up()
    }

    /// `linger [SECONDS]`: see [`Connection::linger`]. A refusal fails the session, with `Refused`.
    ///
    /// # Errors
    /// As [`perform`](Self::perform).
    pub fn linger(&mut self, seconds: Option<u32>) -> Result<()> {
        self.perform("linger", &Command::linger(seconds))
    }

    /// `myevents`: the events of this call. They come to [`event`](SessionHandler::event), and
    /// [`execute`](Self::execute) needs them. A refusal fails the session, with `Refused`.
    ///
    /// # Errors
    /// As [`perform`](Self::perform).
    pub fn myevents(&mut self) -> Result<()> {
        self.perform("myevents", &Command::myevents(None, None)?)
    }

    /// Hangs the call up, with a cause such as `USER_BUSY`. A refusal fails the session, with `Refused`.
    ///
    /// # Errors
    /// As [`perform`](Self::perform).
    pub fn hangup(&mut self, cause: Option<&str>) -> Result<()> {
        self.perform("hangup", &Command::hangup(None, cause)?)
    }

    /// Runs an application of the dialplan; `then` is called when it has ended, as [`Connection::execute_and_wait`] would
    /// return.
    ///
    /// # Errors
    /// `Hangup` when the call is known to have ended, `NotSubscribed` ([`myevents`](Self::myevents) first),
    /// `InvalidArgument`, `Disconnected`, `LimitExceeded`; `then` is not called then.
    pub fn execute(
        &mut self,
        application: &str,
        argument: &str,
        then: impl FnOnce(&mut H, &mut Session<'_, H>, Result<Executed>) -> Result<(), H::Error> + Send + 'static,
    ) -> Result<()> {
        let execute = self.connection.prepare_execute(application, argument, None);
        self.execute_request(execute, then)
    }

    /// As [`execute`](Self::execute), with more options.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub fn execute_request(
        &mut self,
        execute: Execute,
        then: impl FnOnce(&mut H, &mut Session<'_, H>, Result<Executed>) -> Result<(), H::Error> + Send + 'static,
    ) -> Result<()> {
        let then = self.later(then);
        self.event_loop().execute_and_wait_with(execute, then).map(drop)
    }

    /// Runs an api command in the background; `then` gets the job's `BACKGROUND_JOB` event (see
    /// [`job_output`](crate::job_output)) or why none will come, `Refused` included. The connection must be subscribed to these
    /// events (`myevents` does not bring them): else it is `NotSubscribed`.
    ///
    /// # Errors
    /// `NotSubscribed`, `InvalidArgument`, `Disconnected`, `LimitExceeded`; `then` is not called then.
    pub fn bgapi(
        &mut self,
        command: &str,
        arguments: &str,
        then: impl FnOnce(&mut H, &mut Session<'_, H>, Result<Event>) -> Result<(), H::Error> + Send + 'static,
    ) -> Result<()> {
        self.event_loop().check_jobs_are_heard()?;
        let then = Arc::new(Mutex::new(Some(self.later(then))));
        // At the end of the connection both get the error.
        let once = move |end: Result<Event>| {
            let then = then.lock().take();
            if let Some(then) = then {
                then(end);
            }
        };
        let ended = once.clone();
        let replied = move |reply: Result<Reply>| reply.map_or_else(|error| once(Err(error)), drop);
        self.event_loop().bgapi_with(command, arguments, None, replied, ended).map(drop)
    }

    /// Sends a command; `then` gets the reply, whatever it says.
    ///
    /// # Errors
    /// `Disconnected`, or `LimitExceeded` when too much is waiting to be sent; `then` is not called then.
    pub fn submit(
        &mut self,
        command: &Command,
        then: impl FnOnce(&mut H, &mut Session<'_, H>, Result<Reply>) -> Result<(), H::Error> + Send + 'static,
    ) -> Result<()> {
        let then = self.later(then);
        self.event_loop().try_submit_with(command, then).map(drop)
    }

    /// Sends a command that must succeed, and goes on: when the server replies `-ERR`, the session fails, with an error
    /// `Refused` that names the call `name`.
    ///
    /// # Errors
    /// `Disconnected`, or `LimitExceeded` when too much is waiting to be sent.
    pub fn perform(&mut self, name: &str, command: &Command) -> Result<()> {
        let (id, mailbox) = (self.id, self.mailbox.clone());
        let replied = move |reply: Result<Reply>| {
            // (The end of the connection is reported by itself.)
            if let Err(error) = reply
                && !error.is_disconnected()
            {
                mailbox.post(Post::Fail(id, error));
            }
        };
        self.event_loop().perform_with(name, command, replied).map(drop)
    }

    /// Calls `then` once after that time, unless the session has ended or the timer is [cancelled](Self::cancel).
    pub fn after(
        &mut self,
        time: Duration,
        then: impl FnOnce(&mut H, &mut Session<'_, H>) -> Result<(), H::Error> + Send + 'static,
    ) -> SessionTimer {
        let timer = self.timers.set(time, Due::Callback(self.id, Box::new(then)));
        self.own.timers.push(timer);
        timer
    }

    /// Cancels a timer of this session; whether it was still to come.
    pub fn cancel(&mut self, timer: SessionTimer) -> bool {
        let own = self.own.timers.iter().position(|own| *own == timer);
        let Some(at) = own else { return false };
        self.own.timers.swap_remove(at);
        self.timers.cancel(timer).is_some()
    }

    /// Closes the connection once this callback has returned. Without `resume` the call goes on with the next action of the
    /// dialplan. Callbacks that are waited for get `Disconnected`.
    pub fn close(&mut self) {
        self.own.closes = true;
    }

    /// For other threads of the program: reaches this session from there.
    #[must_use]
    pub fn remote(&self) -> Remote<H> {
        Remote::new(self.id, self.mailbox)
    }

    fn event_loop(&self) -> EventLoop<'_> {
        self.connection.event_loop()
    }

    /// The callback, to be run by the loop.
    fn later<T, F>(&self, then: F) -> impl FnOnce(T) + Send + 'static + use<H, T, F>
    where
        T: Send + 'static,
        F: FnOnce(&mut H, &mut Session<'_, H>, T) -> Result<(), H::Error> + Send + 'static,
    {
        let (id, mailbox) = (self.id, self.mailbox.clone());
        move |value| {
            mailbox.post(Post::Due(id, Box::new(move |handler, session| then(handler, session, value))));
        }
    }
}

impl<H: SessionHandler> std::fmt::Debug for Session<'_, H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("connection", self.connection).finish_non_exhaustive()
    }
}
