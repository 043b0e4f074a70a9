//! An event as it was received: the message's bytes and, once a header is asked for, where its lines begin.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use memchr::{memchr, memchr_iter, memmem};

use crate::arena::Arena;
use crate::line::{is_blank, next_line, split_inner_line, split_line};
use crate::{EventType, percent};

/// Offsets are positions in `bytes`, which limits keep under 4 GiB.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    bytes: Arc<[u8]>,
    start: u32,
    end: u32,
    kind: Kind,
    index: OnceLock<Index>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The payload of a `text/event-plain`: header lines, then perhaps a blank line and a body.
    Inner,
    /// The header block of a message, its body given apart.
    Head { body: Option<(u32, u32)>, socket_data: bool },
}

#[derive(Debug, Clone)]
enum Index {
    /// Every line stands for itself: look-ups may work on the bytes.
    Plain(Lines),
    /// Lines act on each other (arrays, `name[i]`, empty values, a second `Event-Name`): they were applied in order.
    Applied(Arc<Arena>),
}

#[derive(Debug, Clone)]
pub(super) struct Lines {
    starts: Arc<[u32]>,
    pub(super) event_type: EventType,
    pub(super) body: Option<(u32, u32)>,
}

/// How the event is to be read.
pub(super) enum View<'a> {
    Plain(&'a Wire, &'a Lines),
    Applied(&'a Arc<Arena>),
}

impl Wire {
    pub(super) fn new(bytes: Arc<[u8]>, start: u32, end: u32, kind: Kind) -> Self {
        Self { bytes, start, end, kind, index: OnceLock::new() }
    }

    pub(super) fn view(&self) -> View<'_> {
        match self.index.get_or_init(|| self.build()) {
            Index::Plain(lines) => View::Plain(self, lines),
            Index::Applied(arena) => View::Applied(arena),
        }
    }

    /// The header that the message did not have but the object model shows first.
    pub(super) fn synthetic(&self) -> Option<(&'static [u8], &'static [u8])> {
        matches!(self.kind, Kind::Head { socket_data: true, .. })
            .then_some((b"Event-Name", EventType::SocketData.name().as_bytes()))
    }

    pub(super) fn find(&self, lines: &Lines, name: &[u8]) -> Option<&[u8]> {
        if let Some((own, value)) = self.synthetic()
            && own.eq_ignore_ascii_case(name)
        {
            return Some(value);
        }
        // A name that is split at its own ": " is never a whole name.
        if memmem::find(name, b": ").is_some() {
            return None;
        }
        let text = &self.bytes[..self.end as usize];
        lines.starts.iter().find_map(|start| self.value_if_named(&text[*start as usize..], name))
    }

    pub(super) fn line(&self, start: u32) -> Option<(&[u8], &[u8])> {
        let line = next_line(&self.bytes[..self.end as usize], start as usize)?;
        self.kind.split(line.text)
    }

    pub(super) fn slice(&self, span: (u32, u32)) -> &[u8] {
        &self.bytes[span.0 as usize..span.1 as usize]
    }

    /// The same event in a form that can be edited.
    pub(super) fn to_arena(&self) -> Arena {
        match self.view() {
            View::Applied(arena) => Arena::clone(arena),
            View::Plain(_, lines) => {
                let size = (self.end - self.start) as usize;
                let mut arena = Arena::with_capacity(size + 32, lines.starts.len() + 4);
                if let Some((name, value)) = self.synthetic() {
                    arena.append(crate::arena::Stack::Bottom, name, value);
                }
                for (name, value) in lines.iter(self) {
                    arena.append(crate::arena::Stack::Bottom, name, &percent::decode(value));
                }
                arena.event_type = Some(lines.event_type);
                arena.body = lines.body.map(|span| self.slice(span).to_vec());
                arena
            }
        }
    }

    fn build(&self) -> Index {
        let text = &self.bytes[self.start as usize..self.end as usize];
        let mut found = [0u32; ON_STACK];
        let mut more = Vec::new();
        let mut count = 0;
        let mut scan = Scan { kind: self.kind, event_name: None, content_length: false, odd: false };
        let mut at = 0;
        let mut head_end = text.len();
        let mut ends = memchr_iter(b'\n', text);
        while at < text.len() {
            let end = ends.next().unwrap_or(text.len());
            let line = &text[at..end];
            if is_blank(line) {
                head_end = at;
                at = end + 1;
                break;
            }
            if scan.keeps(line) {
                let position = self.start + position(at);
                match found.get_mut(count) {
                    Some(place) => *place = position,
                    None => more.push(position),
                }
                count += 1;
            }
            at = end + 1;
        }
        let head = &text[..head_end];
        if scan.odd || memchr(b'[', head).is_some() || memmem::find(head, b"ARRAY").is_some() {
            return Index::Applied(Arc::new(self.apply()));
        }
        let starts = match more.is_empty() {
            true => Arc::from(&found[..count]),
            false => found.iter().copied().chain(more).collect(),
        };
        let body = match self.kind {
            Kind::Head { body, .. } => body,
            // With any Content-Length the body is all that is left: senders' own lengths may be wrong.
            Kind::Inner => scan.content_length.then(|| (self.start + position(at.min(text.len())), self.end)),
        };
        let event_type = match self.kind {
            Kind::Head { socket_data: true, .. } => EventType::SocketData,
            _ => scan.event_name.and_then(EventType::from_name).unwrap_or(EventType::Custom),
        };
        Index::Plain(Lines { starts, event_type, body })
    }

    /// Adds the lines one after the other, each with all that it does to those before it.
    fn apply(&self) -> Arena {
        let text = &self.bytes[self.start as usize..self.end as usize];
        let mut arena = Arena::with_capacity(text.len() + 32, text.len() / 32 + 4);
        if let Some((name, value)) = self.synthetic() {
            arena.append(crate::arena::Stack::Bottom, name, value);
            arena.event_type = Some(EventType::SocketData);
        }
        let mut content_length = false;
        let mut at = 0;
        while let Some(line) = next_line(text, at) {
            at = line.next;
            if is_blank(line.text) {
                break;
            }
            let Some((name, value)) = self.kind.split(line.text) else { continue };
            let value = percent::decode(value);
            if self.synthetic().is_some() {
                arena.add(crate::arena::Stack::Bottom, name, &value);
            } else {
                arena.add_received(name, &value);
            }
            content_length |= name.eq_ignore_ascii_case(b"content-length") && !value.is_empty();
        }
        let body = match self.kind {
            Kind::Head { body, .. } => body.map(|span| self.slice(span)),
            Kind::Inner => content_length.then(|| &text[at..]),
        };
        if let Some(body) = body {
            arena.set_body(body);
        }
        arena
    }

    /// The raw value when the text begins with a line of that name.
    #[inline]
    fn value_if_named<'a>(&self, text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
        if text.get(name.len()) != Some(&b':') || !text[..name.len()].eq_ignore_ascii_case(name) {
            return None;
        }
        let line = next_line(text, 0)?;
        self.kind.split(line.text).filter(|(whole, _)| whole.len() == name.len()).map(|(_, value)| value)
    }
}

impl Kind {
    fn split(self, line: &[u8]) -> Option<(&[u8], &[u8])> {
        match self {
            Self::Inner => split_inner_line(line),
            Self::Head { .. } => split_line(line),
        }
    }
}

impl Lines {
    pub(super) fn starts(&self) -> &[u32] {
        &self.starts
    }

    pub(super) fn iter<'a>(&'a self, wire: &'a Wire) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.starts.iter().filter_map(|start| wire.line(*start))
    }
}

/// What one pass over the lines finds out.
struct Scan<'a> {
    kind: Kind,
    event_name: Option<&'a [u8]>,
    content_length: bool,
    odd: bool,
}

impl<'a> Scan<'a> {
    /// Looks at a line that is not blank; says whether it is a header of its own.
    #[inline]
    fn keeps(&mut self, line: &'a [u8]) -> bool {
        let (first, last) = (line[0], line[line.len() - 1]);
        if matches!(last, b' ' | b'\t' | b':' | b'\r') {
            match self.kind.split(line) {
                None => return false,
                Some((_, [])) => {
                    // It removes headers of its name that came before it.
                    self.odd = true;
                    return false;
                }
                Some(_) => {}
            }
        }
        match first {
            b'E' | b'e' if matches!(line.get(6), Some(b'N' | b'n')) => self.event_name(line),
            b'C' | b'c' if matches!(line.get(8), Some(b'L' | b'l')) => {
                self.content_length |= self.named(line, b"content-length").is_some();
            }
            b'_' => self.odd = true,
            _ => {}
        }
        true
    }

    fn event_name(&mut self, line: &'a [u8]) {
        if let Some(value) = self.named(line, b"event-name") {
            self.odd |= self.event_name.is_some() || memchr(b'%', value).is_some();
            self.event_name = Some(value);
        }
    }

    fn named(&self, line: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
        self.kind.split(line).filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    }
}

fn position(at: usize) -> u32 {
    // Limits keep a whole frame under 4 GiB.
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// As many lines as nearly every event has; the largest recorded ones have 240.
const ON_STACK: usize = 256;

impl Wire {
    pub(super) fn decoded<'a>(value: &'a [u8]) -> Cow<'a, [u8]> {
        percent::decode(value)
    }
}
