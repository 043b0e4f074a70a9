//! House rules that no other tool checks.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::run::root;
use crate::{copies, licenses, versions};

/// What may stand at the top of the repository.
const TOP: &[&str] = &[
    ".cargo",
    ".ci",
    ".editorconfig",
    ".git",
    ".gitattributes",
    ".github",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "bindings",
    "clippy.toml",
    "crates",
    "docs",
    "include",
    "node",
    "python",
    "rustfmt.toml",
    "target",
    "tests",
];

/// A source file with more lines than this has started to do a second thing.
const MOST_LINES: usize = 600;

pub(crate) fn run() -> Result<()> {
    let root = root();
    let mut faults = Vec::new();
    for entry in std::fs::read_dir(&root)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !TOP.contains(&name.as_str()) {
            faults.push(format!("{name}: does not belong at the top"));
        }
    }
    let mut sources = Vec::new();
    for folder in ["crates", "bindings", "include", "python", "node"] {
        collect(&root.join(folder), &mut sources)?;
    }
    for path in sources {
        let lines = std::fs::read_to_string(&path)?.lines().count();
        if lines > MOST_LINES {
            faults.push(format!("{}: {lines} lines, at most {MOST_LINES}", path.display()));
        }
    }
    faults.extend(copies::faults()?);
    faults.extend(versions::faults()?);
    faults.extend(licenses::faults()?);
    if !faults.is_empty() {
        bail!("{} fault(s):\n  {}", faults.len(), faults.join("\n  "));
    }
    println!("tidy");
    Ok(())
}

/// Hand-written sources, without what is built or installed.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    const SKIPPED: &[&str] = &["target", "native", "node_modules", ".venv", "__pycache__", "dist", "build"];
    const SOURCES: &[&str] = &["rs", "c", "cc", "cpp", "h", "py", "pyi", "js", "mjs", "cjs", "ts"];
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                collect(&path, found)?;
            }
        } else if path.extension().is_some_and(|extension| SOURCES.iter().any(|known| extension == *known)) {
            found.push(path);
        }
    }
    Ok(())
}
