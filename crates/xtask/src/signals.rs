//! The signals that programs under test are started with.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGINT, SIGQUIT};

/// Programs that are started from now on have SIGINT and SIGQUIT at their defaults. A shell's background jobs, and what
/// some runners start, have them ignored, and would hand that on: tests of Ctrl-C would fail.
///
/// A signal that has a handler is at its default in a started program. So these get one, which does nothing: this
/// program itself still ignores them.
pub(crate) fn default_for_children() -> Result<()> {
    let ignored = ignored();
    for signal in [SIGINT, SIGQUIT].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 1) {
        signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)))
            .context("cannot handle signals")?;
    }
    Ok(())
}

/// The signals that this program was started with as ignored, as the kernel's mask; 0 if the kernel does not report it.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}
