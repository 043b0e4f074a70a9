//! The tests under ThreadSanitizer and AddressSanitizer, and under Miri where that is installed.

use anyhow::{Result, bail};

use crate::run::{check, has_with, root, target};
use crate::toolchain::{Toolchain, host, unstable};

/// What is missing for Miri, if anything is. No Debian package has it, so its absence is reported and not a failure.
fn miri_missing() -> Option<String> {
    let has = has_with("cargo", &["+nightly", "miri", "--version"]);
    (!has).then(|| "it is not installed (rustup component add miri --toolchain nightly)".to_owned())
}

/// The protocol crate, and the NULL and ownership paths of the C layer and of the cJSON API: what Miri can run has no files, sockets or C code.
pub(crate) fn miri() -> Result<()> {
    if let Some(missing) = miri_missing() {
        bail!("no Miri: {missing}");
    }
    let runs: [&[&str]; 3] = [
        &["--package", "switchwire-proto", "--lib", "--test", "event_model"],
        &["--package", "switchwire-c", "--test", "ownership"],
        &["--package", "switchwire-cjson", "--test", "ownership"],
    ];
    runs.into_iter().try_for_each(|arguments| {
        let mut miri = unstable().cargo(&["miri", "test"]);
        miri.args(arguments).arg("--target-dir").arg(target().join("miri"));
        check(miri)
    })
}

/// Part of `cargo xtask test`: those without false positives. The standard library is not instrumented for
/// ThreadSanitizer, so its reports may be false and need a reader.
pub(crate) fn test() -> Result<()> {
    println!("SKIPPED thread sanitizer: `cargo xtask sanitize` runs it");
    all(|sanitizer| sanitizer == "address")
}

/// Each sanitizer that the compiler has.
pub(crate) fn run() -> Result<()> {
    all(|_| true)
}

/// Lists the sanitizers that the compiler lacks, and whether Miri is installed.
fn all(wanted: impl Fn(&str) -> bool) -> Result<()> {
    let toolchain = unstable();
    println!("compiler: {}", toolchain.name);
    let mut notes = Vec::new();
    for (sanitizer, package, tests) in RUNS.iter().filter(|(sanitizer, ..)| wanted(sanitizer)) {
        if toolchain.has_sanitizer(sanitizer) {
            sanitized(toolchain, sanitizer, package, tests)?;
        } else {
            notes.push(format!("SKIPPED {sanitizer} sanitizer: the compiler has none"));
        }
    }
    match miri_missing() {
        Some(missing) => notes.push(format!("SKIPPED miri: {missing}")),
        None => miri()?,
    }
    notes.iter().for_each(|line| println!("{line}"));
    Ok(())
}

/// The tests of each package (with sockets and threads for the one; with C's memory for the other).
const RUNS: &[(&str, &str, &[&str])] = &[
    ("thread", "switchwire", &["threads", "event_loops", "jobs", "faults", "listener"]),
    ("address", "switchwire-c", &["ownership", "vectors", "recordings"]),
    ("address", "switchwire-cjson", &["ownership"]),
];

fn sanitized(toolchain: Toolchain, sanitizer: &str, package: &str, tests: &[&str]) -> Result<()> {
    let mut test = toolchain.cargo(&["test", "--release", "--quiet", "--target", host()]);
    test.args(["--package", package]).arg("--target-dir").arg(target().join(sanitizer));
    test.args(tests.iter().flat_map(|name| ["--test", name]));
    // The standard library and build scripts' output come without it; nothing of ours does.
    let flags = [
        &format!("-Zsanitizer={sanitizer}"),
        "-Cunsafe-allow-abi-mismatch=sanitizer",
        "-Cdebuginfo=line-tables-only",
    ];
    test.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    test.env("CARGO_PROFILE_RELEASE_LTO", "off");
    let suppressions = root().join("tests/tsan.supp");
    test.env("TSAN_OPTIONS", format!("suppressions={} halt_on_error=1", suppressions.display()));
    // Sixteen thousand connections one after the other: minutes, and no memory that the others do not touch.
    test.args(["--", "--skip", "a_cut_at_every_byte"]);
    check(test)
}
