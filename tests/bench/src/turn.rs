//! A client's side of one turn: it connects, reports that it is ready, waits for the start signal, works, and reports what it did and
//! used. The parent process reads its memory in between. (The tokio client's driver uses this file, too.)

use std::io::{BufRead as _, Write as _};
use std::time::{Duration, Instant};

/// How long a client is left alone after a flood before its memory is looked at: what gives back does so in its own time.
pub(crate) const QUIET: Duration = Duration::from_secs(6);

/// What a client has read. Shallow: lengths only, cheap beside any client's own work, yet no event can be left out or
/// swapped for a longer one unseen. Deep: every byte of the values, for turns that are not timed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sum {
    deep: bool,
    pub(crate) events: u64,
    pub(crate) values: u32,
    pub(crate) bodies: u32,
}

impl Sum {
    pub(crate) fn new(deep: bool) -> Self {
        let start = if deep { 0x811c_9dc5 } else { 0 };
        Self { deep, events: 0, values: start, bodies: start }
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "sums modulo 2^32")]
    pub(crate) fn add(&mut self, name: &[u8], id: &[u8], state: &[u8], body: &[u8]) {
        self.events += 1;
        if self.deep {
            self.values = hash(hash(hash(self.values, name), id), state);
            self.bodies = hash(self.bodies, body);
        } else {
            let length = name.len() + id.len() + state.len();
            self.values = self.values.wrapping_mul(31).wrapping_add(length as u32);
            self.bodies = self.bodies.wrapping_add(body.len() as u32);
        }
    }
}

/// FNV-1a over the bytes and a NUL after them.
fn hash(start: u32, bytes: &[u8]) -> u32 {
    bytes.iter().chain(&[0]).fold(start, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// The time and the CPU time of a turn.
pub(crate) struct Clock {
    wall: Instant,
    cpu: i64,
    used: Option<(u128, i64)>,
}

impl Clock {
    /// Reports that the client is ready and waits for the start signal.
    pub(crate) fn start() -> std::io::Result<Self> {
        say("ready")?;
        Ok(Self { wall: Instant::now(), cpu: cpu(), used: None })
    }

    /// The work is done; what follows is not counted.
    pub(crate) fn hold(&mut self) {
        self.used = Some(self.read());
    }

    fn read(&self) -> (u128, i64) {
        (self.wall.elapsed().as_nanos(), cpu() - self.cpu)
    }

    /// Reports how long the events took, in nanoseconds each.
    pub(crate) fn delays(&self, delays: impl IntoIterator<Item = u64>) -> std::io::Result<()> {
        let mut text = String::from("delays");
        for delay in delays {
            text.push(' ');
            text.push_str(&delay.to_string());
        }
        println!("{text}");
        std::io::stdout().flush()
    }

    /// Reports what was done, and waits for the acknowledgement.
    pub(crate) fn stop(self, sum: Sum) -> std::io::Result<()> {
        let (wall, cpu) = self.used.unwrap_or_else(|| self.read());
        say(&format!("{} {} {} {wall} {cpu}", sum.events, sum.values, sum.bodies))
    }
}

fn say(line: &str) -> std::io::Result<()> {
    println!("{line}");
    std::io::stdout().flush()?;
    std::io::stdin().lock().read_line(&mut String::new())?;
    Ok(())
}

/// CPU time of this process, all threads, user and system, in nanoseconds.
pub(crate) fn cpu() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}
