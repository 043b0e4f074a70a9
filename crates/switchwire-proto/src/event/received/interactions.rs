//! Whether headers interact when they are added in order, as libesl adds them: then a look-up cannot read the bytes, and
//! the headers are added to an arena first.
//!
//! The rule for one header is [`adding::stands_alone`](crate::adding::stands_alone). This is the cautious form for all
//! lines at once: [`Interaction::None`] is certain, and costs one pass over the bytes.

use fearless_simd::Simd;
use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::json::{FlatJson, Shape};
use crate::array;
use crate::lines::{next_line, split_inner_line, split_line};
use crate::simd::{self, Block, widest};

/// What one pass over the headers finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HeadSummary {
    pub(super) interaction: Interaction,
    /// There is a `Content-Length`: a body follows the blank line.
    pub(super) has_length: bool,
}

/// How a header affects earlier ones when added in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interaction {
    /// Not at all: look-ups may read the bytes.
    None,
    /// Some values hold array text, which affects headers of the same name only.
    ArrayText,
    /// `name[i]`, `_body`, an empty value, a second `Event-Name`, array text in `Event-Name` or `Content-Length`.
    Other,
}

impl HeadSummary {
    const OTHER: Self = Self { interaction: Interaction::Other, has_length: false };

    /// Of the members of a flat JSON payload.
    pub(super) fn of_json(json: FlatJson<'_>, shape: Shape) -> Self {
        let interacting = shape.interacting || json.may_hold_arrays() || json.may_hold_indexes();
        let interaction = if interacting { Interaction::Other } else { Interaction::None };
        Self { interaction, has_length: shape.body.is_some() }
    }

    /// Of the lines up to the first blank one.
    pub(super) fn of_lines(text: &[u8]) -> Self {
        widest!(simd => Self::in_blocks(simd, text))
    }

    #[inline(always)]
    fn in_blocks<S: Simd>(simd: S, text: &[u8]) -> Self {
        let mut lines = Examiner { text, event_names: 0, has_length: false };
        let mut letters = false;
        if let Some(end) = lines.line_at(0) {
            return end.map_or(Self::OTHER, |_| lines.summary(0, false));
        }
        let mut base = 0;
        // For each byte of a block: is it the last of a line whose line feed is next, and what are the bytes after that?
        let places = [
            0,                        // the last byte of a line
            1,                        // its line feed
            2,                        // the first byte of the next line
            2 + EVENT_NAME.len(),     // the colon after `Event-Name`
            2 + CONTENT_LENGTH.len(), // the colon after `Content-Length`
        ];
        while let Some(bytes) = Block::several(simd, text, base, places) {
            let [prev, feed, first, colon_after_event_name, colon_after_content_length] = bytes;
            let empty = prev.is_at_most(b' ').or(prev.is(b':'));
            let blank = first.is_at_most(b'\r').or(first.is(b'_'));
            let event_name = first.is_letter(b'e').and(colon_after_event_name.is(b':'));
            let length = first.is_letter(b'c').and(colon_after_content_length.is(b':'));
            let looked_at = feed.is(b'\n').and(empty.or(blank).or(event_name.or(length)));
            if looked_at.any() {
                let mut marks = looked_at.mask();
                while marks != 0 {
                    let feed = base + 1 + marks.trailing_zeros() as usize;
                    if let Some(end) = lines.around(feed) {
                        return end.map_or(Self::OTHER, |end| lines.summary(end, true));
                    }
                    marks &= marks - 1;
                }
            }
            letters |= prev.is(b'[').or(prev.is(b'Y')).any();
            base += simd::SIZE;
        }
        for feed in memchr_iter(b'\n', text.get(base + 1..).unwrap_or_default()) {
            if let Some(end) = lines.around(base + 1 + feed) {
                return end.map_or(Self::OTHER, |end| lines.summary(end, true));
            }
        }
        // The last line lacks its line feed.
        let start = memrchr(b'\n', text).map_or(0, |feed| feed + 1);
        if text.len() > start && has_empty_value(&text[start..]) {
            return Self::OTHER;
        }
        letters |= memchr2(b'[', b'Y', text.get(base..).unwrap_or_default()).is_some();
        lines.summary(text.len(), letters)
    }
}

/// Examines those lines that may matter.
struct Examiner<'a> {
    text: &'a [u8],
    event_names: u32,
    has_length: bool,
}

/// Why the pass ends: at the end of the head, or (`None`) at a line that affects others.
type End = Option<usize>;

impl Examiner<'_> {
    /// Examines the line before a line feed, and the one after it.
    fn around(&mut self, feed: usize) -> Option<End> {
        let before = &self.text[..feed];
        if matches!(before, [.., b' ' | b'\t' | b':' | b'\r']) {
            let start = memrchr(b'\n', before).map_or(0, |feed| feed + 1);
            if has_empty_value(&before[start..]) {
                // It removes earlier headers of its name.
                return Some(None);
            }
        }
        self.line_at(feed + 1)
    }

    /// Examines the line that begins there.
    fn line_at(&mut self, start: usize) -> Option<End> {
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

    fn summary(&self, end: usize, letters: bool) -> HeadSummary {
        let head = &self.text[..end];
        let interaction = match letters {
            true if memchr(b'[', head).is_some() => Interaction::Other,
            true if array::may_be_in(head) => Interaction::ArrayText,
            false if array::may_be_escaped_in(head) => Interaction::ArrayText,
            _ => Interaction::None,
        };
        HeadSummary { interaction, has_length: self.has_length }
    }
}

fn has_empty_value(line: &[u8]) -> bool {
    // Whether tabs are part of a value or not: a value of nothing but tabs is rare enough to be added with the rest.
    split_line(line).is_some_and(|(_, value)| value.is_empty())
}

/// Whether the text begins with a line of that name (given in lower case).
fn is_named(text: &[u8], name: &[u8]) -> bool {
    if text.get(name.len()) != Some(&b':') || !text[..name.len()].eq_ignore_ascii_case(name) {
        return false;
    }
    // A name may go on after a colon that no blank follows.
    let line = next_line(text, 0).and_then(|line| split_inner_line(line.text));
    line.is_some_and(|(whole, _)| whole.len() == name.len())
}

/// Whether the value of the line of that name, which the text begins with, could be array text.
fn may_be_array(text: &[u8], name: &[u8]) -> bool {
    next_line(text, name.len() + 1).is_some_and(|line| memchr2(b'%', b':', line.text).is_some())
}

const EVENT_NAME: &[u8] = b"event-name";
const CONTENT_LENGTH: &[u8] = b"content-length";
