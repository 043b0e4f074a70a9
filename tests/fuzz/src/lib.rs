//! Fuzz targets: plain functions that take any bytes and panic when a promise is broken.
//!
//! Two engines feed them: libFuzzer, which looks at what the bytes reach (`cargo xtask fuzz`, or `cargo fuzz run
//! --fuzz-dir tests/fuzz TARGET`), and [`run`], which mutates the corpus with a seeded generator and needs nothing but
//! a stable compiler: the tests use it, so that every run of them does the same.

mod entry;
mod mutate;
pub mod seeds;
mod targets;

use std::path::{Path, PathBuf};

pub use entry::replay;
#[cfg(fuzzing)]
#[doc(hidden)]
pub use libfuzzer_sys;
pub use mutate::Mutator;
pub use targets::{c_events, c_json, c_receive, commands, decoder, events, simulator, texts};

/// A target: its name, which is also its folder under `corpus/`, and the function.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("decoder", decoder),
    ("events", events),
    ("commands", commands),
    ("texts", texts),
    ("simulator", simulator),
    ("c_events", c_events),
    ("c_receive", c_receive),
    ("c_json", c_json),
];

/// The inputs of a target's corpus, in the order of their names.
///
/// # Errors
/// When the folder cannot be read.
pub fn corpus(target: &str) -> std::io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut paths: Vec<_> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    paths.into_iter().map(|path| std::fs::read(&path).map(|bytes| (path, bytes))).collect()
}

/// Replays the target's corpus, then mutates it as long as `more` says so; how often the target was executed.
///
/// An input that breaks a promise is written to `crash-NAME` in the working folder before the panic goes on.
///
/// # Errors
/// When the corpus cannot be read.
pub fn run((name, target): Target, seed: u64, mut more: impl FnMut() -> bool) -> std::io::Result<u64> {
    let inputs: Vec<_> = corpus(name)?.into_iter().map(|(_, bytes)| bytes).collect();
    let mut executions = 0;
    for input in &inputs {
        guarded(name, target, input);
        executions += 1;
    }
    let mut mutator = Mutator::new(seed);
    while more() {
        guarded(name, target, &mutator.next(&inputs));
        executions += 1;
    }
    Ok(executions)
}

fn guarded(name: &str, target: fn(&[u8]), input: &[u8]) {
    if let Err(panic) = std::panic::catch_unwind(|| target(input)) {
        // The panic tells more than a file that cannot be written.
        let _ = std::fs::write(format!("crash-{name}"), input);
        std::panic::resume_unwind(panic);
    }
}
