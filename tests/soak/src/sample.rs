//! What a process holds, as the kernel sees it.

use std::time::{Duration, Instant};

/// One look at a process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) at: Duration,
    /// Resident memory in KiB.
    pub(crate) memory: u64,
    pub(crate) threads: u64,
    pub(crate) descriptors: u64,
}

/// Looks at that process; nothing when it is gone.
pub(crate) fn of(process: u32, start: Instant) -> Option<Sample> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let number = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Some(Sample {
        at: start.elapsed(),
        memory: number("VmRSS:")?,
        threads: number("Threads:")?,
        descriptors: std::fs::read_dir(format!("/proc/{process}/fd")).ok()?.count() as u64,
    })
}
