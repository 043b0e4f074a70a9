//! The C libraries as they are published: without debugging information, and the static one without the parts of Rust's
//! standard library that nothing here calls.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::dist::build::Build;
use crate::dist::copy;
use crate::run::{check, command, output};

/// Copies the shared library without what only debuggers read.
pub(crate) fn shared(build: &Build, from: &Path, to: &Path) -> Result<()> {
    copy(from, to)?;
    let mut strip = build.binutil("strip", &["--strip-unneeded"]);
    strip.arg(to);
    check(strip)
}

/// Makes the static library one object that defines what the shared one exports, and nothing else: a program may link
/// another library written in Rust beside it.
pub(crate) fn alone(build: &Build, from: &Path, shared: &Path, to: &Path) -> Result<()> {
    let place = tempfile::tempdir()?;
    let object = place.path().join("libesl.o");
    let symbols = exported(shared)?;
    let (list, roots) = (place.path().join("symbols"), place.path().join("roots"));
    std::fs::write(&list, symbols.join("\n"))?;
    std::fs::write(
        &roots,
        symbols.iter().map(|symbol| format!("--undefined={symbol}\n")).collect::<String>(),
    )?;
    let mut link = build.binutil("ld", &["--relocatable", "--gc-sections", "--output"]);
    link.arg(&object).arg(format!("@{}", roots.display())).arg(from);
    check(link)?;
    // Bitcode is for a compiler that links the whole program; this library has been linked.
    let mut keep =
        build.binutil("objcopy", &["--strip-debug", "--remove-section=.llvmbc", "--remove-section=.llvmcmd"]);
    keep.arg(format!("--keep-global-symbols={}", list.display())).arg(&object);
    check(keep)?;
    let _ = std::fs::remove_file(to);
    let mut pack = build.binutil("ar", &["rcsD"]);
    pack.arg(to).arg(&object);
    check(pack)
}

/// What a library defines for others: a shared one exports it, a static one holds it as global symbols.
pub(crate) fn exported(library: &Path) -> Result<Vec<String>> {
    let kind = if library.extension().is_some_and(|end| end == "a") { "--extern-only" } else { "--dynamic" };
    let mut list = command("nm", &[kind, "--defined-only", "--format=posix"]);
    list.arg(library);
    let text = output(list).context("cannot read the symbols")?;
    let mut symbols: Vec<String> = text
        .lines()
        .filter(|line| line.contains(' '))
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect();
    symbols.sort();
    symbols.dedup();
    Ok(symbols)
}
