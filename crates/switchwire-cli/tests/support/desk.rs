//! The program under the name `fs_cli` in a pseudo-terminal, with a simulator and a home folder of its own.
#![allow(dead_code, unreachable_pub, reason = "each test program uses its own part of this")]

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use switchwire_sim::{Builder, Simulator};

use crate::terminal::Terminal;

/// The simulator's name is in it; the greeting has a `> ` too.
pub const PROMPT: &str = "freeswitch@fs-loopback>";
pub const UUID: &str = "0f0e7d8a-1111-4222-8333-444444444444";
pub const OTHER: &str = "deadbeef-0000-4000-8000-000000000001";

pub struct Desk {
    pub simulator: Simulator,
    home: tempfile::TempDir,
    port: String,
}

impl Desk {
    pub fn new() -> Self {
        Self::with(Simulator::builder())
    }

    pub fn with(builder: Builder) -> Self {
        let simulator = builder.start().unwrap();
        let port = simulator.port().to_string();
        let home = tempfile::tempdir().unwrap();
        symlink(env!("CARGO_BIN_EXE_switchwire"), home.path().join("fs_cli")).unwrap();
        Self { simulator, home, port }
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn port(&self) -> &str {
        &self.port
    }

    pub fn password(&self) -> &str {
        self.simulator.password()
    }

    /// The program at its simulator, with these options.
    pub fn fs_cli(&self, options: &[&str]) -> Terminal {
        self.with_environment(&[], options)
    }

    /// The same with variables of the environment.
    pub fn with_environment(&self, variables: &[&str], options: &[&str]) -> Terminal {
        let own = ["-H", "127.0.0.1", "-P", &self.port, "-p", self.password()];
        self.run(variables, &[&own, options].concat())
    }

    /// The program with these options alone.
    pub fn alone(&self, options: &[&str]) -> Terminal {
        self.run(&[], options)
    }

    fn run(&self, variables: &[&str], options: &[&str]) -> Terminal {
        let program = self.home.path().join("fs_cli");
        let words = [variables, &[program.to_str().unwrap()], options].concat();
        Terminal::start(Path::new("/usr/bin/env"), self.home.path(), &words, 120)
    }

    /// Waits for the prompt, with nothing typed behind it.
    #[track_caller]
    pub fn ready(&self, options: &[&str]) -> Terminal {
        let mut console = self.fs_cli(options);
        idle(&mut console);
        console
    }

    /// Writes a file of the home folder that only the user may read.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// A log line about a channel, to every connection.
    pub fn log(&self, level: u8, uuid: &str, text: &str) {
        self.simulator.send_raw(log_frame(level, uuid, text));
    }
}

/// A log line as a server sends it.
pub fn log_frame(level: u8, uuid: &str, text: &str) -> String {
    let text = format!("{text}\n");
    format!(
        "Content-Type: log/data\nContent-Length: {}\nLog-Level: {level}\nText-Channel: 0\nLog-File: switch.c\nLog-Func: f\nLog-Line: 7\nUser-Data: {uuid}\n\n{text}",
        text.len()
    )
}

/// Waits until the console waits for a line.
#[track_caller]
pub fn idle(console: &mut Terminal) {
    console.wait_until(|screen| screen.trim_end().ends_with(PROMPT), "the prompt, and nothing behind it");
}

/// Types a line and waits for what it shows, and for the next prompt.
#[track_caller]
pub fn line(console: &mut Terminal, typed: &str, shown: &str) {
    console.type_keys(&format!("{typed}\r"));
    console.wait_for(shown);
    idle(console);
}

/// Clears the screen by Control-l.
#[track_caller]
pub fn clear(console: &mut Terminal) {
    console.type_keys("\u{c}");
    console.wait_until(|screen| screen.trim() == PROMPT, "a clear screen");
}
