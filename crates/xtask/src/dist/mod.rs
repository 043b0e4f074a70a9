//! What users of other languages get: installed, or packed as it is published.

pub(crate) mod build;
pub(crate) mod c;
pub(crate) mod cli;
pub(crate) mod deb;
pub(crate) mod elf;
pub(crate) mod node;
pub(crate) mod python;
pub(crate) mod slim;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::licenses;
use crate::run::root;
pub(crate) use crate::run::target;

/// Copies what must go with every binary: our licences and those of what it is built of.
fn copy_licenses(to: &Path) -> Result<()> {
    for name in ["LICENSE-MIT", "LICENSE-APACHE", licenses::LIST] {
        let from = root().join(name);
        copy(&from, &to.join(from.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    // A library that is in use is replaced, not written to.
    let _ = std::fs::remove_file(to);
    std::fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// An empty folder of that name.
pub(crate) fn fresh(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// The files in a folder whose names end so.
pub(crate) fn files(folder: &Path, end: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The only file in a folder whose name ends so.
pub(crate) fn only(folder: &Path, end: &str) -> Result<PathBuf> {
    let found = files(folder, end)?;
    match found.as_slice() {
        [path] => Ok(path.clone()),
        _ => anyhow::bail!("{} has {} files *{end} instead of one", folder.display(), found.len()),
    }
}
