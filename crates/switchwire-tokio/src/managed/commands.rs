//! Commands on whatever connection there is, by the policy for the time while there is none.

use std::future::Future;

use switchwire::{Command, Error, Event, Execute, Executed, Phase, Reply, Result};

use super::ManagedConnection;
use crate::{Connection, Job};

impl ManagedConnection {
    /// [`Connection::request`], by the policy for commands while there is no connection.
    ///
    /// # Errors
    /// As there; `OutcomeUnknown` when the connection is lost before the reply comes.
    pub async fn request(&self, command: &Command) -> Result<Reply> {
        self.with(|connection| async move { connection.request(command).await }).await
    }

    /// [`Connection::perform`], likewise.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `Refused`.
    pub async fn perform(&self, call: &str, command: &Command) -> Result<Reply> {
        self.with(|connection| async move { connection.perform(call, command).await }).await
    }

    /// [`Connection::send_recv`], likewise.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `InvalidArgument`.
    pub async fn send_recv(&self, command: impl AsRef<[u8]>) -> Result<Reply> {
        self.request(&Command::raw(command)?).await
    }

    /// [`Connection::api`], likewise.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `InvalidArgument`.
    pub async fn api(&self, command: &str, arguments: &str) -> Result<Reply> {
        self.request(&Command::api(command, arguments)?).await
    }

    /// [`Connection::bgapi`], likewise. The job ends with `OutcomeUnknown` when the connection is lost.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `InvalidArgument`, `Refused`.
    pub async fn bgapi(&self, command: &str, arguments: &str) -> Result<Job> {
        self.with(|connection| async move { connection.bgapi(command, arguments).await }).await
    }

    /// [`Connection::execute_request`], likewise.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `InvalidArgument`, `Refused`.
    pub async fn execute_request(&self, execute: &Execute) -> Result<Reply> {
        self.with(|connection| async move { connection.execute_request(execute).await }).await
    }

    /// [`Connection::execute`], likewise.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `InvalidArgument`, `Refused`.
    pub async fn execute(&self, application: &str, argument: &str, uuid: Option<&str>) -> Result<Reply> {
        self.with(|connection| async move { connection.execute(application, argument, uuid).await }).await
    }

    /// [`Connection::execute_and_wait`], likewise: `OutcomeUnknown` when the connection is lost meanwhile.
    ///
    /// # Errors
    /// As there.
    pub async fn execute_and_wait(
        &self,
        application: &str,
        argument: &str,
        uuid: Option<&str>,
    ) -> Result<Executed> {
        self.with(|connection| async move { connection.execute_and_wait(application, argument, uuid).await })
            .await
    }

    /// [`Connection::send_event`], likewise.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `InvalidArgument`, `Refused`.
    pub async fn send_event(&self, event: &Event) -> Result<Reply> {
        self.with(|connection| async move { connection.send_event(event).await }).await
    }

    /// Runs `call` on the present connection. Where it could not send, since that had just ended, it is run again on the
    /// next one, if the policy is to wait.
    async fn with<T, F>(&self, call: impl Fn(Connection) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let tries = self.core().tries();
        loop {
            let connection = match tries.patience() {
                None => self.connection()?,
                Some(left) => {
                    let up = tokio::time::timeout(left, self.wait_up()).await;
                    up.unwrap_or_else(|_| Err(Error::timeout(Phase::Connect)))?
                }
            };
            match call(connection.clone()).await {
                Err(error)
                    if tries.goes_again_if(
                        switchwire::ManagedConnection::is_unsent(&error),
                        connection.connected(),
                    ) => {}
                result => return result,
            }
        }
    }
}
