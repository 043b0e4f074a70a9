//! Words of the command line that must not be shown.

use std::fmt;
use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::failure::{Failure, Result};

/// A password, or what holds one. Never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// The first line of a file. One that others may read is warned of.
    pub(crate) fn from_file(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
        warn_if_shared(path);
        Ok(Self(text.lines().next().unwrap_or_default().to_owned()))
    }

    /// Asks for it on the terminal, without showing what is typed.
    pub(crate) fn ask() -> Result<Self> {
        // Hidden before the question is seen: who types at once is not shown either.
        let hidden = Hidden::begin();
        let typed = rpassword::prompt_password("Password: ");
        drop(hidden);
        typed.map(Self).map_err(|error| Failure::usage(format!("cannot ask for the password: {error}")))
    }

    /// What it holds.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

/// The terminal without echo, until this is dropped.
struct Hidden {
    terminal: File,
    before: Termios,
}

impl Hidden {
    /// `None` where there is no terminal; the question fails there, too.
    fn begin() -> Option<Self> {
        let terminal = File::open("/dev/tty").ok()?;
        let before = tcgetattr(&terminal).ok()?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Now, &silent).ok()?;
        Some(Self { terminal, before })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}

/// Says on stderr that others than its owner may read a file with a password.
pub(crate) fn warn_if_shared(path: &Path) {
    let shared = std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
    if shared {
        eprintln!("switchwire: {} holds a password and others may read it: chmod 600 it", path.display());
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}
