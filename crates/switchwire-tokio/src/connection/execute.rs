//! Running dialplan applications on a channel, hanging up, variables.

use switchwire::{Command, Event, Execute, Executed, Phase, Reply, Result};

use super::Connection;
use crate::Execution;
use crate::pending::{Pending, within};

impl Connection {
    /// `sendmsg [UUID]` `execute`: runs an application. The reply says that it was queued (async socket, inbound) or
    /// that it has ended (sync socket). The uuid is needed inbound, unless the connection is bound to a channel.
    ///
    /// # Errors
    /// `Refused`, `InvalidArgument` (also for a missing uuid), `Timeout`, `Disconnected`.
    pub async fn execute(&self, application: &str, argument: &str, uuid: Option<&str>) -> Result<Reply> {
        self.execute_request(&self.prepare_execute(application, argument, uuid)).await
    }

    /// Runs an application with more options: see [`prepare_execute`](Self::prepare_execute).
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub async fn execute_request(&self, execute: &Execute) -> Result<Reply> {
        let (call, command) = self.core().execute_command(execute)?;
        self.perform(&call, &command).await
    }

    /// Runs an application and waits for its end: for the `CHANNEL_EXECUTE_COMPLETE` of just this run, or the end of the
    /// call, as [`switchwire::Connection::execute_and_wait`] says, which also says what the connection must be
    /// subscribed to. Dropping the future gives the end up; the application goes on.
    ///
    /// # Errors
    /// `Hangup` when the call ends first, `Refused`, `NotSubscribed`, `InvalidArgument`, `Disconnected`.
    pub async fn execute_and_wait(
        &self,
        application: &str,
        argument: &str,
        uuid: Option<&str>,
    ) -> Result<Executed> {
        self.start_execute(self.prepare_execute(application, argument, uuid))?.await
    }

    /// Starts an application and gives its end as a future. The Event-UUID is the one given, or a new one.
    ///
    /// # Errors
    /// As [`execute_and_wait`](Self::execute_and_wait), as far as is known at once.
    pub fn start_execute(&self, execute: Execute) -> Result<Execution> {
        Execution::start(self, execute)
    }

    /// An application as [`execute`](Self::execute) would run it, to be given more options.
    #[must_use]
    pub fn prepare_execute(&self, application: &str, argument: &str, uuid: Option<&str>) -> Execute {
        self.core().prepare_execute(application, argument, uuid)
    }

    /// Makes every later `execute` carry `async: true`, or not; returns the new value.
    pub fn set_async_execute(&self, on: bool) -> bool {
        self.core().set_async_execute(on)
    }

    /// Makes every later `execute` carry `event-lock: true`, or not; returns the new value.
    pub fn set_event_lock(&self, on: bool) -> bool {
        self.core().set_event_lock(on)
    }

    /// `sendmsg [UUID]` with the event's headers and body. The uuid is needed inbound, unless the connection is bound
    /// to a channel.
    ///
    /// # Errors
    /// `InvalidArgument` when a header holds a line break or the uuid is missing, `Refused`, `Timeout`, `Disconnected`.
    pub async fn send_msg(&self, event: &Event, uuid: Option<&str>) -> Result<Reply> {
        self.core().check_channel("send_msg", uuid)?;
        self.perform("send_msg", &Command::sendmsg(uuid, event)?).await
    }

    /// `sendmsg` `hangup`: ends the connection's own call, with a cause such as `USER_BUSY`.
    ///
    /// # Errors
    /// `InvalidArgument` (also inbound: see [`hangup_channel`](Self::hangup_channel)), `Refused`, `Timeout`,
    /// `Disconnected`.
    pub async fn hangup(&self, cause: Option<&str>) -> Result<Reply> {
        self.core().check_channel("hangup", None)?;
        self.perform("hangup", &Command::hangup(None, cause)?).await
    }

    /// `sendmsg UUID` `hangup`: ends that call, with a cause such as `USER_BUSY`.
    ///
    /// # Errors
    /// `InvalidArgument`, `Refused`, `Timeout`, `Disconnected`.
    pub async fn hangup_channel(&self, uuid: &str, cause: Option<&str>) -> Result<Reply> {
        self.core().check_channel("hangup", Some(uuid))?;
        self.perform("hangup", &Command::hangup(Some(uuid), cause)?).await
    }

    /// A variable of this connection's call; `None` when it is not set. By `api uuid_getvar` where the connection may use
    /// `api`, else by `getvar`, as [`switchwire::Connection::variable`] says.
    ///
    /// # Errors
    /// `InvalidArgument` (also inbound: see [`variable_of`](Self::variable_of)), `Timeout`, `Disconnected`.
    pub async fn variable(&self, name: &str) -> Result<Option<String>> {
        self.variable_on(None, name).await
    }

    /// A variable of that channel; `None` when it is not set.
    ///
    /// # Errors
    /// `Refused` when there is no such channel, `InvalidArgument`, `Timeout`, `Disconnected`.
    pub async fn variable_of(&self, uuid: &str, name: &str) -> Result<Option<String>> {
        self.variable_on(Some(uuid), name).await
    }

    pub(crate) async fn variable_on(&self, uuid: Option<&str>, name: &str) -> Result<Option<String>> {
        let value =
            Pending::start(|done| self.send(|event_loop| event_loop.variable_with(uuid, name, done)))?;
        within(self.options().command_timeout, Phase::Reply, value).await
    }
}
