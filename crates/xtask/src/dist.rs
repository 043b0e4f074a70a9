//! Installs what users of other languages need.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::run::{check, command, root};

/// The C and C++ headers, libesl.so, libesl.a, and the pkg-config files.
pub(crate) fn c(prefix: &Path) -> Result<()> {
    check(command("cargo", &["build", "--release", "--package", "switchwire-c"]))?;
    let built = target().join("release");
    let prefix = std::path::absolute(prefix)?;
    let (include, lib) = (prefix.join("include"), prefix.join("lib"));
    let pkgconfig = lib.join("pkgconfig");
    for folder in [&include, &lib, &pkgconfig] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    for entry in std::fs::read_dir(root().join("include"))? {
        let path = entry?.path();
        if let (true, Some(name)) = (path.extension().is_some_and(|kind| kind == "h"), path.file_name()) {
            copy(&path, &include.join(name))?;
        }
    }
    copy(&built.join("libesl.a"), &lib.join("libesl.a"))?;
    // Programs look for the soname at run time, the linker for the plain name.
    copy(&built.join("libesl.so"), &lib.join(SONAME))?;
    let link = lib.join("libesl.so");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(SONAME, &link).with_context(|| format!("cannot make {}", link.display()))?;
    for name in ["esl", "libesl"] {
        std::fs::write(pkgconfig.join(name).with_extension("pc"), description(&prefix))?;
    }
    println!("libesl is in {}", prefix.display());
    Ok(())
}

const SONAME: &str = "libesl.so.1";

fn copy(from: &Path, to: &Path) -> Result<()> {
    // A library that is in use is replaced, not written to.
    let _ = std::fs::remove_file(to);
    std::fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

fn description(prefix: &Path) -> String {
    format!(
        "prefix={}\n\
         libdir=${{prefix}}/lib\n\
         includedir=${{prefix}}/include\n\
         \n\
         Name: libesl\n\
         Description: FreeSWITCH's event socket for C and C++\n\
         Version: {}\n\
         Cflags: -I${{includedir}}\n\
         Libs: -L${{libdir}} -lesl\n\
         Libs.private: -lpthread -ldl -lm\n",
        prefix.display(),
        env!("CARGO_PKG_VERSION")
    )
}
