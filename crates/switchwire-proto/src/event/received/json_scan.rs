//! The members of a text that is a JSON object of strings and nothing else, found in one pass, sixty-four bytes at a time.
//!
//! In such an object the quotes that open or close a string come in pairs: the one that closes a string, a colon or comma,
//! the one that opens the next. So every quote but the first and the last is either the second of such a pair or stands two
//! bytes before one; where that holds of all quotes, they open and close by turns, and nothing else stands outside strings.
//! Whether colons and commas come by turns is seen when the pairs are gone through.

use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{Simd, u8x32};

use super::json_escapes::is_simple_escape;
use crate::simd::{self, Block, Mask};

/// A member of an object: what is between the quotes of its name and of its value, as positions in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) name: (usize, usize),
    pub(super) value: (usize, usize),
    /// The value holds escapes, of the kind that is decoded here.
    pub(super) escaped: bool,
    /// The value is a list of strings: its place is that of the brackets and what is between them.
    pub(super) list: bool,
}

/// What a block of the members holds: a bit per byte, the first byte's lowest.
pub(super) struct Strings {
    /// Where the block begins in the text.
    pub(super) base: usize,
    /// Quotes that open a name. (The last of all would open one after the last member.)
    pub(super) names: Mask,
    /// Quotes that open a value.
    pub(super) values: Mask,
    /// Backslashes that escape, all of them in values.
    pub(super) escaping: Mask,
}

/// Where the members of a text begin and end: it is an object, by its brackets.
pub(super) fn members(text: &[u8]) -> Option<Range<usize>> {
    matches!(text, [b'{', .., b'}']).then(|| 1..text.len() - 1)
}

/// Passes on the strings of members that have no lists among them (see [`members`]), block by block, but for the quote that opens
/// the first one's name; returns whether some values are empty. `None` when the text is anything else, or needs the JSON
/// reader or the slower walk (as for names that are empty or hold escapes, or a string of nothing but a comma): then what was
/// passed on is to be forgotten.
#[inline(always)]
pub(super) fn scan<S: Simd>(
    simd: S,
    text: &[u8],
    members: Range<usize>,
    each: impl FnMut(&Strings),
) -> Option<bool> {
    match text.get(members.start) {
        _ if members.is_empty() => Some(false),
        Some(b'"') => blocks(simd, text, members, each),
        _ => None,
    }
}

/// As [`scan`], member by member.
#[inline(always)]
pub(super) fn scan_members<S: Simd>(
    simd: S,
    text: &[u8],
    members: Range<usize>,
    mut each: impl FnMut(Member),
) -> Option<()> {
    let (mut name, mut value) = (members.start + 1, 0);
    let mut escaped = false;
    scan(
        simd,
        text,
        members,
        #[inline(always)]
        |&Strings { base, mut names, mut values, mut escaping }| {
            loop {
                // Names and values come by turns.
                if value == 0 {
                    if values == 0 {
                        break;
                    }
                    value = base + values.trailing_zeros() as usize + 1;
                    values &= values - 1;
                }
                if names == 0 {
                    break;
                }
                let next = base + names.trailing_zeros() as usize + 1;
                if escaping != 0 {
                    let upto = names ^ (names - 1);
                    escaped |= escaping & upto != 0;
                    escaping &= !upto;
                }
                names &= names - 1;
                // Between the strings are a quote, the separator and a quote.
                each(Member { name: (name, value - 3), value: (value, next - 3), escaped, list: false });
                (name, value, escaped) = (next, 0, false);
            }
            escaped |= escaping != 0;
        },
    )
    .map(drop)
}

/// What one block hands on to the next.
struct Carry {
    /// Which of the next block's first two bytes must be the second quotes of pairs.
    due: Mask,
    /// Its last byte was in a member's second half: from the quote that opens the value.
    in_value: Mask,
    /// Its last byte opened a name or a value.
    opened: Mask,
    /// Which of its last bytes (two) were escaped, and whether the last one escapes the next.
    escaped: Mask,
    escapes: bool,
}

// Not made twice, with escapes and without: `each` is inlined where there is one call of it, which halves the cost.
#[inline(always)]
fn blocks<S: Simd>(
    simd: S,
    text: &[u8],
    members: Range<usize>,
    mut each: impl FnMut(&Strings),
) -> Option<bool> {
    // The first quote of all opens the first name, and is in no pair: the first block begins after it. Each is looked at beside
    // those that begin one and two bytes before it, so that a quote, what is before it and the quote before that are seen at
    // the same place.
    let all = text.get(members.start - 1..members.end)?;
    let mut carry = Carry { due: 0, in_value: 0, opened: 1, escaped: 0, escapes: false };
    let mut empty_values = false;
    let mut lowest = u8x32::splat(simd, u8::MAX);
    let mut base = 0;
    // The text goes on with what would follow the last member: so its closing quote has its pair, too.
    while base < all.len() {
        let [before, separators, block] = match Block::several(simd, all, base, [0, 1, 2]) {
            Some(blocks) => blocks,
            None => Block::several(simd, &last_block(&all[base..]), 0, [0, 1, 2])?,
        };
        lowest = lowest.min(block.lower());
        let quoted = block.is(b'"');
        let paired = quoted.and(before.is(b'"'));
        let mut quotes = quoted.mask();
        let mut values = paired.and(separators.is(b':')).mask();
        let mut names = paired.and(separators.is(b',')).mask();
        let mut escaping = 0;
        let backslashes = block.is(b'\\');
        if backslashes.any() || carry.escapes {
            let escaped;
            (escaping, escaped, carry.escapes) =
                escapes(all.get(base + 2..)?, backslashes.mask(), carry.escapes)?;
            quotes &= !escaped;
            let unpaired = escaped | escaped << 2 | carry.escaped;
            values &= !unpaired;
            names &= !unpaired;
            carry.escaped = escaped >> 62;
        } else if carry.escaped != 0 {
            values &= !carry.escaped;
            names &= !carry.escaped;
            carry.escaped = 0;
        }
        let seconds = names | values;
        let firsts = quotes & !seconds;
        // From each quote that opens a value up to the one that opens the next name: a difference, since they come by turns. Where
        // they do not, it changes elsewhere than at them.
        let inside = names.wrapping_sub(values).wrapping_sub(carry.in_value);
        let changes = inside ^ (inside << 1 | carry.in_value);
        let wrong = (firsts << 2 | carry.due) ^ seconds
            | changes ^ seconds
            | (inside ^ values) & seconds
            | escaping & !inside;
        let empty = firsts & (seconds << 1 | carry.opened);
        if wrong | empty != 0 {
            // What is empty is a name unless the quote before it opened a value.
            let empty_names = empty & !(values << 1 | carry.opened & carry.in_value);
            if wrong | empty_names != 0 {
                return None;
            }
            empty_values = true;
        }
        each(&Strings { base: members.start + 1 + base, names, values, escaping });
        carry.due = firsts >> 62;
        carry.in_value = inside >> 63;
        carry.opened = seconds >> 63;
        base += simd::SIZE;
    }
    // It ends where a name would begin. The JSON reader refuses control characters.
    let printable = lowest.simd_ge(b' ').all_true();
    let whole = carry.due == 0 && carry.in_value == 0 && printable;
    whole.then_some(empty_values)
}

/// What follows a member that is not the last: in the place of the closing bracket.
const CLOSED: &[u8; 2] = b",\"";

/// What is left of the members, and [`CLOSED`].
// A call of its own, by order: inlined, it has the compiler take the masks apart where the two ways meet.
#[cold]
#[inline(never)]
fn last_block(rest: &[u8]) -> [u8; simd::SIZE + 2 + CLOSED.len()] {
    let mut filled = [b' '; simd::SIZE + 2 + CLOSED.len()];
    filled[..rest.len()].copy_from_slice(rest);
    filled[rest.len()..rest.len() + CLOSED.len()].copy_from_slice(CLOSED);
    filled
}

/// Which bytes of a block are backslashes that escape, which are escaped, and whether the last one escapes the next block's
/// first. `None` for an escape that is not decoded here.
#[cold]
fn escapes(text: &[u8], backslashes: Mask, first: bool) -> Option<(Mask, Mask, bool)> {
    let mut escaped = Mask::from(first);
    let mut left = backslashes & !escaped;
    let mut escaping = 0;
    let mut beyond = false;
    while left != 0 {
        let at = left.trailing_zeros();
        if !is_simple_escape(*text.get(at as usize + 1)?) {
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
