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

    /// What command it is, without arguments: its first word, and after `api` and `bgapi` that of the command which the
    /// server is to run. For logs and metrics.
    #[must_use]
    pub fn name(&self) -> String {
        let line = self.shown().split(|byte| *byte == b'\n').next().unwrap_or_default();
        let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
        let first = words.next().unwrap_or_default();
        let second = words.next().filter(|_| first == b"api" || first == b"bgapi");
        let word = |bytes| String::from_utf8_lossy(bytes).into_owned();
        second.map_or_else(|| word(first), |second| format!("{} {}", word(first), word(second)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_neither_arguments_nor_secrets() {
        let name = |text: &str| Command::raw(text).unwrap().name();
        assert_eq!(name("api originate {secret=1}user/1000 &park()"), "api originate");
        assert_eq!(name("bgapi  status"), "bgapi status");
        assert_eq!(name("event plain ALL"), "event");
        assert_eq!(name("sendmsg 1234\ncall-command: execute"), "sendmsg");
        let login = Command::auth_bytes(b"hidden").unwrap();
        assert_eq!(login.name(), "auth");
    }
}
