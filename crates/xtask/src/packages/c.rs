//! The C tarball: unpacked somewhere, a program built against it with pkg-config, shared and static, and run.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::Sim;
use crate::dist::build::Build;
use crate::dist::{c, slim, target};
use crate::run::{check, command, output, root};

pub(crate) fn test() -> Result<()> {
    let packed = c::tarball(&Build::Native, &target().join("packages"))?;
    let place = tempfile::tempdir()?;
    let mut unpack = command("tar", &["--extract", "--gzip", "--strip-components=1", "--file"]);
    unpack.arg(&packed).arg("--directory").arg(place.path());
    check(unpack)?;
    super::licenses(&place.path().join("share/doc/libesl"), true)?;
    super::no_link_texts(place.path())?;
    let version = flags(place.path(), &["--modversion"])?;
    ensure!(version.trim() == env!("CARGO_PKG_VERSION"), "pkg-config says version {version}");

    let [shared, alone] = ["libesl.so.1", "libesl.a"].map(|name| place.path().join("lib").join(name));
    ensure!(
        slim::exported(&shared)? == slim::exported(&alone)?,
        "libesl.a does not define what libesl.so does"
    );
    for (library, limit) in [(&shared, 1 << 20), (&alone, 4 << 20)] {
        let size = std::fs::metadata(library)?.len();
        ensure!(size < limit, "{} has {size} bytes: is it not stripped?", library.display());
    }

    let sim = Sim::start()?;
    // The program of the README.
    let readme = std::fs::read_to_string(root().join("README.md"))?;
    let program = readme.split("```c\n").nth(1).and_then(|text| text.split("```").next());
    let program = program.context("README.md has no C program")?.replace("8021", &sim.port.to_string());
    let source = place.path().join("program.c");
    std::fs::write(&source, program)?;

    let shared = flags(place.path(), &["--cflags", "--libs"])?;
    let alone = flags(place.path(), &["--static", "--cflags", "--libs"])?.replace("-lesl", "-l:libesl.a");
    for (name, flags, needs_library) in [("shared", shared, true), ("static", alone, false)] {
        let built = place.path().join(name);
        let mut build = Command::new("cc");
        build.args(["-Wall", "-Werror"]).arg(&source).args(flags.split_whitespace()).arg("-o").arg(&built);
        check(build)?;
        let mut run = Command::new(&built);
        run.current_dir(place.path());
        if needs_library {
            run.env("LD_LIBRARY_PATH", place.path().join("lib"));
        }
        let said = output(run)?;
        ensure!(said.starts_with("UP "), "the {name} program said {said:?}");
        println!("the {name} program of the README runs");
    }
    Ok(())
}

/// What pkg-config reports for the unpacked library alone.
fn flags(place: &Path, arguments: &[&str]) -> Result<String> {
    let mut query = Command::new("pkg-config");
    query
        .args(arguments)
        .arg("libesl")
        .env("PKG_CONFIG_LIBDIR", place.join("lib/pkgconfig"))
        .env_remove("PKG_CONFIG_PATH");
    output(query)
}
