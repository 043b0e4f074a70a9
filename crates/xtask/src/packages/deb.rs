//! Debian's packages: installed by dpkg into a folder, looked at, used, removed. On a Debian of their own they are installed by
//! `cargo xtask release --dry-run`.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use super::Sim;
use crate::dist::build::Build;
use crate::dist::{deb, fresh, target};
use crate::run::{check, command, output, root};

pub(crate) fn test() -> Result<()> {
    let folder = target().join("packages/deb");
    fresh(&folder)?;
    let build = Build::Native;
    let packed = deb::pack(&build, &folder)?;
    let place = tempfile::tempdir()?;
    let (system, multiarch) = (place.path(), build.platform().multiarch);
    for folder in ["var/lib/dpkg/info", "var/lib/dpkg/updates"] {
        std::fs::create_dir_all(system.join(folder))?;
    }
    std::fs::write(system.join("var/lib/dpkg/status"), "")?;

    let mut install = dpkg(system, &["--force-depends", "--install"]);
    install.args(packed.all());
    check(install)?;
    super::no_link_texts(system)?;
    for name in ["libesl1", "libesl-dev", "switchwire"] {
        let doc = system.join("usr/share/doc").join(name);
        for file in ["copyright", "changelog.Debian.gz", "changelog.gz", "THIRD-PARTY.md.gz"] {
            ensure!(doc.join(file).is_file(), "{name} lacks {file}");
        }
    }
    let license = std::fs::read_to_string(root().join("LICENSE-MIT"))?;
    let copyright = std::fs::read_to_string(system.join("usr/share/doc/libesl1/copyright"))?;
    ensure!(copyright.ends_with(&license), "libesl1's copyright lacks the licence");
    let program = system.join("usr/bin/switchwire");
    let said = output(command(&program.display().to_string(), &["--version"]))?;
    ensure!(said.trim() == format!("switchwire {}", env!("CARGO_PKG_VERSION")), "it said {said:?}");

    // A program of the book, built with what the packages' own pkg-config file says.
    let sim = Sim::start()?;
    let mut query = Command::new("pkg-config");
    query.args(["--cflags", "--libs", "libesl"]);
    query.env("PKG_CONFIG_LIBDIR", system.join("usr/lib").join(multiarch).join("pkgconfig"));
    query.env("PKG_CONFIG_SYSROOT_DIR", system).env_remove("PKG_CONFIG_PATH");
    let flags = output(query)?;
    let first = system.join("first");
    let mut compile = command("cc", &["-Wall", "-Werror", "docs/start/program.c", "-o"]);
    compile.arg(&first).args(flags.split_whitespace());
    check(compile)?;
    let mut run = command(&first.display().to_string(), &["127.0.0.1", &sim.port.to_string(), "ClueCon"]);
    run.env("LD_LIBRARY_PATH", system.join("usr/lib").join(multiarch));
    let said = output(run)?;
    ensure!(said.trim().ends_with("ended: NORMAL_CLEARING"), "the first program said {said:?}");

    check(dpkg(system, &["--force-depends", "--purge", "libesl1", "libesl-dev", "switchwire"]))?;
    for left in ["usr/bin/switchwire", "usr/include/esl.h", "usr/share/doc/libesl1"] {
        ensure!(!system.join(left).exists(), "{left} is left");
    }
    println!("libesl1, libesl-dev and switchwire are installed, used, removed");
    Ok(())
}

fn dpkg(system: &Path, arguments: &[&str]) -> Command {
    // Not as root, and without the paths that only root has, if need be.
    let mut dpkg = command("dpkg", &["--force-not-root", "--force-bad-path", "--root"]);
    dpkg.arg(system).args(arguments);
    dpkg
}
