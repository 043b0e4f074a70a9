//! Commands about the call that the connection is bound to.

use switchwire::{Command, EventFormat, Reply, Result};

use super::Connection;

/// Errors are those of [`perform`](Connection::perform), and `InvalidArgument`.
#[expect(clippy::missing_errors_doc, reason = "said once above")]
impl Connection {
    /// Outbound: the uuid of the call.
    #[must_use]
    pub fn channel_uuid(&self) -> Option<String> {
        self.core().channel_uuid()
    }

    /// Outbound: whether the socket is a sync one (`Socket-Mode: static`), where the reply to `execute` comes only when the
    /// application has ended.
    #[must_use]
    pub fn is_sync(&self) -> bool {
        self.core().is_sync()
    }

    /// Whether the connection's own call is known to have ended, by what has been read.
    #[must_use]
    pub fn hung_up(&self) -> bool {
        self.core().hung_up()
    }

    /// As [`hung_up`](Self::hung_up): the `Hangup-Cause`, where an event has named it.
    #[must_use]
    pub fn hangup_cause(&self) -> Option<String> {
        self.core().hangup_cause()
    }

    /// `myevents` outbound: the events of this connection's own call.
    pub async fn myevents(&self, format: Option<EventFormat>) -> Result<Reply> {
        self.perform("myevents", &Command::myevents(None, format)?).await
    }

    /// `myevents UUID` inbound: binds the connection to that channel; it is closed when the channel ends.
    pub async fn myevents_of(&self, uuid: &str) -> Result<Reply> {
        // With a format word the server checks the uuid; without one a wrong uuid gives the events of every channel.
        self.perform("myevents", &Command::myevents(Some(uuid), Some(EventFormat::Plain))?).await
    }

    /// `linger [SECONDS]`: the connection stays up after the call has ended, for that long or until `exit`, so that
    /// its last events are not lost. Without it about half of the calls never see their `CHANNEL_HANGUP_COMPLETE`.
    pub async fn linger(&self, seconds: Option<u32>) -> Result<Reply> {
        self.perform("linger", &Command::linger(seconds)).await
    }

    /// `nolinger`.
    pub async fn nolinger(&self) -> Result<Reply> {
        self.perform("nolinger", &Command::nolinger()).await
    }

    /// `resume`: the dialplan continues after this connection.
    pub async fn resume(&self) -> Result<Reply> {
        self.perform("resume", &Command::resume()).await
    }

    /// `divert_events on|off`: events sent to the session come on this connection instead.
    pub async fn divert_events(&self, on: bool) -> Result<Reply> {
        self.perform("divert_events", &Command::divert_events(on)).await
    }
}
