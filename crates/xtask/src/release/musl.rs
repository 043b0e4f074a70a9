//! musl: the command as a static program, and `libesl.a`. Rust's standard library is built with them, from Debian's sources of
//! it, since Debian has none compiled for musl.

use anyhow::{Context as _, Result, ensure};

use super::{aarch64, artifacts};
use crate::dist::build::{Build, zig};
use crate::run::{check, command, output, target};

const TRIPLE: &str = "x86_64-unknown-linux-musl";

pub(super) fn build() -> Result<Vec<String>> {
    let system = aarch64::system()?;
    let sources = system.path("/usr/lib/rustlib/src");
    let library = std::fs::read_dir(system.path("/usr/src"))?
        .filter_map(|entry| Some(entry.ok()?.path().join("library/Cargo.toml")))
        .find(|path| path.exists())
        .with_context(|| format!("no sources of the standard library in {}", sources.display()))?;
    let mut fetch = command("cargo", &["fetch", "--locked", "--manifest-path"]);
    fetch.arg(library).env("RUSTC_BOOTSTRAP", "1");
    check(fetch)?;
    check(command("cargo", &["fetch", "--locked"]))?;

    let folder = target().join("musl");
    let mut lines = vec!["| what | outcome |".to_owned(), "| --- | --- |".to_owned()];
    let (zigbuild, tool) = zig()?;
    let mut build =
        system.command(&zigbuild.display().to_string(), &["zigbuild", "-Zbuild-std=std,panic_unwind"]);
    build.args(["--release", "--offline", "--locked", "--target", TRIPLE]);
    build.args(["--package", "switchwire-c", "--package", "switchwire-cli"]);
    build.env("CARGO_ZIGBUILD_ZIG_PATH", tool).env("CARGO_TARGET_DIR", &folder).env("RUSTC_BOOTSTRAP", "1");
    // Debian has no start files of musl beside rustc; zig brings its own, for a program at a fixed address.
    let variable = format!("CARGO_TARGET_{}_RUSTFLAGS", TRIPLE.replace('-', "_").to_uppercase());
    build.env(variable, "-Clink-self-contained=no -Crelocation-model=static");
    check(build)?;

    let built = folder.join(TRIPLE).join("release");
    let program = built.join("switchwire");
    ensure!(crate::dist::elf::needed(&Build::Native, &program)?.is_empty(), "the program is not static");
    let said = output(command(&program.display().to_string(), &["demo"]))?;
    lines.push(format!("| `switchwire demo`, static | {} |", said.lines().last().unwrap_or_default()));
    let packed = artifacts::emptied("linux-x64-musl")?.join("switchwire");
    std::fs::copy(&program, &packed)?;
    let mut strip = command("strip", &[]);
    strip.arg(&packed);
    check(strip)?;
    lines.push(format!(
        "| `libesl.a` | built, {} bytes; not run |",
        std::fs::metadata(built.join("libesl.a"))?.len()
    ));
    lines.push(String::new());
    lines.push(
        "Not built: `libesl.so`, the native modules of Python and Node. Not tried: Alpine itself.".to_owned(),
    );
    Ok(lines)
}
