//! Header lines: where one ends, where its name ends, where its value begins.
//!
//! The rules are here, one line at a time; [`events`] and [`spans`] find the same lines sixty-four bytes at a time, the
//! one for a walk that may stop, the other for callers that take every line.

mod events;
mod spans;

pub use events::EventLines;
pub use spans::{EventEnd, EventSpan, event_spans};

use memchr::{memchr, memmem};

/// Splits one line (without its line feed) into name and raw value.
///
/// The name ends at the first `": "`; a line without one is split at its first `:`, so that names that hold a
/// colon stay whole. Blanks and tabs before the value and one CR at the end are dropped. `None` without a colon.
#[must_use]
pub fn split_line(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, mut value) = split_inner_line(line)?;
    while let [b' ' | b'\t', rest @ ..] = value {
        value = rest;
    }
    Some((name, value))
}

/// As [`split_line`] for a line of an event: there only blanks are dropped before the value, a tab is part of it.
pub(crate) fn split_inner_line(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut colon = memchr(b':', line)?;
    if line.get(colon + 1) != Some(&b' ') {
        colon = memmem::find(line, b": ").unwrap_or(colon);
    }
    Some((&line[..colon], skip_blanks(&line[colon + 1..])))
}

/// What follows the blanks before a value; a tab is part of it.
#[inline]
pub(crate) fn skip_blanks(mut value: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] = value {
        value = rest;
    }
    value
}

/// Whether two names are the same in any letter case. Nearly always they are the same to the byte: that is tried first.
// Inlined by order: as a call it costs the decoder 125 instructions per plain event (2 %).
#[inline(always)]
pub(crate) fn same_name(one: &[u8], other: &[u8]) -> bool {
    one == other || one.eq_ignore_ascii_case(other)
}

/// Whether two names of one length may be the same: `false` is certain, and cheap to find out where many have that length.
#[inline]
pub(crate) fn ends_alike(one: &[u8], other: &[u8]) -> bool {
    match (one.last(), other.last()) {
        (Some(one), Some(other)) => (one ^ other) & !0x20 == 0,
        _ => true,
    }
}

/// The lines of a header block, in order, as (name, raw value). Lines without a colon are passed over.
///
/// Ends at the first empty line or at the end of the text.
#[derive(Debug, Clone)]
pub struct HeaderLines<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> HeaderLines<'a> {
    /// Walks `text` from its start.
    #[must_use]
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// The whole text that is walked.
    #[must_use]
    pub fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The position after what has been walked: once `None` came, after the empty line that ended the block.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }
}

impl<'a> Iterator for HeaderLines<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = next_line(self.text, self.at)?;
            self.at = line.next;
            if is_blank(line.text) {
                return None;
            }
            if let Some(pair) = split_line(line.text) {
                return Some(pair);
            }
        }
    }
}

pub(crate) struct Line<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) next: usize,
}

/// The line that begins at `at`; the last one may lack its line feed.
#[inline]
pub(crate) fn next_line(text: &[u8], at: usize) -> Option<Line<'_>> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    Some(match memchr(b'\n', rest) {
        Some(end) => Line { text: &rest[..end], next: at + end + 1 },
        None => Line { text: rest, next: text.len() },
    })
}

#[inline]
pub(crate) fn is_blank(line: &[u8]) -> bool {
    matches!(line, [] | [b'\r'])
}

/// A number as C's `atol` reads it: blanks, a sign, digits; what follows is ignored, nothing counts as 0.
/// Saturates instead of overflowing.
pub(crate) fn leading_number(text: &[u8]) -> i64 {
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
    let text = &text[blanks..];
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let number = digits
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .fold(0i64, |sum, digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    if negative { -number } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventLines;

    fn pair<'a>(name: &'a str, value: &'a str) -> Option<(&'a [u8], &'a [u8])> {
        Some((name.as_bytes(), value.as_bytes()))
    }

    #[test]
    fn a_line_is_split_at_colon_and_blank_first() {
        assert_eq!(split_line(b"A: b"), pair("A", "b"));
        assert_eq!(split_line(b"variable_nolocal:v_nolocal: x"), pair("variable_nolocal:v_nolocal", "x"));
        assert_eq!(split_line(b"NoSpace:v"), pair("NoSpace", "v"));
        assert_eq!(split_line(b"Tab:\t v\r"), pair("Tab", "v"));
        assert_eq!(split_line(b": v"), pair("", "v"));
        assert_eq!(split_line(b"Empty: "), pair("Empty", ""));
        assert_eq!(split_line(b"garbage"), None);
    }

    #[test]
    fn the_quick_walk_splits_as_the_plain_one() {
        let lines: [&[u8]; 14] = [
            b"A: b",
            b"N:v",
            b"N:: v",
            b"N: a: b",
            b": v",
            b"no colon here",
            b"a:b: c",
            b"N:  v  ",
            b"N:\tv",
            b"N: \tv",
            b"N: v\r",
            b"N: \r",
            b"N:\r",
            b"A-Long-Name-Of-A-Header: and a long value, with: colons",
        ];
        for line in lines {
            for end in [&b""[..], b"\n", b"\nZ: z\n\nbody", b"\r\n\r\nbody"] {
                let text = [line, end].concat();
                let mut walk = EventLines::new(&text);
                let first = next_line(&text, 0).unwrap();
                if let Some(wanted) = split_inner_line(first.text) {
                    assert_eq!(walk.next(), Some(wanted), "{text:?}");
                    assert_eq!(walk.position(), first.next, "{text:?}");
                }
                walk.by_ref().for_each(drop);
                let rest = text.get(walk.position()..).unwrap();
                assert_eq!(rest, if end.ends_with(b"body") { &b"body"[..] } else { b"" }, "{text:?}");
            }
        }
    }

    #[test]
    fn the_walk_stops_after_the_empty_line() {
        let mut lines = HeaderLines::new(b"A: 1\r\nskipped\nB: 2\n\r\nbody");
        assert_eq!(lines.next(), pair("A", "1"));
        assert_eq!(lines.next(), pair("B", "2"));
        assert_eq!(lines.next(), None);
        assert_eq!(lines.position(), 21);
        let mut unfinished = HeaderLines::new(b"A: 1\nB: 2");
        assert_eq!(unfinished.by_ref().count(), 2);
        assert_eq!(unfinished.position(), 9);
    }

    #[test]
    fn numbers_are_read_as_atol_reads_them() {
        for (text, number) in [
            ("12", 12),
            (" 7x", 7),
            ("\t\u{b}\u{c} 8", 8),
            ("-1", -1),
            ("+5", 5),
            ("abc", 0),
            ("", 0),
            ("99999999999999999999", i64::MAX),
        ] {
            assert_eq!(leading_number(text.as_bytes()), number);
        }
    }
}
