//! An event as it was received: the message's bytes, and how they are to be read.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use super::acting::{Acting, Facts};
use super::flat::{self, Flat};
use super::lines::{Lines, Of};
use crate::arena::{Arena, Stack};
use crate::array::is_array_text;
use crate::format::{Rules, json};
use crate::{EventLines, EventType, HeaderLines, percent};

/// Offsets are positions in `bytes`, which limits keep under 4 GiB.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    bytes: Arc<[u8]>,
    start: u32,
    end: u32,
    kind: Kind,
    facts: OnceLock<Facts>,
    /// The headers added in order, made when it matters.
    applied: OnceLock<Arc<Arena>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As [`Inner`](Self::Inner), each line read by itself.
    Sent,
    /// The payload of a `text/event-plain`: header lines, then perhaps a blank line and a body.
    Inner,
    /// The header block of a message, its body given apart; shown as an event of type `SOCKET_DATA`.
    Head { body: Option<(u32, u32)> },
    /// The payload of a `text/event-json` that was found to be a flat object.
    Json { rules: Rules, shape: flat::Shape },
}

/// How the event is to be read.
pub(super) enum View<'a> {
    Lines(Lines<'a>),
    Flat(Flat<'a>),
    Applied(&'a Arc<Arena>),
}

impl Wire {
    pub(super) fn new(bytes: Arc<[u8]>, start: u32, end: u32, kind: Kind) -> Self {
        Self { bytes, start, end, kind, facts: OnceLock::new(), applied: OnceLock::new() }
    }

    /// As it must be read for all its headers.
    pub(super) fn view(&self) -> View<'_> {
        let applies = match self.kind {
            Kind::Sent => self.lines().holds_arrays(),
            Kind::Inner | Kind::Head { .. } => self.facts().acting != Acting::None,
            Kind::Json { rules: Rules::Sent, shape } => shape.lists || self.flat().holds_arrays(),
            Kind::Json { rules: Rules::Classic, shape } => {
                shape.lists || self.facts().acting == Acting::Other
            }
        };
        if applies { View::Applied(self.applied()) } else { self.unapplied() }
    }

    /// As it must be read for its type and its body.
    pub(super) fn view_apart_from_headers(&self) -> View<'_> {
        let applies = match self.kind {
            Kind::Sent => false,
            Kind::Inner | Kind::Head { .. } => self.facts().acting == Acting::Other,
            Kind::Json { rules, .. } => rules == Rules::Classic && self.facts().acting == Acting::Other,
        };
        if applies { View::Applied(self.applied()) } else { self.unapplied() }
    }

    /// As it must be read for the headers of that name.
    pub(super) fn view_of(&self, name: &[u8]) -> View<'_> {
        let applies = match self.kind {
            Kind::Sent => false,
            Kind::Inner | Kind::Head { .. } => match self.facts().acting {
                Acting::None => false,
                Acting::Arrays => {
                    self.lines().any_named(name, |value| is_array_text(&percent::decode(value)))
                }
                Acting::Other => true,
            },
            Kind::Json { rules, shape } => {
                !Flat::can_find(name)
                    || (rules == Rules::Classic && self.facts().acting == Acting::Other)
                    || (shape.lists && self.flat().any_list(name))
            }
        };
        if applies { View::Applied(self.applied()) } else { self.unapplied() }
    }

    /// The body, of an event that is read where it stands.
    pub(super) fn body(&self) -> Option<&[u8]> {
        match self.kind {
            Kind::Sent => {
                let body = self.lines().behind_blank();
                (!body.is_empty() && self.lines().has_length()).then_some(body)
            }
            Kind::Inner => self.facts().has_length.then(|| self.lines().behind_blank()),
            Kind::Head { body } => body.map(|span| self.slice(span)),
            Kind::Json { shape, .. } => {
                let body = self.slice(shape.body?);
                if flat::is_escaped(body) { self.applied().body.as_deref() } else { Some(body) }
            }
        }
    }

    fn unapplied(&self) -> View<'_> {
        match self.kind {
            Kind::Json { .. } => View::Flat(self.flat()),
            _ => View::Lines(self.lines()),
        }
    }

    fn lines(&self) -> Lines<'_> {
        let of = if matches!(self.kind, Kind::Head { .. }) { Of::Head } else { Of::Event };
        Lines::new(self.text(), of)
    }

    fn flat(&self) -> Flat<'_> {
        Flat::new(self.text())
    }

    fn facts(&self) -> Facts {
        *self.facts.get_or_init(|| match self.kind {
            Kind::Json { shape, .. } => {
                Facts { acting: Acting::of_flat(self.flat(), shape), has_length: shape.body.is_some() }
            }
            _ => Facts::of(self.text()),
        })
    }

    fn applied(&self) -> &Arc<Arena> {
        self.applied.get_or_init(|| Arc::new(self.apply()))
    }

    fn text(&self) -> &[u8] {
        self.slice((self.start, self.end))
    }

    fn slice(&self, span: (u32, u32)) -> &[u8] {
        &self.bytes[span.0 as usize..span.1 as usize]
    }

    /// The same event in a form that can be edited.
    pub(super) fn to_arena(&self) -> Arena {
        match self.applied.get() {
            Some(arena) => Arena::clone(arena),
            None => self.apply(),
        }
    }

    /// Adds the headers one after the other, each with all that it does to those before it.
    fn apply(&self) -> Arena {
        match self.kind {
            Kind::Sent => self.apply_sent(),
            Kind::Inner => self.apply_lines(),
            Kind::Head { body } => {
                let mut arena = Arena::with_capacity(self.text().len() + 32, self.text().len() / 32 + 4);
                if let Some((name, value)) = self.lines().synthetic() {
                    arena.append(Stack::Bottom, name, value);
                }
                arena.event_type = Some(EventType::SocketData);
                for (name, value) in HeaderLines::new(self.text()) {
                    arena.add_line(name, &percent::decode(value));
                }
                // A header `_body` has set another one before.
                if let Some(span) = body {
                    arena.set_body(self.slice(span));
                }
                arena
            }
            // That it can be read was found out when it was received.
            Kind::Json { rules, .. } => json::read(self.text(), rules).unwrap_or_default(),
        }
    }

    fn apply_sent(&self) -> Arena {
        let mut arena = Arena::with_capacity(self.text().len() + 32, self.text().len() / 32 + 4);
        for (name, value) in EventLines::new(self.text()) {
            arena.append_sent(name, &percent::decode(value));
        }
        arena.event_type.get_or_insert(EventType::Custom);
        if let Some(body) = self.body() {
            arena.set_body(body);
        }
        arena
    }

    fn apply_lines(&self) -> Arena {
        let mut lines = EventLines::new(self.text());
        let mut arena = Arena::with_capacity(self.text().len() + 32, self.text().len() / 32 + 4);
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
}

impl<'a> View<'a> {
    /// The decoded value of the first header of that name.
    pub(super) fn value(&self, name: &[u8]) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Lines(lines) => lines.find(name).map(percent::decode),
            Self::Flat(flat) => flat.find(name).map(flat::unescaped),
            Self::Applied(arena) => arena.find(name).map(|at| Cow::Borrowed(arena.value(at))),
        }
    }
}
