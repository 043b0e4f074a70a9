//! What an outbound session costs: memory, and how many a second are accepted.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::drivers::{Task, Work};
use crate::process::{Server, Start, turn};
use crate::server::Sends;

/// How sessions run, and how much one may keep, in bytes.
pub(crate) const WAYS: [(&str, u64); 2] = [("threads", 10 * 1024), ("loop", 6000)];

/// Prints what each keeps; fails with `strict` when that is more than it may be.
pub(crate) fn run(count: usize, rounds: usize, strict: bool) -> Result<()> {
    let server = Server::start(None)?;
    println!("{count} sessions that play a file; the least of {rounds} turns");
    for (how, goal) in WAYS {
        let task = Task { work: Work::Idle, port: server.port, count, sends: Sends::Bulk };
        let client = format!("sessions-{how}");
        let start = Start::new(std::env::current_exe()?, &["drive", &client]);
        let (mut kept, mut wall, mut cpu) = (u64::MAX, u64::MAX, u64::MAX);
        for _ in 0..rounds {
            let outcome = turn(&start, &task, LIMIT).with_context(|| client.clone())?;
            ensure!(outcome.sum.events == count as u64, "{client}: {} of {count}", outcome.sum.events);
            kept = kept.min(outcome.done.saturating_sub(outcome.ready));
            wall = wall.min(outcome.wall);
            cpu = cpu.min(outcome.cpu);
        }
        let (sessions, each) = (count as f64, kept * 1024 / count as u64);
        println!(
            "{how}: {:.1} MB resident, {each} bytes each (goal {goal}); {:.0} accepted a second, {:.1} us of CPU each",
            kept as f64 / 1024.0,
            sessions / (wall as f64 / 1e9),
            cpu as f64 / 1e3 / sessions,
        );
        ensure!(!strict || each <= goal, "{how}: a session keeps {each} bytes, which is more than {goal}");
    }
    Ok(())
}

/// Nothing takes longer, but what has hung.
const LIMIT: Duration = Duration::from_secs(60);
