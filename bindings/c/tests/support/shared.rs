//! Where vectors and recordings are, how C programs are built and run.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests; each uses its part"
)]
#![allow(clippy::print_stderr, reason = "reports skips")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use serde_json::Value;

/// The project's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn folders(kind: &str, variable: &str) -> Vec<PathBuf> {
    let extra = std::env::var_os(variable).map(PathBuf::from);
    std::iter::once(root().join("tests").join(kind)).chain(extra).collect()
}

/// Every vector of that kind.
pub fn vectors(kind: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for folder in folders("vectors", "SWITCHWIRE_EXTRA_VECTORS") {
        for path in sorted(&folder) {
            if path.extension().is_some_and(|extension| extension == "jsonl") {
                let text = std::fs::read_to_string(&path).unwrap();
                let lines = text.lines().filter(|line| !line.trim().is_empty());
                found.extend(lines.map(|line| serde_json::from_str::<Value>(line).unwrap()));
            }
        }
    }
    found.retain(|vector| vector["kind"] == kind);
    assert!(!found.is_empty(), "no {kind} vectors");
    found
}

/// Every recording: its name and the server's bytes.
pub fn captures() -> Vec<(String, Vec<u8>)> {
    capture_files().into_iter().map(|(name, _, bytes)| (name, bytes)).collect()
}

/// As [`captures`], with the file of each.
fn capture_files() -> Vec<(String, PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for folder in folders("captures", "SWITCHWIRE_EXTRA_CAPTURES") {
        for path in sorted(&folder) {
            let file = path.join("server.bin");
            if let Ok(bytes) = std::fs::read(&file) {
                found.push((path.file_name().unwrap().to_string_lossy().into_owned(), file, bytes));
            }
        }
    }
    assert!(!found.is_empty(), "no recordings");
    found
}

/// Runs a check on every recording, on all of them whatever becomes of one; what failed is named at the end (the messages
/// are above).
pub fn each_capture(mut check: impl FnMut(&str, &Path, &[u8])) {
    let mut failed = Vec::new();
    for (name, file, bytes) in capture_files() {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&name, &file, &bytes)));
        failed.extend(outcome.err().map(|_| name));
    }
    assert!(failed.is_empty(), "{} recordings failed: {failed:?}", failed.len());
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// A string of a vector: text, or bytes in base64.
pub fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.as_bytes().to_vec()),
        Value::Object(object) => {
            Some(base64::engine::general_purpose::STANDARD.decode(object["b64"].as_str().unwrap()).unwrap())
        }
        Value::Null => None,
        other => panic!("not a string: {other}"),
    }
}

/// A program started with SIGINT at its default, as in a terminal: the tests themselves may have been started with it
/// ignored (`nohup`, some CI), and what is ignored stays so in children.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    // SAFETY: one system call between fork and exec.
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGINT, libc::SIG_DFL);
            Ok(())
        });
    }
    command
}

/// Whether that program can be run. Reports a skip if not, and fails with REQUIRE_ALL=1.
pub fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        assert!(std::env::var_os("REQUIRE_ALL").is_none_or(|all| all != "1"), "{program} is missing");
        eprintln!("SKIPPED: {program} is not installed");
    }
    there
}

/// The folder of the libesl.so that cargo built for this test.
pub fn library() -> PathBuf {
    let folder = std::env::current_exe().unwrap().parent().unwrap().to_path_buf();
    assert!(folder.join("libesl.so").exists(), "no libesl.so in {}", folder.display());
    // Programs look for the soname.
    let link = folder.join("libesl.so.1");
    let _ = std::os::unix::fs::symlink("libesl.so", &link);
    assert!(link.exists());
    folder
}

/// A place for a file of this test run.
pub fn scratch(name: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-{count}", std::process::id()))
}

/// A C or C++ program, built against `include/` and the shared library.
pub struct Program {
    path: PathBuf,
}

/// Warnings that no program of ours may have.
pub const STRICT: &[&str] = &["-Wall", "-Wextra", "-pedantic", "-Werror", "-g"];

impl Program {
    /// Builds `tests/c/NAME`; `None` when there is no compiler.
    pub fn build(name: &str, flags: &[&str]) -> Option<Self> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c").join(name);
        let plus = name.ends_with(".cpp");
        let compiler = if plus { "g++" } else { "gcc" };
        if !has(compiler) {
            return None;
        }
        let path = scratch(name);
        let output = Command::new(compiler)
            .arg(if plus { "-std=c++11" } else { "-std=c99" })
            .args(STRICT)
            .args(flags)
            .arg("-I")
            .arg(root().join("include"))
            .arg(&source)
            .arg("-o")
            .arg(&path)
            .arg("-L")
            .arg(library())
            .args(["-lesl", "-lpthread"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        Some(Self { path })
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(&self.path);
        command.args(arguments).env("LD_LIBRARY_PATH", library());
        command
    }

    /// Runs it; it must succeed. Gives what it printed.
    pub fn run(&self, arguments: &[&str]) -> String {
        done(&self.command(arguments).output().unwrap())
    }

    /// Runs it under valgrind: no error, no leak. `None` when there is no valgrind.
    pub fn run_checked(&self, arguments: &[&str]) -> Option<String> {
        has("valgrind").then(|| done(&self.checked(arguments).output().unwrap()))
    }

    pub fn checked(&self, arguments: &[&str]) -> Command {
        let mut command = command("valgrind");
        command
            .args(["-q", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect"])
            .args(["--error-exitcode=99", "--child-silent-after-fork=yes"])
            .arg(&self.path)
            .args(arguments)
            .env("LD_LIBRARY_PATH", library());
        command
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The output of a program that must have succeeded.
pub fn done(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{:?}\n--- out\n{out}\n--- err\n{err}", output.status);
    out.into_owned()
}
