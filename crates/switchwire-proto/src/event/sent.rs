//! Reading a received event as the server sent it: every header line stands for itself.
//!
//! Nothing is kept of what was found: a look-up walks the lines up to the one it wants, which for the headers that
//! programs ask for is cheaper than an index of them all.

use std::sync::LazyLock;

use memchr::{memchr, memchr_iter, memmem};

use super::wire::Wire;
use crate::arena::Arena;
use crate::array;
use crate::line::{is_blank, next_line, same_name, skip_blanks, split_inner_line};
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

    /// The raw value of the first header of that name, in any letter case.
    pub(super) fn find(self, name: &[u8]) -> Option<&'a [u8]> {
        let text = self.text;
        if starts_blank(text) {
            return None;
        }
        if let Some(value) = value_if_named(text, name) {
            return Some(value);
        }
        let wanted = Wanted::new(name);
        let mut at = 0;
        loop {
            let block = text.get(at..)?;
            if wanted.may_begin_in::<BLOCK>(block) {
                for part in (0..BLOCK).step_by(PART).map_while(|part| block.get(part..)) {
                    if !wanted.may_begin_in::<PART>(part) {
                        continue;
                    }
                    for end in memchr_iter(b'\n', &part[..part.len().min(PART)]) {
                        let line = &part[end + 1..];
                        if starts_blank(line) {
                            return None;
                        }
                        if let Some(value) = value_if_named(line, name) {
                            return Some(value);
                        }
                    }
                }
            }
            at += BLOCK;
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
        if starts_blank(self.text) {
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

/// Whether what is left is a blank line, or nothing.
fn starts_blank(text: &[u8]) -> bool {
    matches!(text, [] | [b'\n', ..] | [b'\r', b'\n', ..])
}

/// The raw value when the text begins with a line of that name.
fn value_if_named<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    // The byte behind the name rules nearly all other lines out.
    if text.get(name.len()) != Some(&b':') || !same_name(&text[..name.len()], name) {
        return None;
    }
    let line = next_line(text, 0)?.text;
    if line.get(name.len() + 1) == Some(&b' ') && !name.contains(&b':') {
        // The name ends where the first colon with a blank is: the line needs no splitting.
        let value = &line[name.len() + 1..];
        let value = value.strip_suffix(b"\r").unwrap_or(value);
        return Some(skip_blanks(value));
    }
    split_inner_line(line).filter(|(whole, _)| whole.len() == name.len()).map(|(_, value)| value)
}

/// What tells a line of a name from others at a glance: its first letter, and where the colon is.
struct Wanted {
    first: u8,
    length: usize,
}

impl Wanted {
    fn new(name: &[u8]) -> Self {
        // A name without letters begins with the colon behind it.
        Self { first: name.first().unwrap_or(&b':') | CASE, length: name.len() }
    }

    /// Whether behind one of the block's line feeds such a line, or a blank one, may begin. Branchless and of a fixed
    /// size, so that the compiler compares many bytes at once.
    fn may_begin_in<const SIZE: usize>(&self, block: &[u8]) -> bool {
        let parts = (
            block.first_chunk::<SIZE>(),
            block.get(1..).and_then(|block| block.first_chunk::<SIZE>()),
            block.get(1 + self.length..).and_then(|block| block.first_chunk::<SIZE>()),
        );
        let (Some(feeds), Some(firsts), Some(colons)) = parts else {
            return true;
        };
        let mut found = 0;
        for at in 0..SIZE {
            let named = u8::from(firsts[at] | CASE == self.first) & u8::from(colons[at] == b':');
            // Line feed and carriage return, and what is below them, in one comparison.
            let blank = u8::from(firsts[at] <= b'\r');
            found |= u8::from(feeds[at] == b'\n') & (named | blank);
        }
        found != 0
    }
}

const BLOCK: usize = 128;
const PART: usize = 32;
/// The bit that tells the letter cases apart.
const CASE: u8 = 0x20;

static BLANK: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"\n\n"));
static CRLF_BLANK: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"\n\r\n"));
static ARRAY_WORD: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new(array::ARRAY_PREFIX_WORD));
