//! A program that runs, and what it prints.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Process {
    child: Child,
    lines: Receiver<String>,
    printed: Vec<String>,
}

impl Process {
    pub fn start(mut command: Command) -> Result<Self, String> {
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| format!("{command:?}: {error}"))?;
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Ok(Self { child, lines, printed: Vec::new() })
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_none())
    }

    /// Waits until it has printed such a line.
    pub fn prints(&mut self, wanted: &str) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    let found = is_like(wanted, &line);
                    self.printed.push(line);
                    if found {
                        return Ok(());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Err(self.tell(&format!("`{wanted}` was not printed")));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(self.tell(&format!("ended without having printed `{wanted}`")));
                }
            }
        }
    }

    /// Waits until it has ended; it must succeed.
    pub fn ends(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(self.tell(&format!("ended with {status}"))),
                None if Instant::now() > deadline => return Err(self.tell("did not end")),
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        }
    }

    /// Why it is wrong, and all that it has printed.
    pub fn tell(&mut self, why: &str) -> String {
        let status = self.stop();
        self.printed.extend(self.lines.try_iter());
        let mut errors = String::new();
        if let Some(mut stream) = self.child.stderr.take() {
            let _ = stream.read_to_string(&mut errors);
        }
        format!("{why} ({status})\n--- printed\n{}\n--- errors\n{errors}", self.printed.join("\n"))
    }

    fn stop(&mut self) -> ExitStatus {
        let _ = self.child.kill();
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Whether the text is as the pattern says, in which `*` is any text.
fn is_like(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| is_like(rest, &text[at..]))
}
