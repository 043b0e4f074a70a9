//! Subscribing to events, and filtering them.

use switchwire::{Command, Error, EventFormat, LogLevel, Phase, Reply, Result, Subscription};

use super::Connection;
use crate::pending::within;

/// Errors are those of [`perform`](Connection::perform), and `InvalidArgument`.
#[expect(clippy::missing_errors_doc, reason = "said once above")]
impl Connection {
    /// Sends all commands of a subscription in one go.
    ///
    /// # Errors
    /// `Refused` with the server's words when it refuses a command (those after it were sent all the same), `InvalidArgument`,
    /// `Timeout`, `Disconnected`.
    pub async fn subscribe(&self, subscription: &Subscription) -> Result<()> {
        let commands = subscription.commands()?;
        let pending: Vec<_> = commands.iter().map(|command| self.submit(command)).collect::<Result<_>>()?;
        let mut refused = None;
        for (pending, command) in pending.into_iter().zip(&commands) {
            let reply = within(self.options().command_timeout, Phase::Reply, pending).await?;
            if !reply.is_ok() && refused.is_none() {
                refused = Some(Error::refused(&command.summary(), &reply.text()));
            }
        }
        refused.map_or(Ok(()), Err)
    }

    /// `event FORMAT NAMES`, as written: names separated by blanks, `CUSTOM` and its subclasses last.
    pub async fn events(&self, format: EventFormat, names: &str) -> Result<Reply> {
        self.perform("events", &Command::event(format, names)?).await
    }

    /// `nixevent NAMES`: ends the subscription to these events.
    pub async fn nixevent(&self, names: &str) -> Result<Reply> {
        self.perform("nixevent", &Command::nixevent(names)?).await
    }

    /// `noevents`: ends the subscription to all events; succeeds also when there was none.
    pub async fn noevents(&self) -> Result<Reply> {
        self.perform("noevents", &Command::noevents()).await
    }

    /// `filter HEADER VALUE`.
    pub async fn filter(&self, header: &str, value: &str) -> Result<Reply> {
        self.perform("filter", &Command::filter(header, value)?).await
    }

    /// `filter delete HEADER [VALUE]`; the header `all` removes every filter.
    pub async fn filter_delete(&self, header: &str, value: Option<&str>) -> Result<Reply> {
        self.perform("filter_delete", &Command::filter_delete(header, value)?).await
    }

    /// `log LEVEL`: log lines come as [`Incoming::Log`](switchwire::Incoming::Log).
    pub async fn log(&self, level: LogLevel) -> Result<Reply> {
        self.perform("log", &Command::log(level)).await
    }

    /// `nolog`; succeeds also when there was no `log`.
    pub async fn nolog(&self) -> Result<Reply> {
        self.perform("nolog", &Command::nolog()).await
    }
}
