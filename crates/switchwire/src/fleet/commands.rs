//! Commands to one server, to any, to all.

use std::sync::Arc;
use std::time::Duration;

use switchwire_proto::Command;

use super::{AllUnderWay, Fleet, Pick};
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
}

impl From<Result<Reply>> for ServerOutcome {
    fn from(result: Result<Reply>) -> Self {
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
            let server = self.pick_other(pick, &tried).ok_or_else(Self::none_will_do)?;
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
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let all = self.api_all_with(command, arguments, move |all| drop(sender.send(all)))?;
        let replied = receiver.recv_timeout(timeout);
        all.expire();
        // (Either the last reply or `expire` has called back.)
        Ok(replied.or_else(|_| receiver.recv()).unwrap_or_default())
    }

    /// As [`api_all`](Self::api_all), for event loops: `done` gets the outcomes once all are there, here or on the thread of
    /// a server's connection, and must not wait. The loop keeps the timer: [`AllUnderWay::expire`].
    ///
    /// # Errors
    /// `InvalidArgument`; nothing was sent then, and `done` is not called.
    pub fn api_all_with(
        &self,
        command: &str,
        arguments: &str,
        done: impl FnOnce(Vec<ServerResult>) + Send + 'static,
    ) -> Result<AllUnderWay> {
        let command = Command::api(command, arguments)?;
        Ok(AllUnderWay::start(self.server_connections(), &command, Box::new(done)))
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
    /// `InvalidArgument`.
    pub fn find(&self, uuid: &str, timeout: Duration) -> Result<Option<Arc<str>>> {
        if let Some(server) = self.server_of(uuid) {
            return Ok(Some(server));
        }
        let all = self.api_all("uuid_exists", uuid, timeout)?;
        Ok(Self::found_by(&all))
    }

    /// The server that has the channel, by the outcomes of `uuid_exists` on all of them.
    #[must_use]
    pub fn found_by(all: &[ServerResult]) -> Option<Arc<str>> {
        let has =
            |one: &&ServerResult| one.outcome.reply().is_some_and(|reply| reply.text().trim() == "true");
        all.iter().find(has).map(|one| one.server.clone())
    }

    /// The error of a command for which no server will do.
    #[doc(hidden)]
    #[must_use]
    pub fn none_will_do() -> Error {
        Error::disconnected("no server of the fleet will do at present")
    }

    /// `uuid_kill` on the server that the channel is on, with a cause such as `NORMAL_CLEARING`.
    ///
    /// # Errors
    /// `Refused` when no server has it, or with the server's words; else as [`api_on`](Self::api_on).
    pub fn uuid_kill(&self, uuid: &str, cause: &str, timeout: Duration) -> Result<Reply> {
        let server = self.find(uuid, timeout)?;
        let server =
            server.ok_or_else(|| Error::refused("uuid_kill", "no server of the fleet has that channel"))?;
        let reply = self.api_on(&server, "uuid_kill", &format!("{uuid} {cause}"))?;
        Ok(reply.into_result()?)
    }
}
