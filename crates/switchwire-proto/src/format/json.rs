//! The JSON form: one object with a member per header, arrays as lists, `Content-Length` and `_body` last.
//!
//! Reading is `serde_json`'s. Writing is our own, since events have values that are not UTF-8, and names more than once.

use super::Rules;
use super::json_reader::read;
pub use super::json_writer::Layout;
use super::json_writer::Writer;
use crate::{Event, ParseError};

/// Writes the event. Bytes that are not UTF-8 are written as they are, so the result may not be valid JSON text then
/// (FreeSWITCH and libesl do the same); [`Event::to_json`] replaces them.
#[must_use]
pub fn write(event: &Event, layout: Layout) -> Vec<u8> {
    // What is held has the names and values once; quotes, commas and colons come to it.
    let mut writer = Writer::with_room(layout, event.held_bytes() * 3 / 2);
    let mut decoded = Vec::new();
    for header in event.headers() {
        match header.elements() {
            Some(elements) => writer.list(header.name_bytes(), elements),
            None => writer.text(header.name_bytes(), header.value_in(&mut decoded)),
        }
    }
    writer.finish(event.body())
}

/// Reads an event. Strings become headers and lists of strings array headers; `_body` is the body; other values are
/// passed over, as libesl does. Text that is not UTF-8 is taken as bytes. A byte order mark before the object and what
/// follows it are ignored.
///
/// # Errors
/// [`ParseError`] when the text is not a JSON object.
pub fn parse(text: &[u8], rules: Rules) -> Result<Event, ParseError> {
    read(text, rules).map(Event::from_arena)
}

impl Event {
    /// The JSON form on one line; bytes that are not UTF-8 come as U+FFFD.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = write(self, Layout::Compact);
        String::from_utf8(text).unwrap_or_else(|bytes| String::from_utf8_lossy(bytes.as_bytes()).into_owned())
    }

    /// Reads the JSON form by libesl's rules; see [`parse`].
    ///
    /// # Errors
    /// As [`parse`].
    pub fn from_json(text: impl AsRef<[u8]>) -> Result<Self, ParseError> {
        parse(text.as_ref(), Rules::Classic)
    }
}
