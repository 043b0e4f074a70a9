//! The Python package: a wheel for one platform, and the sources.

use std::path::Path;

use anyhow::Result;

use super::build::Build;
use super::fresh;
use crate::python;
use crate::run::{check, command_in, root};

/// Builds both into an emptied folder.
pub(crate) fn pack(folder: &Path) -> Result<()> {
    let folder = std::path::absolute(folder)?;
    fresh(&folder)?;
    wheel(&Build::Native, &folder)?;
    sources(&folder)
}

/// Packs the sources into a folder.
pub(crate) fn sources(folder: &Path) -> Result<()> {
    let venv = python::tools(&["maturin>=1.9.4,<2"])?;
    let mut pack = command_in("python", &python::program(&venv, "maturin"), &["sdist", "--out"]);
    pack.arg(folder).env("VIRTUAL_ENV", &venv);
    check(pack)
}

/// Builds the wheel into a folder.
pub(crate) fn wheel(build: &Build, folder: &Path) -> Result<()> {
    build.wheel(&root().join("python"), folder)
}
