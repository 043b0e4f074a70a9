//! Header lines, read in place: those of a plain event, or of a message's head.
//!
//! There is no index: a look-up walks the lines up to the one it wants. For the headers that programs read that is cheaper
//! than finding all lines first (`cargo bench -p switchwire-proto --bench receive_path` reads three per event).

use fearless_simd::Simd;
use memchr::memchr_iter;

use crate::array;
use crate::event::ExactNames;
use crate::lines::{ends_alike, next_line, same_name, skip_blanks, split_inner_line};
use crate::simd::{self, Block, widest};
use crate::{EventLines, EventType, percent};

/// Header lines, and after a blank line perhaps a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlainLines<'a> {
    text: &'a [u8],
    /// The lines of a message's head: tabs before a value are dropped (in an event they are part of it), and a first
    /// header says `SOCKET_DATA`.
    head: bool,
}

impl<'a> PlainLines<'a> {
    pub(super) fn new(text: &'a [u8], head: bool) -> Self {
        Self { text, head }
    }

    /// `Event-Name: SOCKET_DATA`, which the message does not have but libesl's event of it begins with.
    pub(super) fn synthetic(self) -> Option<(&'static [u8], &'static [u8])> {
        self.head.then(|| (&b"Event-Name"[..], EventType::SocketData.name().as_bytes()))
    }

    /// The raw value of the first header of that name, in any letter case.
    #[inline]
    pub(super) fn find(self, name: &[u8]) -> Option<&'a [u8]> {
        match self.synthetic() {
            Some((own, value)) if own.eq_ignore_ascii_case(name) => Some(value),
            _ => self.find_from(0, name).map(|(_, value)| value),
        }
    }

    /// The raw value of the last line of just that name, letter case included.
    pub(crate) fn find_last(self, name: &[u8]) -> Option<&'a [u8]> {
        let mut last = self.synthetic().filter(|(own, _)| *own == name).map(|(_, value)| value);
        let mut at = 0;
        while let Some((found, value)) = self.find_from(at, name) {
            if self.text[found..].starts_with(name) {
                last = Some(value);
            }
            match next_line(self.text, found) {
                Some(line) => at = line.next,
                None => break,
            }
        }
        last
    }

    /// The raw values of the lines of those names, in order.
    pub(crate) fn each_named(self, names: &ExactNames, mut each: impl FnMut(usize, &'a [u8])) {
        let mut line = |start: usize| {
            let here = &self.text[start..];
            names.beginning(here, b":", |at, name| {
                if let Some(value) = self.value_if_named(here, name) {
                    each(at, value);
                }
            });
            !starts_blank(here)
        };
        if line(0) {
            memchr_iter(b'\n', self.text).all(|end| line(end + 1));
        }
    }

    /// Whether a line of that name has such a raw value.
    pub(super) fn any_named(self, name: &[u8], is: impl Fn(&[u8]) -> bool) -> bool {
        let mut at = 0;
        while let Some((found, value)) = self.find_from(at, name) {
            if is(value) {
                return true;
            }
            match next_line(self.text, found) {
                Some(line) => at = line.next,
                None => break,
            }
        }
        false
    }

    /// From the line that begins at `start`: where the first one of that name begins, and its raw value.
    fn find_from(self, start: usize, name: &[u8]) -> Option<(usize, &'a [u8])> {
        let here = self.text.get(start..)?;
        if starts_blank(here) {
            return None;
        }
        if let Some(value) = self.value_if_named(here, name) {
            return Some((start, value));
        }
        widest!(simd => self.find_after(simd, start, name))
    }

    /// From the first line that begins after `start`.
    #[inline(always)]
    fn find_after<S: Simd>(self, simd: S, start: usize, name: &[u8]) -> Option<(usize, &'a [u8])> {
        let text = self.text;
        let at_line = |end: usize| -> Option<Option<(usize, &'a [u8])>> {
            let line = text.get(end + 1..).unwrap_or_default();
            if starts_blank(line) {
                return Some(None);
            }
            self.value_if_named(line, name).map(|value| Some((end + 1, value)))
        };
        let mut at = start;
        while let Some([feeds, firsts, colons]) = Block::several(simd, text, at, [0, 1, 1 + name.len()]) {
            // Names of that length (few have it, so the letter is not compared here); line feed and carriage return, and what
            // is below them, may make a blank line.
            let found = feeds.is(b'\n').and(colons.is(b':').or(firsts.is_at_most(b'\r')));
            let mut found = if found.any() { found.mask() } else { 0 };
            while found != 0 {
                if let Some(outcome) = at_line(at + found.trailing_zeros() as usize) {
                    return outcome;
                }
                found &= found - 1;
            }
            at += simd::SIZE;
        }
        memchr_iter(b'\n', text.get(at..)?).find_map(|end| at_line(at + end)).flatten()
    }

    pub(crate) fn event_type(self) -> EventType {
        if self.head {
            return EventType::SocketData;
        }
        let name = self.find(b"Event-Name").map(percent::decode);
        name.and_then(EventType::from_name).unwrap_or(EventType::Custom)
    }

    /// Whether a `Content-Length` says that a body follows the blank line.
    pub(super) fn has_length(self) -> bool {
        self.find(b"Content-Length").is_some_and(|length| !length.is_empty())
    }

    /// What follows the blank line.
    pub(super) fn after_blank(self) -> &'a [u8] {
        self.head_end().and_then(|end| self.text.get(end..)).unwrap_or_default()
    }

    /// The position after the blank line.
    fn head_end(self) -> Option<usize> {
        if starts_blank(self.text) {
            return next_line(self.text, 0).map(|line| line.next);
        }
        widest!(simd => self.after_first_blank(simd))
    }

    /// The position after the first blank line that is not the first line.
    #[inline(always)]
    fn after_first_blank<S: Simd>(self, simd: S) -> Option<usize> {
        let text = self.text;
        // A line feed, and after it a blank line, or what begins like one.
        let ended = |feed: usize| match text.get(feed + 1..)? {
            [b'\n', ..] => Some(feed + 2),
            [b'\r', b'\n', ..] => Some(feed + 3),
            _ => None,
        };
        let mut at = 0;
        while let Some([feeds, next]) = Block::several(simd, text, at, [0, 1]) {
            let found = feeds.is(b'\n').and(next.is_at_most(b'\r'));
            if found.any() {
                let mut found = found.mask();
                while found != 0 {
                    let end = ended(at + found.trailing_zeros() as usize);
                    if end.is_some() {
                        return end;
                    }
                    found &= found - 1;
                }
            }
            at += simd::SIZE;
        }
        memchr_iter(b'\n', text.get(at..)?).find_map(|feed| ended(at + feed))
    }

    /// Whether a header may hold array text: `false` is certain.
    pub(super) fn may_hold_arrays(self) -> bool {
        array::may_be_in(self.text)
    }

    /// Every header, in order.
    pub(crate) fn walk(self) -> Walk<'a> {
        Walk { lines: EventLines::new(self.text), head: self.head, synthetic: self.synthetic() }
    }

    /// The raw value when the text begins with a line of that name.
    fn value_if_named(self, text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
        value_if_named(text, name).map(|value| trimmed(value, self.head))
    }
}

/// The value of a line of an event, or of a message's head: there tabs before it are dropped too.
#[inline]
fn trimmed(mut value: &[u8], head: bool) -> &[u8] {
    if head {
        while let [b' ' | b'\t', rest @ ..] = value {
            value = rest;
        }
    }
    value
}

/// An iterator over name and raw value.
#[derive(Debug, Clone)]
pub(crate) struct Walk<'a> {
    lines: EventLines<'a>,
    head: bool,
    synthetic: Option<(&'static [u8], &'static [u8])>,
}

impl<'a> Iterator for Walk<'a> {
    type Item = (&'a [u8], &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some(first) = self.synthetic.take() {
            return Some(first);
        }
        self.lines.next().map(|(name, value)| (name, trimmed(value, self.head)))
    }
}

/// Whether what is left is a blank line, or nothing.
fn starts_blank(text: &[u8]) -> bool {
    matches!(text, [] | [b'\n', ..] | [b'\r', b'\n', ..])
}

/// The raw value when the text begins with a line of that name.
fn value_if_named<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    // The byte after the name rules out nearly all other lines, its last letter those of names of the same length.
    if text.get(name.len()) != Some(&b':') || !ends_alike(&text[..name.len()], name) {
        return None;
    }
    if !same_name(&text[..name.len()], name) {
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
