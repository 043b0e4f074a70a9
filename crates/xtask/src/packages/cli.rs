//! The command's packages: installed with pip and with npm, from these files alone, and run there.

use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::Sim;
use super::node::{install, tools_alone};
use crate::dist::build::Build;
use crate::dist::cli::{pack, platform_package};
use crate::dist::target;
use crate::python;
use crate::run::{check, command};

pub(crate) fn test() -> Result<()> {
    let packed = pack(&Build::Native, &target().join("packages/cli"))?;
    let platform = platform_package(Build::Native.platform());
    let place = tempfile::tempdir()?;
    let sim = Sim::start()?;

    let venv = place.path().join("venv");
    python::make_venv(&venv)?;
    let mut pip = command(&python::program(&venv, "python"), &["-m", "pip", "install", "-q", "--no-index"]);
    pip.arg(&packed.wheel).current_dir(place.path());
    check(pip)?;
    let by_pip = venv.join("bin/switchwire");
    run(&by_pip, place.path(), &sim)?;
    beside(&venv)?;

    let tools = place.path().join("tools");
    tools_alone(&tools)?;
    let whole = place.path().join("whole");
    install(&whole, &[&packed.main, &packed.platform], &tools)?;
    let modules = whole.join("node_modules");
    super::licenses(&modules.join("switchwire-cli"), true)?;
    super::licenses(&modules.join(&platform), true)?;
    super::no_link_texts(&modules)?;
    let by_npm = modules.join(&platform).join("switchwire");
    let (one, other) = (std::fs::read(&by_pip)?, std::fs::read(&by_npm)?);
    ensure!(one == other, "pip and npm carry different programs");
    ensure!(one.len() < MOST_BYTES, "the program has {} bytes: is it not stripped?", one.len());
    // As `npx switchwire-cli` runs it.
    let mut npx = Command::new(tools.join("npm"));
    npx.args(["exec", "--offline", "--script-shell=/bin/sh", "--", "switchwire-cli", "--version"]);
    npx.current_dir(&whole).env("PATH", &tools);
    let said = said(&mut npx)?;
    ensure!(said == (Some(0), version()), "npx said {said:?}");
    let launcher = modules.join(".bin/switchwire");
    run(&launcher, &tools, &sim)?;

    // Without the platform's package it says which one is missing.
    let part = place.path().join("part");
    install(&part, &[&packed.main], &tools)?;
    let mut lacking = Command::new(part.join("node_modules/.bin/switchwire"));
    let ended = lacking.arg("--version").env("PATH", &tools).output()?;
    let error = String::from_utf8_lossy(&ended.stderr).into_owned();
    ensure!(ended.status.code() == Some(1) && error.contains(&platform), "without it: {error:?}");
    println!("pip and npm install the same program, {} bytes", one.len());
    Ok(())
}

/// The installed program does its work, and its exit codes, pipes and signals come through.
fn run(program: &Path, tools: &Path, sim: &Sim) -> Result<()> {
    let start = || {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", tools).env("HOME", "/nonexistent");
        command.args(["-P", &sim.port.to_string()]);
        command
    };
    let mut plain = Command::new(program);
    let version = said(plain.env_clear().env("PATH", tools).arg("--version"))?;
    ensure!(version == (Some(0), self::version()), "it said {version:?}");
    let done = said(start().args(["-x", "echo here"]))?;
    ensure!(done == (Some(0), "here".to_owned()), "it said {done:?}");
    let refused = said(start().args(["-x", "nosuch"]))?;
    ensure!(refused.0 == Some(1), "a refusal ended with {refused:?}");
    let mut console = start().arg("-q").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    console.stdin.take().context("no stdin")?.write_all(b"echo typed\n/exit\n")?;
    let ended = console.wait_with_output()?;
    ensure!(ended.status.success() && ended.stdout == b"typed\n", "the console said {ended:?}");
    // A signal ends it once it has written its prompt; the pipe's end shows that nothing of it is left.
    let mut console = start().args(["-q", "-b"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // Held: at its end the console would end, too.
    let typed = console.stdin.take();
    let mut prompt = console.stdout.take().context("no stdout")?;
    prompt.read_exact(&mut [0])?;
    check(command("kill", &["-TERM", &console.id().to_string()]))?;
    let ended = console.wait()?;
    prompt.read_to_end(&mut Vec::new())?;
    drop(typed);
    ensure!(ended.signal() == Some(15) || ended.code() == Some(128 + 15), "SIGTERM ended it with {ended}");
    Ok(())
}

/// What pip installs beside the program.
fn beside(venv: &Path) -> Result<()> {
    for file in [
        "share/man/man1/switchwire.1",
        "share/man/man1/switchwire-top.1",
        "share/bash-completion/completions/switchwire",
        "share/zsh/site-functions/_switchwire",
        "share/fish/vendor_completions.d/switchwire.fish",
    ] {
        let size = std::fs::metadata(venv.join(file)).with_context(|| format!("no {file}"))?.len();
        ensure!(size > 500, "{file} has {size} bytes");
    }
    let python = python::program(venv, "python");
    let mut find = command(&python, &["-c", LICENSES]);
    find.current_dir(venv);
    let folder = crate::run::output(find)?;
    super::licenses(Path::new(folder.trim()), true)
}

fn said(run: &mut Command) -> Result<(Option<i32>, String)> {
    let ended = run.stdin(Stdio::null()).output().with_context(|| format!("cannot run {run:?}"))?;
    Ok((ended.status.code(), String::from_utf8_lossy(&ended.stdout).trim().to_owned()))
}

fn version() -> String {
    format!("switchwire {}", env!("CARGO_PKG_VERSION"))
}

/// What the program may have at most.
const MOST_BYTES: usize = 10_000_000;
/// Prints the folder of the licences that pip installed.
const LICENSES: &str = "\
from importlib.metadata import distribution
print(distribution('switchwire-cli').locate_file(f\"switchwire_cli-{distribution('switchwire-cli').version}.dist-info/licenses\"))
";
