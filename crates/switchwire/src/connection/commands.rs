//! Sending commands and waiting for their replies.

use std::time::Duration;

use switchwire_proto::application::one_word;
use switchwire_proto::{Command, Reply};

use super::Connection;
use crate::deadline::Deadline;
use crate::job::Job;
use crate::pending::{PendingReply, Submitted};
use crate::{Error, ErrorKind, Phase, Result};

impl Connection {
    /// Sends a command as written (a blank line is added) and does not wait for the reply, which is dropped when it
    /// comes.
    ///
    /// # Errors
    /// `InvalidArgument` when the text holds a second command, `Disconnected`, `Timeout` when the server takes nothing.
    pub fn send(&self, command: impl AsRef<[u8]>) -> Result<()> {
        self.engine.send(&Command::raw(command)?)
    }

    /// Sends a command as written and waits for its reply. Events that arrive meanwhile are queued.
    ///
    /// # Errors
    /// As [`send`](Self::send), and `Timeout` when no reply comes in time. A `-ERR` reply is `Ok`: see
    /// [`Reply::is_ok`] and [`Reply::into_result`].
    pub fn send_recv(&self, command: impl AsRef<[u8]>) -> Result<Reply> {
        self.request(&Command::raw(command)?)
    }

    /// Sends a built command and waits for its reply.
    ///
    /// # Errors
    /// `Timeout` or `Disconnected`.
    pub fn request(&self, command: &Command) -> Result<Reply> {
        self.engine.request(command, self.engine.options.command_timeout)
    }

    /// Sends a built command that must succeed and waits for its reply. `call` is the name that errors give, e.g.
    /// `execute playback`. Taking back what is not there (`nolog`, `noevents`) succeeds.
    ///
    /// # Errors
    /// `Refused` with the server's words, `Timeout`, `Disconnected`.
    pub fn perform(&self, call: &str, command: &Command) -> Result<Reply> {
        Self::performed(call, command, self.request(command)?)
    }

    /// Judges the reply to a command as [`perform`](Self::perform) does: for callers that wait for it themselves.
    ///
    /// # Errors
    /// `Refused` with the server's words.
    pub fn performed(call: &str, command: &Command, reply: Reply) -> Result<Reply> {
        require_success(call, takes_back(command), reply)
    }

    /// Sends a built command and returns a handle for its reply. Any number may be in flight, each with its own handle.
    ///
    /// # Errors
    /// `Disconnected`, or `Timeout` when the server takes nothing.
    pub fn submit(&self, command: &Command) -> Result<PendingReply> {
        self.engine.submit(command)
    }

    /// Sends a built command; the thread that reads its reply runs `callback` once with it (or with the reason why there
    /// is none), and must not be held up. The token returned can [abandon](Submitted::abandon) the reply.
    ///
    /// # Errors
    /// As [`submit`](Self::submit); the callback is not called then.
    pub fn submit_with(
        &self,
        command: &Command,
        callback: impl FnOnce(Result<Reply>) + Send + 'static,
    ) -> Result<Submitted> {
        self.engine.submit_with(command, Box::new(callback))
    }

    /// Writes what is held back, for at most `timeout`; whether all of it is written.
    ///
    /// # Errors
    /// `Disconnected`.
    pub fn flush_timeout(&self, timeout: Duration) -> Result<bool> {
        match self.engine.flush(Deadline::after(timeout)) {
            Ok(()) => Ok(true),
            Err(error) if error.is_timeout() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// `api COMMAND ARGUMENTS`: the reply's body is the command's output. The server runs one command of a connection
    /// after the other, so a long one holds up the rest: use [`bgapi`](Self::bgapi) for those.
    ///
    /// # Errors
    /// `InvalidArgument`, `Timeout`, `Disconnected`.
    pub fn api(&self, command: &str, arguments: &str) -> Result<Reply> {
        self.request(&Command::api(command, arguments)?)
    }

    /// `bgapi COMMAND ARGUMENTS`: runs it in the server's background, under a new Job-UUID. To wait for its end,
    /// subscribe to `BACKGROUND_JOB` events first.
    ///
    /// # Errors
    /// As [`api`](Self::api), and `Refused` when the server does not take it.
    pub fn bgapi(&self, command: &str, arguments: &str) -> Result<Job> {
        self.bgapi_as(command, arguments, &uuid::Uuid::new_v4().to_string())
    }

    /// As [`bgapi`](Self::bgapi), under a Job-UUID of your own.
    ///
    /// # Errors
    /// As [`bgapi`](Self::bgapi), and `InvalidArgument` when a job with that id is running on this connection.
    pub fn bgapi_as(&self, command: &str, arguments: &str, job_uuid: &str) -> Result<Job> {
        let job = self.event_loop().start_bgapi(command, arguments, job_uuid)?;
        self.engine.make_room()?;
        job.accepted(Deadline::after_option(self.engine.options.command_timeout))?
            .then_some(job)
            .ok_or_else(|| Error::timeout(Phase::Reply))
    }

    /// Checks that a command for that channel, or without a uuid for the connection's own, makes sense here.
    ///
    /// # Errors
    /// `InvalidArgument`: for a uuid that is not one word, and, naming `call`, without a uuid on an inbound connection that
    /// is not bound to a channel.
    pub fn check_channel(&self, call: &str, uuid: Option<&str>) -> Result<()> {
        self.check_channel_of(call, uuid.map(str::as_bytes))
    }

    pub(super) fn check_channel_of(&self, call: &str, uuid: Option<&[u8]>) -> Result<()> {
        if let Some(uuid) = uuid.filter(|uuid| !uuid.is_empty()) {
            one_word("uuid", &String::from_utf8_lossy(uuid))?;
            return Ok(());
        }
        if self.is_bound() {
            return Ok(());
        }
        let detail = format!("{call}: an inbound connection needs the uuid of a channel");
        Err(Error::new(ErrorKind::InvalidArgument, detail))
    }

    /// Whether it is outbound, or bound to a channel by `myevents`, or will be if the server agrees.
    fn is_bound(&self) -> bool {
        self.handshake.info.get().is_some() || self.engine.inbox_here().is_none_or(|inbox| inbox.is_bound())
    }
}

/// The reply to a command that must succeed.
pub(super) fn require_success(call: &str, takes_back: bool, reply: Reply) -> Result<Reply> {
    match reply.error() {
        Some(refusal) if !takes_back => Err(Error::refused(call, &refusal)),
        _ => Ok(reply),
    }
}

/// Whether the command only takes something back: the server replies `-ERR` when there is nothing to take back.
pub(super) fn takes_back(command: &Command) -> bool {
    let line = command.as_bytes();
    [&b"nolog\n"[..], b"noevents\n"].iter().any(|begin| line.starts_with(begin))
}
