//! Runs the fuzz targets under libFuzzer, with AddressSanitizer if the compiler has it. Neither needs a nightly compiler:
//! see `toolchain.rs`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, bail};

use crate::run::{check, command, has, output, root, target};
use crate::toolchain::{host, unstable};

/// Instruments the code for libFuzzer's coverage feedback.
const COVERAGE: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "-Cdebug-assertions=on",
    "-Cdebuginfo=line-tables-only",
    "--cfg=fuzzing",
];

/// The options of a run.
pub(crate) struct Plan {
    pub(crate) targets: Vec<String>,
    pub(crate) seconds: u64,
    pub(crate) jobs: usize,
    /// The same seed makes the same choices; 0 makes others each time.
    pub(crate) seed: u32,
}

/// What is missing for a run with libFuzzer.
pub(crate) fn missing() -> Option<String> {
    (!has("c++", "--version")).then(|| "no C++ compiler for libFuzzer".to_owned())
}

/// Part of `cargo xtask test`: 20 s per target in CI, 5 s elsewhere; always the same seed, so that a failure is due to
/// the change. Longer runs explore.
pub(crate) fn test() -> Result<()> {
    let seconds = if std::env::var_os("CI").is_some() { 20 } else { 5 };
    run(&Plan { targets: Vec::new(), seconds, jobs: 2, seed: 1 })
}

pub(crate) fn run(plan: &Plan) -> Result<()> {
    let targets = chosen(&plan.targets)?;
    if let Some(missing) = missing() {
        bail!("{missing}; `cargo test -p switchwire-fuzz` replays the corpora without it");
    }
    let programs = build()?;
    let next = AtomicUsize::new(0);
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..plan.jobs.max(1) {
            scope.spawn(|| {
                while let Some(name) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = one(&programs, name, plan)
                        && let Ok(mut faults) = faults.lock()
                    {
                        faults.push(format!("{error:#}"));
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap_or_default();
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

/// Rewrites the corpora's archives: from the old ones, the finds of long runs, the vectors and recordings, it keeps the
/// smallest set with the same coverage, without what the regressions and seeds in the corpora's folders cover.
pub(crate) fn merge(only: &[String]) -> Result<()> {
    let targets = chosen(only)?;
    let programs = build()?;
    let seeds = folder("seeds");
    tool(&programs, "seeds", &[], &seeds)?;
    for name in &targets {
        // libFuzzer keeps everything in the first folder.
        let merged = fresh("merged", name)?;
        for entry in std::fs::read_dir(root().join("tests/fuzz/corpus").join(name))? {
            let path = entry?.path();
            std::fs::copy(&path, merged.join(path.file_name().unwrap_or_default()))?;
        }
        let mut merge = program(&programs, name)?;
        merge
            .arg("-merge=1")
            .arg(&merged)
            .arg(corpus(&programs, name)?)
            .arg(seeds.join(name))
            .arg(found(name)?);
        check(merge)?;
        tool(&programs, "pack", &[name], &merged)?;
    }
    Ok(())
}

/// All targets, or the ones named.
fn chosen(only: &[String]) -> Result<Vec<String>> {
    let files = std::fs::read_dir(root().join("tests/fuzz/fuzz_targets"))?;
    let name = |file: std::fs::DirEntry| Some(file.path().file_stem()?.to_string_lossy().into_owned());
    let mut all: Vec<String> = files.filter_map(|file| file.ok().and_then(name)).collect();
    all.sort();
    if let Some(unknown) = only.iter().find(|name| !all.contains(name)) {
        bail!("no target is called {unknown}; there are: {}", all.join(", "));
    }
    all.retain(|name| only.is_empty() || only.contains(name));
    Ok(all)
}

/// Builds every target; gives the programs' folder.
fn build() -> Result<PathBuf> {
    let toolchain = unstable();
    let sanitizer = toolchain.has_sanitizer("address").then_some("-Zsanitizer=address");
    let target = folder(if sanitizer.is_some() { "asan" } else { "plain" });
    let mut build = match sanitizer {
        Some(_) => toolchain.cargo(BUILD),
        None => command("cargo", BUILD),
    };
    build.args(["--target", host()]).arg("--target-dir").arg(&target);
    let flags: Vec<&str> = COVERAGE.iter().copied().chain(sanitizer).collect();
    build.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    // Nine programs share their crates: LTO for each of them would take minutes.
    build.env("CARGO_PROFILE_RELEASE_LTO", "off");
    check(build)?;
    let checks = match sanitizer {
        Some(_) => format!("AddressSanitizer, LeakSanitizer ({})", toolchain.name),
        None => "NO sanitizer (the compiler has none)".to_owned(),
    };
    println!("engine: libFuzzer, guided by coverage; {checks}");
    Ok(target.join(host()).join("release"))
}

const BUILD: &[&str] =
    &["build", "--release", "--quiet", "--package", "switchwire-fuzz", "--bins", "--features", "libfuzzer"];

/// Runs one target and prints its figures.
fn one(programs: &Path, name: &str, plan: &Plan) -> Result<()> {
    let Plan { seconds, seed, .. } = plan;
    let log = folder("logs").join(name);
    std::fs::create_dir_all(folder("logs"))?;
    let mut fuzz = program(programs, name)?;
    fuzz.arg(found(name)?).arg(corpus(programs, name)?).arg(format!("-max_total_time={seconds}"));
    fuzz.arg(format!("-seed={seed}"));
    fuzz.stdout(Stdio::null()).stderr(File::create(&log)?);
    let status = fuzz.stdin(Stdio::null()).status().with_context(|| format!("cannot run {name}"))?;
    let log_text = String::from_utf8_lossy(&std::fs::read(&log)?).into_owned();
    if !status.success() {
        let from = log_text.lines().count().saturating_sub(60);
        let end: Vec<&str> = log_text.lines().skip(from).collect();
        bail!(
            "{name} failed ({status}); the log is {}, the input is in the same folder; replay it with \
             `cargo run -p switchwire-fuzz replay {name} FILE`\n{}",
            log.display(),
            end.join("\n")
        );
    }
    let figure = |what: &str| {
        let line = log_text.lines().rev().find(|line| line.contains(what)).unwrap_or_default();
        line.split(what).nth(1).unwrap_or_default().split_whitespace().next().unwrap_or("?").to_owned()
    };
    println!(
        "{name}: {} executions in {seconds} s, {} coverage points, {} inputs kept",
        figure("stat::number_of_executed_units:"),
        figure(" cov: "),
        figure(" corp: ").split('/').next().unwrap_or("?"),
    );
    Ok(())
}

fn program(programs: &Path, name: &str) -> Result<std::process::Command> {
    let artifacts = folder("logs");
    std::fs::create_dir_all(&artifacts)?;
    let mut program = command(&programs.join(name).to_string_lossy(), &[]);
    program.arg(format!("-dict={}", root().join("tests/fuzz/words.dict").display()));
    program.arg(format!("-artifact_prefix={}/{name}-", artifacts.display()));
    program.args(["-max_len=4096", "-timeout=30", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    Ok(program)
}

/// The corpus tool, `tests/fuzz/src/main.rs`.
fn tool(programs: &Path, what: &str, target: &[&str], folder: &Path) -> Result<()> {
    let mut tool = command(&programs.join("switchwire-fuzz").to_string_lossy(), &[what]);
    tool.args(target).arg(folder);
    output(tool).map(drop)
}

/// The repository's corpus, unpacked: one file per input.
fn corpus(programs: &Path, name: &str) -> Result<PathBuf> {
    let folder = fresh("corpus", name)?;
    tool(programs, "unpack", &[name], &folder)?;
    Ok(folder)
}

/// An empty folder of that target.
fn fresh(what: &str, name: &str) -> Result<PathBuf> {
    let folder = folder(what).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The folder for inputs that runs on this machine have found.
fn found(name: &str) -> Result<PathBuf> {
    let folder = folder("found").join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn folder(name: &str) -> PathBuf {
    target().join("fuzz").join(name)
}
