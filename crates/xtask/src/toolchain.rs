//! Compilers with `-Z` options, for sanitizers: nightly, or stable with RUSTC_BOOTSTRAP=1.

use std::process::{Command, Stdio};
use std::sync::LazyLock;

use crate::run::{command, has_with, target};

/// A compiler that takes `-Z` options.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Toolchain {
    /// Cargo's first argument, e.g. `+nightly`.
    choice: Option<&'static str>,
    /// Its name in reports.
    pub(crate) name: &'static str,
}

impl Toolchain {
    /// A cargo command of this toolchain.
    pub(crate) fn cargo(self, arguments: &[&str]) -> Command {
        let all: Vec<&str> = self.choice.into_iter().chain(arguments.iter().copied()).collect();
        let mut command = command("cargo", &all);
        match self.choice {
            // Set by the cargo that runs this program; they would override the choice.
            Some(_) => command.env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC"),
            // The stable compiler has the sanitizers, behind a `-Z` option.
            None => command.env("RUSTC_BOOTSTRAP", "1"),
        };
        command
    }

    /// Whether it can build programs with that sanitizer.
    pub(crate) fn has_sanitizer(self, name: &str) -> bool {
        let folder = target().join("probe");
        let source = folder.join("main.rs");
        let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&source, "fn main() {}"));
        let mut probe = Command::new("rustc");
        probe
            .args(self.choice)
            .arg(format!("-Zsanitizer={name}"))
            .arg("-Cunsafe-allow-abi-mismatch=sanitizer");
        probe.arg("-o").arg(folder.join("main")).arg(&source);
        match self.choice {
            Some(_) => probe.env_remove("RUSTUP_TOOLCHAIN"),
            None => probe.env("RUSTC_BOOTSTRAP", "1"),
        };
        let built = probe.stdout(Stdio::null()).stderr(Stdio::null()).status();
        written.is_ok() && built.is_ok_and(|status| status.success())
    }
}

/// Nightly if it is installed, else the current compiler with RUSTC_BOOTSTRAP=1.
pub(crate) fn unstable() -> Toolchain {
    let nightly = has_with("cargo", &["+nightly", "--version"]);
    match nightly {
        true => Toolchain { choice: Some("+nightly"), name: "rustc nightly" },
        false => Toolchain { choice: None, name: "stable rustc with RUSTC_BOOTSTRAP=1" },
    }
}

/// The host's target triple: with an explicit `--target`, flags do not reach build scripts.
pub(crate) fn host() -> &'static str {
    static HOST: LazyLock<String> = LazyLock::new(|| {
        let output =
            Command::new("rustc").arg("-vV").output().map(|output| output.stdout).unwrap_or_default();
        let version = String::from_utf8_lossy(&output).into_owned();
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        host.unwrap_or("x86_64-unknown-linux-gnu").to_owned()
    });
    &HOST
}
