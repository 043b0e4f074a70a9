//! Other systems than the one that this runs on: Debian by debootstrap in a folder under `target/`, entered with chroot.
//! Takes root.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::run::{check, command, has, root, target};

/// The folder of a system.
#[derive(Debug, Clone)]
pub(crate) struct Chroot {
    folder: PathBuf,
}

/// What is missing for making one.
pub(crate) fn missing() -> Option<String> {
    let tool = ["debootstrap", "unshare", "chroot"].into_iter().find(|tool| !has(tool, "--version"));
    let root = crate::run::output(command("id", &["-u"])).is_ok_and(|id| id.trim() == "0");
    tool.map(|tool| format!("no {tool}")).or_else(|| (!root).then(|| "not root".to_owned()))
}

impl Chroot {
    /// A new system of that Debian release and nothing in it but what every system has.
    pub(crate) fn fresh(release: &str, name: &str) -> Result<Self> {
        let plain = bootstrapped(release, "amd64")?;
        let folder = systems().join(name);
        remove(&folder)?;
        let mut copy = command("cp", &["--archive"]);
        copy.arg(&plain).arg(&folder);
        check(copy)?;
        std::fs::copy("/etc/resolv.conf", folder.join("etc/resolv.conf")).context("no resolv.conf")?;
        let security = match release {
            "buster" => format!("{release}/updates"),
            _ => format!("{release}-security"),
        };
        let sources = format!("deb {MIRROR} {release} main\ndeb {MIRROR}-security {security} main\n");
        std::fs::write(folder.join("etc/apt/sources.list"), sources)?;
        Ok(Self { folder })
    }

    /// One that was made before, if it was finished.
    pub(crate) fn kept(name: &str) -> Option<Self> {
        let folder = systems().join(name);
        folder.join(FINISHED).exists().then_some(Self { folder })
    }

    /// Marks it as what `kept` gives.
    pub(crate) fn finish(&self) -> Result<()> {
        std::fs::write(self.folder.join(FINISHED), "")?;
        Ok(())
    }

    /// A path of the system, from outside.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.folder.join(inside.trim_start_matches('/'))
    }

    /// A program of that system. It sees this repository, cargo's folder and `/tmp` under the paths that they have here,
    /// and what it starts ends with it.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut enter =
            command("unshare", &["--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", ENTER, "sh"]);
        enter.arg(&self.folder).arg(root()).arg(target()).arg(cargo_home());
        enter.arg(program).args(arguments);
        enter
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", "/root")
            .env("LC_ALL", "C.UTF-8")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .env("CARGO_HOME", cargo_home());
        for name in ["RUSTC", "RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "RUSTFLAGS", "CARGO", "LD_LIBRARY_PATH"] {
            enter.env_remove(name);
        }
        enter
    }

    /// Installs packages of its Debian.
    pub(crate) fn install(&self, options: &[&str], packages: &[&str]) -> Result<()> {
        check(self.command("apt-get", &["update", "-qq"]))?;
        let mut install = self.command("apt-get", &["install", "-qq", "-y", "--no-install-recommends"]);
        install.args(options).args(packages).stdout(std::process::Stdio::null());
        check(install)
    }
}

/// The folder of a plain system, made once. Of another architecture it is unpacked and not set up: enough for an emulator.
pub(crate) fn bootstrapped(release: &str, arch: &str) -> Result<PathBuf> {
    let folder = systems().join(format!("{release}-{arch}-plain"));
    if folder.join(FINISHED).exists() {
        return Ok(folder);
    }
    remove(&folder)?;
    std::fs::create_dir_all(systems())?;
    let mut make = command("debootstrap", &["--variant=minbase", "--arch", arch]);
    if arch != "amd64" {
        make.args(["--foreign", "--include=python3,libpython3-stdlib,libgcc-s1,libstdc++6"]);
    }
    make.arg(release).arg(&folder).arg(MIRROR);
    check(make).with_context(|| format!("debootstrap {release}"))?;
    if arch != "amd64" {
        for package in crate::dist::files(&folder.join("var/cache/apt/archives"), ".deb")? {
            let mut unpack = command("dpkg-deb", &["--extract"]);
            unpack.arg(package).arg(&folder);
            check(unpack)?;
        }
    }
    std::fs::write(folder.join(FINISHED), "")?;
    Ok(folder)
}

/// Removes a system, only if nothing is mounted in it.
fn remove(folder: &Path) -> Result<()> {
    let mounts = std::fs::read_to_string("/proc/self/mounts")?;
    let shown = folder.display().to_string();
    ensure!(!mounts.contains(&shown), "something is mounted in {shown}");
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot remove {shown}"))?;
    }
    Ok(())
}

fn systems() -> PathBuf {
    target().join("systems")
}

fn cargo_home() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo");
    std::env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

/// Mounts, seen by what it starts alone, and gone with it.
const ENTER: &str = "\
system=$1; shift
mount --make-rprivate /
mount -t proc proc \"$system/proc\"
mount --rbind /dev \"$system/dev\"
for folder in \"$1\" \"$2\" \"$3\" /tmp; do
  mkdir -p \"$system$folder\" \"$folder\"
  mount --bind \"$folder\" \"$system$folder\"
done
shift 3
exec chroot \"$system\" /usr/bin/env --chdir=\"$PWD\" \"$@\"
";

const MIRROR: &str = "http://deb.debian.org/debian";
const FINISHED: &str = ".finished";
