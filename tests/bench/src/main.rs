//! Side-by-side figures. `cargo xtask bench` builds every client, replays recorded events to each in rotation, every
//! client in a process of its own, and writes the tables and the plot of the README.

mod capacity;
mod client;
mod cores;
mod drivers;
mod goals;
mod growth;
mod install;
mod latency;
mod layers;
mod lookups;
mod markdown;
mod measure;
mod plot;
mod process;
mod readers;
mod report;
mod server;
mod sessions;
mod sizes;
mod smoke;
mod stamp;
mod stamped;
mod stream;
mod turn;

use clap::{Parser, Subcommand};

use crate::drivers::{Task, Work};
use crate::measure::Effort;
use crate::server::Sends;

#[derive(Parser)]
#[command(about = "Side-by-side figures of clients on the same stream")]
struct Arguments {
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand)]
enum Part {
    /// Measures every client and writes tests/bench/RESULTS.md, tests/bench/plot.svg and the README's table.
    Report {
        /// A fifth of the events, three rounds: for a look.
        #[arg(long)]
        quick: bool,
        /// How often each client's turn comes.
        #[arg(long)]
        rounds: Option<usize>,
        /// How many events the fastest clients receive in a turn.
        #[arg(long)]
        events: Option<usize>,
        /// Only these clients (their names, as RESULTS.md has them); nothing is written then.
        #[arg(long)]
        only: Vec<String>,
        /// Only these parts; nothing is written then.
        #[arg(long)]
        part: Vec<measure::Part>,
        /// The events of the recordings below that folder (`server.bin`, plain and JSON) in the place of the repository's;
        /// nothing is written then.
        #[arg(long)]
        events_from: Option<std::path::PathBuf>,
        /// Takes the peers that are installed already.
        #[arg(long)]
        offline: bool,
        /// Prints the figures, changes no file.
        #[arg(long)]
        dry: bool,
        /// Does not count instructions (valgrind takes its time).
        #[arg(long)]
        no_instructions: bool,
    },
    /// A few events through every client that is there; fails when one of ours does not deliver them all.
    Smoke,
    /// What a supervised connection and a fleet of twenty cost beside bare connections, in one run.
    Layers {
        #[arg(long, default_value_t = 5)]
        rounds: usize,
        /// How many events one connection receives in a turn.
        #[arg(long, default_value_t = 300_000)]
        events: usize,
        /// How long twenty connections are sent events at their pace.
        #[arg(long, default_value_t = 4)]
        seconds: usize,
        /// Does not count instructions.
        #[arg(long)]
        no_instructions: bool,
    },
    /// What an event, or a command, costs beside 1 to 10,000 jobs, executions, subscribers, sessions and so on.
    Growth {
        /// Only these kinds (`jobs`, `sessions` …).
        #[arg(long)]
        only: Vec<String>,
        /// Writes tests/bench/GROWTH.md and tests/bench/growth.svg.
        #[arg(long)]
        write: bool,
        #[arg(long, default_value_t = 3)]
        rounds: usize,
        #[arg(long, default_value_t = 10_000)]
        most: usize,
        #[arg(long, default_value_t = 100_000)]
        events: usize,
        #[arg(long, default_value_t = 5_000)]
        commands: usize,
    },
    /// What a typed reader of an event costs beside the plain look-up, in Rust, Python and Node.
    Readers {
        /// Fails when one costs more than it may.
        #[arg(long)]
        strict: bool,
    },
    /// What so many look-ups of one event cost, as they are and with an index.
    Lookups {
        #[arg(long, default_value_t = 200)]
        rounds: usize,
    },
    /// What an outbound session keeps, on a thread of its own and on an event loop, and how many a second are accepted.
    Sessions {
        #[arg(long, default_value_t = 10_000)]
        count: usize,
        #[arg(long, default_value_t = 3)]
        rounds: usize,
        /// Fails when one keeps more than it may.
        #[arg(long)]
        strict: bool,
    },
    /// Serves the stream until killed, and prints the port: for profilers, and for clients started by hand.
    Serve {
        /// Runs on that core alone.
        #[arg(long)]
        core: Option<usize>,
    },
    /// One turn of a client that is built into this program.
    Drive { client: String, work: Work, port: u16, count: usize, sends: Sends },
    /// Runs a program on one core.
    Pin { core: usize, command: Vec<String> },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().part {
        Part::Report { quick, rounds, events, only, part, events_from, offline, dry, no_instructions } => {
            cores::many_descriptors()?;
            let effort = Effort {
                rounds: rounds.unwrap_or(if quick { 3 } else { 5 }),
                events: events.unwrap_or(if quick { 60_000 } else { 300_000 }),
                asks: if quick { 10_000 } else { 50_000 },
                instructions: !no_instructions,
                seconds: if quick { 1 } else { 5 },
                starts: if quick { 11 } else { 41 },
            };
            let write = !dry && only.is_empty() && part.is_empty() && events_from.is_none();
            if let Some(folder) = events_from {
                stream::read_from(&folder)?;
            }
            report::run(&report::Options { effort, only, parts: part, offline, write })
        }
        Part::Smoke => smoke::run(std::env::var_os("REQUIRE_ALL").is_some_and(|value| value == "1")),
        Part::Layers { rounds, events, seconds, no_instructions } => {
            layers::run(rounds.max(1), events, seconds, !no_instructions)
        }
        Part::Growth { only, write, rounds, most, events, commands } => {
            cores::many_descriptors()?;
            growth::run(&growth::Effort { most, rounds: rounds.max(1), events, commands }, &only, write)
        }
        Part::Sessions { count, rounds, strict } => {
            cores::many_descriptors()?;
            sessions::run(count.max(1), rounds.max(1), strict)
        }
        Part::Readers { strict } => readers::run(strict),
        Part::Lookups { rounds } => lookups::run(rounds),
        Part::Serve { core } => {
            cores::many_descriptors()?;
            server::run(core)
        }
        Part::Drive { client, work, port, count, sends } => {
            drivers::drive(&client, Task { work, port, count, sends })
        }
        Part::Pin { core, command } => cores::become_pinned(core, &command),
    }
}
