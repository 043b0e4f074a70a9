//! What threads have used, as Linux tells it; elsewhere nothing is known.

use std::fs;
use std::time::Duration;

/// Of the simulators' threads, or of the whole process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU, user and system, to 10 ms each.
    pub cpu: Duration,
    /// How often they went to sleep, so how often they were woken.
    pub sleeps: u64,
}

impl Usage {
    /// What the simulators of this process have used.
    pub fn of_simulators() -> Option<Self> {
        let mut sum = Self::default();
        let mut found = false;
        for task in fs::read_dir("/proc/self/task").ok()? {
            let path = task.ok()?.path();
            let read = |file: &str| fs::read_to_string(path.join(file)).unwrap_or_default();
            if read("comm").trim() != "switchwire-sim" {
                continue;
            }
            found = true;
            let status = read("status");
            let sleeps = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            sum.sleeps += sleeps?.trim().parse::<u64>().ok()?;
            // After the name: the state, ten numbers, then user and system time in hundredths of a second.
            let stat = read("stat");
            let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
            for ticks in fields.get(11..13)? {
                sum.cpu += Duration::from_millis(10 * ticks.parse::<u64>().ok()?);
            }
        }
        found.then_some(sum)
    }

    /// What has been used since then.
    pub fn since(self, before: Self) -> Self {
        Self { cpu: self.cpu.saturating_sub(before.cpu), sleeps: self.sleeps - before.sleeps }
    }
}

/// The memory that the process has resident, and the most it had: kilobytes.
pub fn memory() -> Option<(u64, u64)> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    };
    Some((kilobytes("VmRSS:")?, kilobytes("VmHWM:")?))
}
