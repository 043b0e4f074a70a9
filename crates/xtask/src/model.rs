//! The connection's engine in a model of threads.

use anyhow::Result;

use crate::run::{check, command, target};

/// Part of `cargo xtask test`.
pub(crate) fn test() -> Result<()> {
    run(20_000)
}

/// Runs that many random schedules of each scenario, and as many with few preemptions.
pub(crate) fn run(schedules: usize) -> Result<()> {
    let mut test = command("cargo", &["test", "--release", "--quiet", "--package", "switchwire", "--lib"]);
    test.args(["--target-dir", &target().join("model").to_string_lossy(), "--", "model::"]);
    test.env("RUSTFLAGS", "--cfg switchwire_model");
    test.env("CARGO_PROFILE_RELEASE_LTO", "off");
    test.env("SWITCHWIRE_MODEL_SCHEDULES", schedules.to_string());
    check(test)
}
