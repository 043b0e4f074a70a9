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
    check(command(
        &python,
        &["-m", "pip", "install", "-q", "maturin>=1.9.4,<2", "pytest>=7", "pytest-timeout", "mypy"],
    ))?;
    let mut develop = command_in("python", &program("maturin"), &["develop", "--release", "--quiet"]);
    develop.env("VIRTUAL_ENV", &venv);
    check(develop)?;
    check(command_in("python", &python, &["-m", "pytest", "-p", "no:cacheprovider"]))
}

fn has_module(name: &str) -> bool {
    let mut import = command("python3", &["-c", &format!("import {name}")]);
    import.stderr(std::process::Stdio::null()).status().is_ok_and(|status| status.success())
}
