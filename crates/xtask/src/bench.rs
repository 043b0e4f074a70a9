//! Benchmarks of every client side by side; that each delivers every event is one of the tests.

use anyhow::Result;

use crate::dist::build::C_LIBRARIES;
use crate::run::{check, command, target};
use crate::{node, python};

/// Builds the packages and the C library, then measures them and their peers.
pub(crate) fn run(options: &[String]) -> Result<()> {
    check(command(
        "cargo",
        &["build", "--release", "--package", "switchwire-bench", "--package", "switchwire-cli"],
    ))?;
    check(command("cargo", C_LIBRARIES))?;
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
    // As the tests have compiled it all.
    check(command("cargo", &["build", "--workspace", "--quiet"]))?;
    check(command(&target().join("debug/switchwire-bench").to_string_lossy(), &["smoke"]))
}
