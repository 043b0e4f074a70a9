//! The program in a pseudo-terminal: keys are typed, the screen is read.
#![allow(dead_code, unreachable_pub, reason = "each test program uses its own part of this")]

use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// A terminal with the program in it.
pub struct Terminal {
    parser: vt100::Parser,
    output: Receiver<Vec<u8>>,
    /// Everything that the program wrote.
    pub raw: Vec<u8>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts the program with that home folder, as `name`.
    pub fn start(program: &Path, home: &Path, arguments: &[&str], columns: u16) -> Self {
        let size = PtySize { rows: 50, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.env("HOME", home);
        command.env("TERM", "xterm-256color");
        command.env("PATH", "/usr/bin:/bin");
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self {
            parser: vt100::Parser::new(50, columns, 2000),
            output,
            raw: Vec::new(),
            keys,
            child,
            master: pair.master,
        }
    }

    /// Types text or keys' sequences.
    pub fn type_keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// The screen's text, without the blanks at the ends of its lines.
    pub fn screen(&self) -> String {
        let lines: Vec<_> =
            self.parser.screen().contents().lines().map(|line| line.trim_end().to_owned()).collect();
        lines.join("\n")
    }

    /// Waits until the screen shows that text.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        self.wait_until(|screen| screen.contains(text), text);
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    pub fn wait_until(&mut self, wanted: impl Fn(&str) -> bool, what: &str) {
        while !wanted(&self.screen()) {
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => panic!("{what:?} did not come; the screen:\n{}", self.screen()),
            }
        }
    }

    /// Waits until the program has written that text, which may have left the screen since.
    #[track_caller]
    pub fn wait_for_written(&mut self, text: &str) {
        let mut from = 0;
        while !self.raw[from..].windows(text.len()).any(|written| written == text.as_bytes()) {
            from = self.raw.len().saturating_sub(text.len());
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => panic!("{text:?} was not written; the screen:\n{}", self.screen()),
            }
        }
    }

    /// Waits for the program's end and gives its exit code.
    #[track_caller]
    pub fn end(&mut self) -> u32 {
        loop {
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end; the screen:\n{}", self.screen()),
            }
        }
        self.child.wait().unwrap().exit_code()
    }

    /// Changes the terminal's width.
    pub fn resize(&mut self, columns: u16) {
        self.master.resize(PtySize { rows: 50, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
        self.parser.screen_mut().set_size(50, columns);
    }

    fn take(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        self.parser.process(bytes);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Far longer than anything takes; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(60);
