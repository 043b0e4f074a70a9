//! The members of a text that is a JSON object of strings and nothing else, found in one pass, sixty-four bytes at a time.
//!
//! In such an object the quotes that open or close a string come in pairs: the one that closes a string, a colon or comma,
//! the one that opens the next. So every quote but the first and the last is either the second of such a pair or stands two
//! bytes before one; where that holds of all quotes, they open and close by turns, and nothing else stands outside strings.
//! Whether colons and commas come by turns is seen when the pairs are gone through.

use fearless_simd::prelude::*;
use fearless_simd::{Simd, u8x32};
use memchr::memchr;

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
    /// Where the block begins, counted from after the text's opening bracket.
    pub(super) base: usize,
    /// Quotes that open a name. (The last of all would open one after the last member.)
    pub(super) names: Mask,
    /// Quotes that open a value.
    pub(super) values: Mask,
    /// Backslashes that escape, all of them in values.
    pub(super) escaping: Mask,
}

/// Passes on the strings block by block; returns whether some values are empty. `None` when the text is anything else, or needs
/// the JSON reader or the slower walk (as for names that are empty or hold escapes, or a string of nothing but a comma): then
/// what was passed on is to be forgotten.
#[inline(always)]
pub(super) fn scan<S: Simd>(simd: S, text: &[u8], each: impl FnMut(&Strings)) -> Option<bool> {
    let [b'{', members @ .., b'}'] = text else { return None };
    match members {
        [] => Some(false),
        [b'"', ..] => blocks(simd, members, each),
        _ => None,
    }
}

/// As [`scan`], member by member.
#[inline(always)]
pub(super) fn scan_members<S: Simd>(simd: S, text: &[u8], mut each: impl FnMut(Member)) -> Option<()> {
    // Positions after an opening quote are two further in the text: the bracket, the quote.
    const INSIDE: usize = 2;
    let (mut name, mut value) = (INSIDE, 0);
    let mut escaped = false;
    scan(
        simd,
        text,
        #[inline(always)]
        |&Strings { base, mut names, mut values, mut escaping }| {
            loop {
                // Names and values come by turns.
                if value == 0 {
                    if values == 0 {
                        break;
                    }
                    value = base + values.trailing_zeros() as usize + INSIDE;
                    values &= values - 1;
                }
                if names == 0 {
                    break;
                }
                let next = base + names.trailing_zeros() as usize + INSIDE;
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
#[derive(Default)]
struct Carry {
    /// Which of the next block's first two bytes must be the second quotes of pairs.
    due: Mask,
    /// Which of this one's last bytes were quotes (two), a colon, a comma.
    quotes: Mask,
    colon: Mask,
    comma: Mask,
    /// Its last byte was in a member's second half: from the quote that opens the value.
    in_value: Mask,
    /// Its last byte opened a name, or a value.
    opened_name: Mask,
    opened_value: Mask,
    /// The last byte was a backslash that escapes the next.
    escapes: bool,
}

// Not made twice, with escapes and without: `each` is inlined where there is one call of it, which halves the cost.
#[inline(always)]
fn blocks<S: Simd>(simd: S, members: &[u8], mut each: impl FnMut(&Strings)) -> Option<bool> {
    let mut carry = Carry::default();
    let mut empty_values = 0;
    let mut lowest = u8x32::splat(simd, u8::MAX);
    // Most texts have no escapes, which is cheap to find out.
    let with_escapes = memchr(b'\\', members).is_some();
    // The text goes on with what would follow the last member: so its closing quote has its pair, too.
    let size = members.len() + CLOSED.len();
    let mut base = 0;
    while base < size {
        let block = match Block::at(simd, members, base) {
            Some(block) => block,
            None => Block::at(simd, &last_block(members, base), 0)?,
        };
        lowest = lowest.min(block.lower());
        let mut quotes = block.is(b'"').mask();
        let mut escaping = 0;
        if with_escapes {
            let backslashes = block.is(b'\\').mask();
            if backslashes != 0 || carry.escapes {
                let escaped;
                (escaping, escaped, carry.escapes) = escapes(members, base, backslashes, carry.escapes)?;
                quotes &= !escaped;
            }
        }
        let colons = block.is(b':').mask();
        let commas = block.is(b',').mask();
        let paired = quotes & (quotes << 2 | carry.quotes);
        let values = paired & (colons << 1 | carry.colon);
        let names = paired & (commas << 1 | carry.comma);
        let seconds = names | values;
        // The first quote of all opens the first name, and is in no pair.
        let opening = Mask::from(base == 0);
        let firsts = quotes & !seconds & !opening;
        // From each quote that opens a value up to the one that opens the next name: a difference, since they come by turns. Where
        // they do not, it changes elsewhere than at them.
        let inside = names.wrapping_sub(values).wrapping_sub(carry.in_value);
        let changes = inside ^ (inside << 1 | carry.in_value);
        let empty_names = firsts & ((names | opening) << 1 | carry.opened_name);
        let wrong = (firsts << 2 | carry.due) ^ seconds
            | changes ^ seconds
            | (inside & seconds) ^ values
            | empty_names;
        if wrong | (escaping & !inside) != 0 {
            return None;
        }
        empty_values |= firsts & (values << 1 | carry.opened_value);
        each(&Strings { base, names, values, escaping });
        carry.due = firsts >> 62;
        carry.quotes = quotes >> 62;
        carry.colon = colons >> 63;
        carry.comma = commas >> 63;
        carry.in_value = inside >> 63;
        carry.opened_name = names >> 63;
        carry.opened_value = values >> 63;
        base += simd::SIZE;
    }
    // It ends where a name would begin. The JSON reader refuses control characters.
    let printable = lowest.simd_ge(b' ').all_true();
    let whole = carry.due == 0 && carry.in_value == 0 && printable;
    whole.then_some(empty_values != 0)
}

/// What follows a member that is not the last: in the place of the closing bracket.
const CLOSED: &[u8; 2] = b",\"";

/// What is left of the members there, and [`CLOSED`].
#[cold]
fn last_block(members: &[u8], base: usize) -> [u8; simd::SIZE + CLOSED.len()] {
    let mut filled = [b' '; simd::SIZE + CLOSED.len()];
    let rest = members.get(base..).unwrap_or_default();
    filled[..rest.len()].copy_from_slice(rest);
    let closed = &CLOSED[base.saturating_sub(members.len())..];
    filled[rest.len()..rest.len() + closed.len()].copy_from_slice(closed);
    filled
}

/// Which bytes of a block are backslashes that escape, which are escaped, and whether the last one escapes the next block's
/// first. `None` for an escape that is not decoded here.
#[cold]
fn escapes(text: &[u8], base: usize, backslashes: Mask, first: bool) -> Option<(Mask, Mask, bool)> {
    let mut escaped = Mask::from(first);
    let mut left = backslashes & !escaped;
    let mut escaping = 0;
    let mut beyond = false;
    while left != 0 {
        let at = left.trailing_zeros();
        if !is_simple_escape(*text.get(base + at as usize + 1)?) {
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
