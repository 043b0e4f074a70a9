use std::borrow::Cow;
use std::sync::Arc;

use super::sent::Sent;
use super::wire::{Lines, View, Wire};
use crate::arena::Arena;
use crate::message::lossy;

/// One header of an event.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    name: &'a [u8],
    value: Value<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Value<'a> {
    /// As received, not decoded.
    Raw(&'a [u8]),
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
            Value::Raw(raw) => Wire::decoded(raw),
            Value::Text(text, _) => Cow::Borrowed(text),
        }
    }

    /// The value as text; bytes that are not UTF-8 come as U+FFFD.
    #[must_use]
    pub fn value(&self) -> Cow<'a, str> {
        lossy(self.value_bytes())
    }

    /// The elements when the header is an array.
    #[must_use]
    pub fn elements(&self) -> Option<&'a [Vec<u8>]> {
        match self.value {
            Value::Raw(_) => None,
            Value::Text(_, elements) => elements,
        }
    }
}

impl PartialEq for Header<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.elements() == other.elements()
            && self.value_bytes() == other.value_bytes()
    }
}

impl Eq for Header<'_> {}

/// The headers of an event, in order.
#[derive(Debug, Clone)]
pub struct Headers<'a> {
    source: Source<'a>,
    at: usize,
}

#[derive(Debug, Clone)]
enum Source<'a> {
    Lines { wire: &'a Wire, lines: &'a Lines, synthetic: bool },
    Sent(Sent<'a>),
    Arena(&'a Arc<Arena>),
}

impl<'a> Headers<'a> {
    pub(super) fn new(view: View<'a>) -> Self {
        let source = match view {
            View::Plain(wire, lines) => Source::Lines { wire, lines, synthetic: wire.synthetic().is_some() },
            View::Sent(sent) => Source::Sent(sent),
            View::Applied(arena) => Source::Arena(arena),
        };
        Self { source, at: 0 }
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        match &mut self.source {
            Source::Lines { wire, lines, synthetic } => {
                if std::mem::take(synthetic) {
                    return wire.synthetic().map(|(name, value)| Header { name, value: Value::Raw(value) });
                }
                loop {
                    let start = *lines.starts().get(self.at)?;
                    self.at += 1;
                    // A line without a colon is no header.
                    if let Some((name, value)) = wire.line(start) {
                        return Some(Header { name, value: Value::Raw(value) });
                    }
                }
            }
            Source::Sent(sent) => {
                let (name, value, next) = sent.header_from(self.at)?;
                self.at = next;
                Some(Header { name, value: Value::Raw(value) })
            }
            Source::Arena(arena) => {
                let at = self.at;
                (at < arena.len()).then(|| {
                    self.at += 1;
                    Header { name: arena.name(at), value: Value::Text(arena.value(at), arena.elements(at)) }
                })
            }
        }
    }
}
