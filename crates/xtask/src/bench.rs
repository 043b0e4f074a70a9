//! Side-by-side figures of every client; what a client delivers is among the tests.

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

/// A few events through each client that is there.
pub(crate) fn smoke() -> Result<()> {
    build("--quiet")?;
    check(command("cargo", &["run", "--quiet", "--package", "switchwire-bench", "--", "smoke"]))
}

fn build(option: &str) -> Result<()> {
    check(command("cargo", &["build", option, "--package", "switchwire-c", "--package", "switchwire-bench"]))
}
