//! One thing that happened on a leg: an event, or a log line.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use switchwire::{Event, EventType, LogLevel, LogRecord};

use super::ServerClock;
use crate::{describe, printable};

/// An event or a log line, described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The server's time, in microseconds since 1970.
    pub(crate) at: u64,
    /// The leg's uuid.
    pub(crate) uuid: Arc<str>,
    pub(crate) what: What,
    /// Harmless text.
    pub(crate) detail: String,
    /// What an event that ends something has in common with the one that began it: `Application-UUID`.
    pub(crate) key: Option<Box<str>>,
}

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Event(EventType),
    Log(LogLevel),
}

impl What {
    /// The event's name, or `LOG` and the level.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Event(event) => event.name().to_owned(),
            Self::Log(level) => format!("LOG {level}"),
        }
    }
}

impl Entry {
    /// An event of a channel; `None` for any other.
    pub(crate) fn event(event: &Event) -> Option<Self> {
        let uuid = event.unique_id().filter(|uuid| !uuid.is_empty())?;
        let what = event.event_type();
        let key = match what {
            EventType::ChannelExecute | EventType::ChannelExecuteComplete => event.header("Application-UUID"),
            _ => None,
        };
        Some(Self {
            at: event.time().map_or(0, micros),
            uuid: Arc::from(&*uuid),
            what: What::Event(what),
            detail: describe::detail(event),
            key: key.map(|key| Box::from(&*key)),
        })
    }

    /// A log line about a channel; `None` for any other.
    pub(crate) fn log(record: &LogRecord, clock: &ServerClock) -> Option<Self> {
        let uuid = record.channel_uuid.as_deref().filter(|uuid| !uuid.is_empty())?;
        Some(Self {
            at: clock.time(record),
            uuid: Arc::from(uuid),
            what: What::Log(record.level),
            detail: printable::cell(record.message(), LONGEST),
            key: None,
        })
    }
}

/// Microseconds since 1970.
pub(crate) fn micros(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Of a log line, so much is kept.
const LONGEST: usize = 400;
