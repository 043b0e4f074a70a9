//! A bridge in a process of its own, as a service manager runs it.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use super::{bridge_program, free_port, wait_for};

pub(crate) struct Process {
    config: PathBuf,
    /// Where it serves `/healthz` and `/metrics`.
    pub(crate) http: u16,
    environment: Vec<(String, PathBuf)>,
    child: Child,
}

impl Process {
    /// Starts one with that configuration, to which its page for monitors is added.
    pub(crate) fn start(folder: &Path, name: &str, text: &str) -> Self {
        Self::start_with(folder, name, text, &[])
    }

    pub(crate) fn start_with(folder: &Path, name: &str, text: &str, environment: &[(&str, &Path)]) -> Self {
        let http = free_port();
        let environment: Vec<_> =
            environment.iter().map(|(name, value)| ((*name).to_owned(), value.to_path_buf())).collect();
        let config = folder.join(format!("{name}.toml"));
        write(&config, name, http, text);
        let child = spawn(&config, &environment);
        Self { config, http, environment, child }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// kill -9, and a new start.
    pub(crate) fn kill_and_restart(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("reaped");
        self.child = spawn(&self.config, &self.environment);
    }

    /// Another configuration, and SIGHUP.
    pub(crate) fn reload(&self, name: &str, text: &str) {
        write(&self.config, name, self.http, text);
        self.signal("-HUP");
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().expect("kill").success());
    }

    /// As a service manager does.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal("-TERM");
        self.child.wait().expect("ends")
    }

    /// A page of its own.
    pub(crate) fn page(&self, path: &str) -> Option<String> {
        let mut socket = std::net::TcpStream::connect(("127.0.0.1", self.http)).ok()?;
        let asked = format!("GET {path} HTTP/1.1\r\nHost: bridge\r\nConnection: close\r\n\r\n");
        socket.write_all(asked.as_bytes()).ok()?;
        let mut text = String::new();
        socket.read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// What it says about its health.
    pub(crate) fn health(&self) -> Option<serde_json::Value> {
        let text = self.page("/healthz")?;
        serde_json::from_str(text.split_once("\r\n\r\n")?.1).ok()
    }

    pub(crate) fn wait_healthy(&self) {
        wait_for("a healthy bridge", || (self.health()?["healthy"] == true).then_some(()));
    }

    /// Waits until nothing waits for the sink any more.
    pub(crate) fn wait_delivered(&self) {
        wait_for("an empty outbox", || {
            let sink = self.health()?["sinks"][0].clone();
            (sink["waiting"] == 0 && sink["spooled_bytes"] == 0).then_some(())
        });
    }

    /// The most memory it has had, in KiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("runs");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        peak.trim().trim_end_matches(" kB").trim().parse().expect("a number")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write(config: &Path, name: &str, http: u16, text: &str) {
    let text = format!("name = \"{name}\"\nhttp = {{ listen = \"127.0.0.1:{http}\" }}\n{text}");
    std::fs::write(config, text).expect("written");
}

fn spawn(config: &Path, environment: &[(String, PathBuf)]) -> Child {
    let command = &mut Command::new(bridge_program());
    command.arg("--config").arg(config).env("RUST_LOG", "off").envs(environment.iter().cloned());
    command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("starts")
}
