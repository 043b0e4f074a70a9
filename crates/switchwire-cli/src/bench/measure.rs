//! The three parts.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use switchwire::{Command, Connection, Event, EventFormat, Subscription};

use crate::failure::{Failure, Result};

/// What was measured.
pub(crate) struct Measured {
    /// Microseconds.
    pub(crate) round_trips: Histogram<u64>,
    /// A second.
    pub(crate) commands: f64,
    pub(crate) events: f64,
}

impl Measured {
    /// The figures, for people to read.
    pub(crate) fn lines(&self, depth: u16) -> Vec<String> {
        let times = &self.round_trips;
        let quantiles = [("min", times.min()), ("max", times.max())];
        let at = |quantile| times.value_at_quantile(quantile);
        let middle = [("p50", at(0.5)), ("p90", at(0.9)), ("p99", at(0.99)), ("p99.9", at(0.999))];
        let all = quantiles.iter().take(1).chain(&middle).chain(quantiles.iter().skip(1));
        let texts: Vec<_> = all.map(|(name, micros)| format!("{name} {}", time(*micros))).collect();
        vec![
            format!("round trips   {} one after the other: {}", times.len(), texts.join("  ")),
            format!("commands      {:.0} a second, {depth} under way at once", self.commands),
            format!("events        {:.0} a second, fired and received back", self.events),
        ]
    }
}

/// Microseconds, as far as they matter.
pub(crate) fn time(micros: u64) -> String {
    match micros {
        0..1000 => format!("{micros} us"),
        1000..1_000_000 => format!("{}.{} ms", micros / 1000, micros % 1000 / 100),
        _ => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
    }
}

/// Commands one after the other.
pub(crate) fn round_trips(connection: &Connection, span: Duration) -> Result<Histogram<u64>> {
    let command = Command::api("eval", "1")?;
    let mut times = Histogram::new(DIGITS).map_err(Failure::failed)?;
    let end = Instant::now() + span;
    // The first one warms up.
    connection.request(&command)?;
    loop {
        let begin = Instant::now();
        connection.request(&command)?;
        times.saturating_record(u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX));
        if Instant::now() >= end {
            return Ok(times);
        }
    }
}

/// That many commands under way at once; gives how many were replied to a second.
pub(crate) fn commands(connection: &Connection, span: Duration, depth: usize) -> Result<f64> {
    let command = Command::api("eval", "1")?;
    pipelined(connection, &command, span, depth)
}

/// Fires events and receives them; gives how many came a second.
pub(crate) fn events(connection: &Connection, span: Duration, depth: usize) -> Result<f64> {
    let subscription = Subscription::from_list(EventFormat::Plain, &format!("CUSTOM {SUBCLASS}"));
    connection.subscribe(&subscription)?;
    let command = Command::sendevent(&Event::custom(SUBCLASS))?;
    let begin = Instant::now();
    let end = begin + span;
    let mut under_way = VecDeque::new();
    let (mut fired, mut received) = (0_u64, 0_u64);
    while Instant::now() < end {
        while under_way.len() < depth {
            under_way.push_back(connection.submit(&command)?);
            fired += 1;
        }
        while let Some(pending) = under_way.pop_front() {
            pending.wait()?;
            while connection.try_recv_event()?.is_some() {
                received += 1;
            }
            if under_way.len() < depth / 2 {
                break;
            }
        }
    }
    for pending in under_way {
        pending.wait()?;
    }
    while received < fired {
        if connection.recv_event_timeout(PATIENCE)?.is_none() {
            let dropped = fired - received;
            return Err(Failure::failed(format!("{dropped} of {fired} events did not come back")));
        }
        received += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let received = received as f64;
    Ok(received / begin.elapsed().as_secs_f64())
}

fn pipelined(connection: &Connection, command: &Command, span: Duration, depth: usize) -> Result<f64> {
    let begin = Instant::now();
    let end = begin + span;
    let mut under_way = VecDeque::new();
    let mut replies = 0_u32;
    loop {
        while under_way.len() < depth {
            under_way.push_back(connection.submit(command)?);
        }
        while under_way.len() > depth / 2
            && let Some(pending) = under_way.pop_front()
        {
            pending.wait()?;
            replies += 1;
        }
        if Instant::now() >= end {
            break;
        }
    }
    for pending in under_way {
        pending.wait()?;
        replies += 1;
    }
    Ok(f64::from(replies) / begin.elapsed().as_secs_f64())
}

const SUBCLASS: &str = "switchwire::bench";
/// Of the times: three significant digits.
const DIGITS: u8 = 3;
const PATIENCE: Duration = Duration::from_secs(10);
