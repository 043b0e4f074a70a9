//! Builds every package as it is published, installs it where nothing of this repository is, and tests it there.

mod c;
mod cli;
pub(crate) mod crates;
mod deb;
mod node;
mod python;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::copies::{SAME, link_text};
use crate::dist::target;
use crate::run::{check, command, has, output, root};

pub(crate) fn missing() -> Option<String> {
    let tool = ["cc", "pkg-config", "tar"].into_iter().find(|tool| !has(tool, "--version"));
    crate::python::missing()
        .or_else(crate::node::missing)
        .or_else(crate::dist::deb::missing)
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
    cli::test().context("the command")?;
    deb::test().context("Debian's packages")?;
    node::test().context("the Node package")?;
    python::test().context("the Python package")
}

/// Checks a package's licence texts; with `third_party`, also those of what is linked into it.
fn licenses(folder: &Path, third_party: bool) -> Result<()> {
    for (name, original) in SAME.iter().filter(|(name, original)| third_party || *name == *original) {
        same(&folder.join(name), original)?;
    }
    Ok(())
}

/// Checks that a packed file equals the repository's, byte for byte.
fn same(packed: &Path, original: &str) -> Result<()> {
    let bytes = std::fs::read(packed).with_context(|| format!("the package lacks {}", packed.display()))?;
    let wanted = std::fs::read(root().join(original)).with_context(|| format!("cannot read {original}"))?;
    ensure!(wanted.len() > 500, "{original} is suspiciously short");
    ensure!(
        bytes == wanted,
        "{} is not {original}: {} bytes, not {}",
        packed.display(),
        bytes.len(),
        wanted.len()
    );
    Ok(())
}

/// Checks that no file of an unpacked package holds only another file's path.
fn no_link_texts(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        ensure!(!path.is_symlink() || path.exists(), "{} is a link to nothing", path.display());
        if path.is_dir() && !path.is_symlink() {
            no_link_texts(&path)?;
        } else if path.is_file() {
            let bytes = std::fs::read(&path)?;
            ensure!(link_text(&path, &bytes).is_none(), "{} holds nothing but a path", path.display());
        }
    }
    Ok(())
}

/// The simulator in a process of its own, for programs of other languages. It ends when this is dropped.
pub(crate) struct Sim {
    child: Child,
    port: u16,
}

impl Sim {
    pub(crate) fn start() -> Result<Self> {
        check(command("cargo", &["build", "--release", "--quiet", "--package", "switchwire-cli"]))?;
        Self::of(&target().join("release/switchwire"))
    }

    /// That program's simulator.
    pub(crate) fn of(program: &Path) -> Result<Self> {
        let mut child = Command::new(program)
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

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
