//! The Python package's tests, in a virtual environment under `target/`.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Result, anyhow};

use crate::run::{check, command, command_in, has, root};

pub(crate) fn missing() -> Option<String> {
    if !has("python3", "--version") {
        return Some("no python3".to_owned());
    }
    let venv = has_module("venv") && has_module("ensurepip");
    (!venv).then(|| "python3 has no venv module (Debian: python3-venv)".to_owned())
}

/// A program of the virtual environment in that folder.
pub(crate) fn program(venv: &Path, name: &str) -> String {
    venv.join("bin").join(name).to_string_lossy().into_owned()
}

/// Makes a virtual environment if it does not exist.
pub(crate) fn make_venv(venv: &Path) -> Result<()> {
    if venv.join("bin/python").exists() {
        return Ok(());
    }
    check(command("python3", &["-m", "venv", &venv.to_string_lossy()]))
}

/// The environment under `target/`, with these tools in it; gives its folder.
pub(crate) fn tools(names: &[&str]) -> Result<PathBuf> {
    let venv = root().join("target/python");
    make_venv(&venv)?;
    let mut install = command(&program(&venv, "python"), &["-m", "pip", "install", "-q"]);
    install.args(names);
    check(install)?;
    Ok(venv)
}

/// Installs the package, built from these sources, and what its tests need, into the environment, once; gives its
/// interpreter.
pub(crate) fn install() -> Result<String> {
    static INSTALLED: Mutex<Option<String>> = Mutex::new(None);
    let mut installed = INSTALLED.lock().map_err(|_| anyhow!("the installation panicked"))?;
    if let Some(python) = &*installed {
        return Ok(python.clone());
    }
    let venv = tools(&[
        "maturin>=1.9.4,<2",
        "pytest>=7",
        "pytest-timeout",
        "pytest-xdist",
        "pytest-asyncio",
        "anyio",
        "celery",
        "gevent",
        "gunicorn",
        "uvloop",
        "prometheus-client",
        "mypy",
        "ruff",
    ])?;
    let mut develop = command_in("python", &program(&venv, "maturin"), &["develop", "--release", "--quiet"]);
    develop.env("VIRTUAL_ENV", &venv);
    check(develop)?;
    Ok(installed.insert(program(&venv, "python")).clone())
}

/// The soak run's workers, also checked here.
const SOAK: &str = "../tests/soak/clients";

/// The bridge's consumers; `crate::consumers` has them run.
const CONSUMERS: &str = "../crates/switchwire-bridge/examples/consumers/python";

/// pytest's arguments: three processes, since tests mostly wait.
pub(crate) const PYTEST: &[&str] = &["-m", "pytest", "-p", "no:cacheprovider", "-n", "3", "tests"];

pub(crate) fn test() -> Result<()> {
    let python = install()?;
    let steps: [&[&str]; 5] = [
        PYTEST,
        &["-m", "ruff", "check", "--no-cache", "src", "tests", "examples", SOAK, CONSUMERS],
        &["-m", "ruff", "format", "--no-cache", "--check", "src", "tests", "examples", SOAK, CONSUMERS],
        &["-m", "mypy", "--cache-dir=/dev/null", "src", "examples"],
        // The stubs must match the modules.
        &["-m", "mypy.stubtest", "switchwire", "ESL", "_ESL", "--allowlist", "stubtest-allowlist.txt"],
    ];
    steps.into_iter().try_for_each(|step| check(command_in("python", &python, step)))
}

fn has_module(name: &str) -> bool {
    let mut import = command("python3", &["-c", &format!("import {name}")]);
    import.stderr(std::process::Stdio::null()).status().is_ok_and(|status| status.success())
}
