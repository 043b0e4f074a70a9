//! Where the header lines of a text are, before an event is made of them.

use std::mem::MaybeUninit;
use std::ops::Range;

use switchwire_proto::HeaderLines;
use switchwire_proto::raw::{
    EventSpan, JsonSpan, JsonSpans, JsonValue as Kind, event_spans, unescape_in_place,
};

/// Decodes an escaped value into a room of the same size, which holds the value as it is already; returns how long it is then, and
/// whether an escape stood for a letter.
pub(crate) type Decode = fn(&[u8], &mut [u8]) -> (usize, bool);

pub(crate) fn decode_json(_: &[u8], room: &mut [u8]) -> (usize, bool) {
    (unescape_in_place(room), false)
}

/// Header lines of a text. The first [`ON_STACK`] are kept on the stack. Positions count from the beginning of the strings: of the
/// text, or, for a message's own headers, of [`LEADING`], which is before it.
pub(crate) struct Lines {
    first: [MaybeUninit<Line>; ON_STACK],
    more: Vec<Line>,
    pub(crate) count: usize,
    /// Where the block ends in the text.
    pub(crate) end: usize,
    pub(crate) decode: Decode,
    /// What is before the text in the strings.
    pub(crate) leading: &'static [u8],
    /// Lines may interact with others as an index or array text does, or hold a NUL: `false` is certain, lists apart.
    pub(crate) odd: bool,
}

impl JsonSpans for Lines {
    #[inline]
    fn take(&mut self, JsonSpan { name, value, kind }: JsonSpan) {
        // The closing quote becomes the string's end.
        self.end = value.end + 1;
        self.push(Line::new(name, value, kind));
    }

    fn forget(&mut self) {
        self.more.clear();
        self.count = 0;
        self.end = 0;
    }
}

/// Where a line's name and value begin and end, and what the value is. (A message has at most 16 MB.)
#[derive(Clone, Copy)]
pub(crate) struct Line {
    pub(crate) name: u32,
    pub(crate) colon: u32,
    pub(crate) value: u32,
    pub(crate) end: u32,
    pub(crate) kind: Kind,
}

impl Line {
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "messages are far smaller, see `link::MAX_BODY`")]
    fn new(name: Range<usize>, value: Range<usize>, kind: Kind) -> Self {
        Self {
            name: name.start as u32,
            colon: name.end as u32,
            value: value.start as u32,
            end: value.end as u32,
            kind,
        }
    }

    /// A line whose positions were counted from after [`LEADING`].
    fn after_leading(name: Range<usize>, value: Range<usize>, kind: Kind) -> Self {
        let moved = |part: Range<usize>| LEADING.len() + part.start..LEADING.len() + part.end;
        Self::new(moved(name), moved(value), kind)
    }
}

impl Lines {
    pub(crate) fn new(decode: Decode) -> Self {
        let first = [const { MaybeUninit::uninit() }; ON_STACK];
        Self { first, more: Vec::new(), count: 0, end: 0, decode, leading: &[], odd: false }
    }

    /// A message's own headers, after [`LEADING`].
    pub(crate) fn of_outer(&mut self, lines: HeaderLines<'_>) {
        self.leading = LEADING;
        let value = LEADING_NAME + 1..LEADING.len() - 1;
        self.push(Line::new(0..LEADING_NAME, value, Kind::Plain));
        let text = lines.text();
        self.end = text.len();
        if let Some([length, kind]) = usual_lines(text) {
            self.push(length);
            self.push(kind);
            return;
        }
        self.odd = true;
        for (name, value) in lines {
            let place = |part: &[u8]| {
                // Parts of the text, except that an empty value may be a slice from elsewhere: its position does not matter.
                let at = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize).min(text.len());
                at..at + part.len()
            };
            self.push(Line::after_leading(place(name), place(value), Kind::Escaped));
        }
    }

    /// The lines of a plain event.
    pub(crate) fn of_event(&mut self, text: &[u8]) {
        let end = event_spans(
            text,
            // Inlined by order: the pass that calls it is compiled more than once.
            #[inline(always)]
            |EventSpan { name, value, escaped }| {
                let kind = if escaped { Kind::Escaped } else { Kind::Plain };
                self.push(Line::new(name, value, kind));
            },
        );
        self.end = end.at;
        self.odd = end.odd;
    }

    #[inline]
    fn push(&mut self, line: Line) {
        match self.first.get_mut(self.count) {
            Some(place) => _ = place.write(line),
            None => self.more.push(line),
        }
        self.count += 1;
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Line> {
        let first = &self.first[..self.count.min(ON_STACK)];
        // SAFETY: the first `count` were written.
        first.iter().map(|line| unsafe { line.assume_init_ref() }).chain(&self.more)
    }
}

/// The lines of an event's head as servers write it, to the byte: in a busy stream nearly every head is one.
fn usual_lines(head: &[u8]) -> Option<[Line; 2]> {
    const LENGTH: &[u8] = b"Content-Length: ";
    const TYPE: &[u8] = b"Content-Type: ";
    let number = head.strip_prefix(LENGTH)?;
    let digits = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let after = number[digits..].strip_prefix(b"\n")?;
    if digits == 0 || !matches!(after.strip_prefix(TYPE)?, b"text/event-plain\n" | b"text/event-json\n") {
        return None;
    }
    let line = |start: usize, name: &[u8], end: usize| {
        Line::after_leading(start..start + name.len() - ": ".len(), start + name.len()..end, Kind::Plain)
    };
    let second = head.len() - after.len();
    Some([line(0, LENGTH, second - 1), line(second, TYPE, head.len() - 1)])
}

/// The first header of every message, as two C strings.
pub(crate) const LEADING: &[u8] = b"Event-Name\0SOCKET_DATA\0";
const LEADING_NAME: usize = "Event-Name".len();
const ON_STACK: usize = 256;
