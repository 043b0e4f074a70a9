//! The crates for crates.io.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::dist::target;
use crate::run::{check, command, output, root};

/// The published ones; every other one must have `publish = false`.
pub(crate) const PUBLISHED: &[&str] =
    &["switchwire-proto", "switchwire", "switchwire-tokio", "switchwire-sim", "switchwire-cli"];

/// What a package may hold besides its sources.
const FILES: &[&str] = &[
    ".cargo_vcs_info.json",
    "Cargo.lock",
    "Cargo.toml",
    "Cargo.toml.orig",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
];

pub(crate) fn test() -> Result<()> {
    metadata()?;
    let mut package = command("cargo", &["package", "--locked", "--allow-dirty", "--quiet", "--no-verify"]);
    for name in PUBLISHED {
        package.args(["--package", name]);
    }
    check(package)?;
    PUBLISHED.iter().try_for_each(|name| contents(name))?;
    builds()
}

/// Checks that each crate compiles from its package alone, with the other packages in the place of the registry's.
/// `cargo package` would do so as well, but what it unpacks of a version stays in cargo's home, and is taken for that version ever
/// after: a later checkout would be built with the packages of an earlier one.
fn builds() -> Result<()> {
    let place = tempfile::tempdir()?;
    let (mut members, mut patches) = (String::new(), String::new());
    for name in PUBLISHED {
        unpack(name, &place.path().join(name))?;
        writeln!(members, "    \"{name}\",")?;
        writeln!(patches, "{name} = {{ path = \"{name}\" }}")?;
    }
    let manifest = place.path().join("Cargo.toml");
    std::fs::write(
        &manifest,
        format!("[workspace]\nresolver = \"3\"\nmembers = [\n{members}]\n\n[patch.crates-io]\n{patches}"),
    )?;
    // The versions that everything else is tested with; cargo takes out the crates that are not here.
    std::fs::copy(root().join("Cargo.lock"), place.path().join("Cargo.lock"))?;
    PUBLISHED.iter().try_for_each(|name| {
        let mut build = command("cargo", &["check", "--quiet", "--package", name, "--manifest-path"]);
        build.arg(&manifest).arg("--target-dir").arg(target());
        check(build).with_context(|| format!("{name} from its package"))
    })
}

pub(crate) fn packed(name: &str) -> PathBuf {
    target().join("package").join(format!("{name}-{}.crate", env!("CARGO_PKG_VERSION")))
}

fn unpack(name: &str, place: &Path) -> Result<()> {
    std::fs::create_dir_all(place)?;
    // As of now: cargo packs with times of long ago, and would take what it compiled of an earlier package for newer.
    let mut unpack = command("tar", &["--extract", "--touch", "--gzip", "--strip-components=1", "--file"]);
    unpack.arg(packed(name)).arg("--directory").arg(place);
    check(unpack)
}

/// The fields that crates.io requires and shows.
fn metadata() -> Result<()> {
    let text = output(command("cargo", &["metadata", "--format-version=1", "--locked", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&text)?;
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().context("a package has no name")?;
        if !PUBLISHED.contains(&name) {
            ensure!(
                package["publish"].as_array().is_some_and(Vec::is_empty),
                "{name} must say publish = false"
            );
            continue;
        }
        ensure!(package["publish"].is_null(), "{name} is to be published");
        for key in ["description", "license", "repository", "readme", "rust_version"] {
            ensure!(package[key].as_str().is_some_and(|value| !value.is_empty()), "{name} has no {key}");
        }
        for key in ["keywords", "categories"] {
            let count = package[key].as_array().map_or(0, Vec::len);
            ensure!((1..=5).contains(&count), "{name} has {count} {key}; crates.io takes 1 to 5");
        }
    }
    Ok(())
}

/// The library's README is the project's.
fn readme(name: &str) -> &'static str {
    match name {
        "switchwire" => "README.md",
        "switchwire-proto" => "crates/switchwire-proto/README.md",
        "switchwire-tokio" => "crates/switchwire-tokio/README.md",
        "switchwire-sim" => "crates/switchwire-sim/README.md",
        _ => "crates/switchwire-cli/README.md",
    }
}

fn contents(name: &str) -> Result<()> {
    let file = format!("{name}-{}", env!("CARGO_PKG_VERSION"));
    let list = output(command("tar", &["--list", "--gzip", "--file", &packed(name).to_string_lossy()]))?;
    let mut found: Vec<&str> =
        list.lines().filter_map(|line| line.strip_prefix(&file)?.strip_prefix('/')).collect();
    for needed in ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "Cargo.toml"] {
        ensure!(found.contains(&needed), "{file}.crate lacks {needed}");
    }
    // The simulator's texts of a real server are compiled in (`include_str!`).
    let data = |path: &str| name == "switchwire-sim" && path.starts_with("src/api/data/");
    found.retain(|path| {
        !(data(path)
            || FILES.contains(path)
            || path.ends_with(".rs") && (path.starts_with("src/") || path.starts_with("examples/")))
    });
    if !found.is_empty() {
        bail!("{file}.crate holds what it should not: {}", found.join(", "));
    }
    let place = tempfile::tempdir()?;
    unpack(name, place.path())?;
    super::licenses(place.path(), false)?;
    super::no_link_texts(place.path())?;
    super::same(&place.path().join("README.md"), readme(name))
}
