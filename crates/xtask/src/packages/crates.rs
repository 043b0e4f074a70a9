//! The crates for crates.io.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::dist::target;
use crate::run::{check, command, output};

/// The published ones; every other one must have `publish = false`.
const PUBLISHED: &[&str] =
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
    // Packs them, and builds each from its package alone, with the other packages in the place of the registry's.
    let mut package = command("cargo", &["package", "--locked", "--allow-dirty", "--quiet"]);
    for name in PUBLISHED {
        package.args(["--package", name]);
    }
    check(package)?;
    PUBLISHED.iter().try_for_each(|name| contents(name))
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
    let packed = target().join("package").join(format!("{file}.crate"));
    let list = output(command("tar", &["--list", "--gzip", "--file", &packed.to_string_lossy()]))?;
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
    let mut unpack = command("tar", &["--extract", "--gzip", "--strip-components=1", "--file"]);
    unpack.arg(&packed).arg("--directory").arg(place.path());
    check(unpack)?;
    super::licenses(place.path(), false)?;
    super::no_link_texts(place.path())?;
    super::same(&place.path().join("README.md"), readme(name))
}
