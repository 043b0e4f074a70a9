use std::fmt;

/// Why a byte stream could not be decoded further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// A header block went on for more than [`Limits::header_block`](crate::Limits::header_block) bytes.
    HeaderBlockTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A `Content-Length` was above [`Limits::body`](crate::Limits::body).
    BodyTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A `Content-Length` was negative.
    NegativeContentLength,
    /// The stream ended inside a message.
    Truncated {
        /// How many bytes of the unfinished message had arrived.
        received: usize,
    },
}

/// A broken byte stream: what is wrong, and where.
///
/// The stream cannot be used any further: there is no way to find the next message after a broken one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DecodeError {
    /// What is wrong.
    pub kind: DecodeErrorKind,
    /// The position in the stream (bytes since its start) of the message that could not be decoded.
    pub offset: u64,
}

impl DecodeError {
    /// Whether a configured limit was hit (as against a broken stream).
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(self.kind, DecodeErrorKind::HeaderBlockTooLong { .. } | DecodeErrorKind::BodyTooLong { .. })
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            DecodeErrorKind::HeaderBlockTooLong { limit } => {
                write!(f, "a header block is longer than the limit of {limit} bytes")?;
            }
            DecodeErrorKind::BodyTooLong { limit } => {
                write!(f, "a Content-Length is above the limit of {limit} bytes")?;
            }
            DecodeErrorKind::NegativeContentLength => f.write_str("a Content-Length is negative")?,
            DecodeErrorKind::Truncated { received } => {
                write!(f, "the stream ended inside a message, after {received} bytes of it")?;
            }
        }
        write!(f, " (message at offset {})", self.offset)
    }
}

impl std::error::Error for DecodeError {}

/// A text that is not an event in the format it was said to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    what: &'static str,
    detail: String,
}

impl ParseError {
    pub(crate) fn new(what: &'static str, detail: impl Into<String>) -> Self {
        Self { what, detail: detail.into() }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an event in {}: {}", self.what, self.detail)
    }
}

impl std::error::Error for ParseError {}
