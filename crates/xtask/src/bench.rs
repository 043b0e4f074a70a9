//! Benchmarks of every client side by side; that each delivers every event is one of the tests.

use anyhow::Result;

use crate::run::{check, command};
use crate::{node, python};

/// Builds the packages and the C library, then measures them and their peers.
pub(crate) fn run(options: &[String]) -> Result<()> {
    build("--release")?;
    for (part, missing, build) in [
        ("Python", python::missing(), (|| python::install().map(drop)) as fn() -> Result<()>),
        ("Node", node::missing(), node::build),
    ] {
        match missing {
            Some(missing) => println!("SKIPPED the clients in {part}: {missing}"),
            None => build()?,
        }
    }
    let mut report =
        command("cargo", &["run", "--release", "--quiet", "--package", "switchwire-bench", "--"]);
    report.arg("report").args(options);
    check(report)
}

/// Part of `cargo xtask test`: sends a few events through each installed client.
pub(crate) fn smoke() -> Result<()> {
    build("--quiet")?;
    check(command("cargo", &["run", "--quiet", "--package", "switchwire-bench", "--", "smoke"]))
}

fn build(option: &str) -> Result<()> {
    check(command("cargo", &["build", option, "--package", "switchwire-c", "--package", "switchwire-bench"]))
}
