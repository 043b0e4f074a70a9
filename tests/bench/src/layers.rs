//! The cost of the layers above a connection: ratios of one run.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::drivers::{SERVERS, Task, Work};
use crate::process::{Server, Start, turn};
use crate::server::{self, Sends};

/// What a supervised connection and a fleet cost beside bare connections.
pub(crate) fn run(rounds: usize, events: usize, seconds: usize) -> Result<()> {
    let server = Server::start(None)?;
    let bulk = Task { work: Work::Events, port: server.port, count: events, sends: Sends::Bulk };
    let paced = Task { count: seconds * PACE * SERVERS, sends: Sends::Paced, ..bulk };
    println!("microseconds of CPU an event, of the client's process; medians of {rounds} turns");
    compare(rounds, bulk, ["rust", "rust-managed"], "one connection, as fast as it goes", "supervised")?;
    let rate = PACE * SERVERS;
    let what = format!("{SERVERS} connections, {rate} events a second");
    compare(rounds, paced, ["rust-bare", "rust-fleet"], &what, "as a fleet")?;
    Ok(())
}

/// Prints the medians, and that of the ratios of two turns one after the other: a machine that is busy for a while meets both.
fn compare(rounds: usize, task: Task, clients: [&str; 2], what: &str, layer: &str) -> Result<()> {
    let (mut bare, mut above, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let mut costs = [0.0; 2];
        for at in [round % 2, 1 - round % 2] {
            costs[at] = cost(&Start::new(std::env::current_exe()?, &["drive", clients[at]]), task)
                .with_context(|| clients[at].to_owned())?;
        }
        bare.push(costs[0]);
        above.push(costs[1]);
        ratios.push(costs[1] / costs[0]);
    }
    let [bare, above, ratio] = [bare, above, ratios].map(|mut values| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    });
    println!("{what}: bare {bare:.2}, {layer} {above:.2}, ratio {ratio:.3}");
    Ok(())
}

/// Microseconds of CPU for each event or command of a turn.
pub(crate) fn cost(client: &Start, task: Task) -> Result<f64> {
    let outcome = turn(client, &task, LIMIT)?;
    ensure!(outcome.sum.events == task.count as u64, "{} of {}", outcome.sum.events, task.count);
    Ok(outcome.cpu as f64 / 1000.0 / task.count as f64)
}

/// How many events a second come on each paced connection.
const PACE: usize = server::PACE as usize;

/// Nothing takes longer, but what has hung.
const LIMIT: Duration = Duration::from_secs(90);
