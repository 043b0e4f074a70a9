//! The cost of the layers above a connection: ratios of one run.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::drivers::{SERVERS, Task, Work};
use crate::measure::collected;
use crate::process::{Outcome, Server, Start, turn};
use crate::server::{self, Sends};

/// What a supervised connection and a fleet cost beside bare connections.
pub(crate) fn run(rounds: usize, events: usize, seconds: usize, instructions: bool) -> Result<()> {
    let server = Server::start(None)?;
    let bulk = Task { work: Work::Events, port: server.port, count: events, sends: Sends::Bulk };
    let paced = Task { count: seconds * PACE * SERVERS, sends: Sends::Paced, ..bulk };
    println!("microseconds of CPU an event, of the client's process; medians of {rounds} rounds");
    let (supervised, what) = (["rust", "rust-managed"], "one connection, as fast as it goes");
    compare(rounds, bulk, supervised, what, "supervised")?;
    if instructions {
        count(&server, supervised, what, "supervised")?;
    }
    let rate = PACE * SERVERS;
    let what = format!("{SERVERS} connections, {rate} events a second");
    compare(rounds, paced, ["rust-bare", "rust-fleet"], &what, "as a fleet")?;
    Ok(())
}

/// Prints the medians, and that of the ratios. A round is four turns, bare, above, above, bare, and compares their sums: what
/// a machine does beside it, and what changes while it lasts, meets both alike.
fn compare(rounds: usize, task: Task, clients: [&str; 2], what: &str, layer: &str) -> Result<()> {
    let (mut costs, mut sleeps, mut ratios) = ([vec![], vec![]], [vec![], vec![]], vec![]);
    for _ in 0..rounds {
        let mut sums = [0.0; 2];
        for at in [0, 1, 1, 0] {
            let start = Start::new(std::env::current_exe()?, &["drive", clients[at]]);
            let outcome = outcome(&start, task).with_context(|| clients[at].to_owned())?;
            let each = |number: u64| number as f64 / task.count as f64;
            sums[at] += each(outcome.cpu) / 1000.0;
            costs[at].push(each(outcome.cpu) / 1000.0);
            sleeps[at].push(each(outcome.sleeps));
        }
        ratios.push(sums[1] / sums[0]);
    }
    let [bare, above] = costs.map(median);
    let [bare_sleeps, above_sleeps] = sleeps.map(median);
    let (least, most) =
        ratios.iter().fold((f64::MAX, 0.0_f64), |(least, most), ratio| (least.min(*ratio), most.max(*ratio)));
    let ratio = median(ratios);
    println!(
        "{what}: bare {bare:.2}, {layer} {above:.2}, ratio {ratio:.3} ({least:.3} to {most:.3}); \
         sleeps an event: {bare_sleeps:.3}, {above_sleeps:.3}"
    );
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Prints the instructions per event, where valgrind is installed: the difference of a turn of one pass and one of three.
fn count(server: &Server, clients: [&str; 2], what: &str, layer: &str) -> Result<()> {
    let installed = std::process::Command::new("valgrind").arg("--version").output().is_ok();
    if !installed {
        println!("{what}: instructions not counted, since valgrind is not installed");
        return Ok(());
    }
    let once = crate::stream::Stream::load(crate::stream::Format::Plain)?.frames.len();
    let mut each = [0.0; 2];
    for (client, each) in clients.iter().zip(&mut each) {
        let start = Start::new(std::env::current_exe()?, &["drive", client]);
        let start = start.under("valgrind", &["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
        let counted = |passes: usize| -> Result<f64> {
            let task =
                Task { work: Work::Events, port: server.port, count: once * passes, sends: Sends::Bulk };
            Ok(collected(&turn(&start, &task, LIMIT)?.errors)? as f64)
        };
        *each = (counted(3)? - counted(1)?) / (once * 2) as f64;
    }
    let [bare, above] = each;
    println!("{what}: bare {bare:.0} instructions an event, {layer} {above:.0}, ratio {:.3}", above / bare);
    Ok(())
}

fn outcome(client: &Start, task: Task) -> Result<Outcome> {
    let outcome = turn(client, &task, LIMIT)?;
    ensure!(outcome.sum.events == task.count as u64, "{} of {}", outcome.sum.events, task.count);
    Ok(outcome)
}

/// Microseconds of CPU for each event or command of a turn.
pub(crate) fn cost(client: &Start, task: Task) -> Result<f64> {
    Ok(outcome(client, task)?.cpu as f64 / 1000.0 / task.count as f64)
}

/// How many events a second come on each paced connection.
const PACE: usize = server::PACE as usize;

/// Nothing takes longer, but what has hung.
const LIMIT: Duration = Duration::from_secs(90);
