//! The Python package's tests, in a virtual environment under `target/`.

use std::path::PathBuf;

use anyhow::Result;

use crate::run::{check, command, command_in, has, root};

pub(crate) fn missing() -> Option<String> {
    if !has("python3", "--version") {
        return Some("no python3".to_owned());
    }
    let venv = has_module("venv") && has_module("ensurepip");
    (!venv).then(|| "python3 has no venv module (Debian: python3-venv)".to_owned())
}

pub(crate) fn test() -> Result<()> {
    let venv = root().join("target/python");
    if !venv.join("bin/python").exists() {
        check(command("python3", &["-m", "venv", &venv.to_string_lossy()]))?;
    }
    let program =
        |name: &str| -> String { PathBuf::from(&venv).join("bin").join(name).to_string_lossy().into_owned() };
    let python = program("python");
    let mut install = command(&python, &["-m", "pip", "install", "-q"]);
    install.args(["maturin>=1.9.4,<2", "pytest>=7", "pytest-timeout", "mypy", "ruff"]);
    check(install)?;
    let mut develop = command_in("python", &program("maturin"), &["develop", "--release", "--quiet"]);
    develop.env("VIRTUAL_ENV", &venv);
    check(develop)?;
    let steps: [&[&str]; 5] = [
        &["-m", "pytest", "-p", "no:cacheprovider", "tests"],
        &["-m", "ruff", "check", "--no-cache", "src", "tests"],
        &["-m", "ruff", "format", "--no-cache", "--check", "src", "tests"],
        &["-m", "mypy", "--cache-dir=/dev/null", "src"],
        // The stubs must say what the modules are.
        &["-m", "mypy.stubtest", "switchwire", "ESL", "_ESL", "--allowlist", "stubtest-allowlist.txt"],
    ];
    steps.into_iter().try_for_each(|step| check(command_in("python", &python, step)))
}

fn has_module(name: &str) -> bool {
    let mut import = command("python3", &["-c", &format!("import {name}")]);
    import.stderr(std::process::Stdio::null()).status().is_ok_and(|status| status.success())
}
