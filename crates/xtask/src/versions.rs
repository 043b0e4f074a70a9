//! All packages share one version: every file that says it must say the same.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::dist::c::SONAME;
use crate::run::root;

/// Places with another version.
pub(crate) fn faults() -> Result<Vec<String>> {
    let workspace = toml_of("Cargo.toml")?;
    let common = &workspace["workspace"]["package"];
    let version = common["version"].as_str().context("the workspace has no version")?;
    let mut faults = Vec::new();
    let mut same = |place: &str, found: Option<&str>| {
        if found != Some(version) {
            faults.push(format!("{place} says {}, the workspace {version}", found.unwrap_or("nothing")));
        }
    };

    for (name, dependency) in workspace["workspace"]["dependencies"].as_table().into_iter().flatten() {
        if dependency.get("path").is_some() {
            same(
                &format!("Cargo.toml's dependency {name}"),
                dependency.get("version").and_then(toml::Value::as_str),
            );
        }
    }
    let lock = toml_of("Cargo.lock")?;
    for package in lock["package"].as_array().into_iter().flatten() {
        // Packages of this repository have no source.
        if let (Some(name), None) = (package["name"].as_str(), package.get("source")) {
            same(&format!("Cargo.lock's {name}"), package["version"].as_str());
        }
    }
    let package = json_of("crates/switchwire-cli/packaging/npm/package.json")?;
    same("the command's package.json", package["version"].as_str());
    let package = json_of("node/package.json")?;
    same("node/package.json", package["version"].as_str());
    let lock = json_of("node/package-lock.json")?;
    same("node/package-lock.json", lock["version"].as_str());
    same("node/package-lock.json's package", lock["packages"][""]["version"].as_str());
    let changes = text_of("CHANGELOG.md")?;
    let newest = changes.lines().find_map(|line| line.strip_prefix("## "));
    same("CHANGELOG.md", newest.and_then(|line| line.split(' ').next()));

    // Python's is that of the crate, if it is declared dynamic.
    let python = toml_of("python/pyproject.toml")?;
    let dynamic = python["project"].get("dynamic").and_then(toml::Value::as_array);
    if !dynamic.is_some_and(|list| list.iter().any(|item| item.as_str() == Some("version"))) {
        faults.push("python/pyproject.toml: the version must be dynamic, that of the crate".to_owned());
    }
    let compiler = common["rust-version"].as_str().context("the workspace has no rust-version")?;
    if !text_of("README.md")?.contains(&format!("{compiler} or newer")) {
        faults.push(format!("README.md must say that Rust {compiler} or newer is needed"));
    }
    if !text_of("bindings/c/build.rs")?.contains(SONAME) {
        faults.push(format!("bindings/c/build.rs must name the library {SONAME}"));
    }
    Ok(faults)
}

fn text_of(path: &str) -> Result<String> {
    std::fs::read_to_string(root().join(path)).with_context(|| format!("cannot read {path}"))
}

fn toml_of(path: &str) -> Result<toml::Table> {
    text_of(path)?.parse().with_context(|| format!("{path} is not TOML"))
}

fn json_of(path: &str) -> Result<Value> {
    serde_json::from_str(&text_of(path)?).with_context(|| format!("{path} is not JSON"))
}
