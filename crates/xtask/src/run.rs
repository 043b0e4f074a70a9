//! Running other programs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest).to_path_buf()
}

/// A program to be run in the root.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Runs it with its output shown; fails when it fails.
pub(crate) fn check(mut command: Command) -> Result<()> {
    let shown = format!("{command:?}");
    println!("$ {shown}");
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("cannot run {shown}"))?;
    if !status.success() {
        bail!("{shown} failed: {status}");
    }
    Ok(())
}

/// As [`check`], beside others: its output is shown when it has ended, in one piece.
pub(crate) fn check_apart(mut command: Command) -> Result<()> {
    let shown = format!("{command:?}");
    let ended = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {shown}"))?;
    let [said, complained] = [&ended.stdout, &ended.stderr].map(|text| String::from_utf8_lossy(text));
    println!("$ {shown}\n{said}{complained}");
    if !ended.status.success() {
        bail!("{shown} failed: {}", ended.status);
    }
    Ok(())
}

/// Runs it and gives its output; fails when it fails.
pub(crate) fn output(mut command: Command) -> Result<String> {
    let shown = format!("{command:?}");
    let ended = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let ended = ended.with_context(|| format!("cannot run {shown}"))?;
    if !ended.status.success() {
        bail!("{shown} failed: {}\n{}", ended.status, String::from_utf8_lossy(&ended.stdout));
    }
    String::from_utf8(ended.stdout).with_context(|| format!("{shown} printed bytes that are not UTF-8"))
}

/// Whether the program can be run with that argument and succeeds.
pub(crate) fn has(program: &str, argument: &str) -> bool {
    has_with(program, &[argument])
}

/// A program to be run in a folder of the repository.
pub(crate) fn command_in(folder: &str, program: &str, arguments: &[&str]) -> Command {
    let mut command = command(program, arguments);
    command.current_dir(root().join(folder));
    command
}

/// Whether the program can be run with these arguments and succeeds.
pub(crate) fn has_with(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
