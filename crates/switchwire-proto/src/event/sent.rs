//! Reading a received event as the server sent it: every header line stands for itself.
//!
//! Nothing is kept of what was found: a look-up walks the lines up to the one it wants, which for the headers that
//! programs ask for is cheaper than an index of them all.

use std::sync::LazyLock;

use memchr::{memchr, memmem};

use super::wire::Wire;
use crate::arena::Arena;
use crate::array;
use crate::line::{is_blank, next_line, split_inner_line};
use crate::{EventType, percent};

/// The event's text: header lines, and behind a blank line perhaps a body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent<'a> {
    text: &'a [u8],
}

impl<'a> Sent<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text }
    }

    /// The raw value of the first header of that name.
    pub(super) fn find(self, name: &[u8]) -> Option<&'a [u8]> {
        let first = name.first().map(u8::to_ascii_lowercase);
        let mut rest = self.text;
        loop {
            // The byte behind the name and its first one rule nearly all other lines out.
            if rest.get(name.len()) == Some(&b':')
                && rest.first().map(u8::to_ascii_lowercase) == first.or(Some(b':'))
                && rest[..name.len()].eq_ignore_ascii_case(name)
            {
                let line = next_line(rest, 0)?;
                if let Some((whole, value)) = split_inner_line(line.text)
                    && whole.len() == name.len()
                {
                    return Some(value);
                }
            }
            if matches!(rest, [] | [b'\n', ..] | [b'\r', b'\n', ..]) {
                return None;
            }
            rest = &rest[line_feed(rest)? + 1..];
        }
    }

    pub(super) fn event_type(self) -> EventType {
        let name = self.find(b"Event-Name").map(percent::decode);
        name.and_then(EventType::from_name).unwrap_or(EventType::Custom)
    }

    /// What stands behind the blank line, if anything does and a header says that it is a body.
    pub(super) fn body(self) -> Option<&'a [u8]> {
        let from = self.head_end()?;
        let body = self.text.get(from..).filter(|body| !body.is_empty())?;
        self.find(b"Content-Length").filter(|length| !length.is_empty()).map(|_| body)
    }

    /// The position behind the blank line.
    fn head_end(self) -> Option<usize> {
        if matches!(self.text, [b'\n', ..] | [b'\r', b'\n', ..]) {
            return next_line(self.text, 0).map(|line| line.next);
        }
        let end = BLANK.find(self.text).map(|at| at + 2);
        let before = &self.text[..end.unwrap_or(self.text.len())];
        match memchr(b'\r', before) {
            None => end,
            Some(_) => CRLF_BLANK.find(before).map(|at| at + 3).or(end),
        }
    }

    /// Whether a header holds array text: then the headers are read from an arena.
    pub(super) fn holds_arrays(self) -> bool {
        ARRAY_WORD.find(self.text).is_some()
    }

    /// The header line at `at` or behind it, and the position behind that.
    pub(super) fn header_from(self, mut at: usize) -> Option<(&'a [u8], &'a [u8], usize)> {
        loop {
            let line = next_line(self.text, at)?;
            if is_blank(line.text) {
                return None;
            }
            at = line.next;
            // A line without a colon is no header.
            if let Some((name, value)) = split_inner_line(line.text) {
                return Some((name, value, at));
            }
        }
    }

    pub(super) fn to_arena(self) -> Arena {
        let mut arena = Arena::with_capacity(self.text.len() + 32, self.text.len() / 32 + 4);
        let mut at = 0;
        while let Some((name, value, next)) = self.header_from(at) {
            arena.append_sent(name, &Wire::decoded(value));
            at = next;
        }
        arena.event_type.get_or_insert(EventType::Custom);
        if let Some(body) = self.body() {
            arena.set_body(body);
        }
        arena
    }
}

/// Finds the next line feed. Lines are short: eight bytes at a time beat a call to a search made for long texts.
#[inline]
fn line_feed(text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let mut at = 0;
    while let Some(bytes) = text[at..].first_chunk::<8>() {
        // A byte that is zero after the exclusive or was a line feed; the lowest one found is exact.
        let other = u64::from_le_bytes(*bytes) ^ (ONES * b'\n' as u64);
        let found = other.wrapping_sub(ONES) & !other & (ONES << 7);
        if found != 0 {
            return Some(at + (found.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    text[at..].iter().position(|byte| *byte == b'\n').map(|found| at + found)
}

static BLANK: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"\n\n"));
static CRLF_BLANK: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"\n\r\n"));
static ARRAY_WORD: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new(array::ARRAY_PREFIX_WORD));
