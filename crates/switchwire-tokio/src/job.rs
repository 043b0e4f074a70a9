use switchwire::{Event, Phase, Reply, Result, job_output};
use tokio::sync::watch;

use crate::Connection;
use crate::pending::{Pending, never_called, within};

/// A command that runs in the background of the server (`bgapi`); its end is a `BACKGROUND_JOB` event.
///
/// The event goes to the job only. When the job is dropped before its event has come, that comes to
/// [`Connection::recv_event`] as any other; the command runs on. Does not keep the connection open.
#[derive(Debug)]
pub struct Job {
    wait: Wait,
    ended: watch::Receiver<Option<Result<Event>>>,
}

/// That the event goes to the job.
struct Wait {
    connection: switchwire::Connection,
    uuid: String,
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.connection.event_loop().give_up(&self.uuid);
    }
}

impl Job {
    pub(crate) async fn start(
        connection: &Connection,
        command: &str,
        arguments: &str,
        job_uuid: Option<&str>,
    ) -> Result<Self> {
        let (end, ended) = watch::channel(None);
        let mut wait = None;
        let accepted = Pending::<Reply, ()>::start(|on_reply| {
            let on_done = move |event| drop(end.send_replace(Some(event)));
            let uuid = connection
                .send(|event_loop| event_loop.bgapi_with(command, arguments, job_uuid, on_reply, on_done))?;
            wait = Some(Wait { connection: connection.core().clone(), uuid });
            Ok(())
        })?;
        within(connection.options().command_timeout, Phase::Reply, accepted).await?;
        wait.map(|wait| Self { wait, ended }).ok_or_else(never_called)
    }

    /// The Job-UUID.
    #[must_use]
    pub fn uuid(&self) -> &str {
        &self.wait.uuid
    }

    /// Waits for the job's end, and returns its event: the command's output is the body. Other events stay queued, in order.
    /// May be called again, and by several tasks: the end is kept.
    ///
    /// # Errors
    /// `NotSubscribed` when no `BACKGROUND_JOB` event will come (the connection is not subscribed to them, or no longer),
    /// or `Disconnected`.
    pub async fn wait(&self) -> Result<Event> {
        let mut ended = self.ended.clone();
        if let Some(ended) = ended.borrow_and_update().clone() {
            return ended;
        }
        if self.wait.connection.disconnect_reason().is_none() {
            self.wait.connection.event_loop().check_jobs_are_heard()?;
        }
        let ended = ended.wait_for(Option::is_some).await.map(|ended| ended.clone());
        ended.ok().flatten().unwrap_or_else(|| Err(never_called()))
    }

    /// Waits as [`wait`](Self::wait), and returns the command's output; a refusal (`-ERR …`, `-USAGE: …`) is an error.
    ///
    /// # Errors
    /// As [`wait`](Self::wait), and `Refused` with the command's words.
    pub async fn output(&self) -> Result<String> {
        job_output(&self.wait().await?)
    }

    /// The job's event if it has come; never waits.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub fn try_take(&self) -> Result<Option<Event>> {
        self.ended.borrow().clone().transpose()
    }
}

impl std::fmt::Debug for Wait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wait").field("uuid", &self.uuid).finish_non_exhaustive()
    }
}
