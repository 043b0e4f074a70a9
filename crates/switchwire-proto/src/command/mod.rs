//! Commands: what a client may send, one builder each, so that no argument can start a second command.

mod build;
mod bytes;
mod channel;
mod events;
mod execute;
mod session;

use std::fmt;

pub use build::BuildError;
pub(crate) use build::{Builder, one_line};
pub use execute::{Execute, Unicast};

/// One command, encoded and ready to be written.
///
/// Made by the constructors below, each named after the command it sends. A constructor refuses line breaks (CR, LF)
/// and NUL wherever the protocol has one line, with a [`BuildError`]: nothing that a user typed can start a second
/// command on the wire. Write the bytes in one piece: while FreeSWITCH has received a part of a command it sends no
/// events.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    bytes: Vec<u8>,
    /// How many bytes may be shown in logs; a login shows its first word only.
    shown: usize,
}

impl Command {
    /// The bytes to write, the blank line at the end included.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes the bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The bytes as far as they may be shown in logs: of a login its first word, of any other command all.
    #[must_use]
    pub fn shown(&self) -> &[u8] {
        &self.bytes[..self.bytes.len().min(self.shown)]
    }

    pub(crate) fn from_parts(bytes: Vec<u8>, shown: usize) -> Self {
        Self { bytes, shown }
    }

    /// Its first line as far as it may be shown: never a password.
    #[must_use]
    pub fn summary(&self) -> String {
        let line = self.bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let shown = String::from_utf8_lossy(&line[..line.len().min(self.shown)]).into_owned();
        if line.len() > self.shown { shown + " (hidden)" } else { shown }
    }
}

/// Shows the first line, without secrets.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Command").field(&self.summary()).finish()
    }
}
