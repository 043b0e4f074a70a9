//! All tests, in parts. A part whose tools are missing is skipped and listed, or fails with `REQUIRE_ALL=1`.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::run::{check, command};
use crate::{bench, consumers, docs, fuzz, model, node, packages, python, sanitize, soak};

/// One part of the tests.
struct Part {
    name: &'static str,
    /// What is missing for it, if anything is.
    missing: fn() -> Option<String>,
    run: fn() -> Result<()>,
}

const PARTS: &[Part] = &[
    Part { name: "tidy", missing: || None, run: tidy },
    Part { name: "rust", missing: || None, run: rust },
    Part { name: "features", missing: || None, run: features },
    Part { name: "model", missing: || None, run: model::test },
    Part { name: "sanitize", missing: || None, run: sanitize::test },
    Part { name: "fuzz", missing: fuzz::missing, run: fuzz::test },
    Part { name: "python", missing: python::missing, run: python::test },
    Part { name: "node", missing: node::missing, run: node::test },
    // After Python and Node: these run the packages that they build.
    Part { name: "book", missing: || None, run: docs::test },
    Part { name: "bench", missing: || None, run: bench::smoke },
    Part { name: "packages", missing: packages::missing, run: packages::test },
    Part { name: "soak", missing: soak::missing, run: soak::short },
];

fn tidy() -> Result<()> {
    crate::tidy::run(&parts())
}

/// The names of all parts.
pub(crate) fn parts() -> Vec<&'static str> {
    PARTS.iter().map(|part| part.name).collect()
}

pub(crate) fn run(only: &[String]) -> Result<()> {
    if let Some(unknown) = only.iter().find(|name| PARTS.iter().all(|part| part.name != name.as_str())) {
        bail!("no part is called {unknown}; the parts are: {}", parts().join(", "));
    }
    let require_all = std::env::var_os("REQUIRE_ALL").is_some_and(|value| value == "1");
    let mut summary = Vec::new();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for part in PARTS.iter().filter(|part| only.is_empty() || only.iter().any(|name| name == part.name)) {
        println!("\n=== {} ===", part.name);
        let begun = Instant::now();
        let line = match (part.missing)() {
            Some(missing) if !require_all => {
                skipped += 1;
                format!("SKIPPED {}: {missing}", part.name)
            }
            Some(missing) => {
                failed += 1;
                format!("FAILED  {}: {missing} (REQUIRE_ALL=1)", part.name)
            }
            None => match (part.run)() {
                Ok(()) => {
                    passed += 1;
                    format!("passed  {}", part.name)
                }
                Err(error) => {
                    failed += 1;
                    format!("FAILED  {}: {error:#}", part.name)
                }
            },
        };
        println!("{line}");
        summary.push(format!("{line} ({} s)", begun.elapsed().as_secs()));
    }
    println!("\n=== summary ===\n{}", summary.join("\n"));
    println!("parts: {passed} passed, {failed} failed, {skipped} skipped");
    if failed > 0 {
        bail!("{failed} part(s) failed");
    }
    Ok(())
}

/// Each optional feature by itself, and both together: the tests that look at what is reported, and with both those of what
/// reports most. (All tests once more would be a second build of forty programs, of which none looks at a report.)
fn features() -> Result<()> {
    for features in ["tracing", "metrics", "tracing,metrics"] {
        let of = ["--package", "switchwire", "--features", features];
        let both = features.contains(',');
        let mut clippy = command("cargo", &["clippy", "--quiet"]);
        clippy.args(of).args(["--lib", "--test", "telemetry", "--", "-D", "warnings"]);
        check(clippy)?;
        let mut test = command("cargo", &["test", "--quiet"]);
        test.args(of).args(["--lib", "--test", "telemetry"]);
        if both {
            test.args(
                ["threads", "managed", "fleet", "listener", "queues"]
                    .iter()
                    .flat_map(|name| ["--test", name]),
            );
        }
        check(test)?;
    }
    Ok(())
}

fn rust() -> Result<()> {
    let mut tests = command("cargo", &["test", "--workspace", "--quiet"]);
    tests.envs(consumers::prepare());
    check(tests)
}
