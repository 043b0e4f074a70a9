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
    /// How long sent bytes may remain without the peer's acknowledgement before the system ends the connection
    /// (`TCP_USER_TIMEOUT`, on Linux). `None` leaves it to the system (a quarter of an hour or so). Default none.
    pub user_timeout: Option<Duration>,
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

/// What happens to an event for which the queue has no room. What was dropped is counted by cause:
/// [`Stats::dropped_events`](crate::Stats::dropped_events), [`Stats::dropped_by_bytes`](crate::Stats::dropped_by_bytes).
///
/// The default drops the newest: what is queued is in order and without holes up to the first drop, the server is never
/// held up, and the connection goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overflow {
    /// The new event is dropped.
    #[default]
    DropNewest,
    /// The oldest queued event is dropped.
    DropOldest,
    /// The connection is closed with [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded).
    Fail,
    /// Nothing is dropped: no thread reads on in the background, and [`EventLoop::pump`](crate::EventLoop::pump) reads
    /// nothing, until messages have been taken. (While a reply is awaited, both read on. An event loop stops to watch the
    /// descriptor meanwhile, which stays readable: [`Pumped::held_up`](crate::Pumped::held_up).)
    ///
    /// **Beware**: the server keeps 100,000 events for a client that does not read, then kills the connection, and while
    /// it tries to say so *no other connection of that server gets events or replies*. For programs that would
    /// rather be cut off than miss an event, and that never pause for long.
    Block,
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
            user_timeout: None,
            limits: Limits::default(),
            queue: QueueLimits::default(),
        }
    }
}
