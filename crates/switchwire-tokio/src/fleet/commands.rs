//! Commands to one server, to any, to all.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use switchwire::{FleetReplies, Phase, Pick, Reply, Result, ServerResult};
use tokio::sync::oneshot;

use super::Fleet;
use crate::pending::{Pending, never_called, within};

impl Fleet {
    /// `api` on that server: see [`ManagedConnection::api`](crate::ManagedConnection::api).
    ///
    /// # Errors
    /// As there; `InvalidArgument` for a name that the fleet does not have.
    pub async fn api_on(&self, server: &str, command: &str, arguments: &str) -> Result<Reply> {
        self.connection(server)?.api(command, arguments).await
    }

    /// `api` on a server chosen by `pick`, and on another one when it turns out that this one could not be sent to. Returns
    /// the server's name, too. Waits for at most `timeout`; dropping the future takes nothing back.
    ///
    /// # Errors
    /// `Disconnected` when no server will do; `InvalidArgument`, `Timeout`, `OutcomeUnknown`. Never sent twice: after
    /// the latter two no other server is tried.
    pub async fn api_any(
        &self,
        pick: &Pick,
        command: &str,
        arguments: &str,
        timeout: Duration,
    ) -> Result<(Arc<str>, Reply)> {
        let replied =
            Pending::<_, ()>::start(|done| self.core().api_any_with(pick, command, arguments, done))?;
        within(Some(timeout), Phase::Reply, replied).await
    }

    /// `api` on every server at once, draining ones included; each has its own outcome, in the order of the names. Waits for at
    /// most `timeout`: servers that have not replied by then are `Unknown`, with `Timeout`.
    ///
    /// # Errors
    /// `InvalidArgument`; nothing was sent then.
    pub async fn api_all(
        &self,
        command: &str,
        arguments: &str,
        timeout: Duration,
    ) -> Result<Vec<ServerResult>> {
        let (sender, receiver) = oneshot::channel();
        let replies = self.core().api_all_with(command, arguments, move |all| {
            // There may be no receiver any more.
            let _ = sender.send(all);
        })?;
        let all = async { receiver.await.map_err(|_| never_called()) };
        expiring(timeout, Some(replies), all).await
    }

    /// The server that a channel is on: by the events and snapshots that have been taken from the stream so far (it must
    /// bring CHANNEL_CREATE and CHANNEL_DESTROY, or snapshots). `None` for a channel that they have not named:
    /// [`find`](Self::find) asks the servers.
    #[must_use]
    pub fn server_of(&self, uuid: &str) -> Option<Arc<str>> {
        self.core().server_of(uuid)
    }

    /// The server that a channel is on, by asking all of them (`uuid_exists`) where the stream has not told; `Ok(None)` when
    /// all that replied do not have it. Waits for at most `timeout`.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub async fn find(&self, uuid: &str, timeout: Duration) -> Result<Option<Arc<str>>> {
        self.search(timeout, |done| self.core().find_with(uuid, done)).await
    }

    /// `uuid_kill` on the server that the channel is on, with a cause such as `NORMAL_CLEARING`. The search for the server,
    /// and then the reply, are waited for for at most `timeout` each.
    ///
    /// # Errors
    /// `Refused` when no server has it, or with the server's words; else as [`api_on`](Self::api_on).
    pub async fn uuid_kill(&self, uuid: &str, cause: &str, timeout: Duration) -> Result<Reply> {
        let killed = self.search(timeout, |done| self.core().uuid_kill_with(uuid, cause, done));
        within(Some(timeout.saturating_mul(2)), Phase::Reply, killed).await
    }

    /// What `start` calls back with, after a search of all servers that is given up after `timeout`.
    async fn search<T: Send + 'static>(
        &self,
        timeout: Duration,
        start: impl FnOnce(Box<dyn FnOnce(Result<T>) + Send>) -> Result<Option<FleetReplies>>,
    ) -> Result<T> {
        let mut search = None;
        let done = Pending::<T, ()>::start(|done| {
            search = start(done)?;
            Ok(())
        })?;
        expiring(timeout, search, done).await
    }
}

/// Waits for the future; replies of servers that it needs and that have not come after `timeout` are not waited for.
async fn expiring<T>(
    timeout: Duration,
    replies: Option<FleetReplies>,
    future: impl Future<Output = Result<T>>,
) -> Result<T> {
    let mut future = std::pin::pin!(future);
    if let Ok(done) = tokio::time::timeout(timeout, &mut future).await {
        return done;
    }
    // (This calls back, unless all had come.)
    replies.iter().for_each(FleetReplies::expire);
    future.await
}
