//! The whole state of a simulator, owned by one thread: no locks, no races, one order of events.

pub(crate) mod clock;
mod closing;
mod control;
mod custom;
mod heartbeat;
mod io;
mod reactor;
mod settle;
mod timer;
mod watch;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

pub(crate) use control::Control;
pub(crate) use timer::Timers;

use crate::api::request::ApiRequest;
use crate::api::stores::Stores;
use crate::channel::{ChannelId, Channels, EffortId, Efforts};
use crate::config::Config;
use crate::conn::{Conn, ConnId};
use crate::custom::Replies;
use crate::journal::Journal;
use crate::load::Calling;
use crate::scenario::Script;
use crate::shared::Shared;

/// The whole state.
pub(crate) struct World {
    pub(crate) config: Config,
    pub(crate) core_uuid: String,
    pub(crate) started: Instant,
    pub(crate) sequence: u64,
    pub(crate) conns: BTreeMap<ConnId, Conn>,
    pub(crate) channels: Channels,
    pub(crate) efforts: Efforts,
    pub(crate) timers: Timers<Timer>,
    /// Timers of the sockets, by the machine's time whatever the clock.
    socket_timers: Timers<Timer>,
    /// Work that must not run inside the step that caused it.
    pub(crate) work: VecDeque<Work>,
    /// Connections to look at before the next wait.
    pub(crate) dirty: Vec<ConnId>,
    /// Connections with unread input left, for the next round.
    backlog: Vec<ConnId>,
    pub(crate) globals: BTreeMap<String, String>,
    /// Other names for commands on the console.
    pub(crate) aliases: BTreeMap<String, String>,
    /// What api commands keep.
    pub(crate) stores: Stores,
    /// Subclasses of CUSTOM that were ever fired.
    pub(crate) subclasses: BTreeSet<String>,
    pub(crate) mode: Mode,
    shared: Arc<Shared>,
    registry: mio::Registry,
    /// None while connections are refused.
    listener: Option<mio::net::TcpListener>,
    next_conn: ConnId,
    /// Where it listens, for when it listens again.
    addr: std::net::SocketAddr,
    /// What has been seen, if that is to be kept.
    pub(crate) journal: Option<Journal>,
    pub(crate) script: Script,
    /// Replies of the user's handlers.
    pub(crate) replies: Replies,
    /// Api commands that wait for one.
    pub(crate) asked: HashMap<u64, ApiRequest>,
    pub(crate) calling: Calling,
}

/// Whether the simulator is to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Running,
    /// Notices are out; what is written by then is written.
    Ending(Instant),
    Stopped,
}

/// Something to do at a time.
#[derive(Debug)]
pub(crate) enum Timer {
    /// No complete command came.
    AuthTimeout(ConnId),
    /// A fault's pause is over.
    Write(ConnId),
    /// The client of a closed connection did not close its side.
    Forget(ConnId),
    /// A lingering connection's time is up.
    LingerEnd(ConnId),
    /// An async session parks.
    Park(ChannelId),
    /// An application has run its time.
    AppDone(ChannelId, u64),
    /// A slow api command has its reply.
    Reply(ApiRequest, String),
    /// A channel looks at its messages.
    Step(ChannelId),
    /// A digit that came may be read.
    Digit(ChannelId),
    /// A recording beside the call has its length.
    RecordingEnds(ChannelId, u64),
    /// A channel says that it is there.
    SessionHeartbeat(ChannelId, u64),
    /// The next frame of a channel whose audio goes to a socket.
    Unicast(ChannelId, u64),
    /// What plays in the place of what a channel says has had its time.
    DisplacingEnds(ChannelId, u64),
    /// An originate waited long enough.
    OriginateTimeout(EffortId, usize, u32),
    /// A scheduled task is due.
    Task(u64),
    Heartbeat,
    /// A reply that was held back.
    LateReply(ConnId, Vec<u8>),
    /// An endpoint's behaviour.
    Endpoint(ChannelId, crate::endpoint::Step),
    /// A step of the script.
    Act(crate::scenario::Act),
    /// A frame of a conference, by name and uuid.
    Conference(String, String),
    /// A conference may be empty.
    ConferenceEnds(String, String),
    /// A file that a conference hears is over.
    ConferenceFile(crate::conference::FileEnds),
    /// The next calls of the load.
    Load,
}

/// Something to do as soon as the present step is over.
#[derive(Debug)]
pub(crate) enum Work {
    /// Run a channel: hang up, run what is queued, run its dialplan.
    Step(ChannelId),
    /// Run an api command.
    Api(ApiRequest),
    /// Go on with a leg that was answered.
    Advance(ChannelId),
    /// An originate's legs are gone: try the next ones.
    NextGroup(EffortId, usize),
    /// An originate has failed.
    Failed(EffortId),
    /// The last events of a channel that was reported.
    Destroy(ChannelId),
    /// Unload the module: every connection gets a notice and is closed.
    Shutdown { notice: bool, stop: bool },
}
