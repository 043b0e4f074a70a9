//! How a server of a fleet is doing.

use std::time::{Duration, SystemTime};

use crate::{ManagedConnection, ManagedState};

/// How a server is doing, as far as is known.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Health {
    /// In one word.
    pub state: HealthState,
    /// Since when its connection is up, or is not.
    pub since: SystemTime,
    /// Whether it takes no new calls by the program's wish ([`Fleet::drain`](super::Fleet::drain)).
    pub draining: bool,
    /// How long ago the last HEARTBEAT came, on the present connection.
    pub heartbeat_age: Option<Duration>,
    /// How long the last ping took.
    pub round_trip: Option<Duration>,
    /// `Session-Count` of the last HEARTBEAT.
    pub sessions: Option<u64>,
    /// `Max-Sessions` of the last HEARTBEAT.
    pub max_sessions: Option<u64>,
    /// `Idle-CPU` of the last HEARTBEAT, in per cent; `None` where the server does not measure it (it says 0 then).
    pub idle_cpu: Option<f64>,
    /// Events that wait to be taken.
    pub queued: usize,
    /// Events that the queue's policy has dropped so far.
    pub dropped: u64,
    /// How many connections have been lost.
    pub outages: u64,
}

/// A server's health in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HealthState {
    /// Connected, and within the limits.
    Up,
    /// Connected, but beyond one of the limits ([`HealthLimits`]).
    Degraded,
    /// Not connected.
    Down,
}

/// Beyond these a server that is connected counts as degraded; `None` sets no limit.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct HealthLimits {
    /// The last HEARTBEAT may be that old. Default 60 s, three times the server's own default interval.
    pub heartbeat_age: Option<Duration>,
    /// A ping may take that long. Default 1 s.
    pub round_trip: Option<Duration>,
    /// The least `Idle-CPU`, in per cent. Default 5.
    pub idle_cpu: Option<f64>,
    /// The share of `Max-Sessions` that may be in use. Default 0.95.
    pub sessions: Option<f64>,
}

impl Default for HealthLimits {
    fn default() -> Self {
        Self {
            heartbeat_age: Some(Duration::from_secs(60)),
            round_trip: Some(Duration::from_secs(1)),
            idle_cpu: Some(5.0),
            sessions: Some(0.95),
        }
    }
}

impl HealthState {
    /// A stable word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}

impl Health {
    pub(super) fn of(connection: &ManagedConnection, draining: bool, limits: &HealthLimits) -> Self {
        let status = connection.status();
        let stats = connection.stats();
        let heartbeat = connection.heartbeat();
        let number = |name: &str| heartbeat.as_ref()?.header(name)?.trim().parse::<f64>().ok();
        let whole = |name: &str| heartbeat.as_ref()?.header(name)?.trim().parse::<u64>().ok();
        let mut health = Self {
            state: if status.state == ManagedState::Up { HealthState::Up } else { HealthState::Down },
            since: status.since,
            draining,
            heartbeat_age: connection.heartbeat_age(),
            round_trip: status.round_trip,
            sessions: whole("Session-Count"),
            max_sessions: whole("Max-Sessions"),
            // A server that cannot measure it says 0.
            idle_cpu: number("Idle-CPU").filter(|idle| *idle > 0.0),
            queued: stats.queued,
            dropped: stats.dropped_events,
            outages: status.outages,
        };
        if health.state == HealthState::Up && health.is_beyond(limits) {
            health.state = HealthState::Degraded;
        }
        health
    }

    fn is_beyond(&self, limits: &HealthLimits) -> bool {
        let beyond = |value: Option<Duration>, most: Option<Duration>| {
            value.zip(most).is_some_and(|(value, most)| value > most)
        };
        let used = self.sessions.zip(self.max_sessions).filter(|(_, most)| *most > 0);
        beyond(self.heartbeat_age, limits.heartbeat_age)
            || beyond(self.round_trip, limits.round_trip)
            || self.idle_cpu.zip(limits.idle_cpu).is_some_and(|(idle, least)| idle < least)
            || used
                .zip(limits.sessions)
                .is_some_and(|((sessions, most), share)| sessions as f64 > most as f64 * share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Health {
        Health {
            state: HealthState::Up,
            since: SystemTime::now(),
            draining: false,
            heartbeat_age: Some(Duration::from_secs(5)),
            round_trip: Some(Duration::from_millis(1)),
            sessions: Some(10),
            max_sessions: Some(1000),
            idle_cpu: Some(80.0),
            queued: 0,
            dropped: 0,
            outages: 0,
        }
    }

    #[test]
    fn each_limit_counts_for_itself_and_what_is_unknown_does_not() {
        let limits = HealthLimits::default();
        assert!(!well().is_beyond(&limits));
        assert!(Health { idle_cpu: Some(4.0), ..well() }.is_beyond(&limits));
        assert!(Health { sessions: Some(951), ..well() }.is_beyond(&limits));
        assert!(Health { round_trip: Some(Duration::from_secs(2)), ..well() }.is_beyond(&limits));
        assert!(Health { heartbeat_age: Some(Duration::from_secs(61)), ..well() }.is_beyond(&limits));
        let unknown =
            Health { heartbeat_age: None, round_trip: None, sessions: None, idle_cpu: None, ..well() };
        assert!(!unknown.is_beyond(&limits));
    }
}
