//! What api commands keep from one call to the next: databases, limits, groups, tasks, settings, registrations.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use crate::channel::{ChannelId, Queue, Valet};
use crate::conference::Conference;

/// All of it; empty in a new server.
#[derive(Debug)]
pub(crate) struct Stores {
    /// `db`: realm, key, value.
    pub(crate) db: BTreeMap<String, BTreeMap<String, String>>,
    /// `hash`: realm and key joined by `_`, value.
    pub(crate) hash: BTreeMap<String, String>,
    /// `limit`: the channels that hold a resource, by realm and resource.
    pub(crate) limits: BTreeMap<(String, String), Vec<ChannelId>>,
    /// `group`: dial strings.
    pub(crate) groups: BTreeMap<String, Vec<String>>,
    pub(crate) tasks: BTreeMap<u64, Task>,
    pub(crate) next_task: u64,
    /// `stickyadd` made them.
    pub(crate) sticky_aliases: Vec<String>,
    pub(crate) registrations: Vec<Registration>,
    pub(crate) settings: Settings,
    pub(crate) conferences: BTreeMap<String, Conference>,
    pub(crate) next_member: u64,
    pub(crate) valet: Valet,
    /// `fifo`: in the order in which they were made.
    pub(crate) queues: Vec<Queue>,
    /// Modules that were unloaded.
    pub(crate) unloaded: BTreeSet<String>,
    /// PRESENCE_IN events of `pickup` groups so far.
    pub(crate) pickup_presences: u64,
    /// Files that conferences were played, and PRESENCE_IN events of theirs.
    pub(crate) next_file: u64,
    pub(crate) presences: u64,
}

impl Default for Stores {
    fn default() -> Self {
        Self {
            db: BTreeMap::new(),
            hash: BTreeMap::new(),
            limits: BTreeMap::new(),
            groups: BTreeMap::new(),
            tasks: BTreeMap::new(),
            // The server's own tasks come first.
            next_task: 4,
            sticky_aliases: Vec::new(),
            registrations: Vec::new(),
            settings: Settings::default(),
            conferences: BTreeMap::new(),
            next_member: 1,
            valet: Valet::default(),
            queues: Vec::new(),
            unloaded: BTreeSet::new(),
            pickup_presences: 0,
            next_file: 0,
            presences: 0,
        }
    }
}

/// A phone that is registered.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    pub(crate) user: String,
    pub(crate) domain: String,
    pub(crate) contact: SocketAddr,
    pub(crate) call_id: String,
    /// Seconds since 1970.
    pub(crate) expires: u64,
}

impl Registration {
    /// The dial string that reaches it.
    pub(crate) fn url(&self) -> String {
        format!("sofia/internal/sip:{}@{}", self.user, self.contact)
    }
}

/// Something to be done at a time.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) description: &'static str,
    pub(crate) group: String,
    /// Seconds since 1970.
    pub(crate) runtime: u64,
    /// Seconds; zero for once.
    pub(crate) every: u64,
    pub(crate) added: u64,
    pub(crate) job: Job,
}

/// What a task does.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    Api(String),
    Hangup { uuid: String, cause: String },
    Transfer { uuid: String, extension: String, dialplan: Option<String>, context: Option<String> },
    Broadcast { uuid: String, path: String },
}

/// What `fsctl` sets.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) paused_inbound: bool,
    pub(crate) paused_outbound: bool,
    pub(crate) max_sessions: u64,
    pub(crate) sps: u64,
    pub(crate) debug_level: u64,
    pub(crate) min_dtmf: u64,
    pub(crate) max_dtmf: u64,
    pub(crate) default_dtmf: u64,
    pub(crate) uuid_version: u64,
    pub(crate) api_expansion: bool,
    pub(crate) verbose_events: bool,
    pub(crate) threaded_exec: bool,
    pub(crate) debug_sql: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            paused_inbound: false,
            paused_outbound: false,
            max_sessions: 5000,
            sps: 500,
            debug_level: 0,
            min_dtmf: 400,
            max_dtmf: 192_000,
            default_dtmf: 2000,
            uuid_version: 4,
            api_expansion: true,
            verbose_events: false,
            threaded_exec: false,
            debug_sql: false,
        }
    }
}
