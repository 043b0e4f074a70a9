//! Which cores a process may use, and how many descriptors.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use anyhow::{Context as _, Result};
use rustix::process::{Resource, Rlimit};
use rustix::thread::CpuSet;

/// Binds this process to one core: that number of those that it may use.
pub(crate) fn pin(number: usize) -> Result<()> {
    let allowed = rustix::thread::sched_getaffinity(None)?;
    let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
    let core = cores.nth(number).with_context(|| format!("there is no core number {number}"))?;
    let mut set = CpuSet::new();
    set.set(core);
    rustix::thread::sched_setaffinity(None, &set).with_context(|| format!("cannot run on core {core}"))
}

/// Becomes another program, bound to one core.
pub(crate) fn become_pinned(core: usize, command: &[String]) -> Result<()> {
    pin(core)?;
    let (program, arguments) = command.split_first().context("no program")?;
    Err(Command::new(program).args(arguments).exec()).with_context(|| format!("cannot run {program}"))
}

/// As many descriptors as the system lets us have; what we start inherits it.
pub(crate) fn many_descriptors() -> Result<()> {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let most = limit.maximum.map_or(65_536, |most| most.min(65_536));
    rustix::process::setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: limit.maximum })?;
    Ok(())
}
