//! The places of the lines of a plain event, found sixty-four bytes at a time, for callers that take every line.
//!
//! [`EventLines`](crate::EventLines) finds the same lines for a walk that may stop. The two are not one: C fills its header
//! list in this loop, whose state stays in registers (a test below holds them to the same lines).

use std::ops::Range;

use fearless_simd::Simd;

use crate::lines::{is_blank, split_inner_line};
use crate::simd::{self, Block, Mask, common, widest};

/// The places of a header line's name and raw value in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSpan {
    /// The name, without its colon.
    pub name: Range<usize>,
    /// The value as it was sent: without the blanks before it and a carriage return after it.
    pub value: Range<usize>,
    /// Whether the line holds a `%`: without, the value is what was sent.
    pub escaped: bool,
}

/// Where the header lines of an event end, and what was seen of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventEnd {
    /// After the first empty line, or the end of the text.
    pub at: usize,
    /// A name may hold an index, a value array text (but for escaped letters), or a line a NUL: `false` is certain.
    pub odd: bool,
}

/// Passes on the header lines of a plain event (the payload of a `text/event-plain`), in order, by their places in the text.
///
/// The rules are those of [`EventLines`](crate::EventLines).
#[inline]
pub fn event_spans(text: &[u8], each: impl FnMut(EventSpan)) -> EventEnd {
    widest!(simd => spans(simd, text, each))
}

#[inline(always)]
fn spans<S: Simd>(simd: S, text: &[u8], mut each: impl FnMut(EventSpan)) -> EventEnd {
    let (mut start, mut colon, mut escaped) = (0, NOT_YET, false);
    let (mut odd, mut odd_last) = (simd::Marks::none(simd), false);
    let mut base = 0;
    while base < text.len() {
        let Marks { mut colons, mut feeds, mut escapes } = match Block::several(simd, text, base, [0, 1]) {
            Some(blocks) => {
                odd = odd.or(odd_marks(blocks));
                Marks::of(blocks)
            }
            None => {
                let (marks, odd) = Marks::of_last(&text[base..]);
                odd_last = odd;
                marks
            }
        };
        while feeds != 0 {
            let upto = feeds ^ (feeds - 1);
            if colon == NOT_YET && colons & upto != 0 {
                colon = base + colons.trailing_zeros() as usize;
            }
            escaped |= escapes & upto != 0;
            let end = base + feeds.trailing_zeros() as usize;
            if colon != NOT_YET {
                each(EventSpan { name: start..colon, value: trimmed(text, colon + 2, end), escaped });
            } else if !odd_line(text, start..end, &mut each) {
                return EventEnd { at: end + 1, odd: odd_last | odd.any() };
            }
            (start, colon, escaped) = (end + 1, NOT_YET, false);
            (colons, escapes, feeds) = (colons & !upto, escapes & !upto, feeds & !upto);
        }
        if colon == NOT_YET && colons != 0 {
            colon = base + colons.trailing_zeros() as usize;
        }
        escaped |= escapes != 0;
        base += simd::SIZE;
    }
    // The last line may lack its line feed.
    if colon != NOT_YET {
        each(EventSpan { name: start..colon, value: trimmed(text, colon + 2, text.len()), escaped });
    } else if start < text.len() {
        odd_line(text, start..text.len(), &mut each);
    }
    EventEnd { at: text.len(), odd: odd_last | odd.any() }
}

/// What may be an index, the end of the word that array text begins with, or a NUL.
#[inline(always)]
fn odd_marks<S: Simd>([these, next]: [Block<S>; 2]) -> simd::Marks<S> {
    let word = these.is_like_a_or_1().and(next.is(b'Y'));
    word.or(these.is(b'[')).or(these.is(0))
}

/// No colon of the line has been found.
const NOT_YET: usize = usize::MAX;

/// What is looked for in a block.
struct Marks {
    /// Colons that a blank follows: a name ends at the first one of its line.
    colons: Mask,
    feeds: Mask,
    escapes: Mask,
}

impl Marks {
    #[inline(always)]
    fn of<S: Simd>([these, next]: [Block<S>; 2]) -> Self {
        Self {
            colons: these.is(b':').and(next.is(b' ')).mask(),
            feeds: these.is(b'\n').mask(),
            escapes: these.is(b'%').mask(),
        }
    }

    /// Of what is left of a text at its end.
    // A call of its own, by order: inlined, it has the compiler take the masks apart where the two ways meet.
    #[cold]
    #[inline(never)]
    fn of_last(rest: &[u8]) -> (Self, bool) {
        let mut filled = [b'.'; simd::SIZE + 1];
        filled[..rest.len()].copy_from_slice(rest);
        let none = Self { colons: 0, feeds: 0, escapes: 0 };
        common!(simd => match Block::several(simd, &filled, 0, [0, 1]) {
            Some(blocks) => (Self::of(blocks), odd_marks(blocks).any()),
            None => (none, true),
        })
    }
}

/// The place of the value, without the blanks before it and the carriage return after it.
#[inline]
fn trimmed(text: &[u8], mut start: usize, mut end: usize) -> Range<usize> {
    if start < end {
        end -= usize::from(text[end - 1] == b'\r');
        while start < end && text[start] == b' ' {
            start += 1;
        }
    }
    start..end
}

/// Passes on a line in which no blank follows a colon. `false` when it is the empty one that ends the block.
#[cold]
fn odd_line(text: &[u8], line: Range<usize>, each: &mut impl FnMut(EventSpan)) -> bool {
    let bytes = &text[line.clone()];
    if let Some((name, value)) = split_inner_line(bytes) {
        let end = line.start + bytes.strip_suffix(b"\r").unwrap_or(bytes).len();
        each(EventSpan {
            name: line.start..line.start + name.len(),
            value: end - value.len()..end,
            escaped: bytes.contains(&b'%'),
        });
    }
    !is_blank(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventLines;
    use crate::simd::tests::on_every_level;

    /// Lines of every kind, made long after the name, in it, and in the value.
    fn lines() -> Vec<Vec<u8>> {
        let kinds = [
            "A: b",
            "N:v",
            "N:: v",
            "N: a: b",
            ": v",
            "no colon",
            "a:b: c",
            "N:  v  ",
            "N:\tv",
            "N: \tv",
            "N: ",
            "N:",
            "N[1]: v",
            "N: ARRAY::a",
            "N: %41RR%41Y::a",
            "N: a\0",
        ];
        let long = "x".repeat(70);
        let mut all = Vec::new();
        for kind in kinds {
            for line in [
                kind.to_owned(),
                format!("{long}{kind}"),
                format!("{kind}{long}"),
                format!("{kind}%{long}: %"),
            ] {
                all.push(line.clone().into_bytes());
                all.push(format!("{line}\r").into_bytes());
            }
        }
        all
    }

    fn check(text: &[u8]) {
        on_every_level(|| check_here(text));
    }

    fn check_here(text: &[u8]) {
        let mut lines = EventLines::new(text);
        let mut wanted = Vec::new();
        for (name, value) in lines.by_ref() {
            wanted.push((name, value));
        }
        let mut got = Vec::new();
        let EventEnd { at: end, odd } = event_spans(text, |span| {
            let escaped = text[span.name.start..span.value.end].contains(&b'%');
            assert!(span.escaped || !escaped, "{}", text.escape_ascii());
            got.push((&text[span.name], &text[span.value]));
        });
        assert_eq!(got, wanted, "{}", text.escape_ascii());
        assert_eq!(end, lines.position(), "{}", text.escape_ascii());
        let head = &text[..end];
        let may_be = head.contains(&b'[') || head.contains(&0) || crate::array::may_be_written_in(head);
        assert!(odd || !may_be, "{}", text.escape_ascii());
    }

    #[test]
    fn spans_are_the_places_of_the_lines() {
        for first in lines() {
            for second in lines() {
                for end in [&b""[..], b"\n", b"\n\nbody: x\n\n", b"\r\n\r\nbody"] {
                    check(&[&first[..], b"\n", &second, end].concat());
                }
            }
        }
        for text in [&b""[..], b"\n", b"\r\n", b"\n\n", b"\r", b"A: b\n\r"] {
            check(text);
        }
    }

    #[test]
    fn usual_lines_are_not_odd() {
        let usual = b"Event-Name: CHANNEL_ANSWER\nA: 1\nUnique-ID: y\nB: %41 Y x\nC: ANY BODY 1\n\n";
        let after = [b'x'; 80];
        on_every_level(|| {
            assert!(!event_spans(usual, |_| ()).odd);
            let long = [&b"A: 1\n".repeat(100)[..], usual, &after, b"[\0ARRAY::"].concat();
            assert!(!event_spans(&long, |_| ()).odd);
        });
    }

    #[test]
    fn only_escapes_of_the_line_itself_count() {
        let mut escaped = Vec::new();
        event_spans(b"A: %41\nB: b\nC%: c\nD: d\nE:%\n", |span| escaped.push(span.escaped));
        assert_eq!(escaped, [true, false, true, false, true]);
    }
}
