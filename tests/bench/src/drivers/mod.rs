//! The clients that are built into this program: ours in Rust, the layers above it and what grows beside it, and the
//! floors that no client can beat.

mod floor;
mod growing;
mod layers;
mod ours;
mod sessions;
mod tasks;

use anyhow::{Result, bail};

pub(crate) use growing::{KINDS, Kind};
pub(crate) use layers::SERVERS;

use crate::server::Sends;
use crate::stream::Format;

/// What a client does in its turn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Work {
    /// Receives so many events; timed.
    Events,
    /// As `Events`, and adds up every byte it read.
    Verify,
    /// So many `api` commands, each after the reply to the one before.
    Serial,
    /// So many `api` commands, a hundred of them under way at once.
    Pipelined,
    /// So many connections, doing nothing.
    Idle,
    /// Receives so many stamped events and reports how long each took from its sending to here.
    Latency,
    /// So many events on each of [`FLOODED`] connections, which read late; then idle again.
    Flood,
}

/// How many connections are flooded.
pub(crate) const FLOODED: usize = 20;

/// How many commands are under way at once.
pub(crate) const DEPTH: usize = 100;

impl Work {
    pub(crate) const ALL: [Self; 7] =
        [Self::Events, Self::Verify, Self::Serial, Self::Pipelined, Self::Idle, Self::Latency, Self::Flood];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Verify => "verify",
            Self::Serial => "serial",
            Self::Pipelined => "pipelined",
            Self::Idle => "idle",
            Self::Latency => "latency",
            Self::Flood => "flood",
        }
    }
}

impl std::str::FromStr for Work {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        match Self::ALL.into_iter().find(|work| work.name() == name) {
            Some(work) => Ok(work),
            None => bail!("{name} is no work"),
        }
    }
}

/// One turn of one client, in this process.
#[derive(Clone, Copy)]
pub(crate) struct Task {
    pub(crate) work: Work,
    pub(crate) port: u16,
    pub(crate) count: usize,
    pub(crate) sends: Sends,
}

impl Task {
    /// The command that begins the stream.
    fn stream(&self) -> String {
        format!("stream {} {}", self.count, self.sends.name())
    }
}

pub(crate) fn drive(client: &str, task: Task) -> Result<()> {
    match client {
        "floor-recv" => floor::run(task, |_| 0),
        "floor-scan" => floor::run(task, floor::lines),
        "floor-frame" => floor::frames(task),
        "rust" => ours::run(task, Format::Plain),
        "rust-json" => ours::run(task, Format::Json),
        "rust-tokio" => tasks::run(task),
        "rust-managed" => layers::managed(task),
        "rust-bare" => layers::bare(task),
        "rust-fleet" => layers::fleet(task),
        "sessions-threads" => sessions::run("threads", task),
        "sessions-loop" => sessions::run("loop", task),
        other => match other.strip_prefix("grow-").and_then(|rest| rest.split_once('-')) {
            Some((kind, many)) => growing::run(kind, many.parse()?, task),
            None => bail!("no client is called {other}"),
        },
    }
}
