//! How the compiled parts of packages are built, and for which platform.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::chroot::{Chroot, bootstrapped};
use crate::python;
use crate::run::{check, command, target};

/// A platform that packages are made for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Platform {
    pub(crate) triple: &'static str,
    /// As the C library's tarball is called.
    pub(crate) arch: &'static str,
    /// As Debian calls it, and the folder of its libraries.
    pub(crate) debian: &'static str,
    pub(crate) multiarch: &'static str,
    /// As npm's packages for it are called, and the processor in npm's words.
    pub(crate) npm: &'static str,
    pub(crate) npm_cpu: &'static str,
    /// For readers.
    pub(crate) words: &'static str,
}

pub(crate) static X64: Platform = Platform {
    triple: "x86_64-unknown-linux-gnu",
    arch: "x86_64",
    debian: "amd64",
    multiarch: "x86_64-linux-gnu",
    npm: "linux-x64-gnu",
    npm_cpu: "x64",
    words: "Linux on x86-64",
};

pub(crate) static ARM64: Platform = Platform {
    triple: "aarch64-unknown-linux-gnu",
    arch: "aarch64",
    debian: "arm64",
    multiarch: "aarch64-linux-gnu",
    npm: "linux-arm64-gnu",
    npm_cpu: "arm64",
    words: "Linux on aarch64",
};

/// Those that npm's main packages name.
pub(crate) static PLATFORMS: [&Platform; 2] = [&X64, &ARM64];

/// The glibc that portable packages need at least: manylinux2014's.
pub(crate) const OLDEST_GLIBC: &str = "2.17";

const MATURIN: &[&str] = &["maturin>=1.9.4,<2"];

/// zig carries the symbol lists of old versions of glibc; cargo-zigbuild makes of it a linker that takes what rustc says.
const ZIG: &[&str] = &["ziglang>=0.15,<0.18", "cargo-zigbuild>=0.20,<0.25"];

/// The C libraries alone: with the crate's Rust form beside them cargo would not optimise at link time (`libesl.so`: 717 KB, not 692).
pub(crate) const C_LIBRARIES: &[&str] =
    &["rustc", "--release", "--locked", "--package", "switchwire-c", "--crate-type", "cdylib,staticlib"];

/// How the compiled parts are built.
#[derive(Debug)]
pub(crate) enum Build {
    /// By this machine's tools, for this machine.
    Native,
    /// By this machine's compiler and zig, for any Linux on this machine's processor with glibc 2.17 or newer.
    Portable,
    /// The same for aarch64, in another system that has a compiler for it.
    Cross(Chroot),
}

impl Build {
    pub(crate) fn platform(&self) -> &'static Platform {
        match self {
            Self::Cross(_) => &ARM64,
            _ if cfg!(target_arch = "aarch64") => &ARM64,
            _ => &X64,
        }
    }

    /// A program where the compiler is.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        match self {
            Self::Cross(system) => system.command(program, arguments),
            _ => command(program, arguments),
        }
    }

    /// One of the binutils.
    pub(crate) fn binutil(&self, name: &str, arguments: &[&str]) -> Command {
        match self {
            Self::Cross(_) => self.command(&format!("{}-{name}", ARM64.multiarch), arguments),
            _ => command(name, arguments),
        }
    }

    /// Something that was built, to be run.
    pub(crate) fn run(&self, program: &Path, arguments: &[&str]) -> Result<Command> {
        let Self::Cross(system) = self else {
            return Ok(command(&program.display().to_string(), arguments));
        };
        let libraries = bootstrapped("bookworm", ARM64.debian)?;
        let mut run = system.command("qemu-aarch64-static", &["-L"]);
        run.arg(libraries).arg(program).args(arguments);
        Ok(run)
    }

    /// Where cargo puts what it built.
    pub(crate) fn built(&self) -> PathBuf {
        match self {
            Self::Native => target().join("release"),
            _ => self.target().join(self.platform().triple).join("release"),
        }
    }

    fn target(&self) -> PathBuf {
        match self {
            // Another compiler's work does not mix.
            Self::Cross(_) => target().join("cross"),
            _ => target(),
        }
    }

    /// Builds a package's crate; gives the folder that holds it.
    pub(crate) fn cargo(&self, package: &str) -> Result<PathBuf> {
        self.compile(&["build", "--release", "--locked", "--package", package])
    }

    /// Builds the C libraries; gives the folder that holds them.
    pub(crate) fn c_libraries(&self) -> Result<PathBuf> {
        self.compile(C_LIBRARIES)
    }

    fn compile(&self, arguments: &[&str]) -> Result<PathBuf> {
        let mut build = self.command("cargo", arguments);
        if !matches!(self, Self::Native) {
            build.args(["--target", self.platform().triple]);
            self.with_zig(&mut build)?;
        }
        check(build)?;
        Ok(self.built())
    }

    /// Has maturin build the wheel of the project in that folder.
    pub(crate) fn wheel(&self, project: &Path, out: &Path) -> Result<()> {
        let venv = python::tools(MATURIN)?;
        let maturin = python::program(&venv, "maturin");
        let mut build = self.command(&maturin, &["build", "--release", "--locked", "--out"]);
        build.arg(out).current_dir(project).env("VIRTUAL_ENV", &venv);
        if !matches!(self, Self::Native) {
            build.args(["--compatibility", "manylinux2014", "--target", self.platform().triple]);
            self.with_zig(&mut build)?;
        }
        check(build)
    }

    /// zig as the linker and the C compiler. (Not maturin's `--zig`: its linker would be another one than cargo's, and
    /// everything be compiled twice.)
    fn with_zig(&self, build: &mut Command) -> Result<()> {
        let Platform { triple, arch, .. } = self.platform();
        let (zigbuild, zig) = zig()?;
        let tools = target().join("tools");
        std::fs::create_dir_all(&tools)?;
        let wrapper = tools.join(format!("zig-{arch}-{OLDEST_GLIBC}"));
        let text = format!(
            "#!/bin/sh\nexec {:?} zig cc -- -target {arch}-linux-gnu.{OLDEST_GLIBC} \"$@\"\n",
            zigbuild.display().to_string()
        );
        // Unchanged, it is no reason to compile anew.
        if std::fs::read_to_string(&wrapper).ok().as_ref() != Some(&text) {
            std::fs::write(&wrapper, text)?;
            std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755))?;
        }
        let variable = triple.replace('-', "_");
        build.env(format!("CARGO_TARGET_{}_LINKER", variable.to_uppercase()), &wrapper);
        build.env(format!("CC_{variable}"), &wrapper);
        build.env("CARGO_ZIGBUILD_ZIG_PATH", zig);
        build.env("CARGO_TARGET_DIR", self.target());
        // Flags for this machine's linker are not zig's.
        build.env_remove("RUSTFLAGS");
        Ok(())
    }
}

/// cargo-zigbuild and zig.
pub(crate) fn zig() -> Result<(PathBuf, PathBuf)> {
    let venv = python::tools(ZIG)?;
    Ok((PathBuf::from(python::program(&venv, "cargo-zigbuild")), zig_of(&venv)?))
}

fn zig_of(venv: &Path) -> Result<PathBuf> {
    let find = ["-c", "import os, ziglang; print(os.path.dirname(ziglang.__file__))"];
    let folder = crate::run::output(command(&python::program(venv, "python"), &find))?;
    Ok(Path::new(folder.trim()).join("zig"))
}
