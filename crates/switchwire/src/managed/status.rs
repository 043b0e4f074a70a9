use std::time::{Duration, SystemTime};

use super::ServerInfo;
use crate::Error;

/// How a supervised connection stands.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ManagedStatus {
    /// In one word.
    pub state: ManagedState,
    /// Since when it is so.
    pub since: SystemTime,
    /// Why the last connection, or the last attempt, failed; kept while it is up again.
    pub last_error: Option<Error>,
    /// How many attempts have failed in a row.
    pub failures: u32,
    /// The server of the last connection.
    pub server: Option<ServerInfo>,
    /// How long the last ping took, on this connection.
    pub round_trip: Option<Duration>,
    /// How many connections have been lost.
    pub outages: u64,
    /// How many attempts have been made in all.
    pub attempts: u64,
}

/// The state of a supervised connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ManagedState {
    /// There has been no connection yet.
    Connecting,
    /// There is a connection, and the subscription is applied.
    Up,
    /// It was lost; attempts go on.
    Down,
    /// There will be no further attempt.
    GaveUp,
    /// It was closed on this side.
    Closed,
}

impl ManagedState {
    /// A stable word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Up => "up",
            Self::Down => "down",
            Self::GaveUp => "gave-up",
            Self::Closed => "closed",
        }
    }
}
