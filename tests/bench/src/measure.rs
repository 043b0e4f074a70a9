//! Runs the clients in rotation, each turn in a process of its own, and keeps the medians.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::ValueEnum as _;

use crate::client::{CLIENTS, Client, Side};
use crate::drivers::{DEPTH, FLOODED, Task, Work};
use crate::install::{Installed, Missing};
use crate::latency::Latencies;
use crate::process::{Outcome, Server, Start, turn};
use crate::server::Sends;
use crate::sizes::{self, Size};
use crate::stream::{Format, Stream};

/// How much is measured.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// How many events the fastest clients receive in a turn.
    pub(crate) events: usize,
    /// How many commands they send.
    pub(crate) asks: usize,
    pub(crate) instructions: bool,
    /// How long a busy server sends to each client whose latency is measured.
    pub(crate) seconds: usize,
    /// How often an interpreter is started.
    pub(crate) starts: usize,
}

/// What is measured together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Part {
    /// Whether every byte is delivered.
    Delivered,
    /// The cost of an event.
    Events,
    RoundTrips,
    Memory,
    Instructions,
    Latency,
    /// Sizes of files, and times to import them.
    Sizes,
}

/// The middle of a client's turns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Middle {
    /// Per second.
    pub(crate) rate: f64,
    /// Microseconds of CPU each.
    pub(crate) cpu: f64,
    /// The most kilobytes resident.
    pub(crate) peak: u64,
}

/// What one kind of turn gave, by client.
pub(crate) type Middles = BTreeMap<&'static str, Middle>;

/// Where server and client run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Cores {
    /// Each on its own.
    Two,
    /// Both on one.
    Same,
}

impl Cores {
    /// Those that this machine has.
    fn all() -> &'static [Self] {
        let several = std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
        if several { &[Self::Two, Self::Same] } else { &[Self::Same] }
    }
}

/// A process whose connections are idle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Idle {
    pub(crate) connections: usize,
    /// Kilobytes resident.
    pub(crate) resident: u64,
    /// Kilobytes of them that are the connections' public structs.
    pub(crate) public: u64,
}

/// All that was measured.
pub(crate) struct Results {
    pub(crate) effort: Effort,
    /// Why clients did not run.
    pub(crate) missing: BTreeMap<&'static str, String>,
    /// What was wrong with what they delivered, and in which turns; all others delivered everything.
    pub(crate) wrong: BTreeMap<&'static str, BTreeMap<String, Vec<String>>>,
    pub(crate) events: BTreeMap<Sends, Middles>,
    pub(crate) asks: BTreeMap<(Work, Cores), Middles>,
    pub(crate) idle: BTreeMap<&'static str, Vec<Idle>>,
    /// Resident kilobytes before and after a flood.
    pub(crate) flood: BTreeMap<&'static str, (u64, u64)>,
    /// Instructions an event.
    pub(crate) instructions: BTreeMap<&'static str, f64>,
    /// Microseconds of CPU that the server spends on an event of the bulk stream.
    pub(crate) server: f64,
    pub(crate) latencies: Latencies,
    pub(crate) sizes_and_starts: Vec<Size>,
    /// Bytes an event, plain and JSON.
    pub(crate) sizes: (f64, f64),
}

impl Results {
    pub(crate) fn new(effort: Effort) -> Self {
        Self {
            effort,
            missing: BTreeMap::new(),
            wrong: BTreeMap::new(),
            events: BTreeMap::new(),
            asks: BTreeMap::new(),
            idle: BTreeMap::new(),
            flood: BTreeMap::new(),
            instructions: BTreeMap::new(),
            server: 0.0,
            latencies: BTreeMap::new(),
            sizes_and_starts: Vec::new(),
            sizes: (0.0, 0.0),
        }
    }
}

pub(crate) const IDLE: [usize; 3] = [1, 100, 1000];

/// So many times more commands are sent when many are under way at once: the turn is to last about as long, or what a
/// virtual machine compiles in it would be most of what is measured.
const DEEP: usize = 5;

/// Nothing takes longer, but what has hung.
const LIMIT: Duration = Duration::from_secs(40);

/// So for the short turns that are not timed: a client that has lost an event waits indefinitely.
const SHORT: Duration = Duration::from_secs(20);

pub(crate) struct Contest<'a> {
    chosen: Vec<(&'static Client, Start)>,
    streams: [Stream; 2],
    pub(crate) server: Server,
    installed: &'a Installed,
    pub(crate) results: Results,
}

impl<'a> Contest<'a> {
    pub(crate) fn new(installed: &'a Installed, effort: Effort, only: &[String]) -> Result<Self> {
        let streams = [Stream::load(Format::Plain)?, Stream::load(Format::Json)?];
        let mut results = Results::new(effort);
        results.sizes = (streams[0].average(), streams[1].average());
        let mut chosen = Vec::new();
        for client in CLIENTS {
            if !only.is_empty() && !only.iter().any(|name| name == client.name) {
                results.missing.insert(client.name, "not asked for".to_owned());
                continue;
            }
            match client.start(installed) {
                Ok(start) => chosen.push((client, start)),
                Err(Missing(why)) => drop(results.missing.insert(client.name, why)),
            }
        }
        Ok(Self { chosen, streams, server: Server::start(None)?, installed, results })
    }

    /// All there is to measure, or these parts of it.
    pub(crate) fn run(&mut self, parts: &[Part]) -> Result<()> {
        for part in Part::value_variants() {
            if !parts.is_empty() && !parts.contains(part) {
                continue;
            }
            let begun = Instant::now();
            match part {
                Part::Delivered => {
                    let count = 3 * self.streams[0].frames.len();
                    self.verify(&[Sends::Bulk, Sends::Two, Sends::Crumbs], count);
                }
                Part::Events => {
                    for sends in [Sends::Bulk, Sends::Two, Sends::One] {
                        self.events(sends)?;
                    }
                    self.watch_the_server()?;
                }
                Part::RoundTrips => {
                    for cores in Cores::all() {
                        for work in [Work::Serial, Work::Pipelined] {
                            self.asks(work, *cores)?;
                        }
                    }
                }
                Part::Memory => {
                    self.idle();
                    self.flood();
                }
                Part::Instructions if self.results.effort.instructions => self.instructions(),
                Part::Instructions => {}
                Part::Latency => self.latencies(self.results.effort.seconds),
                Part::Sizes => self.results.sizes_and_starts = sizes::measure(self.results.effort.starts),
            }
            eprintln!("{part:?}: took {:.0} s", begun.elapsed().as_secs_f64());
        }
        Ok(())
    }

    pub(crate) fn doing(&self, work: Work) -> Vec<(&'static Client, Start)> {
        let found = self.chosen.iter().filter(|(client, _)| client.does(work));
        found.filter(|(client, _)| !self.results.missing.contains_key(client.name)).cloned().collect()
    }

    /// What must have been delivered is compared byte by byte.
    pub(crate) fn verify(&mut self, ways: &[Sends], count: usize) {
        for (client, start) in self.doing(Work::Verify) {
            for sends in ways {
                let task = Task { work: Work::Verify, port: self.server.port, count, sends: *sends };
                eprintln!("verify, {}: {}", sends.name(), client.name);
                match turn(&start, &task, SHORT) {
                    Ok(outcome) => self.judge(client, &task, &outcome),
                    Err(error) => self.fault(client, &task, format!("{error:#}")),
                }
            }
        }
    }

    fn judge(&mut self, client: &'static Client, task: &Task, outcome: &Outcome) {
        let deep = task.work == Work::Verify;
        let expected = self.streams[usize::from(client.format == Format::Json)].expected(task.count, deep);
        let sum = outcome.sum;
        if sum.events != expected.events {
            self.fault(client, task, format!("{} of {} events", sum.events, expected.events));
        } else if client.side != Side::Floor {
            if sum.values != expected.values {
                self.fault(client, task, "values or order wrong".to_owned());
            }
            if sum.bodies != expected.bodies {
                self.fault(client, task, "bodies wrong".to_owned());
            }
        }
    }

    pub(crate) fn fault(&mut self, client: &'static Client, task: &Task, fault: String) {
        let place = format!("{} {}", task.sends.name(), task.work.name());
        eprintln!("WRONG {}, {place}: {fault}", client.name);
        self.results.wrong.entry(client.name).or_default().entry(fault).or_default().push(place);
    }

    fn events(&mut self, sends: Sends) -> Result<()> {
        let mut outcomes: BTreeMap<&str, Vec<Outcome>> = BTreeMap::new();
        let clients = self.doing(Work::Events);
        for round in 0..self.results.effort.rounds {
            // Rotated, so that no client always runs right after the same other one on a warm core.
            for at in 0..clients.len() {
                let (client, start) = &clients[(at + round * 7) % clients.len()];
                let count = (self.results.effort.events / client.slower).min(client.most);
                let task = Task { work: Work::Events, port: self.server.port, count, sends };
                eprintln!("round {}, {}: {}", round + 1, sends.name(), client.name);
                match turn(start, &task, LIMIT) {
                    Ok(outcome) => {
                        self.judge(client, &task, &outcome);
                        outcomes.entry(client.name).or_default().push(outcome);
                    }
                    Err(error) => self.fault(client, &task, format!("{error:#}")),
                }
            }
        }
        self.results.events.insert(sends, middles(&outcomes)?);
        Ok(())
    }

    /// The server must have time to spare where a client's limit is to be seen.
    fn watch_the_server(&mut self) -> Result<()> {
        let count = self.results.effort.events;
        let Some((_, start)) =
            self.doing(Work::Events).into_iter().find(|(client, _)| client.name == "floor-recv")
        else {
            return Ok(());
        };
        let before = self.server.used()?;
        turn(&start, &Task { work: Work::Events, port: self.server.port, count, sends: Sends::Bulk }, LIMIT)?;
        self.results.server = (self.server.used()? - before) as f64 / count as f64 / 1e3;
        Ok(())
    }

    fn asks(&mut self, work: Work, cores: Cores) -> Result<()> {
        let server = Server::start(Some(usize::from(cores == Cores::Two)))?;
        let mut outcomes: BTreeMap<&str, Vec<Outcome>> = BTreeMap::new();
        for round in 0..self.results.effort.rounds {
            for (client, start) in self.doing(work) {
                // 44 ms each: it writes twice and waits for the kernel's delayed acknowledgement.
                let asks = self.results.effort.asks * if work == Work::Pipelined { DEEP } else { 1 };
                let count = asks / client.slower / DEPTH * DEPTH;
                let count = if client.name == "modesl" { 50 } else { count.max(DEPTH) };
                let task = Task { work, port: server.port, count, sends: Sends::Bulk };
                let start = start.under(self.installed.this(), &["pin", "0", "--"]);
                eprintln!("round {}, {} on {cores:?}: {}", round + 1, work.name(), client.name);
                match turn(&start, &task, LIMIT) {
                    Ok(outcome) => outcomes.entry(client.name).or_default().push(outcome),
                    Err(error) => self.fault(client, &task, format!("{error:#}")),
                }
            }
        }
        self.results.asks.insert((work, cores), middles(&outcomes)?);
        Ok(())
    }

    fn idle(&mut self) {
        for (client, start) in self.doing(Work::Idle) {
            for count in IDLE {
                let task = Task { work: Work::Idle, port: self.server.port, count, sends: Sends::Bulk };
                eprintln!("{count} idle: {}", client.name);
                match turn(&start, &task, LIMIT) {
                    Ok(outcome) => {
                        let (resident, public) = (outcome.ready, outcome.public);
                        let seen = Idle { connections: count, resident, public };
                        self.results.idle.entry(client.name).or_default().push(seen);
                    }
                    Err(error) => self.fault(client, &task, format!("{error:#}")),
                }
            }
        }
    }

    fn flood(&mut self) {
        for (client, start) in self.doing(Work::Flood) {
            // One pass of the recording on each connection.
            let count = self.streams[usize::from(client.format == Format::Json)].frames.len();
            let task = Task { work: Work::Flood, port: self.server.port, count, sends: Sends::Bulk };
            eprintln!("flood: {}", client.name);
            match turn(&start, &task, LIMIT) {
                Ok(outcome) if outcome.sum.events == (count * FLOODED) as u64 => {
                    self.results.flood.insert(client.name, (outcome.ready, outcome.done));
                }
                Ok(outcome) => self.fault(client, &task, format!("{} events", outcome.sum.events)),
                Err(error) => self.fault(client, &task, format!("{error:#}")),
            }
        }
    }

    /// Instructions of one event: the difference of two turns, so that what comes once cancels out.
    fn instructions(&mut self) {
        for (client, start) in self.doing(Work::Events) {
            if !client.is_native() {
                continue;
            }
            eprintln!("instructions: {}", client.name);
            let start = start.under("valgrind", &["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
            let once = self.streams[usize::from(client.format == Format::Json)].frames.len();
            let mut counts = Vec::new();
            for passes in [1, 3] {
                let count = once * passes;
                let task = Task { work: Work::Events, port: self.server.port, count, sends: Sends::Bulk };
                match turn(&start, &task, LIMIT).and_then(|outcome| collected(&outcome.errors)) {
                    Ok(number) => counts.push(number),
                    Err(error) => {
                        eprintln!("NOT COUNTED {}: {error:#}", client.name);
                        break;
                    }
                }
            }
            if let [few, many] = counts[..] {
                let each = (many - few) as f64 / (once * 2) as f64;
                self.results.instructions.insert(client.name, each);
            }
        }
    }
}

/// A client's faults, in a few words.
pub(crate) fn faults(found: &BTreeMap<String, Vec<String>>) -> String {
    let each = |(fault, places): (&String, &Vec<String>)| match &places[..] {
        [place] => format!("{fault} (once, {place})"),
        places => format!("{fault} ({} times)", places.len()),
    };
    found.iter().map(each).collect::<Vec<_>>().join("; ")
}

/// The number of instructions that callgrind counted.
pub(crate) fn collected(text: &str) -> Result<i64> {
    let number = text.lines().find_map(|line| line.split_once("Collected : ")).context("nothing counted")?.1;
    number.trim().parse().context("not a number")
}

fn middles(outcomes: &BTreeMap<&'static str, Vec<Outcome>>) -> Result<Middles> {
    let middle = |outcomes: &Vec<Outcome>| -> Result<Middle> {
        let events = |outcome: &Outcome| outcome.sum.events.max(1) as f64;
        Ok(Middle {
            rate: median(outcomes.iter().map(|outcome| events(outcome) / (outcome.wall as f64 / 1e9)))?,
            cpu: median(outcomes.iter().map(|outcome| outcome.cpu as f64 / 1e3 / events(outcome)))?,
            peak: outcomes.iter().map(|outcome| outcome.peak).max().unwrap_or_default(),
        })
    };
    outcomes.iter().map(|(name, outcomes)| Ok((*name, middle(outcomes)?))).collect()
}

fn median(values: impl Iterator<Item = f64>) -> Result<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().context("no turns")
}
