//! How large what is installed is, and how long it takes until a program has it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::goals::{Goal, at_most};

/// One figure and what it may be at most.
pub(crate) struct Size {
    what: &'static str,
    unit: &'static str,
    most: f64,
    /// Or why it was not measured.
    measured: Result<f64, String>,
}

/// `times` is how often each interpreter is started with and without the package.
pub(crate) fn measure(times: usize) -> Vec<Size> {
    let size = |what, unit, most, measured: Result<f64>| {
        if let Err(error) = &measured {
            eprintln!("NOT MEASURED {what}: {error:#}");
        }
        Size { what, unit, most, measured: measured.map_err(|error| format!("{error:#}")) }
    };
    let python = root().join("target/python/bin/python");
    let python = python.to_string_lossy();
    let index = format!("require({:?})", root().join("node").to_string_lossy());
    vec![
        size("`libesl.so`, stripped", "KB", 700.0, stripped(&release("libesl.so")).map(|bytes| bytes / 1e3)),
        size("the wheel", "MB", 1.5, wheel().map(|bytes| bytes / 1e6)),
        size("Node's `.node` file", "MB", 2.0, native().map(|bytes| bytes / 1e6)),
        size(
            "the command `switchwire`, stripped",
            "MB",
            10.0,
            stripped(&release("switchwire")).map(|bytes| bytes / 1e6),
        ),
        size("`import switchwire`", "ms", 15.0, start([&python, "-c"], "pass", "import switchwire", times)),
        size("`import ESL`", "ms", 15.0, start([&python, "-c"], "pass", "import ESL", times)),
        size("`require('switchwire')`", "ms", 20.0, start(["node", "-e"], "0", &index, times)),
    ]
}

pub(crate) fn goals(sizes: &[Size]) -> Vec<Goal> {
    let goal = |size: &Size| {
        let text = format!("{}: at most {} {}", size.what, size.most, size.unit);
        at_most(text, size.measured.as_ref().ok().copied(), size.most, &format!(" {}", size.unit))
    };
    sizes.iter().map(goal).collect()
}

pub(crate) fn table(sizes: &[Size]) -> String {
    let mut text = String::from(
        "Files as they are published. Times are those of an interpreter that imports the package and ends, less those of one that \
         ends: medians, the two in turn.\n\n| what | |\n| --- | --: |\n",
    );
    for size in sizes {
        let _ = match &size.measured {
            Ok(measured) => writeln!(text, "| {} | {measured:.2} {} |", size.what, size.unit),
            Err(why) => writeln!(text, "| {} | not measured: {why} |", size.what),
        };
    }
    text
}

fn root() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    folder.canonicalize().unwrap_or(folder)
}

/// What this profile has built.
fn release(name: &str) -> PathBuf {
    let here = std::env::current_exe().unwrap_or_default();
    here.with_file_name(name)
}

fn stripped(file: &Path) -> Result<f64> {
    let name = file.file_name().unwrap_or_default().display();
    ensure!(file.exists(), "{name} was not built");
    let copy = file.with_extension("stripped");
    let status = Command::new("strip").args(["--strip-unneeded", "-o"]).arg(&copy).arg(file).status();
    ensure!(status.context("no strip")?.success(), "strip failed");
    let size = std::fs::metadata(&copy)?.len();
    std::fs::remove_file(copy)?;
    Ok(size as f64)
}

/// A wheel is a deflated archive of what is installed: made of it here, as building another one takes minutes.
fn wheel() -> Result<f64> {
    let source = root().join("python/src");
    let mut files = Vec::new();
    packed(&source, &mut files)?;
    ensure!(files.iter().any(|path| path.ends_with("_native.abi3.so")), "the native module is not built");
    let script = "import os, sys, tempfile, zipfile\n\
                  with tempfile.TemporaryFile() as file:\n \
                  with zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED) as wheel:\n  \
                  for path in sys.stdin.read().splitlines(): wheel.write(path, os.path.relpath(path, sys.argv[1]))\n \
                  print(file.tell())";
    let mut python = Command::new("python3");
    python.args(["-c", script]).arg(&source).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = python.spawn().context("no python3")?;
    let list: Vec<_> = files.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    std::io::Write::write_all(&mut child.stdin.take().context("no input")?, list.join("\n").as_bytes())?;
    let output = child.wait_with_output()?;
    String::from_utf8(output.stdout)?.trim().parse().context("no wheel was packed")
}

/// The files of the package.
fn packed(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_kept = path
            .extension()
            .is_some_and(|kind| ["py", "pyi", "so", "typed"].iter().any(|other| kind == *other));
        if path.is_dir() && !path.ends_with("__pycache__") {
            packed(&path, files)?;
        } else if is_kept {
            files.push(path);
        }
    }
    Ok(())
}

fn native() -> Result<f64> {
    let folder = root().join("node/native");
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "node") {
            return stripped(&path);
        }
    }
    anyhow::bail!("no .node file in {}", folder.display())
}

/// Milliseconds that `program` adds to an interpreter that does `nothing`.
fn start(interpreter: [&str; 2], nothing: &str, program: &str, times: usize) -> Result<f64> {
    let once = |text: &str| -> Result<f64> {
        let mut command = Command::new(interpreter[0]);
        command.args([interpreter[1], text]).stdin(Stdio::null()).stdout(Stdio::null());
        let begun = Instant::now();
        let status = command.status().with_context(|| format!("no {}", interpreter[0]))?;
        let took = begun.elapsed().as_secs_f64() * 1e3;
        ensure!(status.success(), "it does not import");
        Ok(took)
    };
    // The first time reads files from the disk, and writes Python's bytecode.
    once(program)?;
    let (mut bare, mut with) = (Vec::new(), Vec::new());
    for _ in 0..times.max(1) {
        bare.push(once(nothing)?);
        with.push(once(program)?);
    }
    let [bare, with] = [bare, with].map(|mut values| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    });
    Ok(with - bare)
}
