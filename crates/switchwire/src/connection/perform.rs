//! Commands that are to bring something about: a refusal is an error that names the call.

use switchwire_proto::{Command, Reply};

use super::Connection;
use crate::{Error, ErrorKind, Result, Submitted};

impl Connection {
    /// Sends a built command that is to succeed and waits for its reply. `call` is what errors are to name, e.g.
    /// `execute playback`. Taking back what is not there (`nolog`, `noevents`) is a success.
    ///
    /// # Errors
    /// `Refused` with the server's words, `Timeout`, `Disconnected`.
    pub fn perform(&self, call: &str, command: &Command) -> Result<Reply> {
        succeeded(call, takes_back(command), self.request(command)?)
    }

    /// As [`perform`](Self::perform), but never waits; see [`try_submit_with`](Self::try_submit_with).
    ///
    /// # Errors
    /// As [`try_submit`](Self::try_submit); the callback is not called then.
    pub fn perform_with(
        &self,
        call: &str,
        command: &Command,
        callback: impl FnOnce(Result<Reply>) + Send + 'static,
    ) -> Result<Submitted> {
        let (call, takes_back) = (call.to_owned(), takes_back(command));
        self.try_submit_with(command, move |reply| {
            callback(reply.and_then(|reply| succeeded(&call, takes_back, reply)));
        })
    }

    /// What [`perform`](Self::perform) makes of the reply to a command: for callers that wait for it themselves.
    ///
    /// # Errors
    /// `Refused` with the server's words.
    pub fn performed(call: &str, command: &Command, reply: Reply) -> Result<Reply> {
        succeeded(call, takes_back(command), reply)
    }

    /// Whether a command for that channel, or without a uuid for the connection's own, makes sense here.
    ///
    /// # Errors
    /// `InvalidArgument`, naming `call`, without a uuid on an inbound connection that is not bound to a channel.
    pub fn check_channel(&self, call: &str, uuid: Option<&str>) -> Result<()> {
        self.check_channel_of(call, uuid.map(str::as_bytes))
    }

    pub(super) fn check_channel_of(&self, call: &str, uuid: Option<&[u8]>) -> Result<()> {
        if uuid.is_some_and(|uuid| !uuid.is_empty()) || self.is_bound() {
            return Ok(());
        }
        let detail = format!("{call}: an inbound connection needs the uuid of a channel");
        Err(Error::new(ErrorKind::InvalidArgument, detail))
    }

    /// Whether it is a call's connection, or bound to a channel by `myevents`, or will be if the server agrees.
    fn is_bound(&self) -> bool {
        self.parts.info.get().is_some() || self.engine().inbox_here().is_none_or(|inbox| inbox.is_bound())
    }
}

/// The reply of a command that is to succeed.
pub(super) fn succeeded(call: &str, takes_back: bool, reply: Reply) -> Result<Reply> {
    match reply.error() {
        Some(refusal) if !takes_back => Err(Error::refused(call, &refusal)),
        _ => Ok(reply),
    }
}

fn takes_back(command: &Command) -> bool {
    let line = command.as_bytes();
    [&b"nolog\n"[..], b"noevents\n"].iter().any(|begin| line.starts_with(begin))
}
