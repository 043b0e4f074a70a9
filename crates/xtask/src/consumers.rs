//! What the programs of `crates/switchwire-bridge/examples/consumers` need, for the tests that run them.

use std::path::PathBuf;

use anyhow::Result;

use crate::python::{make_venv, program};
use crate::run::{check, command, command_in, has, target};

const FOLDER: &str = "crates/switchwire-bridge/examples/consumers";

/// Gets the packages, and returns the variables by which the tests find them. What cannot be had is said here; the tests
/// skip then, or fail where everything is required.
pub(crate) fn prepare() -> Vec<(&'static str, PathBuf)> {
    let mut variables = Vec::new();
    if has("python3", "--version") {
        match python() {
            Ok(interpreter) => variables.push(("SWITCHWIRE_CONSUMERS_PYTHON", interpreter)),
            Err(error) => println!("no packages for the consumers in Python: {error:#}"),
        }
    }
    if has("npm", "--version")
        && let Err(error) = node()
    {
        println!("no packages for the consumers in Node: {error:#}");
    }
    variables
}

fn python() -> Result<PathBuf> {
    let venv = target().join("consumers");
    make_venv(&venv)?;
    let interpreter = program(&venv, "python");
    let requirements = format!("{FOLDER}/python/requirements.txt");
    check(command(&interpreter, &["-m", "pip", "install", "-q", "-r", &requirements]))?;
    Ok(interpreter.into())
}

fn node() -> Result<()> {
    let folder = format!("{FOLDER}/node");
    check(command_in(
        &folder,
        "npm",
        &["install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"],
    ))
}
