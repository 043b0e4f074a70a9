//! `cargo xtask release --dry-run`: builds everything that a release publishes, installs it on old and new systems, and
//! reports what was built, what ran and what did not. Nothing is published.

mod aarch64;
mod artifacts;
mod crates;
mod debian;
mod musl;
mod portable;
mod report;
mod supply;

use anyhow::{Context as _, Result, bail, ensure};

use crate::chroot;

/// One step. `run` gives the lines of its section in the report.
struct Step {
    name: &'static str,
    title: &'static str,
    /// What is missing for it, if anything is.
    missing: fn() -> Option<String>,
    run: fn() -> Result<Vec<String>>,
}

const STEPS: &[Step] = &[
    Step {
        name: "linux",
        title: "Packages for Linux, on this machine's processor",
        missing: crate::packages::missing,
        run: portable::build,
    },
    Step { name: "crates", title: "Crates", missing: || None, run: crates::pack },
    Step {
        name: "debian-11",
        title: "Installed on Debian 11 (bullseye)",
        missing: chroot::missing,
        run: || debian::test(&debian::BULLSEYE),
    },
    Step {
        name: "debian-12",
        title: "Installed on Debian 12 (bookworm)",
        missing: chroot::missing,
        run: || debian::test(&debian::BOOKWORM),
    },
    Step { name: "arm64", title: "Linux on aarch64: built", missing: chroot::missing, run: aarch64::build },
    Step {
        name: "arm64-tests",
        title: "Linux on aarch64: run under qemu-user",
        missing: chroot::missing,
        run: aarch64::test,
    },
    Step { name: "musl", title: "musl", missing: chroot::missing, run: musl::build },
    Step { name: "sbom", title: "Bills of materials", missing: || None, run: supply::sbom },
    Step { name: "semver", title: "Semantic versioning", missing: || None, run: supply::semver },
    Step { name: "rust-version", title: "The oldest Rust", missing: || None, run: supply::rust_version },
];

/// Runs the steps of these names, or all.
pub(crate) fn dry_run(only: &[String]) -> Result<()> {
    let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
    if let Some(unknown) = only.iter().find(|name| !names.contains(&name.as_str())) {
        bail!("no step is called {unknown}; the steps are: {}", names.join(", "));
    }
    let mut failed = Vec::new();
    for step in STEPS.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.name)) {
        println!("\n=== {} ===", step.name);
        let lines = match (step.missing)() {
            Some(missing) => {
                failed.push(step.name);
                vec![format!("**Not run**: {missing}.")]
            }
            None => (step.run)().with_context(|| step.name).unwrap_or_else(|error| {
                println!("FAILED  {error:#}");
                failed.push(step.name);
                vec![format!("**Failed**: {}", short(&error))]
            }),
        };
        println!("{}", lines.join("\n"));
        report::replace(step.name, step.title, &lines, &names)?;
    }
    report::replace("artifacts", "Artefacts", &artifacts::table()?, &names)?;
    println!("\nthe report is in {}", report::PATH);
    ensure!(failed.is_empty(), "{} step(s) failed: {}", failed.len(), failed.join(", "));
    Ok(())
}

/// An error in a line or two: of a long command its end, where it says how it failed.
fn short(error: &anyhow::Error) -> String {
    const MOST: usize = 120;
    let causes = error.chain().map(|cause| {
        let text = cause.to_string();
        let line = text.lines().next().unwrap_or_default();
        match line.chars().count().checked_sub(MOST) {
            Some(over) if over > 0 => format!("…{}", line.chars().skip(over).collect::<String>()),
            _ => line.to_owned(),
        }
    });
    causes.collect::<Vec<_>>().join(": ")
}
