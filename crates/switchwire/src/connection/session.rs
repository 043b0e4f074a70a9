//! Commands about the call that the connection is bound to, and the log.

use switchwire_proto::{Command, EventFormat, LogLevel, Reply};

use super::Connection;
use crate::Result;
use crate::inbox::Inbox;

impl Connection {
    /// Outbound: the uuid of the call.
    #[must_use]
    pub fn channel_uuid(&self) -> Option<String> {
        let info = self.info()?;
        let uuid = info.header("Unique-ID").or_else(|| info.header("Channel-Unique-ID"))?;
        Some(uuid.into_owned())
    }

    /// Outbound: whether the socket is a sync one (`Socket-Mode: static`), where the reply to `execute` comes only when the
    /// application has ended.
    #[must_use]
    pub fn is_sync(&self) -> bool {
        self.engine().inbox_here().is_some_and(|inbox| inbox.call.sync)
    }

    /// `myevents` outbound: the events of this connection's own call.
    ///
    /// # Errors
    /// `InvalidArgument`, `Refused`, `Timeout`, `Disconnected`.
    pub fn myevents(&self, format: Option<EventFormat>) -> Result<Reply> {
        self.perform("myevents", &Command::myevents(None, format)?)
    }

    /// `myevents UUID` inbound: binds the connection to that channel; it is closed when the channel ends.
    ///
    /// # Errors
    /// `InvalidArgument`, `Refused`, `Timeout`, `Disconnected`.
    pub fn myevents_of(&self, uuid: &str) -> Result<Reply> {
        // With a format word the server checks the uuid; without one a wrong uuid gives the events of every channel.
        self.perform("myevents", &Command::myevents(Some(uuid), Some(EventFormat::Plain))?)
    }

    /// Outbound, or bound by `myevents UUID`: whether the connection's own call is known to have ended. Known from the
    /// server's notices (`linger` brings one before the connection ends), from the call's events, and from `connect`.
    /// Looks at what has arrived without waiting (on an event loop: at what the loop has read).
    #[must_use]
    pub fn hung_up(&self) -> bool {
        let known = |inbox: &Inbox| inbox.waits.end_of(None).is_some();
        self.engine().inbox_here().is_some_and(|inbox| known(&inbox))
            || self.engine().look().is_some_and(|inbox| known(&inbox))
    }

    /// As [`hung_up`](Self::hung_up): the `Hangup-Cause`, e.g. `NORMAL_CLEARING`, where an event has named it.
    #[must_use]
    pub fn hangup_cause(&self) -> Option<String> {
        self.engine().look()?.waits.end_of(None)?.cause.clone()
    }

    /// `linger [SECONDS]`: the connection stays up after the call has ended, for that long or until `exit`, so that
    /// its last events are not lost. Without it the server closes the connection at the hang-up, and about half of the
    /// calls never see their `CHANNEL_HANGUP_COMPLETE`.
    ///
    /// # Errors
    /// `Refused`, `Timeout`, `Disconnected`.
    pub fn linger(&self, seconds: Option<u32>) -> Result<Reply> {
        self.perform("linger", &Command::linger(seconds))
    }

    /// `nolinger`.
    ///
    /// # Errors
    /// `Refused`, `Timeout`, `Disconnected`.
    pub fn nolinger(&self) -> Result<Reply> {
        self.perform("nolinger", &Command::nolinger())
    }

    /// `resume`: the dialplan continues after this connection.
    ///
    /// # Errors
    /// `Refused`, `Timeout`, `Disconnected`.
    pub fn resume(&self) -> Result<Reply> {
        self.perform("resume", &Command::resume())
    }

    /// `divert_events on|off`: events sent to the session come on this connection instead.
    ///
    /// # Errors
    /// `Refused`, `Timeout`, `Disconnected`.
    pub fn divert_events(&self, on: bool) -> Result<Reply> {
        self.perform("divert_events", &Command::divert_events(on))
    }

    /// `log LEVEL`: log lines come as [`Incoming::Log`](crate::Incoming::Log).
    ///
    /// # Errors
    /// `Refused`, `Timeout`, `Disconnected`.
    pub fn log(&self, level: LogLevel) -> Result<Reply> {
        self.perform("log", &Command::log(level))
    }

    /// `nolog`; succeeds also when there was no `log`.
    ///
    /// # Errors
    /// `Timeout`, `Disconnected`.
    pub fn nolog(&self) -> Result<Reply> {
        self.perform("nolog", &Command::nolog())
    }
}
