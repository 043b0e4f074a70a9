//! An event as it was received: the message's bytes, and how to read them.

#[cfg(test)]
mod in_place;
mod interactions;
mod json;
mod json_escapes;
mod json_lists;
mod json_scan;
mod json_spans;
mod plain;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use super::arena::{Arena, Stack};
use crate::array::is_array_text;
use crate::format::{Rules, json_reader};
use crate::{EventLines, EventType, HeaderLines, percent};
use interactions::{HeadSummary, Interaction};

pub(super) use json::FlatJson;
pub(crate) use json::Shape;
pub use json_escapes::unescape_in_place;
pub(super) use json_escapes::unescaped;
pub use json_spans::{JsonBody, JsonSpan, JsonSpans, JsonValue, json_elements, json_spans};
pub(super) use plain::{PlainLines, Walk};

/// Offsets are positions in `bytes`, which limits keep under 4 GiB.
#[derive(Debug, Clone)]
pub(super) struct Received {
    bytes: Arc<[u8]>,
    start: u32,
    end: u32,
    kind: Kind,
    summary: OnceLock<HeadSummary>,
    /// The headers added in order, made at the first look-up that needs it.
    arena: OnceLock<Arc<Arena>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The payload of a `text/event-plain`: header lines, then perhaps a blank line and a body.
    Plain { rules: Rules },
    /// The header block of a message, by the classic rules, as an event of type `SOCKET_DATA`. Its body is elsewhere.
    Head { body: Option<(u32, u32)> },
    /// The payload of a `text/event-json` that is flat.
    Json { rules: Rules, shape: Shape },
}

/// What a look-up reads.
pub(super) enum View<'a> {
    Plain(PlainLines<'a>),
    Json(FlatJson<'a>),
    Arena(&'a Arc<Arena>),
}

impl Received {
    pub(super) fn new(bytes: Arc<[u8]>, start: u32, end: u32, kind: Kind) -> Self {
        Self { bytes, start, end, kind, summary: OnceLock::new(), arena: OnceLock::new() }
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// For a walk over all headers.
    pub(super) fn view(&self) -> View<'_> {
        let needs_arena = match self.kind {
            Kind::Plain { rules: Rules::AsSent } => self.plain().may_hold_arrays(),
            Kind::Plain { rules: Rules::Classic } | Kind::Head { .. } => {
                self.interaction() != Interaction::None
            }
            Kind::Json { rules: Rules::AsSent, shape } => shape.lists || self.json().may_hold_arrays(),
            Kind::Json { rules: Rules::Classic, shape } => {
                shape.lists || self.interaction() == Interaction::Other
            }
        };
        self.view_or_arena(needs_arena)
    }

    /// For the type and the body.
    pub(super) fn view_apart_from_headers(&self) -> View<'_> {
        self.view_or_arena(self.classic() && self.interaction() == Interaction::Other)
    }

    /// For the headers of that name.
    pub(super) fn view_of(&self, name: &[u8]) -> View<'_> {
        let needs_arena = match self.kind {
            Kind::Plain { rules: Rules::AsSent } => false,
            Kind::Plain { rules: Rules::Classic } | Kind::Head { .. } => match self.interaction() {
                Interaction::None => false,
                Interaction::ArrayText => {
                    self.plain().any_named(name, |value| is_array_text(&percent::decode(value)))
                }
                Interaction::Other => true,
            },
            Kind::Json { rules, shape } => {
                !FlatJson::can_find(name)
                    || (rules == Rules::Classic && self.interaction() == Interaction::Other)
                    || (shape.lists && self.json().any_list(name))
            }
        };
        self.view_or_arena(needs_arena)
    }

    /// The body, when [`view_apart_from_headers`](Self::view_apart_from_headers) is not the arena.
    pub(super) fn body(&self) -> Option<&[u8]> {
        match self.kind {
            Kind::Plain { rules: Rules::AsSent } => {
                let body = self.plain().after_blank();
                (!body.is_empty() && self.plain().has_length()).then_some(body)
            }
            Kind::Plain { rules: Rules::Classic } => {
                self.summary().has_length.then(|| self.plain().after_blank())
            }
            Kind::Head { body } => body.map(|span| self.slice(span)),
            Kind::Json { shape, .. } => {
                let body = self.slice(shape.body?);
                if json_escapes::is_escaped(body) { self.arena().body.as_deref() } else { Some(body) }
            }
        }
    }

    /// The same event in a form that can be edited.
    pub(super) fn to_arena(&self) -> Arena {
        match self.arena.get() {
            Some(arena) => Arena::clone(arena),
            None => self.build_arena(),
        }
    }

    /// What was received, as sent, if every header can be read where it stands, array text as it came.
    pub(super) fn in_place(&self) -> Option<View<'_>> {
        match self.kind {
            Kind::Plain { rules: Rules::AsSent } => Some(View::Plain(self.plain())),
            Kind::Json { rules: Rules::AsSent, shape } if !shape.lists => Some(View::Json(self.json())),
            _ => None,
        }
    }

    /// What was received, as sent, if it is JSON whose strings can be read where they stand, and some members are lists.
    pub(super) fn json_with_lists(&self) -> Option<FlatJson<'_>> {
        match self.kind {
            Kind::Json { rules: Rules::AsSent, shape } if shape.lists => Some(self.json()),
            _ => None,
        }
    }

    fn classic(&self) -> bool {
        !matches!(self.kind, Kind::Plain { rules: Rules::AsSent } | Kind::Json { rules: Rules::AsSent, .. })
    }

    #[inline]
    fn view_or_arena(&self, needs_arena: bool) -> View<'_> {
        match self.kind {
            _ if needs_arena => View::Arena(self.arena()),
            Kind::Json { .. } => View::Json(self.json()),
            Kind::Plain { .. } | Kind::Head { .. } => View::Plain(self.plain()),
        }
    }

    #[inline]
    fn plain(&self) -> PlainLines<'_> {
        PlainLines::new(self.text(), matches!(self.kind, Kind::Head { .. }))
    }

    #[inline]
    fn json(&self) -> FlatJson<'_> {
        FlatJson::new(self.text())
    }

    #[inline]
    fn interaction(&self) -> Interaction {
        self.summary().interaction
    }

    #[inline]
    fn summary(&self) -> HeadSummary {
        *self.summary.get_or_init(|| match self.kind {
            Kind::Json { shape, .. } => HeadSummary::of_json(self.json(), shape),
            Kind::Plain { .. } | Kind::Head { .. } => HeadSummary::of_lines(self.text()),
        })
    }

    fn text(&self) -> &[u8] {
        self.slice((self.start, self.end))
    }

    fn slice(&self, span: (u32, u32)) -> &[u8] {
        &self.bytes[span.0 as usize..span.1 as usize]
    }

    fn arena(&self) -> &Arc<Arena> {
        self.arena.get_or_init(|| Arc::new(self.build_arena()))
    }

    fn build_arena(&self) -> Arena {
        match self.kind {
            Kind::Plain { rules: Rules::AsSent } => self.add_as_sent(),
            Kind::Plain { rules: Rules::Classic } => self.add_classic(),
            Kind::Head { body } => self.add_head(body),
            // `Shape::of` has found at receipt that it can be read.
            Kind::Json { rules, .. } => json_reader::read(self.text(), rules).unwrap_or_default(),
        }
    }

    fn empty_arena(&self) -> Arena {
        Arena::with_capacity(self.text().len() + 32, self.text().len() / 32 + 4)
    }

    fn add_as_sent(&self) -> Arena {
        let mut arena = self.empty_arena();
        for (name, value) in EventLines::new(self.text()) {
            arena.append_sent(name, &percent::decode(value));
        }
        arena.event_type.get_or_insert(EventType::Custom);
        if let Some(body) = self.body() {
            arena.set_body(body);
        }
        arena
    }

    fn add_classic(&self) -> Arena {
        let mut lines = EventLines::new(self.text());
        let mut arena = self.empty_arena();
        for (name, value) in lines.by_ref() {
            let value = percent::decode(value);
            arena.take_event_name(name, &value);
            arena.add_line(name, &value);
        }
        // With any Content-Length the body is all that is left: senders' own lengths may be wrong.
        if arena.find(b"content-length").is_some() {
            arena.set_body(self.text().get(EventLines::position(&lines)..).unwrap_or_default());
        }
        arena.event_type.get_or_insert(EventType::Custom);
        arena
    }

    fn add_head(&self, body: Option<(u32, u32)>) -> Arena {
        let mut arena = self.empty_arena();
        if let Some((name, value)) = self.plain().synthetic() {
            arena.append(Stack::Bottom, name, value);
        }
        arena.event_type = Some(EventType::SocketData);
        for (name, value) in HeaderLines::new(self.text()) {
            arena.add_line(name, &percent::decode(value));
        }
        // Replaces what a header called `_body` has set.
        if let Some(span) = body {
            arena.set_body(self.slice(span));
        }
        arena
    }
}

impl<'a> View<'a> {
    /// The decoded value of the first header of that name.
    #[inline]
    pub(super) fn value(&self, name: &[u8]) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Plain(lines) => lines.find(name).map(percent::decode),
            Self::Json(json) => json.find(name).map(unescaped),
            Self::Arena(arena) => arena.find(name).map(|at| Cow::Borrowed(arena.value(at))),
        }
    }
}
