//! The soak run: one worker process a client, each with a simulator of its own that bursts, splits, delays, stalls,
//! falls silent, cuts, resets and restarts. `cargo xtask soak` builds what it needs and starts it.
//!
//! A worker obeys lines on its stdin (`connect PORT PATIENCE`, `quit`) and the `Soak-Do` headers of the events it receives; it
//! reports on its stdout what it has seen. The rules for each worker:
//!
//! - `connect PORT PATIENCE`: log in, waiting at most that many milliseconds where the client takes a timeout; subscribe
//!   to BACKGROUND_JOB and CUSTOM soak::event; answer `ready`, or `refused WHY`;
//! - events carry `Soak-Number`, from 1 on each connection, a `Soak-Text` made of it, and a body whose length is
//!   `Soak-Length`: anything missing, doubled, reordered or changed is counted as wrong;
//! - `Soak-Do: api` means three `api echo` round trips; `job`: a `bgapi echo` whose end is awaited by the next mark;
//!   `late`: an `api sleep` that outlasts its patience, where the client takes a timeout; `call`: an `originate`
//!   that makes the server call this worker's own listener, which answers, plays and hangs up;
//! - `Soak-Do: mark`: once every job and call is through, `mark EVENTS WRONG APIS JOBS LATES CALLS`: the first five count
//!   from `ready` on, the calls from the start of the process;
//! - the end of the connection, once everything received was taken: `end EVENTS WRONG`.

mod client;
mod report;
mod sample;
mod stage;
mod worker;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, Subcommand};

use crate::stage::Stage;

#[derive(Parser)]
#[command(about = "Every client against a simulator that misbehaves")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs all workers for that long and reports.
    Run {
        /// How long.
        #[arg(long, default_value_t = 600)]
        seconds: u64,
        /// Decides sizes and moments; the same seed makes the same choices.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// `NAME=PROGRAM ARGUMENT…`, split at blanks; may be repeated. The Rust worker is always there.
        #[arg(long = "client", value_name = "NAME=COMMAND")]
        clients: Vec<String>,
        /// Also writes the report there.
        #[arg(long)]
        report: Option<std::path::PathBuf>,
    },
    /// Is the Rust worker.
    Worker,
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().task {
        Task::Worker => client::run().map(|()| ExitCode::SUCCESS),
        Task::Run { seconds, seed, clients, report } => {
            let text = run(Duration::from_secs(seconds), seed, &clients)?;
            println!("{}", text.0);
            if let Some(path) = report {
                std::fs::write(&path, &text.0).with_context(|| format!("cannot write {}", path.display()))?;
            }
            Ok(if text.1 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

/// The report, and whether all is well.
fn run(length: Duration, seed: u64, clients: &[String]) -> Result<(String, bool)> {
    let program = std::env::current_exe()?;
    let mut commands = vec![("Rust".to_owned(), vec![program.display().to_string(), "worker".to_owned()])];
    for client in clients {
        let (name, command) = client.split_once('=').context("--client must be NAME=COMMAND")?;
        let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        ensure!(!words.is_empty(), "{name} has no command");
        commands.push((name.to_owned(), words));
    }
    let start = Instant::now();
    let stages: Vec<_> = (commands.into_iter().zip(0..))
        .map(|((name, command), at)| {
            let work = move || Stage::run(name, &command, seed.wrapping_add(at), start, start + length);
            std::thread::spawn(work)
        })
        .collect();
    let mut own = Vec::new();
    while stages.iter().any(|stage| !stage.is_finished()) {
        own.extend(sample::of(std::process::id(), start));
        std::thread::sleep(Duration::from_millis(250));
    }
    let mut outcomes = Vec::new();
    for stage in stages {
        outcomes.push(stage.join().map_err(|_| anyhow::anyhow!("a stage panicked"))?);
    }
    Ok(report::write(&outcomes, &own, start.elapsed(), seed))
}
