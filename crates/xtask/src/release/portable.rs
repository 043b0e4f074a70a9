//! Everything that is compiled, for any Linux with glibc 2.17 or newer.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::artifacts;
use crate::dist::build::{Build, OLDEST_GLIBC};
use crate::dist::{self, only};
use crate::run::{check, command};

pub(super) fn build() -> Result<Vec<String>> {
    let build = Build::Portable;
    let folder = artifacts::emptied(&name(&build))?;
    let mut lines = all(&build, &folder)?;
    // The sources go with them.
    dist::python::sources(&folder)?;
    if let Some(lint) = lint(&folder)? {
        lines.push(String::new());
        lines.push(lint);
    }
    Ok(lines)
}

/// The folder of a platform's packages.
pub(super) fn name(build: &Build) -> String {
    format!("linux-{}", build.platform().npm_cpu)
}

/// Builds and packs all of it, and looks at what the packages hold.
pub(super) fn all(build: &Build, folder: &Path) -> Result<Vec<String>> {
    let tarball = dist::c::tarball(build, folder)?;
    let debs = dist::deb::pack(build, folder)?;
    dist::python::wheel(build, folder)?;
    let wheel = only(folder, ".whl")?;
    // These empty the folder they write to.
    let cli = dist::cli::pack(build, &folder.join("cli"))?;
    let node = dist::node::pack(build, &folder.join("node"))?;

    let place = tempfile::tempdir()?;
    let unpacked = |package: &Path| unpack(package, place.path());
    let platform = build.platform();
    let multiarch = format!("usr/lib/{}", platform.multiarch);
    let held = [
        ("libesl.so of the tarball", unpacked(&tarball)?.join("lib").join(dist::c::SONAME)),
        ("libesl.so of libesl1", unpacked(&debs.library)?.join(multiarch).join(dist::c::SONAME)),
        ("switchwire of its .deb", unpacked(&debs.program)?.join("usr/bin/switchwire")),
        ("native module of Python's wheel", unpacked(&wheel)?.join("switchwire/_native.abi3.so")),
        ("switchwire of its wheel", only(&unpacked(&cli.wheel)?, ".data")?.join("scripts/switchwire")),
        ("switchwire of its npm package", unpacked(&cli.platform)?.join("switchwire")),
        (
            "native module of the npm package",
            unpacked(&node.platform)?.join(format!("switchwire.{}.node", platform.npm)),
        ),
    ];
    let mut lines = vec![
        format!(
            "For {}: compiled by `{}`, linked by zig against glibc {OLDEST_GLIBC}.",
            build.platform().words,
            compiler(build)?
        ),
        String::new(),
        "| | newest symbol version (objdump) | needs |".to_owned(),
        "| --- | --- | --- |".to_owned(),
    ];
    for (name, file) in held {
        lines.push(artifacts::portable(build, name, &file)?);
    }
    Ok(lines)
}

fn compiler(build: &Build) -> Result<String> {
    Ok(crate::run::output(build.command("rustc", &["--version"]))?.trim().to_owned())
}

/// Unpacks a package of any kind into a folder of its own.
fn unpack(package: &Path, place: &Path) -> Result<PathBuf> {
    let name = package.file_name().context("no name")?;
    let folder = place.join(name);
    std::fs::create_dir_all(&folder)?;
    let mut unpack = match package.extension().and_then(|end| end.to_str()) {
        Some("whl") => command("python3", &["-m", "zipfile", "--extract"]),
        Some("deb") => command("dpkg-deb", &["--extract"]),
        _ => command("tar", &["--extract", "--gzip", "--strip-components=1", "--file"]),
    };
    unpack.arg(package);
    if package.extension().is_some_and(|end| end != "whl" && end != "deb") {
        unpack.arg("--directory");
    }
    unpack.arg(&folder);
    check(unpack)?;
    Ok(folder)
}

/// What lintian has to say, if it is installed.
fn lint(folder: &Path) -> Result<Option<String>> {
    if !crate::run::has("lintian", "--version") {
        return Ok(Some("lintian was not run: it is not installed.".to_owned()));
    }
    let mut lint = command("lintian", &["--fail-on=error", "--allow-root"]);
    lint.args(dist::files(folder, ".deb")?);
    let said = lint.output()?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    anyhow::ensure!(said.status.success(), "lintian: {text}");
    let tags: Vec<_> = text.lines().filter(|line| !line.starts_with('N')).collect();
    Ok(Some(format!(
        "lintian: no errors{}",
        match tags.as_slice() {
            [] => ", no warnings.".to_owned(),
            tags => format!("; warnings:\n\n```\n{}\n```", tags.join("\n")),
        }
    )))
}
