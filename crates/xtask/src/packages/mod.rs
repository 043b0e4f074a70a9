//! Every package as it is published: built, installed where nothing of this repository is, and tried out there.

mod c;
mod crates;
mod node;
mod python;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

use crate::dist::target;
use crate::run::{check, command, has, output};

pub(crate) fn missing() -> Option<String> {
    let tool = ["cc", "pkg-config", "tar"].into_iter().find(|tool| !has(tool, "--version"));
    crate::python::missing()
        .or_else(crate::node::missing)
        .or_else(|| tool.map(|tool| format!("no {tool}")))
        .or_else(|| {
            (cargo_minor()? < PACKS_TOGETHER).then(|| format!("cargo is older than 1.{PACKS_TOGETHER}"))
        })
}

/// The `95` of cargo 1.95.0.
fn cargo_minor() -> Option<u32> {
    let version = output(command("cargo", &["--version"])).ok()?;
    version.split('.').nth(1)?.parse().ok()
}

/// The cargo that packs crates which depend on each other.
const PACKS_TOGETHER: u32 = 90;

pub(crate) fn test() -> Result<()> {
    crates::test().context("the crates")?;
    c::test().context("the C library")?;
    node::test().context("the Node package")?;
    python::test().context("the Python package")
}

/// The simulator in a process of its own, for programs of other languages. It ends when this is dropped.
struct Sim {
    child: Child,
    port: u16,
}

impl Sim {
    fn start() -> Result<Self> {
        check(command("cargo", &["build", "--release", "--quiet", "--package", "switchwire-cli"]))?;
        let mut child = Command::new(target().join("release/switchwire"))
            .args(["sim", "--bind", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the simulator")?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let port = line.trim().rsplit(':').next().and_then(|port| port.parse().ok());
        let port = port.with_context(|| format!("the simulator said {line:?}"))?;
        Ok(Self { child, port })
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
