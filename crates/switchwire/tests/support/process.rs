//! A simulator in a process of its own, which can be stopped and killed as a real server can.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use switchwire_sim::{Builder, Simulator};

const ADDRESS: &str = "SWITCHWIRE_TEST_SIMULATOR_AT";

/// In the server's process: the simulator, once it has said where it listens, and what the test orders, line by line; the
/// process ends with the test. `None` in the test's own process.
pub fn simulator(
    build: impl FnOnce(Builder) -> Builder,
) -> Option<(Simulator, std::sync::mpsc::Receiver<String>)> {
    let address = std::env::var(ADDRESS).ok()?;
    let simulator = build(Simulator::builder().bind(&address)).start().unwrap();
    println!("\nlistening at {}", simulator.port());
    let (said, orders) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            said.send(line.unwrap()).unwrap();
        }
        std::process::exit(0);
    });
    Some((simulator, orders))
}

/// That process, as the test has it: killed with `kill -9` when it is dropped.
pub struct Process {
    child: Child,
    pub port: u16,
}

impl Process {
    /// Runs the test `the_simulators_process` beside this module, in this very program; it calls [`simulator`].
    pub fn start(port: u16) -> Self {
        let (_, here) = module_path!().split_once("::").unwrap();
        let test = format!("{}the_simulators_process", here.strip_suffix("process").unwrap());
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &test, "--nocapture"])
            .env(ADDRESS, format!("127.0.0.1:{port}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let port =
            lines.find_map(|line| line.strip_prefix("listening at ")?.parse().ok()).expect("it listens");
        Self { child, port }
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, signal).unwrap();
    }

    pub fn order(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
