//! Signals that end the program, also as process 1 of a container: the kernel does not deliver signals without a
//! handler to process 1, so `docker stop` would run into its timeout and kill it.

use std::process;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::failure::{Failure, Result};

type Check = Box<dyn Fn() -> Result + Send + Sync>;

static CHECK: OnceLock<Check> = OnceLock::new();
static RESTORE: OnceLock<fn()> = OnceLock::new();

/// From now on SIGTERM, SIGINT and SIGHUP end the program, whichever process it is.
pub(crate) fn end_the_program() -> Result {
    end_on(&[SIGTERM, SIGINT, SIGHUP])
}

/// From now on SIGTERM and SIGHUP end the program; what SIGINT does is the console's.
pub(crate) fn end_the_console() -> Result {
    end_on(&[SIGTERM, SIGHUP])
}

/// From now on SIGINT sets the flag, and does nothing else. So does SIGTSTP: a console that is stopped does not read, and
/// the server's queue of events fills up.
pub(crate) fn note_interrupts(flag: &Arc<AtomicBool>) -> Result {
    for signal in [SIGINT, SIGTSTP] {
        signal_hook::flag::register(signal, Arc::clone(flag))
            .map_err(|error| Failure::failed(format!("cannot handle signals: {error}")))?;
    }
    Ok(())
}

fn end_on(signals: &[i32]) -> Result {
    // `nohup` and the shell's background jobs ignore some of them, and that is respected.
    let ignored = ignored();
    let wanted = signals.iter().filter(|signal| ignored >> (*signal - 1) & 1 == 0);
    let cannot = |error: std::io::Error| Failure::failed(format!("cannot handle signals: {error}"));
    let mut signals = Signals::new(wanted).map_err(cannot)?;
    let watch = move || {
        if let Some(signal) = signals.forever().next() {
            end(signal);
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(watch).map_err(cannot)?;
    Ok(())
}

/// What is to be checked when a signal ends the program: its outcome is the exit code then.
pub(crate) fn at_the_end(check: impl Fn() -> Result + Send + Sync + 'static) {
    // The one subcommand that is run sets it once.
    let _ = CHECK.set(Box::new(check));
}

/// What is to be put right before a signal ends the program: the terminal.
pub(crate) fn before_the_end(restore: fn()) {
    let _ = RESTORE.set(restore);
}

fn end(signal: i32) -> ! {
    if let Some(restore) = RESTORE.get() {
        restore();
    }
    if let Some(check) = CHECK.get() {
        match check() {
            Ok(()) => process::exit(0),
            Err(failure) => {
                failure.report();
                process::exit(1)
            }
        }
    }
    if process::id() != 1 {
        // As if there were no handler, so that the parent sees a process that the signal ended.
        let _ = emulate_default_handler(signal);
    }
    // As a shell reports it.
    process::exit(128 + signal)
}

/// The signals that were ignored when the program was started, as the kernel's mask; 0 if the kernel does not report it.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}
