//! What a supervised connection hands to its user, in one ordered stream.

use std::time::{Duration, SystemTime};

use switchwire_proto::{DisconnectNotice, LogRecord, Message};

use crate::{Error, Event};

/// One item of the stream of a [`ManagedConnection`](super::ManagedConnection).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StreamItem {
    /// The first connection is up, and the subscription applied.
    Connected(ServerInfo),
    /// An event, in whatever format it came.
    Event(Event),
    /// A log line.
    Log(LogRecord),
    /// A notice that does not end the connection.
    Notice(DisconnectNotice),
    /// Any other message, as received.
    Other(Message),
    /// The connection is over. Events that the server fired from here to `Restored` are not seen: it keeps none for us.
    Lost(Lost),
    /// The connection is back, and the subscription applied again.
    Restored(Restored),
    /// There will be no further attempt: the reason is one that the policy stops at, or its bounds are reached. The last item.
    GaveUp(Error),
}

/// A connection that ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Lost {
    /// Why.
    pub reason: Error,
    /// When it was noticed.
    pub when: SystemTime,
    /// The address (`host:port`) that it was connected to, of those given.
    pub address: String,
}

/// A connection that is back.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Restored {
    /// The server, as it is now.
    pub server: ServerInfo,
    /// How long there was no connection.
    pub outage: Duration,
    /// Whether it is still the same run of the server.
    pub run: ServerRun,
    /// How many attempts it took.
    pub attempts: u32,
}

/// Whether a server has been restarted during an outage, by its `Core-UUID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerRun {
    /// The same run: calls that were up before may be up still.
    Same,
    /// It was restarted (or is another server): no call of before is left.
    Restarted,
    /// It does not let this user ask (`global_getvar`).
    Unknown,
}

/// What a server says of itself after the login. Each part is `None` where the user may not ask for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerInfo {
    /// `Core-UUID`: another one for each run of the server.
    pub core_uuid: Option<String>,
    /// The switch's name.
    pub switchname: Option<String>,
    /// The version, e.g. `1.10.12-release~64bit`.
    pub version: Option<String>,
    /// The address (`host:port`) that was connected to, of those given.
    pub address: String,
    /// The output of `show channels as json` (an object with `row_count` and `rows`), where a snapshot is wanted. Taken once the
    /// subscription was live: a call that began or ended meanwhile may be in it and in the events that follow, but in neither it cannot be.
    pub snapshot: Option<String>,
}

impl StreamItem {
    /// The event, where it is one.
    #[must_use]
    pub fn event(&self) -> Option<&Event> {
        match self {
            Self::Event(event) => Some(event),
            _ => None,
        }
    }

    /// A stable word for what it is: `connected`, `event`, `log`, `notice`, `other`, `lost`, `restored`, `gave-up`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Connected(_) => "connected",
            Self::Event(_) => "event",
            Self::Log(_) => "log",
            Self::Notice(_) => "notice",
            Self::Other(_) => "other",
            Self::Lost(_) => "lost",
            Self::Restored(_) => "restored",
            Self::GaveUp(_) => "gave-up",
        }
    }
}

impl ServerRun {
    /// A stable word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Restarted => "restarted",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn between(before: Option<&str>, now: Option<&str>) -> Self {
        match (before, now) {
            (Some(before), Some(now)) if before == now => Self::Same,
            (Some(_), Some(_)) => Self::Restarted,
            _ => Self::Unknown,
        }
    }
}

impl From<Message> for StreamItem {
    fn from(message: Message) -> Self {
        if message.content_type().is_event() {
            return Self::Event(message.into_event());
        }
        match crate::Incoming::from(message) {
            crate::Incoming::Event(event) => Self::Event(event),
            crate::Incoming::Log(record) => Self::Log(record),
            crate::Incoming::Notice(notice) => Self::Notice(notice),
            crate::Incoming::Other(message) => Self::Other(message),
        }
    }
}
