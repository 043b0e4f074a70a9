//! The Python package: a wheel for this platform, and the sources.

use std::path::Path;

use anyhow::Result;

use super::fresh;
use crate::python;
use crate::run::{check, command_in};

/// Builds both into an emptied folder.
pub(crate) fn pack(folder: &Path) -> Result<()> {
    let folder = std::path::absolute(folder)?;
    fresh(&folder)?;
    let venv = python::tools(&["maturin>=1.9.4,<2"])?;
    let maturin = python::program(&venv, "maturin");
    let out = folder.display().to_string();
    for arguments in [&["build", "--release", "--locked", "--out", &out][..], &["sdist", "--out", &out]] {
        let mut build = command_in("python", &maturin, arguments);
        build.env("VIRTUAL_ENV", &venv);
        check(build)?;
    }
    Ok(())
}
