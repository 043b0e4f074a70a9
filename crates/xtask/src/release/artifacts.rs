//! The folder of what a release publishes, its list and its checksums.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::dist::build::{Build, OLDEST_GLIBC};
use crate::dist::{elf, fresh};
use crate::run::{command, output, target};

/// The folder, or one in it.
pub(super) fn folder(name: &str) -> PathBuf {
    target().join("release-artifacts").join(name)
}

/// An emptied folder in it.
pub(super) fn emptied(name: &str) -> Result<PathBuf> {
    let folder = folder(name);
    fresh(&folder)?;
    Ok(folder)
}

/// Checks that a compiled file runs with the glibc that is promised, and says what it needs.
pub(super) fn portable(build: &Build, name: &str, file: &Path) -> Result<String> {
    let glibc = elf::glibc(build, file)?.with_context(|| format!("{name} needs no glibc at all"))?;
    let older =
        |version: &str| -> Vec<u32> { version.split('.').filter_map(|part| part.parse().ok()).collect() };
    ensure!(older(&glibc) <= older(OLDEST_GLIBC), "{name} needs glibc {glibc}, not {OLDEST_GLIBC}");
    Ok(format!("| {name} | {glibc} | {} |", elf::needed(build, file)?.join(", ")))
}

/// All files with sizes and checksums; also written as `SHA256SUMS`, which `sha256sum --check` reads.
pub(super) fn table() -> Result<Vec<String>> {
    let top = folder("");
    std::fs::create_dir_all(&top)?;
    let list = "find . -type f ! -name SHA256SUMS -printf '%P\\0' | LC_ALL=C sort --zero-terminated \
                | xargs --null --no-run-if-empty sha256sum | tee SHA256SUMS";
    let mut sum = command("sh", &["-c", list]);
    sum.current_dir(&top);
    let sums = output(sum)?;
    let mut lines = vec!["| file | bytes | sha256 |".to_owned(), "| --- | ---: | --- |".to_owned()];
    for (sum, file) in sums.lines().filter_map(|line| line.split_once("  ")) {
        let bytes = std::fs::metadata(top.join(file))?.len();
        lines.push(format!("| {file} | {bytes} | `{sum}` |"));
    }
    Ok(lines)
}
