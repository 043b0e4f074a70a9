//! How the program ends: exit codes, and one line that says why.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | the server replied `-ERR` or `-USAGE`, or the work failed |
//! | 2 | invalid command line; nothing was sent |
//! | 3 | no connection: unreachable, refused, wrong password, lost; or a timeout |

use std::fmt;
use std::process::ExitCode;

use switchwire::{BuildError, Error, ErrorKind};

use crate::printable;

/// What every subcommand gives.
pub(crate) type Result<T = (), E = Failure> = std::result::Result<T, E>;

/// The exit codes, for `--help`.
pub(crate) const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 the server replied -ERR or -USAGE, or the work failed; 2 invalid command line;
3 no connection (unreachable, refused, wrong password, lost) or a timeout.";

/// The exit code when there is no connection, or no longer.
pub(crate) const NO_CONNECTION: i32 = Exit::Connection as i32;

/// Why the program ends with another code than 0.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    Failed = 1,
    Usage = 2,
    Connection = 3,
}

impl Failure {
    /// The work failed, or the server refused it.
    pub(crate) fn failed(message: impl fmt::Display) -> Self {
        Self::new(Exit::Failed, &message)
    }

    /// The command line is invalid.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, &message)
    }

    /// Our own output could not be written.
    pub(crate) fn output(error: &std::io::Error) -> Self {
        match error.kind() {
            // The reader has closed the pipe (`| head`): not worth a message.
            std::io::ErrorKind::BrokenPipe => Self { exit: Exit::Failed, message: String::new() },
            _ => Self::failed(format!("cannot write: {error}")),
        }
    }

    /// What was to be said has been said.
    pub(crate) fn silent() -> Self {
        Self { exit: Exit::Failed, message: String::new() }
    }

    /// Whether there is no connection, or no longer.
    pub(crate) fn is_of_connection(&self) -> bool {
        self.exit == Exit::Connection
    }

    fn new(exit: Exit, message: &dyn fmt::Display) -> Self {
        Self { exit, message: message.to_string() }
    }

    /// Prints the message on stderr, in one line, and gives the code.
    pub(crate) fn report(&self) -> ExitCode {
        if !self.message.is_empty() {
            note(&self.message);
        }
        ExitCode::from(self.exit as u8)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(exit_of(error.kind()), &error)
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Error::from(error).into()
    }
}

fn exit_of(kind: ErrorKind) -> Exit {
    match kind {
        ErrorKind::InvalidArgument => Exit::Usage,
        ErrorKind::Refused | ErrorKind::Hangup | ErrorKind::NotSubscribed => Exit::Failed,
        // Everything else is about the connection, and a kind added later most likely is.
        _ => Exit::Connection,
    }
}

/// Says it on stderr, in one line.
pub(crate) fn note(text: &str) {
    eprintln!("switchwire: {}", one_line(text));
}

/// The text with each run of blanks and line breaks as one blank, harmless.
pub(crate) fn one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    printable::escape(&text, printable::is_harmful)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_error_has_its_code() {
        for kind in ErrorKind::ALL {
            let expected = match kind.name() {
                "invalid-argument" => Exit::Usage,
                "refused" | "hangup" | "not-subscribed" => Exit::Failed,
                "resolve" | "connect" | "rejected-by-acl" | "authentication" | "not-freeswitch"
                | "timeout" | "disconnected" | "protocol" | "limit-exceeded" | "forked"
                | "outcome-unknown" | "io" => Exit::Connection,
                other => panic!("{other}: decide its exit code"),
            };
            assert_eq!(exit_of(kind), expected, "{}", kind.name());
        }
    }

    #[test]
    fn a_message_is_one_line() {
        assert_eq!(one_line("closed: goodbye.\nSee you!\n"), "closed: goodbye. See you!");
        assert_eq!(one_line("-ERR \u{1b}[2J\u{202e}"), "-ERR \\u{1b}[2J\\u{202e}");
    }
}
