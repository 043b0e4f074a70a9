//! A simulator's settings.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use crate::custom::{Done, Handler};
use crate::dialplan::Dialplan;
use crate::endpoint::Endpoint;
use crate::faults::Faults;
use crate::load::Load;
use crate::scenario::{Expect, Step};
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
    /// Whether every sound file that is named exists.
    pub(crate) sound_files: bool,
    pub(crate) queue_bound: usize,
    pub(crate) time: Time,
    pub(crate) faults: Faults,
    /// Faults of single connections, by their number.
    pub(crate) faults_of: BTreeMap<usize, Faults>,
    pub(crate) dialplan: Dialplan,
    /// By pattern of their dial strings; the last that fits is taken.
    pub(crate) endpoints: Vec<(String, Handler<Endpoint>)>,
    /// The user's own, by name in lower case.
    pub(crate) applications: BTreeMap<String, Handler<Done>>,
    pub(crate) apis: BTreeMap<String, Handler<String>>,
    pub(crate) script: Vec<Step>,
    pub(crate) expectations: Vec<Expect>,
    /// What is seen is kept.
    pub(crate) watched: bool,
    pub(crate) load: Option<Load>,
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
