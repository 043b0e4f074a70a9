//! Figures for people: printed, and kept in a section of the file that `SWITCHWIRE_BRIDGE_REPORT` names (the crate's `REPORT.md`).

use std::path::PathBuf;

/// Writes a section anew; the others stay.
pub(crate) fn section(title: &str, text: &str) {
    println!("{title}\n{text}");
    let Some(file) = std::env::var_os("SWITCHWIRE_BRIDGE_REPORT").map(PathBuf::from) else { return };
    let old = std::fs::read_to_string(&file).unwrap_or_default();
    let heading = format!("## {title}\n");
    let (before, after) = match old.split_once(&heading) {
        Some((before, rest)) => (before, rest.find("\n## ").map_or("", |at| &rest[at + 1..])),
        None => (old.as_str(), ""),
    };
    let blank = if before.is_empty() || before.ends_with("\n\n") { "" } else { "\n" };
    let more = if after.is_empty() { "" } else { "\n" };
    std::fs::write(file, format!("{before}{blank}{heading}\n{}\n{more}{after}", text.trim()))
        .expect("written");
}

/// What the figures are of: the bridge's build, the machine's processors.
pub(crate) fn circumstances() -> String {
    let release = super::bridge_program().components().any(|part| part.as_os_str() == "release");
    let build = if release { "release" } else { "debug" };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{build} build, {cores} cores")
}
