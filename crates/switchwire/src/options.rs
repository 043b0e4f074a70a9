use std::time::Duration;

use switchwire_proto::Limits;

/// How a connection behaves: timeouts, limits, keepalive. A plain value, good for any number of connections.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Time for resolving the host and for the TCP connection, over all addresses. Default 10 s.
    pub connect_timeout: Duration,
    /// Time for the login. Default 10 s. Outbound: for the handshake, the reply to `connect`. Default 5 s.
    pub login_timeout: Duration,
    /// Time for the reply to each command. `None` waits indefinitely. Default 60 s inbound; none outbound, where a
    /// sync socket replies only when the application has ended.
    pub command_timeout: Option<Duration>,
    /// TCP keepalive: how long the line may be silent before the kernel asks whether the peer is alive (it asks five
    /// times, a fifth of that apart). `None` never asks. Default 60 s.
    pub keepalive: Option<Duration>,
    /// Limits of a single message.
    pub limits: Limits,
    /// Bounds of the queue of events that have been received and not yet been taken.
    pub queue: QueueLimits,
}

/// How many undelivered events are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueLimits {
    /// How many. Default 100,000 (as many as the server keeps for us).
    pub events: usize,
    /// How many bytes in all. Default 256 MiB.
    pub bytes: usize,
    /// What happens at either bound.
    pub overflow: Overflow,
}

/// What happens to an event for which the queue has no room. What was dropped is counted: [`Stats::dropped_events`](crate::Stats::dropped_events).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overflow {
    /// The new event is dropped.
    #[default]
    DropNewest,
    /// The oldest queued event is dropped.
    DropOldest,
    /// The connection is closed with [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded).
    Fail,
}

impl QueueLimits {
    /// Bounds of that many events and bytes.
    #[must_use]
    pub fn new(events: usize, bytes: usize, overflow: Overflow) -> Self {
        Self { events: events.max(1), bytes, overflow }
    }
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self::new(100_000, 256 << 20, Overflow::default())
    }
}

impl Options {
    /// The defaults for a connection to the server.
    #[must_use]
    pub fn inbound() -> Self {
        Self {
            login_timeout: Duration::from_secs(10),
            command_timeout: Some(Duration::from_secs(60)),
            ..Self::outbound()
        }
    }

    /// The defaults for a call's connection from the server.
    #[must_use]
    pub fn outbound() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            login_timeout: Duration::from_secs(5),
            command_timeout: None,
            keepalive: Some(Duration::from_secs(60)),
            limits: Limits::default(),
            queue: QueueLimits::default(),
        }
    }
}
