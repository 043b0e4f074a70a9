//! Builds every client of the soak run (`tests/soak`) and starts it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::dist::{self, target};
use crate::run::{check, command, has, root};
use crate::{node, python};

pub(crate) fn missing() -> Option<String> {
    let compiler = ["cc", "c++"].into_iter().find(|tool| !has(tool, "--version"));
    python::missing().or_else(node::missing).or_else(|| compiler.map(|tool| format!("no {tool}")))
}

/// Part of `cargo xtask test`, a short run: finds lost events and fast leaks.
pub(crate) fn short() -> Result<()> {
    run(0.4, 1, None)
}

pub(crate) fn run(minutes: f64, seed: u64, report: Option<&Path>) -> Result<()> {
    ensure!(minutes > 0.0 && minutes < 100_000.0, "--minutes must be above 0 and below 100,000");
    let folder = target().join("soak");
    let prefix = folder.join("c");
    dist::c::install(&prefix)?;
    let c = compile("cc", "client.c", &prefix, &folder.join("client-c"))?;
    let cpp = compile("c++", "client.cpp", &prefix, &folder.join("client-cpp"))?;
    let python = python::install()?;
    node::build()?;
    check(command("cargo", &["build", "--release", "--package", "switchwire-soak"]))?;

    let clients = root().join("tests/soak/clients");
    let script = |name: &str| clients.join(name).display().to_string();
    let package = root().join("node").display().to_string();
    // V8 grows its young generation for a long time unless limited, which would look like a leak.
    let node = "node --expose-gc --max-semi-space-size=4";
    let mut soak = Command::new(target().join("release/switchwire-soak"));
    soak.arg("run").arg(format!("--seconds={}", (minutes * 60.0).ceil())).arg(format!("--seed={seed}"));
    for (name, client) in [
        ("C", c),
        ("C++", cpp),
        ("Python ESL", format!("{python} {}", script("classic.py"))),
        ("Python", format!("{python} {}", script("modern.py"))),
        ("Python asyncio", format!("{python} {}", script("asynchronous.py"))),
        ("Node", format!("{node} {} {package}", script("modern.mjs"))),
        ("Node modesl", format!("{node} {} {package}", script("modesl.mjs"))),
    ] {
        soak.arg(format!("--client={name}={client}"));
    }
    if let Some(report) = report {
        soak.arg("--report").arg(report);
    }
    check(soak)
}

/// Compiles a worker against the library as it is installed; gives the program.
fn compile(compiler: &str, source: &str, prefix: &Path, program: &Path) -> Result<String> {
    let source: PathBuf = ["tests/soak/clients", source].iter().collect();
    let lib = prefix.join("lib");
    let mut build = command(compiler, &["-O2", "-Wall", "-Wextra", "-Werror"]);
    build.arg(source).arg("-I").arg(prefix.join("include")).arg("-L").arg(&lib).args(["-lesl", "-lpthread"]);
    build.arg(format!("-Wl,-rpath,{}", lib.display())).arg("-o").arg(program);
    check(build)?;
    Ok(program.display().to_string())
}
