//! The plain form: `Name: value` lines, then `Content-Length` and the body where there is one.

use std::sync::Arc;

use super::Rules;
use crate::percent::{self, Escape};
use crate::{Event, ParseError};

/// Writes the event: its headers in order, `Content-Length` and the body last when the body is not empty, else one
/// blank line. An empty value is written as `_undef_`, as FreeSWITCH does.
#[must_use]
pub fn write(event: &Event, escape: Escape) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    for header in event.headers() {
        write_header(header.name_bytes(), &header.value_bytes(), escape, &mut out);
    }
    write_body(event.body(), &mut out);
    out
}

pub(crate) fn write_header(name: &[u8], value: &[u8], escape: Escape, out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    if value.is_empty() {
        out.extend_from_slice(b"_undef_");
    } else {
        percent::encode_into(value, escape, out);
    }
    out.push(b'\n');
}

pub(crate) fn write_body(body: Option<&[u8]>, out: &mut Vec<u8>) {
    if let Some(body) = body.filter(|body| !body.is_empty()) {
        out.extend_from_slice(format!("Content-Length: {}\n\n", body.len()).as_bytes());
        out.extend_from_slice(body);
    } else {
        out.push(b'\n');
    }
}

/// Reads the plain form. Any text is a plain event: lines without a colon are passed over.
///
/// # Errors
/// [`ParseError`] when the text is 4 GiB or longer.
pub fn parse(text: &[u8]) -> Result<Event, ParseError> {
    let end = u32::try_from(text.len()).map_err(|_| ParseError::new("plain", "longer than 4 GiB"))?;
    Ok(Event::from_plain_bytes(Arc::from(text), 0, end, Rules::Classic))
}

impl Event {
    /// The plain form; see [`write()`].
    #[must_use]
    pub fn to_plain(&self, escape: Escape) -> Vec<u8> {
        write(self, escape)
    }

    /// Reads the plain form; see [`parse`].
    ///
    /// # Errors
    /// As [`parse`].
    pub fn from_plain(text: impl AsRef<[u8]>) -> Result<Self, ParseError> {
        parse(text.as_ref())
    }
}

/// The event as the classic `serialize()` shows it: percent-encoded plain text (not UTF-8 bytes as U+FFFD).
impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&write(self, Escape::Full)))
    }
}
