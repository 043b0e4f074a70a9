//! Linux on aarch64: cross-compiled in a Debian 12 of its own, and run there under qemu-user.
//!
//! qemu runs on the libraries of an arm64 Debian that is unpacked beside it. With those of `libc6-dev-arm64-cross`
//! programs that start a thread never end.

use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use super::{artifacts, portable};
use crate::chroot::{Chroot, bootstrapped};
use crate::dist::build::{ARM64, Build};
use crate::dist::{fresh, only};
use crate::run::{check, command, output, target};

/// The Debian, with the compiler of Debian's browsers (its own is too old) and a qemu that runs threads.
pub(super) fn system() -> Result<Chroot> {
    const NAME: &str = "bookworm-cross";
    if let Some(kept) = Chroot::kept(NAME) {
        return Ok(kept);
    }
    let system = Chroot::fresh("bookworm", NAME)?;
    check(system.command("dpkg", &["--add-architecture", ARM64.debian]))?;
    system.install(
        &[],
        &[
            "ca-certificates",
            "cargo-web",
            "gcc",
            "gcc-aarch64-linux-gnu",
            "libc6-dev",
            "libc6-dev-arm64-cross",
            "libstd-rust-web-dev:arm64",
            "rust-web-src",
            "rustc-web",
        ],
    )?;
    let backports = "deb http://deb.debian.org/debian bookworm-backports main\n";
    std::fs::write(system.path("/etc/apt/sources.list.d/backports.list"), backports)?;
    system.install(&["--target-release", "bookworm-backports"], &["qemu-user-static"])?;
    system.finish()?;
    Ok(system)
}

pub(super) fn build() -> Result<Vec<String>> {
    let build = Build::Cross(system()?);
    portable::all(&build, &artifacts::emptied(&portable::name(&build))?)
}

pub(super) fn test() -> Result<Vec<String>> {
    let system = system()?;
    let libraries = bootstrapped("bookworm", ARM64.debian)?;
    let build = Build::Cross(system.clone());
    let mut lines = vec![
        format!("{}, on the libraries of Debian 12 for arm64.", version(&system)?),
        String::new(),
        "| what | outcome |".to_owned(),
        "| --- | --- |".to_owned(),
    ];
    for (package, tests) in TESTS {
        lines.push(format!(
            "| `cargo test --package {package} {} -- --skip {SLOW}` | {} |",
            tests.join(" "),
            {
                let mut test = system
                    .command("cargo", &["test", "--locked", "--no-fail-fast", "--target", ARM64.triple]);
                test.args(["--package", package]).args(*tests).args(["--", "--skip", SLOW]);
                test.env("CARGO_TARGET_DIR", target().join("cross"));
                test.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc");
                test.env(
                    "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER",
                    format!("qemu-aarch64-static -L {}", libraries.display()),
                );
                counted(test).with_context(|| format!("{package} on aarch64"))?
            }
        ));
    }
    if artifacts::folder(&portable::name(&build)).exists() {
        programs(&build, &mut lines)?;
    } else {
        lines.push("| the packages | **not run**: not built; `--only arm64` builds them |".to_owned());
    }
    Ok(lines)
}

/// Six minutes under qemu, and nothing in it that depends on the processor.
const SLOW: &str = "a_cut_at_every_byte";

/// The tests that are run: of a crate, those that need no tool of the system beside them.
const TESTS: &[(&str, &[&str])] = &[
    ("switchwire-proto", &["--lib", "--tests"]),
    (
        "switchwire-c",
        &["--test", "vectors", "--test", "recordings", "--test", "handle", "--test", "ownership"],
    ),
];

fn version(system: &Chroot) -> Result<String> {
    let text = output(system.command("qemu-aarch64-static", &["--version"]))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Runs tests and gives their counts.
fn counted(mut test: Command) -> Result<String> {
    println!("$ {test:?}");
    let ended = test.stderr(std::process::Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&ended.stdout).into_owned();
    print!("{text}");
    let (mut passed, mut failed, mut ignored) = (0, 0, 0);
    for line in text.lines().filter(|line| line.starts_with("test result:")) {
        let count = |word: &str| -> u32 {
            let before = line.split(word).next().unwrap_or_default().trim_end();
            before.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
        };
        passed += count(" passed");
        failed += count(" failed");
        ignored += count(" ignored");
    }
    ensure!(ended.status.success() && failed == 0 && passed > 0, "{passed} passed, {failed} failed");
    Ok(format!("{passed} passed, {failed} failed, {ignored} ignored"))
}

/// What the packages hold, doing the main job.
fn programs(build: &Build, lines: &mut Vec<String>) -> Result<()> {
    let folder = artifacts::folder(&portable::name(build));
    let place = target().join("cross/packages");
    fresh(&place)?;
    for package in crate::dist::files(&folder, ".deb")? {
        let mut unpack = command("dpkg-deb", &["--extract"]);
        unpack.arg(package).arg(&place);
        check(unpack)?;
    }
    let mut row = |what: &str, said: String| {
        println!("{what}: {said}");
        lines.push(format!("| {what} | {} |", said.trim().replace('\n', ", ")));
    };
    let program = place.join("usr/bin/switchwire");
    let said = output(build.run(&program, &["demo"])?)?;
    row("`switchwire demo`", said.lines().last().unwrap_or_default().to_owned());

    let sim = Sim::start(build, &program)?;
    let first = place.join("first");
    let library = place.join("usr/lib").join(ARM64.multiarch);
    let mut compile =
        build.command("aarch64-linux-gnu-gcc", &["-Wall", "-Werror", "docs/start/program.c", "-o"]);
    compile.arg(&first).arg("-I").arg(place.join("usr/include"));
    compile.arg(library.join("libesl.a")).args(["-lpthread", "-ldl", "-lm"]);
    check(compile)?;
    row("the book's first program in C", first_program(build.run(&first, &[])?, &sim)?);

    let libraries = bootstrapped("bookworm", ARM64.debian)?;
    let wheel = place.join("wheel");
    let mut unpack = command("python3", &["-m", "zipfile", "--extract"]);
    unpack.arg(only(&folder, ".whl")?).arg(&wheel);
    check(unpack)?;
    let python = libraries.join("usr/bin/python3.11");
    let mut run = build.run(&python, &["docs/start/program.py"])?;
    run.env("PYTHONPATH", &wheel).env("PYTHONHOME", libraries.join("usr"));
    row("in Python 3.11", first_program(run, &sim)?);
    let mut run = build.run(&python, &["-c", CLASSIC, &sim.port])?;
    run.env("PYTHONPATH", &wheel).env("PYTHONHOME", libraries.join("usr"));
    row("python-ESL's interface", output(run)?);
    Ok(())
}

fn first_program(mut run: Command, sim: &Sim) -> Result<String> {
    run.args(["127.0.0.1", &sim.port, "ClueCon"]);
    let said = output(run)?;
    ensure!(said.trim().ends_with("ended: NORMAL_CLEARING"), "it said {said:?}");
    Ok(said)
}

/// The simulator, on the emulated machine.
struct Sim {
    child: std::process::Child,
    port: String,
}

impl Sim {
    fn start(build: &Build, program: &std::path::Path) -> Result<Self> {
        use std::io::BufRead as _;
        let mut run = build.run(program, &["sim", "--bind", "127.0.0.1:0"])?;
        let mut child = run.stdout(std::process::Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            std::io::BufReader::new(output).read_line(&mut line)?;
        }
        let Some(port) = line.trim().rsplit(':').next().filter(|port| port.parse::<u16>().is_ok()) else {
            bail!("the simulator said {line:?}");
        };
        Ok(Self { child, port: port.to_owned() })
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const CLASSIC: &str = "\
import ESL, sys
connection = ESL.ESLconnection('127.0.0.1', sys.argv[1], 'ClueCon')
assert connection.connected()
print(connection.api('status').getBody().splitlines()[0])
";
