use std::borrow::Cow;
use std::sync::Arc;

use super::arena::Arena;
use super::received::{FlatJson, View, Walk, unescaped};
use crate::percent;
use crate::text::lossy;

/// One header of an event.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    name: &'a [u8],
    value: Value<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Value<'a> {
    /// As received, percent-encoded.
    Raw(&'a [u8]),
    /// As received, between the quotes of a JSON string.
    Quoted(&'a [u8]),
    Text(&'a [u8], Option<&'a [Vec<u8>]>),
}

impl<'a> Header<'a> {
    /// The name, in its own letter case.
    #[must_use]
    pub fn name_bytes(&self) -> &'a [u8] {
        self.name
    }

    /// The name as text; bytes that are not UTF-8 come as U+FFFD.
    #[must_use]
    pub fn name(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.name)
    }

    /// The percent-decoded value. An array gives its `ARRAY::a|:b` form.
    #[must_use]
    pub fn value_bytes(&self) -> Cow<'a, [u8]> {
        match self.value {
            Value::Raw(raw) => percent::decode(raw),
            Value::Quoted(quoted) => unescaped(quoted),
            Value::Text(text, _) => Cow::Borrowed(text),
        }
    }

    /// The percent-decoded value, decoded into `room` where that is needed.
    pub(crate) fn value_in<'b>(&self, room: &'b mut Vec<u8>) -> &'b [u8]
    where
        'a: 'b,
    {
        match self.value {
            Value::Raw(raw) if memchr::memchr(b'%', raw).is_none() => raw,
            Value::Raw(raw) => {
                room.clear();
                percent::decode_into(raw, room);
                room
            }
            Value::Quoted(quoted) => {
                *room = unescaped(quoted).into_owned();
                room
            }
            Value::Text(text, _) => text,
        }
    }

    /// The value as text; bytes that are not UTF-8 come as U+FFFD.
    #[must_use]
    pub fn value(&self) -> Cow<'a, str> {
        lossy(self.value_bytes())
    }

    /// The elements, in order, when the header is an array.
    #[must_use]
    pub fn elements(&self) -> Option<Elements<'a>> {
        match self.value {
            Value::Raw(_) | Value::Quoted(_) => None,
            Value::Text(_, elements) => elements.map(|elements| Elements(elements.iter())),
        }
    }
}

impl PartialEq for Header<'_> {
    fn eq(&self, other: &Self) -> bool {
        let same_elements = match (self.elements(), other.elements()) {
            (Some(these), Some(those)) => these.eq(those),
            (None, None) => true,
            _ => false,
        };
        self.name == other.name && same_elements && self.value_bytes() == other.value_bytes()
    }
}

impl Eq for Header<'_> {}

/// The elements of an array header, in order.
#[derive(Debug, Clone)]
pub struct Elements<'a>(std::slice::Iter<'a, Vec<u8>>);

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.0.next().map(Vec::as_slice)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Elements<'_> {}

/// The headers of an event, in order.
#[derive(Debug, Clone)]
pub struct Headers<'a> {
    source: Source<'a>,
}

#[derive(Debug, Clone)]
enum Source<'a> {
    Plain(Walk<'a>),
    Json { json: FlatJson<'a>, at: usize },
    Arena { arena: &'a Arc<Arena>, at: usize },
}

impl<'a> Headers<'a> {
    pub(super) fn new(view: View<'a>) -> Self {
        let source = match view {
            View::Plain(lines) => Source::Plain(lines.walk()),
            View::Json(json) => Source::Json { json, at: 0 },
            View::Arena(arena) => Source::Arena { arena, at: 0 },
        };
        Self { source }
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        match &mut self.source {
            Source::Plain(lines) => {
                let (name, value) = lines.next()?;
                Some(Header { name, value: Value::Raw(value) })
            }
            Source::Json { json, at } => {
                let (name, value, next) = json.member_from(*at)?;
                *at = next;
                let text = json.text();
                Some(Header { name: &text[name], value: Value::Quoted(&text[value]) })
            }
            Source::Arena { arena, at } => {
                let place = arena.next_from(*at)?;
                *at = place + 1;
                let value = Value::Text(arena.value(place), arena.elements(place));
                Some(Header { name: arena.name(place), value })
            }
        }
    }
}
