//! Breaks: what a consumer is told when events of a switch may be missing.

use std::time::SystemTime;

use serde::Serialize;

/// The body of a record with the event `SWITCHWIRE_BREAK`. Times are RFC 3339, in UTC.
#[derive(Debug, Clone, Serialize)]
pub struct Break {
    /// The switch.
    pub node: String,
    /// The bridge that reports it.
    pub bridge: String,
    /// Since when events may be missing; `null` where it is not known (the bridge has just begun).
    pub from: Option<String>,
    /// Until when; `null` while it lasts.
    pub to: Option<String>,
    /// Why.
    pub reason: String,
    /// How many events are known to be missing; `null` where it cannot be known (no connection).
    pub dropped: Option<u64>,
    /// Whether the switch has been restarted meanwhile: `same`, `restarted`, `unknown`; `null` while it lasts.
    pub run: Option<&'static str>,
}

/// A point in time as it is written.
pub(crate) fn written(when: SystemTime) -> Option<String> {
    let when = jiff::Timestamp::try_from(when).ok()?;
    Some(when.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string())
}

/// A run of events that were dropped here.
#[derive(Debug, Clone)]
pub(crate) struct Gap {
    pub(crate) from: SystemTime,
    pub(crate) dropped: u64,
    pub(crate) reason: String,
}

impl Gap {
    /// Makes the gap longer, or begins one.
    pub(crate) fn widen(gap: &mut Option<Self>, dropped: u64, reason: &str) {
        match gap {
            Some(gap) => gap.dropped += dropped,
            None => *gap = Some(Self { from: SystemTime::now(), dropped, reason: reason.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_to_the_microsecond() {
        assert_eq!(written(SystemTime::UNIX_EPOCH).as_deref(), Some("1970-01-01T00:00:00.000000Z"));
    }
}
