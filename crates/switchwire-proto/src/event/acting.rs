//! Whether header lines act on each other when they are added one after the other, as libesl adds them.

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::flat::{Flat, Shape};
use crate::array;
use crate::block::{self, Block};
use crate::line::{next_line, split_inner_line, split_line};

/// What one pass over the lines finds out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) acting: Acting,
    /// A header says that what stands behind the blank line is a body.
    pub(super) has_length: bool,
}

/// What lines do to those before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Acting {
    /// Every line stands for itself: look-ups may work on the bytes.
    None,
    /// Some hold array text, which acts on headers of their own name only.
    Arrays,
    /// `name[i]`, `_body`, an empty value, a second `Event-Name`, array text in `Event-Name` or `Content-Length`.
    Other,
}

impl Facts {
    const OTHER: Self = Self { acting: Acting::Other, has_length: false };

    /// Of the lines up to the first blank one.
    pub(super) fn of(text: &[u8]) -> Self {
        let mut lines = Lines { text, event_names: 0, has_length: false };
        let mut letters = false;
        if let Some(end) = lines.look(0) {
            return end.map_or(Self::OTHER, |_| lines.facts(0, false));
        }
        let mut base = 0;
        // Seen from the last character of a line: its line feed, the next line's first character, and the colons behind
        // the two names that matter.
        let places = [0, 1, 2, 2 + EVENT_NAME.len(), 2 + CONTENT_LENGTH.len()];
        while let Some([lasts, feeds, firsts, tenths, fourteenths]) = Block::several(text, base, places) {
            let empty = lasts.is_at_most(b' ').or(lasts.is(b':'));
            let blank = firsts.is_at_most(b'\r').or(firsts.is(b'_'));
            let event_name = firsts.is_letter(b'e').and(tenths.is(b':'));
            let length = firsts.is_letter(b'c').and(fourteenths.is(b':'));
            let looked_at = feeds.is(b'\n').and(empty.or(blank).or(event_name.or(length)));
            if looked_at.any() {
                let mut marks = looked_at.mask();
                while marks != 0 {
                    let feed = base + 1 + marks.trailing_zeros() as usize;
                    if let Some(end) = lines.look_around(feed) {
                        return end.map_or(Self::OTHER, |end| lines.facts(end, true));
                    }
                    marks &= marks - 1;
                }
            }
            letters |= lasts.is(b'[').or(lasts.is(b'Y')).any();
            base += block::SIZE;
        }
        for feed in memchr_iter(b'\n', text.get(base + 1..).unwrap_or_default()) {
            if let Some(end) = lines.look_around(base + 1 + feed) {
                return end.map_or(Self::OTHER, |end| lines.facts(end, true));
            }
        }
        // The last line lacks its line feed.
        let start = memrchr(b'\n', text).map_or(0, |feed| feed + 1);
        if text.len() > start && has_empty_value(&text[start..]) {
            return Self::OTHER;
        }
        letters |= memchr2(b'[', b'Y', text.get(base..).unwrap_or_default()).is_some();
        lines.facts(text.len(), letters)
    }
}

impl Acting {
    /// Of the members of a JSON object.
    pub(super) fn of_flat(flat: Flat<'_>, shape: Shape) -> Self {
        let acts = shape.odd || flat.holds_arrays() || flat.holds_indexes();
        if acts { Self::Other } else { Self::None }
    }

    /// What single characters of the lines tell.
    fn of_characters(head: &[u8]) -> Self {
        if memchr(b'[', head).is_some() {
            return Self::Other;
        }
        if array::may_stand_in(head) { Self::Arrays } else { Self::None }
    }
}

/// Looks at those lines that may matter.
struct Lines<'a> {
    text: &'a [u8],
    event_names: u32,
    has_length: bool,
}

/// Why looking ends: with the end of the head, or (nothing) with a line that acts on others.
type End = Option<usize>;

impl Lines<'_> {
    /// Looks at the line before a line feed, and at the one behind it.
    fn look_around(&mut self, feed: usize) -> Option<End> {
        let before = &self.text[..feed];
        if matches!(before, [.., b' ' | b'\t' | b':' | b'\r']) {
            let start = memrchr(b'\n', before).map_or(0, |feed| feed + 1);
            if has_empty_value(&before[start..]) {
                // It removes headers of its name that came before it.
                return Some(None);
            }
        }
        self.look(feed + 1)
    }

    /// Looks at the line that begins there.
    fn look(&mut self, start: usize) -> Option<End> {
        let rest = &self.text[start..];
        match rest {
            [b'\n', ..] | [b'\r', b'\n', ..] | [] | [b'\r'] => return Some(Some(start)),
            [b'_', ..] => return Some(None),
            _ if is_named(rest, EVENT_NAME) => {
                self.event_names += 1;
                if self.event_names > 1 || may_be_array(rest, EVENT_NAME) {
                    return Some(None);
                }
            }
            _ if is_named(rest, CONTENT_LENGTH) => {
                self.has_length = true;
                if may_be_array(rest, CONTENT_LENGTH) {
                    return Some(None);
                }
            }
            _ => {}
        }
        None
    }

    fn facts(&self, end: usize, letters: bool) -> Facts {
        let head = &self.text[..end];
        let acting = match letters {
            true => Acting::of_characters(head),
            false if array::may_stand_escaped_in(head) => Acting::Arrays,
            false => Acting::None,
        };
        Facts { acting, has_length: self.has_length }
    }
}

fn has_empty_value(line: &[u8]) -> bool {
    // Whether tabs are part of a value or not: a value of nothing but tabs is rare enough to be added with the rest.
    split_line(line).is_some_and(|(_, value)| value.is_empty())
}

/// Whether the text begins with a line of that name (given in small letters).
fn is_named(text: &[u8], name: &[u8]) -> bool {
    if text.get(name.len()) != Some(&b':') || !text[..name.len()].eq_ignore_ascii_case(name) {
        return false;
    }
    // A name may go on behind a colon that has no blank.
    let line = next_line(text, 0).and_then(|line| split_inner_line(line.text));
    line.is_some_and(|(whole, _)| whole.len() == name.len())
}

/// Whether the value of the line of that name, which the text begins with, holds what array text is made of.
fn may_be_array(text: &[u8], name: &[u8]) -> bool {
    next_line(text, name.len() + 1).is_some_and(|line| memchr2(b'%', b':', line.text).is_some())
}

const EVENT_NAME: &[u8] = b"event-name";
const CONTENT_LENGTH: &[u8] = b"content-length";
