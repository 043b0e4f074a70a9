//! What was built is installed on a Debian that has nothing else of ours, and does the main job there.

use anyhow::{Context as _, Result};

use super::{artifacts, portable};
use crate::chroot::Chroot;
use crate::dist::build::Build;
use crate::dist::{fresh, only};
use crate::node;
use crate::run::{check, command, output, root, target};

/// A release of Debian, and where its Node comes from.
pub(super) struct Debian {
    release: &'static str,
    /// Debian's, or a version of the registry's packages of Node.
    node: Option<&'static str>,
}

/// Its own Node is 12, and the package takes 18 or newer: 22 from npm's registry, as people there do.
pub(super) const BULLSEYE: Debian = Debian { release: "bullseye", node: Some("22") };
/// It has Node 18.
pub(super) const BOOKWORM: Debian = Debian { release: "bookworm", node: None };

/// The programs that install packages and build C programs, all of Debian.
const TOOLS: &[&str] = &[
    "binutils",
    "cmake",
    "gcc",
    "libc6-dev",
    "make",
    "pkg-config",
    "python3",
    "python3-pip",
    "python3-venv",
];
/// npm, as a program for any Node.
const NPM: &str = "npm@10.9.2";

pub(super) fn test(debian: &Debian) -> Result<Vec<String>> {
    let system = Chroot::fresh(debian.release, &format!("{}-install", debian.release))?;
    let own_node = if debian.node.is_none() { &["nodejs"][..] } else { &[] };
    system.install(&[], &[TOOLS, own_node].concat())?;
    let node = match debian.node {
        Some(version) => node::other(version)?.display().to_string(),
        None => "/usr/bin/node".to_owned(),
    };
    let npm = target().join("npm");
    node::install(&npm, &[NPM])?;
    // What npm would take from the registry: the one dependency at run time.
    node::install_tools()?;
    let dependency = target().join("dist/dependency");
    fresh(&dependency)?;
    let mut pack = command("npm", &["pack", "--silent", "--pack-destination"]);
    pack.arg(&dependency).current_dir(root().join("node/node_modules/eventemitter2"));
    check(pack)?;

    let script = root().join("tests/packages/install.sh");
    let mut install = system.command("bash", &[]);
    install.arg(script).arg(artifacts::folder(&portable::name(&Build::Portable))).arg(root()).arg(node);
    install.arg(npm.join("node_modules/npm/bin/npm-cli.js")).arg(only(&dependency, ".tgz")?);
    let rows = output(install).with_context(|| format!("on {}", debian.release))?;
    let mut lines = vec!["| | |".to_owned(), "| --- | --- |".to_owned()];
    lines.extend(rows.lines().filter(|line| line.starts_with('|')).map(str::to_owned));
    if let Some(version) = debian.node {
        lines.push(String::new());
        lines.push(format!(
            "Node {version} is npm's package of it: this Debian's own is older than the package takes."
        ));
    }
    Ok(lines)
}
