//! Sending commands and waiting for their replies.

use switchwire::{Command, Event, Phase, Reply, Result};

use super::Connection;
use crate::Job;
use crate::pending::{PendingReply, within};

impl Connection {
    /// Sends a command as written (a blank line is added); its reply is dropped when it comes. What has no room in the socket
    /// is held back and written when there is some.
    ///
    /// # Errors
    /// `InvalidArgument` when the text holds a second command, `Disconnected`, `LimitExceeded` when too much is held back.
    pub fn try_send(&self, command: impl AsRef<[u8]>) -> Result<()> {
        let command = Command::raw(command)?;
        self.send(|event_loop| event_loop.try_send(&command))
    }

    /// Sends a built command at once, and gives its reply as a future. Any number may be in flight, each with its own
    /// reply, in whatever order they are awaited; those sent before the runtime turns go out in one write.
    ///
    /// # Errors
    /// `Disconnected`, `LimitExceeded` when too much is held back.
    pub fn submit(&self, command: &Command) -> Result<PendingReply> {
        PendingReply::to(self, command)
    }

    /// Sends a built command and waits for its reply.
    ///
    /// # Errors
    /// `Timeout`, `Disconnected`, `LimitExceeded`. A `-ERR` reply is `Ok`: see [`Reply::is_ok`] and
    /// [`Reply::into_result`].
    pub async fn request(&self, command: &Command) -> Result<Reply> {
        within(self.options().command_timeout, Phase::Reply, self.submit(command)?).await
    }

    /// Sends a command as written and waits for its reply.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `InvalidArgument` when the text holds a second command.
    pub async fn send_recv(&self, command: impl AsRef<[u8]>) -> Result<Reply> {
        self.request(&Command::raw(command)?).await
    }

    /// Sends a built command that must succeed. `call` is the name that errors give.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `Refused` with the server's words.
    pub async fn perform(&self, call: &str, command: &Command) -> Result<Reply> {
        switchwire::Connection::performed(call, command, self.request(command).await?)
    }

    /// `api COMMAND ARGUMENTS`: the reply's body is the command's output. The server runs one command of a connection
    /// after the other, so a long one holds up the rest: use [`bgapi`](Self::bgapi) for those.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `InvalidArgument`.
    pub async fn api(&self, command: &str, arguments: &str) -> Result<Reply> {
        self.request(&Command::api(command, arguments)?).await
    }

    /// `bgapi COMMAND ARGUMENTS`: runs it in the server's background, under a new Job-UUID; returns once the server has
    /// taken it. To wait for its end, subscribe to `BACKGROUND_JOB` events first. Dropping this future gives the job's end
    /// up, the command runs on.
    ///
    /// # Errors
    /// As [`api`](Self::api), and `Refused`.
    pub async fn bgapi(&self, command: &str, arguments: &str) -> Result<Job> {
        Job::start(self, command, arguments, None).await
    }

    /// As [`bgapi`](Self::bgapi), under a Job-UUID of your own.
    ///
    /// # Errors
    /// As [`bgapi`](Self::bgapi), and `InvalidArgument` when a job with that id is running on this connection.
    pub async fn bgapi_as(&self, command: &str, arguments: &str, job_uuid: &str) -> Result<Job> {
        Job::start(self, command, arguments, Some(job_uuid)).await
    }

    /// `sendevent NAME` with the event's headers and body: the server fires it and replies with its uuid.
    ///
    /// # Errors
    /// As [`perform`](Self::perform), and `InvalidArgument` when a header holds a line break.
    pub async fn send_event(&self, event: &Event) -> Result<Reply> {
        self.perform("send_event", &Command::sendevent(event)?).await
    }
}
