//! The lines of a plain event, found sixty-four bytes at a time.

use crate::lines::{is_blank, next_line, skip_blanks, split_inner_line};
use fearless_simd::Simd;

use crate::simd::{self, Block, Mask, common};

/// The header lines of a plain event (the payload of a `text/event-plain`), in order, as (name, raw value).
///
/// As [`HeaderLines`](crate::HeaderLines), but a tab before a value is part of it, as in libesl. Ends at the first empty
/// line or at the end of the text.
#[derive(Debug, Clone)]
pub struct EventLines<'a> {
    text: &'a [u8],
    at: usize,
    /// Where the block begins that the marks are of.
    base: usize,
    /// Colons that a blank follows.
    colons: Mask,
    feeds: Mask,
}

impl<'a> EventLines<'a> {
    /// Walks `text` from its start.
    #[must_use]
    pub fn new(text: &'a [u8]) -> Self {
        let mut lines = Self { text, at: 0, base: 0, colons: 0, feeds: 0 };
        lines.mark();
        lines
    }

    /// The position after what has been walked: once `None` came, after the empty line that ended the block.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }

    #[inline]
    fn mark(&mut self) {
        common!(simd => match Block::several(simd, self.text, self.base, [0, 1]) {
            Some(blocks) => self.mark_in(blocks),
            None => self.mark_last(),
        });
    }

    #[inline(always)]
    fn mark_in<S: Simd>(&mut self, [these, next]: [Block<S>; 2]) {
        self.colons = these.is(b':').and(next.is(b' ')).mask();
        self.feeds = these.is(b'\n').mask();
    }

    #[cold]
    #[inline(never)]
    fn mark_last(&mut self) {
        let rest = self.text.get(self.base..).unwrap_or_default();
        let mut filled = [0; simd::SIZE + 1];
        filled[..rest.len()].copy_from_slice(rest);
        common!(simd => {
            if let Some(blocks) = Block::several(simd, &filled, 0, [0, 1]) {
                self.mark_in(blocks);
            }
        });
    }

    /// The first marked place from `from` on, which is in the present block or after it.
    #[inline]
    fn next_mark(&mut self, from: usize, of: impl Fn(&Self) -> Mask) -> Option<usize> {
        let mut from = from;
        loop {
            if let Some(mask) = Mask::MAX.checked_shl(u32::try_from(from - self.base).unwrap_or(u32::MAX)) {
                let marks = of(self) & mask;
                if marks != 0 {
                    return Some(self.base + marks.trailing_zeros() as usize);
                }
            }
            self.base += simd::SIZE;
            if self.base >= self.text.len() {
                // Nothing is left to be found.
                self.base -= simd::SIZE;
                return None;
            }
            from = from.max(self.base);
            self.mark();
        }
    }
}

impl<'a> Iterator for EventLines<'a> {
    type Item = (&'a [u8], &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            // Nearly every line: its name ends at the first colon that has its blank.
            let first = self.next_mark(self.at, |lines| lines.colons | lines.feeds);
            if let Some(colon) = first.filter(|at| self.text[*at] == b':') {
                let name = &self.text[self.at..colon];
                let end = self.next_mark(colon, |lines| lines.feeds).unwrap_or(self.text.len());
                let value = &self.text[colon + 2..end];
                let value = value.strip_suffix(b"\r").unwrap_or(value);
                self.at = (end + 1).min(self.text.len());
                return Some((name, skip_blanks(value)));
            }
            let line = next_line(self.text, self.at)?;
            self.at = line.next;
            if is_blank(line.text) {
                return None;
            }
            if let Some(pair) = split_inner_line(line.text) {
                return Some(pair);
            }
        }
    }
}
