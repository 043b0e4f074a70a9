//! The pieces that every builder is made of, and the checks that each argument goes through.

use std::fmt;

use super::Command;
use crate::lines::{leading_number, next_line};

/// Why a command cannot be built from the arguments. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// An argument that must be one line holds a CR, LF or NUL.
    LineBreak {
        /// Which argument, e.g. `app` or `filter value`.
        argument: &'static str,
    },
    /// An argument that names something is empty.
    Empty {
        /// Which argument.
        argument: &'static str,
    },
    /// An argument that is one word of a list holds a blank.
    Blank {
        /// Which argument.
        argument: &'static str,
    },
    /// A raw command has more after its blank line than its `Content-Length` says: that would be a second command.
    SecondCommand,
    /// A raw command has less after its blank line than its `Content-Length` says: the server would take the next
    /// command for its body.
    BodyTooShort,
    /// A header name would be read by the server as `Content-Length`.
    ContentLengthHeader,
    /// Longer than the server takes (or a `Content-Length` below 0): it would cut the text in two, or hang up.
    TooLong {
        /// Which argument.
        argument: &'static str,
        /// What the server takes, in bytes.
        limit: usize,
    },
    /// No log level has that name or number.
    LogLevel {
        /// What was given.
        text: String,
    },
    /// No event has that name: the server would take it and never send anything.
    UnknownEvent {
        /// What was given.
        name: String,
        /// The name that is most like it.
        nearest: Option<&'static str>,
    },
    /// No event format has that name.
    UnknownFormat {
        /// What was given.
        name: String,
    },
    /// A subclass (`a::b`) is among the event names, where the server would ignore it.
    SubclassAsName {
        /// The subclass.
        name: String,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LineBreak { argument } => {
                write!(f, "the {argument} must be one line: it holds a line break or NUL")
            }
            Self::Empty { argument } => write!(f, "the {argument} is empty"),
            Self::Blank { argument } => write!(f, "the {argument} must be one word: it holds a blank"),
            Self::SecondCommand => f.write_str("the text holds a second command after a blank line"),
            Self::BodyTooShort => f.write_str("the text is shorter than its Content-Length says"),
            Self::ContentLengthHeader => f.write_str("a header name would be read as Content-Length"),
            Self::TooLong { argument, limit } => {
                write!(f, "the {argument} is not within the {limit} bytes that the server takes")
            }
            Self::LogLevel { text } => {
                let words =
                    "console, alert, crit, err (error), warning (warn), notice, info, debug, or 0 to 7";
                write!(f, "no log level {text:?}: use {words}")
            }
            Self::UnknownEvent { name, nearest: Some(nearest) } => {
                write!(f, "no event is named {name:?}: did you mean {nearest}?")
            }
            Self::UnknownEvent { name, nearest: None } => write!(f, "no event is named {name:?}"),
            Self::UnknownFormat { name } => write!(f, "no event format {name:?}: use plain, json or xml"),
            Self::SubclassAsName { name } => {
                write!(
                    f,
                    "{name:?} is a subclass of CUSTOM, no event name: use custom, or put CUSTOM before it"
                )
            }
        }
    }
}

impl std::error::Error for BuildError {}

/// Puts a command together, checking each piece.
#[derive(Debug)]
pub(crate) struct Builder {
    bytes: Vec<u8>,
    body: Vec<u8>,
}

impl Builder {
    pub(crate) fn new(word: &str) -> Self {
        let mut bytes = Vec::with_capacity(USUAL);
        bytes.extend_from_slice(word.as_bytes());
        Self { bytes, body: Vec::new() }
    }

    /// A blank and a piece of the first line.
    pub(crate) fn argument(self, what: &'static str, text: &str) -> Result<Self, BuildError> {
        self.argument_bytes(what, text.as_bytes())
    }

    pub(crate) fn argument_bytes(mut self, what: &'static str, text: &[u8]) -> Result<Self, BuildError> {
        one_line(what, text)?;
        self.has_room(what, text.len())?;
        self.bytes.push(b' ');
        self.bytes.extend_from_slice(text);
        Ok(self)
    }

    /// A blank and one word of a list.
    pub(crate) fn word(self, what: &'static str, text: &str) -> Result<Self, BuildError> {
        if text.is_empty() {
            return Err(BuildError::Empty { argument: what });
        }
        one_line(what, text.as_bytes())?;
        if text.contains([' ', '\t']) {
            return Err(BuildError::Blank { argument: what });
        }
        self.argument(what, text)
    }

    /// A `name: value` line below the first.
    pub(crate) fn header(self, what: &'static str, name: &str, value: &str) -> Result<Self, BuildError> {
        self.header_bytes(what, name.as_bytes(), value.as_bytes())
    }

    pub(crate) fn header_bytes(
        mut self,
        what: &'static str,
        name: &[u8],
        value: &[u8],
    ) -> Result<Self, BuildError> {
        one_line("header name", name)?;
        one_line(what, value)?;
        let read_name = name.split(|byte| *byte == b':').next().unwrap_or_default();
        if read_name.trim_ascii().eq_ignore_ascii_case(b"content-length") {
            return Err(BuildError::ContentLengthHeader);
        }
        self.has_room(what, name.len() + value.len())?;
        self.bytes.push(b'\n');
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(b": ");
        self.bytes.extend_from_slice(value);
        Ok(self)
    }

    /// A body, sent with its `Content-Length`; any bytes.
    pub(crate) fn body(mut self, body: &[u8]) -> Result<Self, BuildError> {
        if body.len() > MOST_BODY {
            return Err(BuildError::TooLong { argument: "body", limit: MOST_BODY });
        }
        if !body.is_empty() {
            self.bytes.extend_from_slice(format!("\nContent-Length: {}", body.len()).as_bytes());
            self.body = body.to_vec();
        }
        Ok(self)
    }

    fn has_room(&self, argument: &'static str, more: usize) -> Result<(), BuildError> {
        match self.bytes.len() + more < MOST_HEAD {
            true => Ok(()),
            false => Err(BuildError::TooLong { argument, limit: MOST_HEAD }),
        }
    }

    pub(crate) fn finish(self) -> Command {
        let shown = self.bytes.len();
        self.finish_shown(shown)
    }

    /// A command of which only the first `shown` bytes may be logged.
    pub(crate) fn finish_shown(self, shown: usize) -> Command {
        let Self { mut bytes, body } = self;
        if !body.is_empty() {
            bytes.extend_from_slice(b"\n\n");
            bytes.extend_from_slice(&body);
        }
        terminate(&mut bytes);
        Command::from_parts(bytes, shown)
    }
}

/// Ends a command with a blank line unless it ends in one. (After a body the server skips blank lines.)
pub(crate) fn terminate(bytes: &mut Vec<u8>) {
    if !bytes.ends_with(b"\n\n") {
        bytes.extend_from_slice(b"\n\n");
    }
}

pub(crate) fn one_line(argument: &'static str, text: &[u8]) -> Result<(), BuildError> {
    match memchr::memchr3(b'\n', b'\r', 0, text) {
        None => Ok(()),
        Some(_) => Err(BuildError::LineBreak { argument }),
    }
}

/// The bytes of one command that the user wrote: lines, a blank line, and then just the body that its Content-Length
/// gives. The server takes every line end for a CR once it has seen one, so lines that end in CRLF are made to end in LF.
pub(crate) fn raw(text: &[u8]) -> Result<Vec<u8>, BuildError> {
    let lead = text.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let text = &text[lead..];
    if text.is_empty() {
        return Err(BuildError::Empty { argument: "command" });
    }
    let mut bytes = Vec::with_capacity(text.len() + 2);
    let mut at = 0;
    let mut length = 0;
    while let Some(line) = next_line(text, at) {
        at = line.next;
        if is_end(line.text) {
            break;
        }
        let content = line.text.strip_suffix(b"\r").unwrap_or(line.text);
        one_line("command", content)?;
        if !bytes.is_empty() {
            bytes.push(b'\n');
            length += told_length(content)?;
        }
        bytes.extend_from_slice(content);
    }
    if bytes.len() >= MOST_HEAD {
        return Err(BuildError::TooLong { argument: "command", limit: MOST_HEAD });
    }
    let (body, rest) = text[at..].split_at_checked(length).ok_or(BuildError::BodyTooShort)?;
    if !rest.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
        return Err(BuildError::SecondCommand);
    }
    if memchr::memchr(b'\r', &text[..at]).is_none() {
        // Nothing to put right: as the user wrote it.
        bytes = text.to_vec();
    } else {
        bytes.extend_from_slice(b"\n\n");
        bytes.extend_from_slice(body);
    }
    terminate(&mut bytes);
    Ok(bytes)
}

/// How many bytes of body the server reads for a header line: it does so for each `Content-Length`, one after the other.
fn told_length(line: &[u8]) -> Result<usize, BuildError> {
    let mut parts = line.splitn(2, |byte| *byte == b':');
    match (parts.next(), parts.next()) {
        (Some(name), Some(value)) if name.eq_ignore_ascii_case(b"content-length") => {
            let given = usize::try_from(leading_number(value)).ok().filter(|length| *length <= MOST_BODY);
            given.ok_or(BuildError::TooLong { argument: "Content-Length", limit: MOST_BODY })
        }
        _ => Ok(0),
    }
}

/// Most commands fit.
const USUAL: usize = 64;
/// The server takes what it has read for a whole command at 10 MiB of header text; some of it is ours to add.
const MOST_HEAD: usize = (10 << 20) - 64;
/// It hangs up on a longer body.
const MOST_BODY: usize = 16 << 20;

/// The server ends a command at two line feeds with nothing but CRs between.
fn is_end(line: &[u8]) -> bool {
    line.iter().all(|byte| *byte == b'\r')
}
