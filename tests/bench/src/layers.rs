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
    let [one, supervised] = rotate(rounds, bulk, ["rust", "rust-managed"])?;
    compare("one connection, as fast as it goes", one, "supervised", supervised);
    let [bare, fleet] = rotate(rounds, paced, ["rust-bare", "rust-fleet"])?;
    let rate = PACE * SERVERS;
    compare(&format!("{SERVERS} connections, {rate} events a second"), bare, "as a fleet", fleet);
    Ok(())
}

fn rotate<const N: usize>(rounds: usize, task: Task, clients: [&str; N]) -> Result<[f64; N]> {
    let mut costs = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (client, costs) in clients.iter().zip(&mut costs) {
            costs.push(cost(client, task)?);
        }
    }
    Ok(costs.map(|mut costs| {
        costs.sort_by(f64::total_cmp);
        costs[costs.len() / 2]
    }))
}

/// Microseconds of CPU for each event or command of a turn.
pub(crate) fn cost(client: &str, task: Task) -> Result<f64> {
    let start = Start::new(std::env::current_exe()?, &["drive", client]);
    let outcome = turn(&start, &task, LIMIT).with_context(|| client.to_owned())?;
    ensure!(outcome.sum.events == task.count as u64, "{client}: {} of {}", outcome.sum.events, task.count);
    Ok(outcome.cpu as f64 / 1000.0 / task.count as f64)
}

fn compare(what: &str, bare: f64, layer: &str, above: f64) {
    println!("{what}: bare {bare:.2}, {layer} {above:.2}, ratio {:.3}", above / bare);
}

/// How many events a second come on each paced connection.
const PACE: usize = server::PACE as usize;

/// Nothing takes longer, but what has hung.
const LIMIT: Duration = Duration::from_secs(90);
