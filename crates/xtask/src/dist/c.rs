//! The C and C++ library: installed, or as a tarball.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::build::Build;
use super::{copy, copy_licenses, files, fresh, slim, target};
use crate::run::{check, command, root};

/// What programs look for at run time; the number is that of the binary interface.
pub(crate) const SONAME: &str = "libesl.so.1";

/// Installs the headers, libesl.so, libesl.a, and what pkg-config and CMake read.
pub(crate) fn install(prefix: &Path) -> Result<()> {
    let prefix = std::path::absolute(prefix)?;
    put(&Build::Native, &prefix, &prefix.display().to_string())?;
    println!("libesl is in {}", prefix.display());
    Ok(())
}

/// Packs the same for a place that is not known yet: its pkg-config files find it where it is unpacked. Gives the
/// tarball's path.
pub(crate) fn tarball(build: &Build, folder: &Path) -> Result<PathBuf> {
    let name = format!("libesl-{}-linux-{}", env!("CARGO_PKG_VERSION"), build.platform().arch);
    let staged = target().join("dist").join(&name);
    fresh(&staged)?;
    put(build, &staged, "${pcfiledir}/../..")?;
    std::fs::create_dir_all(folder)?;
    let packed = std::path::absolute(folder)?.join(format!("{name}.tar.gz"));
    let mut pack = command("tar", &["--create", "--gzip", "--owner=0", "--group=0", "--sort=name", "--file"]);
    pack.arg(&packed).arg("--directory").arg(target().join("dist")).arg(&name);
    check(pack)?;
    println!("packed {}", packed.display());
    Ok(packed)
}

/// `prefix` is what the pkg-config files call the folder.
fn put(build: &Build, folder: &Path, prefix: &str) -> Result<()> {
    let doc = folder.join("share/doc/libesl");
    put_libraries(build, folder, &folder.join("lib"))?;
    describe(folder, prefix, "lib")?;
    std::fs::create_dir_all(&doc)?;
    copy(&root().join("CHANGELOG.md"), &doc.join("CHANGELOG.md"))?;
    copy_licenses(&doc)
}

/// Builds and puts the headers and the libraries there.
pub(super) fn put_libraries(build: &Build, folder: &Path, lib: &Path) -> Result<()> {
    let built = build.c_libraries()?;
    let include = folder.join("include");
    for folder in [&include, lib] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    for path in files(&root().join("include"), ".h")? {
        copy(&path, &include.join(path.file_name().unwrap_or_default()))?;
    }
    slim::alone(build, &built.join("libesl.a"), &built.join("libesl.so"), &lib.join("libesl.a"))?;
    // Programs look for the soname at run time, the linker for the plain name.
    slim::shared(build, &built.join("libesl.so"), &lib.join(SONAME))?;
    let link = lib.join("libesl.so");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(SONAME, &link).with_context(|| format!("cannot make {}", link.display()))
}

/// Writes what pkg-config and CMake read into `libdir` of that folder, which they call `prefix`.
pub(super) fn describe(folder: &Path, prefix: &str, libdir: &str) -> Result<()> {
    let lib = folder.join(libdir);
    let (pkgconfig, cmake) = (lib.join("pkgconfig"), lib.join("cmake/switchwire"));
    for folder in [&pkgconfig, &cmake] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    for name in ["esl", "libesl"] {
        std::fs::write(pkgconfig.join(name).with_extension("pc"), description(prefix, libdir))?;
    }
    // From the folder of CMake's files to the prefix.
    let up = vec![".."; 2 + libdir.split('/').count()].join("/");
    let filled = |text: &str| {
        text.replace("@UP@", &up)
            .replace("@LIBDIR@", libdir)
            .replace("@SONAME@", SONAME)
            .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
    };
    for name in ["switchwire-config.cmake", "switchwire-config-version.cmake"] {
        let text = std::fs::read_to_string(root().join("bindings/c/cmake").join(name))?;
        std::fs::write(cmake.join(name), filled(&text))?;
    }
    Ok(())
}

fn description(prefix: &str, libdir: &str) -> String {
    format!(
        "prefix={prefix}\n\
         libdir=${{prefix}}/{libdir}\n\
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
