//! The engine that needs no special compiler, and the seeds of the corpora:
//!
//! - `cargo run --release -p switchwire-fuzz [SECONDS [SEED [TARGET]]]` replays the corpus, then mutates it for that long;
//! - `cargo run --release -p switchwire-fuzz seeds FOLDER` writes what the corpora are made of (`cargo xtask fuzz --merge`).
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use std::time::{Duration, Instant};

use switchwire_fuzz::{TARGETS, run, seeds};

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if_eq("seeds").is_some() {
        return seeds::write(arguments.next().unwrap_or_else(|| "seeds".to_owned()).as_ref());
    }
    let seconds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(10);
    let seed = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let only = arguments.next();
    for target in TARGETS.iter().filter(|(name, _)| only.as_ref().is_none_or(|only| only == name)) {
        let end = Instant::now() + Duration::from_secs(seconds);
        let executions = run(*target, seed, || Instant::now() < end)?;
        println!("{}: {executions} executions in {seconds} s, seed {seed}", target.0);
    }
    Ok(())
}
