//! Running the built binary, and something for it to talk to.
#![allow(dead_code, unreachable_pub, reason = "each test program uses its own part of this")]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use switchwire_sim::Simulator;

/// The program, with nothing of the tester's environment in its way.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchwire"));
    command.args(arguments).env_remove("SWITCHWIRE_PASSWORD").stdin(Stdio::null());
    // Profiles and the history of whoever runs the tests.
    command.env("HOME", "/nonexistent").env_remove("XDG_CONFIG_HOME").env_remove("XDG_STATE_HOME");
    command
}

/// What a run gave.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn lines(&self) -> Vec<&str> {
        self.stdout.lines().collect()
    }

    /// Stdout as one JSON value a line.
    pub fn json(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
}

/// Runs it to its end.
pub fn run(arguments: &[&str]) -> Ran {
    finish(&mut program(arguments))
}

pub fn finish(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A run of the program that is killed when it is dropped.
pub struct Running(pub Child);

impl Running {
    pub fn start(arguments: &[&str]) -> Self {
        Self(program(arguments).stdout(Stdio::piped()).spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `sim` or `replay`, at the address it printed.
pub struct Serving {
    pub running: Running,
    pub address: String,
}

impl Serving {
    pub fn start(arguments: &[&str]) -> Self {
        let mut running = Running::start(arguments);
        let mut line = String::new();
        BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { running, address }
    }

    /// The value of `--server` for it.
    pub fn server(&self, password: &str) -> String {
        format!("{}:{password}", self.address)
    }
}

/// What tests that make sense on a real server talk to: the one that SWITCHWIRE_TEST_SERVER names
/// (host:port:password), else a simulator of their own.
pub struct Target {
    _simulator: Option<Simulator>,
    pub server: String,
}

impl Target {
    pub fn new() -> Self {
        if let Ok(server) = std::env::var("SWITCHWIRE_TEST_SERVER") {
            return Self { _simulator: None, server };
        }
        let simulator = Simulator::builder().start().unwrap();
        Self { server: server_of(&simulator), _simulator: Some(simulator) }
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(&[&["--server", &self.server], arguments].concat())
    }
}

/// The value of `--server` for a simulator.
pub fn server_of(simulator: &Simulator) -> String {
    format!("{}:{}", simulator.addr(), simulator.password())
}

/// A port of this host that nothing listens at.
pub fn closed_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

/// The recordings of the project, and those of a folder that SWITCHWIRE_EXTRA_CAPTURES names.
pub fn captures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures")
}

pub fn capture(name: &str) -> String {
    captures().join(name).join("server.bin").to_str().unwrap().to_owned()
}
