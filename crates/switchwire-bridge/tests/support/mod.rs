//! Brokers of the machine's own, on loopback, and what the tests ask of them.
#![allow(dead_code, reason = "each test file uses some of it")]

pub(crate) mod process;
pub(crate) mod rabbit;
pub(crate) mod report;
#[cfg(feature = "nats")]
pub(crate) mod stored;

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A broker in a process of its own, which ends with the test.
pub(crate) struct Broker {
    child: Option<Child>,
    program: PathBuf,
    arguments: Vec<String>,
    pub(crate) port: u16,
    _folder: tempfile::TempDir,
}

/// A program that may not be there: a visible skip, or an error when `REQUIRE_ALL=1`.
pub(crate) fn program(name: &str, variable: &str) -> Option<PathBuf> {
    let from_variable = std::env::var_os(variable).map(PathBuf::from);
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
    };
    let found = from_variable.or_else(on_path);
    if found.is_none() {
        assert!(std::env::var_os("REQUIRE_ALL").is_none_or(|all| all != "1"), "{name} is not there");
        eprintln!("SKIPPED: {name} is not there (set {variable} to it)");
    }
    found
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port()
}

/// Waits for something that comes in its own time.
pub(crate) fn wait_for<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = ready() {
            return value;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

impl Broker {
    /// nats-server with JetStream.
    pub(crate) fn nats() -> Option<Self> {
        Self::nats_with(&[])
    }

    pub(crate) fn nats_with(more: &[&str]) -> Option<Self> {
        let program = program("nats-server", "NATS_SERVER")?;
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let store = folder.path().to_string_lossy().into_owned();
        let words = ["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd", &store];
        let arguments = words.iter().chain(more).map(|word| (*word).to_owned()).collect();
        let mut broker = Self { child: None, program, arguments, port, _folder: folder };
        broker.start();
        Some(broker)
    }

    /// redis-server, which keeps what it acknowledged.
    pub(crate) fn redis() -> Option<Self> {
        Self::redis_with(&[])
    }

    pub(crate) fn redis_with(more: &[&str]) -> Option<Self> {
        let program = program("redis-server", "REDIS_SERVER")?;
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let store = folder.path().to_string_lossy().into_owned();
        let words = format!(
            "--bind 127.0.0.1 --port {port} --dir {store} --appendonly yes --appendfsync always --save"
        );
        let mut arguments: Vec<_> = words.split(' ').map(str::to_owned).collect();
        arguments.push(String::new());
        arguments.extend(more.iter().map(|word| (*word).to_owned()));
        let mut broker = Self { child: None, program, arguments, port, _folder: folder };
        broker.start();
        Some(broker)
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub(crate) fn start(&mut self) {
        let child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.child = Some(child.expect("it starts"));
        wait_for("the broker's port", || std::net::TcpStream::connect(("127.0.0.1", self.port)).ok());
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// kill -9.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The program of this crate, or the one that `SWITCHWIRE_BRIDGE_PROGRAM` names: a release build, for figures.
pub(crate) fn bridge_program() -> PathBuf {
    let named = std::env::var_os("SWITCHWIRE_BRIDGE_PROGRAM").map(PathBuf::from);
    named.unwrap_or_else(|| env!("CARGO_BIN_EXE_switchwire-bridge").into())
}
