//! From the server's socket to the program: how long a stamped event takes until its header is a string of the language.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;

use crate::client::{CLIENTS, Side};
use crate::drivers::{Task, Work};
use crate::measure::Contest;
use crate::process::{Outcome, turn};
use crate::server::Sends;

/// A client's delays, in microseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delays {
    /// At [`QUANTILES`].
    pub(crate) at: [f64; 3],
    /// How many events a second it took; less than the server would send when it cannot carry them.
    pub(crate) rate: f64,
}

pub(crate) type Latencies = BTreeMap<(Sends, &'static str), Delays>;

const QUANTILES: [f64; 3] = [0.5, 0.99, 0.999];

/// Nothing takes longer, but what has hung.
const LIMIT: Duration = Duration::from_secs(60);

impl Contest<'_> {
    /// One turn of each client at each pace; `seconds` long where the client keeps up (twice as long where little comes).
    pub(crate) fn latencies(&mut self, seconds: usize) {
        for sends in [Sends::Calm, Sends::Busy] {
            for (client, start) in self.doing(Work::Latency) {
                let count = sends.rate() as usize * seconds;
                let count = match sends {
                    Sends::Calm => count * 2,
                    // (A client that cannot carry them needs the longer for them.)
                    _ => (count / client.slower).min(client.most),
                };
                let task = Task { work: Work::Latency, port: self.server.port, count, sends };
                eprintln!("latency, {}: {}", sends.name(), client.name);
                match turn(&start, &task, LIMIT).and_then(|outcome| summed_up(&outcome, count)) {
                    Ok(delays) => drop(self.results.latencies.insert((sends, client.name), delays)),
                    Err(error) => self.fault(client, &task, format!("{error:#}")),
                }
            }
        }
    }

    /// That ours read every stamp: a few events each.
    pub(crate) fn try_stamps(&mut self) {
        for (client, start) in self.doing(Work::Latency) {
            if client.side != Side::Ours {
                continue;
            }
            let count = 500;
            let task = Task { work: Work::Latency, port: self.server.port, count, sends: Sends::Busy };
            if let Err(error) = turn(&start, &task, LIMIT).and_then(|outcome| summed_up(&outcome, count)) {
                self.fault(client, &task, format!("{error:#}"));
            }
        }
    }
}

fn summed_up(outcome: &Outcome, count: usize) -> Result<Delays> {
    ensure!(outcome.delays.len() == count, "{} of {count} events", outcome.delays.len());
    let mut histogram = Histogram::<u64>::new(3)?;
    // What a virtual machine compiles meanwhile is no part of it.
    for delay in &outcome.delays[count / 10..] {
        histogram.record(*delay)?;
    }
    let at = QUANTILES.map(|quantile| histogram.value_at_quantile(quantile) as f64 / 1e3);
    Ok(Delays { at, rate: count as f64 / (outcome.wall as f64 / 1e9) })
}

/// The table.
pub(crate) fn table(latencies: &Latencies) -> String {
    let mut text = format!(
        "Microseconds from the moment in which the server sends an event's last byte until the program has the text of a header \
         of it (Rust's `&str`, C's `char *`, a `str` of Python, a string of JavaScript): median, 99 and 99.9 %, on the loopback \
         interface. Head and body are sent apart, as FreeSWITCH does; once {} events a second, once {}. Where a client cannot carry \
         the latter, they wait in the socket, and its events per second stand in the last column.\n\n\
         | client | calm: 50 % | 99 % | 99.9 % | busy: 50 % | 99 % | 99.9 % | events/s |\n\
         | --- | --: | --: | --: | --: | --: | --: | --: |\n",
        Sends::Calm.rate(),
        Sends::Busy.rate(),
    );
    for client in CLIENTS.iter().filter(|client| client.does(Work::Latency)) {
        let [calm, busy] = [Sends::Calm, Sends::Busy].map(|sends| latencies.get(&(sends, client.name)));
        if calm.is_none() && busy.is_none() {
            continue;
        }
        let cells = [calm, busy].map(|seen| match seen {
            Some(seen) => seen.at.map(|at| format!("{at:.0}")).join(" | "),
            None => "- | - | -".to_owned(),
        });
        let rate = busy.map_or("-".to_owned(), |seen| format!("{:.0}", seen.rate));
        let _ = writeln!(text, "| {} | {} | {rate} |", client.title, cells.join(" | "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::turn::Sum;

    fn outcome(delays: Vec<u64>) -> Outcome {
        let sum = Sum::new(false);
        let (ready, public, done, peak) = (1, 0, 1, 1);
        Outcome {
            sum,
            wall: 1_000_000_000,
            cpu: 1,
            ready,
            public,
            done,
            peak,
            sleeps: 0,
            errors: String::new(),
            delays,
        }
    }

    #[test]
    fn the_first_tenth_does_not_count_and_the_slowest_of_a_thousand_shows() {
        let mut delays = vec![9_000_000; 100];
        delays.extend(vec![10_000; 890]);
        delays.extend([70_000; 10]);
        let seen = summed_up(&outcome(delays.clone()), 1000).unwrap();
        let near = |at: f64, wanted: f64| (at / wanted - 1.0).abs() < 0.01;
        assert!(near(seen.at[0], 10.0) && near(seen.at[2], 70.0), "{seen:?}");
        assert!(near(seen.rate, 1000.0));
        assert!(summed_up(&outcome(delays), 1001).is_err());
    }
}
