//! What a release says of itself: bills of materials, compatibility with the last release, the compiler it needs.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use super::artifacts;
use crate::run::{check, command, has_with, output, root, target};

/// What is shipped compiled: each gets a bill of what is in it.
const SHIPPED: &[&str] =
    &["bindings/c", "bindings/python", "bindings/node", "crates/switchwire-cli", "crates/switchwire-bridge"];

/// A program of crates.io, built into `target/tools`.
fn tool(package: &str, version: &str) -> Result<PathBuf> {
    let folder = target().join("tools");
    let mut install =
        command("cargo", &["install", "--quiet", "--locked", "--version", version, package, "--root"]);
    install.arg(&folder).env("CARGO_TARGET_DIR", target().join("tools/build"));
    check(install)?;
    Ok(folder.join("bin").join(package))
}

/// A bill per shipped crate, in CycloneDX's JSON.
pub(super) fn sbom() -> Result<Vec<String>> {
    const NAME: &str = "release-sbom";
    let tool = tool("cargo-cyclonedx", "0.5.9")?;
    let folder = artifacts::emptied("sbom")?;
    let mut write = command(&tool.display().to_string(), &["cyclonedx", "--format", "json", "--all"]);
    write.args(["--target", "x86_64-unknown-linux-gnu", "--override-filename", NAME]);
    check(write)?;
    // It writes one beside each manifest.
    let mut lines = Vec::new();
    let list =
        output(command("find", &[".", "-name", &format!("{NAME}.json"), "-not", "-path", "./target/*"]))?;
    for written in list.lines().map(|path| root().join(path)) {
        let crate_folder =
            written.parent().and_then(|folder| folder.strip_prefix(root()).ok()).map(PathBuf::from);
        let shipped = crate_folder.filter(|folder| SHIPPED.iter().any(|known| folder.ends_with(known)));
        if let Some(shipped) = shipped {
            let name = format!("{}.cdx.json", shipped.display().to_string().replace('/', "-"));
            std::fs::copy(&written, folder.join(&name))?;
            let bill: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&written)?)?;
            let parts = bill["components"].as_array().map_or(0, Vec::len);
            ensure!(parts > 3, "the bill of {} lists {parts} parts", shipped.display());
            lines.push(format!("- {name}: {parts} parts"));
        }
        std::fs::remove_file(&written)?;
    }
    ensure!(lines.len() == SHIPPED.len(), "{} bills, not {}", lines.len(), SHIPPED.len());
    lines.sort();
    Ok(lines)
}

/// Compares the public interface with the last release's, once there is one.
pub(super) fn semver() -> Result<Vec<String>> {
    let tags = output(command("git", &["tag", "--list", "v*", "--sort=-version:refname"]))?;
    let Some(last) = tags.lines().next() else {
        return Ok(vec![
            "Nothing to compare with: no release has been made. The release workflow runs cargo-semver-checks.".to_owned(),
        ]);
    };
    if !has_with("cargo", &["semver-checks", "--version"]) {
        return Ok(vec![format!("**Not run** against {last}: cargo-semver-checks is not installed.")]);
    }
    check(command("cargo", &["semver-checks", "--baseline-rev", last]))?;
    Ok(vec![format!("cargo-semver-checks against {last}: compatible.")])
}

/// Compiles everything with the compiler that `rust-version` names.
pub(super) fn rust_version() -> Result<Vec<String>> {
    let manifest: toml::Table = std::fs::read_to_string(root().join("Cargo.toml"))?.parse()?;
    let oldest = manifest["workspace"]["package"]["rust-version"].as_str().context("no rust-version")?;
    let choice = format!("+{oldest}.0");
    let named = has_with("cargo", &[&choice, "--version"]);
    let arguments = ["check", "--workspace", "--all-targets", "--locked", "--quiet"];
    let mut all = command("cargo", &[]);
    let mut version = command("rustc", &[]);
    if named {
        for command in [&mut all, &mut version] {
            // Set by the cargo that runs this program; they would override the choice.
            command.arg(&choice).env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC");
        }
    }
    version.arg("--version");
    let version = output(version)?;
    ensure!(
        version.starts_with(&format!("rustc {oldest}.")),
        "rust-version is {oldest}; no such compiler is installed, only {version}"
    );
    all.args(arguments);
    check(all)?;
    Ok(vec![format!("`cargo {}` with {}: no errors.", arguments.join(" "), version.trim())])
}
