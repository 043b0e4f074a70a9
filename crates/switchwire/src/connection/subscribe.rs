//! Subscribing to events, filtering them, and firing one.

use switchwire_proto::{Command, EventFormat, Reply, Subscription};

use super::Connection;
use crate::{Error, Event, Result};

impl Connection {
    /// `event FORMAT NAMES`, as written: names separated by blanks, `CUSTOM` and its subclasses last.
    ///
    /// # Errors
    /// `InvalidArgument`, `Refused`, `Timeout`, `Disconnected`.
    pub fn events(&self, format: EventFormat, names: &str) -> Result<Reply> {
        self.perform("events", &Command::event(format, names)?)
    }

    /// `nixevent NAMES`: ends the subscription to these events.
    ///
    /// # Errors
    /// `InvalidArgument`, `Refused`, `Timeout`, `Disconnected`.
    pub fn nixevent(&self, names: &str) -> Result<Reply> {
        self.perform("nixevent", &Command::nixevent(names)?)
    }

    /// `noevents`: ends the subscription to all events; succeeds also when there was none.
    ///
    /// # Errors
    /// `Timeout`, `Disconnected`.
    pub fn noevents(&self) -> Result<Reply> {
        self.perform("noevents", &Command::noevents())
    }

    /// Sends all commands of a subscription in one go. A subscription may be used again, on this connection or another.
    ///
    /// # Errors
    /// `Refused` with the server's words when it refuses a command (those after it were sent all the same),
    /// `InvalidArgument`, `Refused`, `Timeout`, `Disconnected`.
    pub fn subscribe(&self, subscription: &Subscription) -> Result<()> {
        let commands = subscription.commands()?;
        let pending: Result<Vec<_>> = commands.iter().map(|command| self.submit(command)).collect();
        let mut refused = None;
        for (pending, command) in pending?.into_iter().zip(&commands) {
            let reply = pending.wait()?;
            if !reply.is_ok() && refused.is_none() {
                refused = Some(Error::refused(&command.summary(), &reply.text()));
            }
        }
        refused.map_or(Ok(()), Err)
    }

    /// `filter HEADER VALUE`.
    ///
    /// # Errors
    /// `InvalidArgument`, `Refused`, `Timeout`, `Disconnected`.
    pub fn filter(&self, header: &str, value: &str) -> Result<Reply> {
        self.perform("filter", &Command::filter(header, value)?)
    }

    /// `filter delete HEADER [VALUE]`; the header `all` removes every filter.
    ///
    /// # Errors
    /// `InvalidArgument`, `Refused`, `Timeout`, `Disconnected`.
    pub fn filter_delete(&self, header: &str, value: Option<&str>) -> Result<Reply> {
        self.perform("filter_delete", &Command::filter_delete(header, value)?)
    }

    /// `sendevent NAME` with the event's headers and body: the server fires it and replies with its uuid.
    ///
    /// # Errors
    /// `InvalidArgument` when a header holds a line break, `Refused`, `Timeout`, `Disconnected`.
    pub fn send_event(&self, event: &Event) -> Result<Reply> {
        self.perform("send_event", &Command::sendevent(event)?)
    }
}
