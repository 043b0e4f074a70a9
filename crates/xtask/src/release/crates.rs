//! The crates, as crates.io gets them.

use anyhow::{Context as _, Result};

use super::artifacts;
use crate::packages::crates::{PUBLISHED, packed, test};

pub(super) fn pack() -> Result<Vec<String>> {
    test()?;
    let folder = artifacts::emptied("crates")?;
    for name in PUBLISHED {
        let from = packed(name);
        let file = from.file_name().context("a package has no name")?;
        std::fs::copy(&from, folder.join(file)).with_context(|| format!("no {}", from.display()))?;
    }
    Ok(vec![format!(
        "Each built from its package alone, with the others in the place of the registry's: {}.",
        PUBLISHED.join(", ")
    )])
}
