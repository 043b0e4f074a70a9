//! Commands to one server, to any, to all.

use std::sync::Arc;
use std::time::Duration;

use switchwire_proto::application::ApiCommand;
use switchwire_proto::{Command, HangupCause};

use super::{Fleet, Pick};
use crate::deadline::Deadline;
use crate::{Error, ErrorKind, ManagedConnection, Reply, Result};

/// What came of a command on one of several servers.
#[derive(Debug, Clone)]
pub struct ServerResult {
    /// The server's name in the fleet.
    pub server: Arc<str>,
    /// What came of it.
    pub outcome: ServerOutcome,
}

/// What came of a command.
#[derive(Debug, Clone)]
pub enum ServerOutcome {
    /// The server's reply, which may be a `-ERR`.
    Reply(Reply),
    /// It was not sent: the server is not connected.
    Failed(Error),
    /// It was sent, and the reply did not come: in time (`Timeout`), or before the connection was lost (`OutcomeUnknown`).
    /// The server may have run it or not.
    Unknown(Error),
}

impl ServerOutcome {
    /// The reply, where it came.
    #[must_use]
    pub fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Reply(reply) => Some(reply),
            _ => None,
        }
    }

    pub(super) fn of(result: Result<Reply>) -> Self {
        match result {
            Ok(reply) => Self::Reply(reply),
            Err(error) if error.is_timeout() || error.kind() == ErrorKind::OutcomeUnknown => {
                Self::Unknown(error)
            }
            Err(error) => Self::Failed(error),
        }
    }
}

impl Fleet {
    /// `api` on that server: see [`ManagedConnection::api`](crate::ManagedConnection::api).
    ///
    /// # Errors
    /// As there; `InvalidArgument` for a name that the fleet does not have.
    pub fn api_on(&self, server: &str, command: &str, arguments: &str) -> Result<Reply> {
        self.connection(server)?.api(command, arguments)
    }

    /// `api` on a server chosen by `pick`, and on another one when it turns out that this one could not be sent to.
    /// Returns the server's name, too.
    ///
    /// # Errors
    /// `Disconnected` when no server will do; else as [`api_on`](Self::api_on). Never sent twice: after `OutcomeUnknown` or
    /// `Timeout` no other server is tried.
    pub fn api_any(&self, pick: &Pick, command: &str, arguments: &str) -> Result<(Arc<str>, Reply)> {
        let mut tried = Vec::new();
        loop {
            let Some(server) = self.pick_except(pick, &tried) else {
                return Err(none_will_do());
            };
            match self.api_on(&server, command, arguments) {
                Err(error) if ManagedConnection::is_unsent(&error) => tried.push(server),
                result => return result.map(|reply| (server, reply)),
            }
        }
    }

    /// `api` on every server at once, draining ones included; each has its own outcome. Waits for at most `timeout`.
    ///
    /// # Errors
    /// `InvalidArgument`; nothing was sent then.
    pub fn api_all(&self, command: &str, arguments: &str, timeout: Duration) -> Result<Vec<ServerResult>> {
        Ok(self.request_all(&Command::api(command, arguments)?, timeout))
    }

    fn request_all(&self, command: &Command, timeout: Duration) -> Vec<ServerResult> {
        let deadline = Deadline::after(timeout);
        let sent: Vec<_> = self
            .server_connections()
            .into_iter()
            .map(|(server, connection)| {
                (server, connection.connection().and_then(|present| present.event_loop().try_submit(command)))
            })
            .collect();
        sent.into_iter()
            .map(|(server, pending)| {
                let left = deadline.left().unwrap_or(timeout);
                ServerResult {
                    server,
                    outcome: ServerOutcome::of(pending.and_then(|pending| pending.wait_timeout(left))),
                }
            })
            .collect()
    }

    /// The server that a channel is on: by the events and snapshots that have been taken from the stream so far (it must
    /// bring CHANNEL_CREATE and CHANNEL_DESTROY, or snapshots). `None` for a channel that they have not named:
    /// [`find`](Self::find) asks the servers.
    #[must_use]
    pub fn server_of(&self, uuid: &str) -> Option<Arc<str>> {
        self.merged().channels.lock().server_of(uuid)
    }

    /// The server that a channel is on, by asking all of them (`uuid_exists`) where the stream has not told; `Ok(None)` when
    /// all that replied do not have it. Waits for at most `timeout`.
    ///
    /// # Errors
    /// `InvalidArgument` for a uuid that is not one word; nothing was sent then.
    pub fn find(&self, uuid: &str, timeout: Duration) -> Result<Option<Arc<str>>> {
        let exists = exists(uuid)?;
        if let Some(server) = self.server_of(uuid) {
            return Ok(Some(server));
        }
        Ok(which_has(self.request_all(&exists, timeout)))
    }

    /// `uuid_kill` on the server that the channel is on, with a cause such as `NORMAL_CLEARING`.
    ///
    /// # Errors
    /// `Refused` when no server has it, or with the server's words; `InvalidArgument` for a uuid or a cause that is not one
    /// word (nothing was sent then); else as [`api_on`](Self::api_on).
    pub fn uuid_kill(&self, uuid: &str, cause: &str, timeout: Duration) -> Result<Reply> {
        let kill = kill(uuid, cause)?;
        let server = self.find(uuid, timeout)?;
        let server = server.ok_or_else(none_has_it)?;
        let reply = self.connection(&server)?.request(&kill)?;
        Ok(reply.into_result()?)
    }
}

/// Asks whether there is that channel.
pub(super) fn exists(uuid: &str) -> Result<Command> {
    Ok(ApiCommand::exists(uuid)?.command()?)
}

pub(super) fn kill(uuid: &str, cause: &str) -> Result<Command> {
    Ok(ApiCommand::hangup(uuid, &HangupCause::from(cause))?.command()?)
}

/// The server that has the channel, by what each replied to `uuid_exists`.
pub(super) fn which_has(all: Vec<ServerResult>) -> Option<Arc<str>> {
    let has = |one: &ServerResult| one.outcome.reply().is_some_and(|reply| reply.text().trim() == "true");
    all.into_iter().find(has).map(|one| one.server)
}

pub(super) fn none_will_do() -> Error {
    Error::disconnected("no server of the fleet will do at present")
}

pub(super) fn none_has_it() -> Error {
    Error::refused("uuid_kill", "no server of the fleet has that channel")
}
