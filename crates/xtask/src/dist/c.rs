//! The C and C++ library: installed, or as a tarball.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::{copy, copy_licenses, files, fresh, slim, target};
use crate::run::{check, command, root};

/// What programs look for at run time; the number is that of the binary interface.
pub(crate) const SONAME: &str = "libesl.so.1";

/// Installs the headers, libesl.so, libesl.a, and the pkg-config files.
pub(crate) fn install(prefix: &Path) -> Result<()> {
    let prefix = std::path::absolute(prefix)?;
    put(&prefix, &prefix.display().to_string())?;
    println!("libesl is in {}", prefix.display());
    Ok(())
}

/// Packs the same for a place that is not known yet: its pkg-config files find it where it is unpacked. Gives the
/// tarball's path.
pub(crate) fn tarball(folder: &Path) -> Result<PathBuf> {
    let name =
        format!("libesl-{}-{}-{}", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    let staged = target().join("dist").join(&name);
    fresh(&staged)?;
    put(&staged, "${pcfiledir}/../..")?;
    std::fs::create_dir_all(folder)?;
    let packed = std::path::absolute(folder)?.join(format!("{name}.tar.gz"));
    let mut pack = command("tar", &["--create", "--gzip", "--owner=0", "--group=0", "--sort=name", "--file"]);
    pack.arg(&packed).arg("--directory").arg(target().join("dist")).arg(&name);
    check(pack)?;
    println!("packed {}", packed.display());
    Ok(packed)
}

/// `prefix` is what the pkg-config files call the folder.
fn put(folder: &Path, prefix: &str) -> Result<()> {
    check(command("cargo", &["build", "--release", "--package", "switchwire-c"]))?;
    let built = target().join("release");
    let (include, lib, doc) = (folder.join("include"), folder.join("lib"), folder.join("share/doc/libesl"));
    let pkgconfig = lib.join("pkgconfig");
    for folder in [&include, &lib, &doc, &pkgconfig] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    for path in files(&root().join("include"), ".h")? {
        copy(&path, &include.join(path.file_name().unwrap_or_default()))?;
    }
    slim::alone(&built.join("libesl.a"), &built.join("libesl.so"), &lib.join("libesl.a"))?;
    // Programs look for the soname at run time, the linker for the plain name.
    slim::shared(&built.join("libesl.so"), &lib.join(SONAME))?;
    let link = lib.join("libesl.so");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(SONAME, &link).with_context(|| format!("cannot make {}", link.display()))?;
    for name in ["esl", "libesl"] {
        std::fs::write(pkgconfig.join(name).with_extension("pc"), description(prefix))?;
    }
    copy(&root().join("CHANGELOG.md"), &doc.join("CHANGELOG.md"))?;
    copy_licenses(&doc)
}

fn description(prefix: &str) -> String {
    format!(
        "prefix={prefix}\n\
         libdir=${{prefix}}/lib\n\
         includedir=${{prefix}}/include\n\
         \n\
         Name: libesl\n\
         Description: FreeSWITCH's event socket for C and C++\n\
         Version: {}\n\
         Cflags: -I${{includedir}}\n\
         Libs: -L${{libdir}} -lesl\n\
         Libs.private: -lpthread -ldl -lm\n",
        env!("CARGO_PKG_VERSION")
    )
}
