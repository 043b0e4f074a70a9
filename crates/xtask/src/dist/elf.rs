//! What a compiled file needs of the system it runs on.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::build::Build;
use crate::run::output;

/// The newest version of glibc that a program or library asks for by a symbol's version, e.g. `2.17`. None for a static
/// program.
pub(crate) fn glibc(build: &Build, file: &Path) -> Result<Option<String>> {
    let mut dump = build.binutil("objdump", &["--dynamic-syms"]);
    dump.arg(file).env("LC_ALL", "C");
    let text = output(dump).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(highest(&text))
}

/// The libraries it is linked with.
pub(crate) fn needed(build: &Build, file: &Path) -> Result<Vec<String>> {
    let mut dump = build.binutil("objdump", &["--private-headers"]);
    dump.arg(file).env("LC_ALL", "C");
    let text = output(dump).with_context(|| format!("cannot read {}", file.display()))?;
    let names = text.lines().filter_map(|line| line.trim().strip_prefix("NEEDED"));
    Ok(names.map(|name| name.trim().to_owned()).collect())
}

fn highest(symbols: &str) -> Option<String> {
    let versions = symbols.split("GLIBC_").skip(1).filter_map(|rest| {
        let version: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let numbers: Option<Vec<u32>> = version.split('.').map(|part| part.parse().ok()).collect();
        Some((numbers?, version))
    });
    versions.max().map(|(_, version)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_version_is_by_number_and_private_symbols_have_none() {
        let text = "0000 DF *UND* 0000 (GLIBC_2.2.5) read\n0000 DF *UND* 0000 (GLIBC_2.17) clock_gettime\n\
                    0000 DO *UND* 0000 (GLIBC_2.3) x\n0000 DO *UND* 0000 (GLIBC_PRIVATE) y\n";
        assert_eq!(highest(text).as_deref(), Some("2.17"));
        assert_eq!(highest("no symbols"), None);
    }
}
