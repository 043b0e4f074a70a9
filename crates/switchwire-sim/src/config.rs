//! A simulator's settings.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use crate::faults::Faults;
use crate::user::User;

/// The settings a running simulator keeps.
#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) bind: String,
    pub(crate) password: String,
    pub(crate) users: Vec<User>,
    pub(crate) acl_reject: bool,
    pub(crate) hostname: String,
    pub(crate) switchname: String,
    pub(crate) version: String,
    pub(crate) ipv4: String,
    pub(crate) ipv6: String,
    pub(crate) domain: String,
    pub(crate) heartbeat: Option<Duration>,
    pub(crate) auth_timeout: Duration,
    pub(crate) playback: Duration,
    pub(crate) queue_bound: usize,
    pub(crate) time: Time,
    pub(crate) faults: Faults,
    pub(crate) extensions: BTreeMap<String, Vec<(String, String)>>,
    /// The only address that the `socket` application may connect to; `None` for any.
    pub(crate) outbound_only_to: Option<SocketAddr>,
}

/// Whose time a simulator goes by: that of its calls, timers and dates. Faults and closing sockets keep the machine's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Time {
    /// The machine's.
    #[default]
    Machine,
    /// It stands still, and moves with [`Simulator::advance`](crate::Simulator::advance) alone.
    Manual,
    /// While there are calls it jumps to the next thing that is due as soon as nothing has happened for 5 ms: an hour of
    /// music is over at once. A client that takes longer to react sees the call go on without it.
    Skipping,
}
