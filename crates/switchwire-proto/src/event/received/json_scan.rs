//! Whether a text is a JSON object of strings and nothing else, sixty-four bytes at a time.
//!
//! With every quote that opens or closes a string marked, running parity tells inside from outside. Outside, such an object
//! has single colons and commas in turn, each between a closing quote and an opening one; their running parity tells names
//! from values.

use memchr::memchr;

use super::json_escapes::is_simple_escape;
use crate::simd::{self, Block, Mask};

/// What the pass found, besides that the text is such an object.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    /// Where the name `_body` begins, with its quote.
    pub(super) body: Option<usize>,
    /// How many members are named `Event-Name`.
    pub(super) event_names: u32,
    pub(super) empty_values: bool,
}

/// Looks at every byte once. `None` when the text is anything else, or needs the JSON reader.
#[inline]
pub(super) fn scan(text: &[u8]) -> Option<Scan> {
    let [b'{', members @ .., b'}'] = text else { return None };
    if members.is_empty() {
        return Some(Scan::default());
    }
    if members.first() != Some(&b'"') {
        return None;
    }
    let mut scanner = Scanner { text, found: Scan::default(), carry: Carry::default() };
    scanner.name(1)?;
    // The JSON reader refuses control characters. Most texts have no escapes either, which is cheap to find out.
    if text.iter().fold(u8::MAX, |lowest, byte| lowest.min(*byte)) < b' ' {
        return None;
    }
    let escapes = memchr(b'\\', text).is_some();
    for base in (0..members.len()).step_by(simd::SIZE) {
        let (block, valid) = match Block::at(members, base) {
            Some(block) => (block, Mask::MAX),
            None => last_block(&members[base..])?,
        };
        scanner.block(base, block, valid, escapes)?;
    }
    // It ends with the closing quote of a value.
    (scanner.carry.closed && scanner.carry.after_colon != 0).then_some(scanner.found)
}

/// What is left of a text at its end, filled up, and which of its bytes count.
#[cold]
fn last_block(rest: &[u8]) -> Option<(Block, Mask)> {
    let mut filled = [b' '; simd::SIZE];
    filled[..rest.len()].copy_from_slice(rest);
    Some((Block::at(&filled, 0)?, Mask::MAX >> (simd::SIZE - rest.len())))
}

struct Scanner<'a> {
    text: &'a [u8],
    found: Scan,
    carry: Carry,
}

/// What one block hands on to the next: masks are none or all.
#[derive(Default)]
struct Carry {
    inside: Mask,
    after_colon: Mask,
    /// The last byte was a quote that opened a string, one that closed one, or stood outside.
    opened: bool,
    closed: bool,
    outside: bool,
    /// The last byte was a backslash that escapes the next.
    escapes: bool,
}

impl Scanner<'_> {
    /// `base` counts from after the opening bracket; bytes that are not `valid` are no part of the text.
    #[inline]
    fn block(&mut self, base: usize, block: Block, valid: Mask, look_for_escapes: bool) -> Option<()> {
        let carry = &self.carry;
        let mut quotes = block.is(b'"').mask();
        let mut escaping = 0;
        let mut escapes = false;
        if look_for_escapes {
            let backslashes = block.is(b'\\').mask();
            if backslashes != 0 || carry.escapes {
                let escaped;
                (escaping, escaped, escapes) = self.escapes(base, backslashes)?;
                quotes &= !escaped;
            }
        }
        // From each opening quote up to before the closing one.
        let inside = parity(quotes) ^ carry.inside;
        let (opening, closing) = (quotes & inside, quotes & !inside);
        let outside = !inside & !quotes & valid;
        let after_colon = parity(outside) ^ carry.after_colon;
        let colons = block.is(b':').mask();
        let shifted = |mask: Mask, carry: bool| mask << 1 | Mask::from(carry);
        let touching = shifted(closing, carry.closed) & opening;
        let doubled = shifted(outside, carry.outside) & outside;
        let empty = shifted(opening, carry.opened) & closing;
        let wrong = (outside & (after_colon ^ colons))
            | touching
            | doubled
            // Names that are empty or hold escapes are left to the reader.
            | ((empty | escaping) & !after_colon);
        if wrong != 0 {
            return None;
        }
        self.found.empty_values |= empty != 0;
        self.carry = Carry {
            inside: all_if(inside >> 63),
            after_colon: all_if(after_colon >> 63),
            opened: opening >> 63 != 0,
            closed: closing >> (63 - valid.leading_zeros()) & 1 != 0,
            outside: outside >> 63 != 0,
            escapes,
        };
        let mut commas = outside & !after_colon;
        while commas != 0 {
            // One for the opening bracket.
            self.member(base + commas.trailing_zeros() as usize + 1)?;
            commas &= commas - 1;
        }
        Some(())
    }

    /// Which bytes are backslashes that escape, which are escaped, and whether the last one escapes the next block's first.
    #[cold]
    fn escapes(&self, base: usize, backslashes: Mask) -> Option<(Mask, Mask, bool)> {
        let mut escaped = Mask::from(self.carry.escapes);
        let mut left = backslashes & !escaped;
        let mut escaping = 0;
        let mut beyond = false;
        while left != 0 {
            let at = left.trailing_zeros();
            let next = self.text.get(base + at as usize + 2)?;
            if !is_simple_escape(*next) {
                return None;
            }
            escaping |= 1 << at;
            left &= left - 1;
            if at == 63 {
                beyond = true;
            } else {
                escaped |= 1 << (at + 1);
                left &= !(1 << (at + 1));
            }
        }
        Some((escaping, escaped, beyond))
    }

    /// Looks at the comma at `at`, and at the name after it.
    #[inline]
    fn member(&mut self, at: usize) -> Option<()> {
        if self.text[at] != b',' {
            return None;
        }
        self.name(at + 1)
    }

    /// Notes the name whose quote is at `at`.
    #[inline]
    fn name(&mut self, at: usize) -> Option<()> {
        match self.text.get(at + 1)? {
            b'_' if self.is_named(at, BODY) => {
                // Of two the last would count: not worth a rule here.
                self.found.body.replace(at).is_none().then_some(())?;
            }
            b'E' | b'e' if self.is_named(at, EVENT_NAME) => self.found.event_names += 1,
            _ => {}
        }
        Some(())
    }

    fn is_named(&self, at: usize, name: &[u8]) -> bool {
        let end = at + 1 + name.len();
        self.text.get(end) == Some(&b'"') && self.text[at + 1..end].eq_ignore_ascii_case(name)
    }
}

/// Each bit: whether an odd number of bits is set up to it.
#[inline]
fn parity(mut mask: Mask) -> Mask {
    for shift in [1, 2, 4, 8, 16, 32] {
        mask ^= mask << shift;
    }
    mask
}

#[inline]
fn all_if(bit: Mask) -> Mask {
    0u64.wrapping_sub(bit & 1)
}

pub(super) const BODY: &[u8] = b"_body";
pub(super) const EVENT_NAME: &[u8] = b"Event-Name";
