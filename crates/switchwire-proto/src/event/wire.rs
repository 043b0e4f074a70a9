//! An event as it was received: the message's bytes and, once a header is asked for, where its lines begin.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock, OnceLock};

use memchr::{memchr_iter, memchr2, memchr2_iter, memmem, memrchr};

use super::sent::Sent;
use crate::arena::Arena;
use crate::array::is_array_text;
use crate::line::{is_blank, next_line, split_inner_line, split_line};
use crate::{EventType, percent};

/// Offsets are positions in `bytes`, which limits keep under 4 GiB.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    bytes: Arc<[u8]>,
    start: u32,
    end: u32,
    kind: Kind,
    lines: OnceLock<Lines>,
    /// The lines applied in order, made when it matters.
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
}

#[derive(Debug, Clone)]
pub(super) struct Lines {
    starts: Arc<[u32]>,
    pub(super) event_type: EventType,
    pub(super) body: Option<(u32, u32)>,
    acting: Acting,
}

/// Whether lines act on each other, so that they have to be applied one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Acting {
    /// Every line stands for itself: look-ups may work on the bytes.
    None,
    /// Some hold array text, which acts on headers of their own name only.
    Arrays,
    /// `name[i]`, `_body`, an empty value, a second `Event-Name`.
    Other,
}

/// How the event is to be read.
pub(super) enum View<'a> {
    Sent(Sent<'a>),
    Plain(&'a Wire, &'a Lines),
    Applied(&'a Arc<Arena>),
}

impl Wire {
    pub(super) fn new(bytes: Arc<[u8]>, start: u32, end: u32, kind: Kind) -> Self {
        Self { bytes, start, end, kind, lines: OnceLock::new(), applied: OnceLock::new() }
    }

    /// As it must be read for all its headers.
    pub(super) fn view(&self) -> View<'_> {
        match self.sent() {
            Some(sent) if sent.holds_arrays() => {
                View::Applied(self.applied.get_or_init(|| Arc::new(sent.to_arena())))
            }
            Some(sent) => View::Sent(sent),
            None => self.view_unless(|_, acting| acting != Acting::None),
        }
    }

    fn sent(&self) -> Option<Sent<'_>> {
        (self.kind == Kind::Sent).then(|| Sent::new(self.slice((self.start, self.end))))
    }

    /// As it must be read for its type and its body.
    pub(super) fn view_apart_from_headers(&self) -> View<'_> {
        if let Some(sent) = self.sent() {
            return View::Sent(sent);
        }
        self.view_unless(|_, acting| acting == Acting::Other)
    }

    /// As it must be read for the headers of that name.
    pub(super) fn view_of(&self, name: &[u8]) -> View<'_> {
        if let Some(sent) = self.sent() {
            return View::Sent(sent);
        }
        self.view_unless(|lines, acting| match acting {
            Acting::None => false,
            Acting::Arrays => self.named(lines, name).any(|value| is_array_text(&percent::decode(value))),
            Acting::Other => true,
        })
    }

    fn view_unless(&self, needs_applying: impl Fn(&Lines, Acting) -> bool) -> View<'_> {
        let lines = self.lines.get_or_init(|| self.build());
        if needs_applying(lines, lines.acting) {
            View::Applied(self.applied.get_or_init(|| Arc::new(self.apply())))
        } else {
            View::Plain(self, lines)
        }
    }

    /// The header that the message did not have but the object model shows first.
    pub(super) fn synthetic(&self) -> Option<(&'static [u8], &'static [u8])> {
        matches!(self.kind, Kind::Head { .. })
            .then_some((b"Event-Name", EventType::SocketData.name().as_bytes()))
    }

    pub(super) fn find<'a>(&'a self, lines: &'a Lines, name: &[u8]) -> Option<&'a [u8]> {
        if let Some((own, value)) = self.synthetic()
            && own.eq_ignore_ascii_case(name)
        {
            return Some(value);
        }
        self.named(lines, name).next()
    }

    /// The raw values of the lines of that name.
    fn named<'a, 'n>(
        &'a self,
        lines: &'a Lines,
        name: &'n [u8],
    ) -> impl Iterator<Item = &'a [u8]> + use<'a, 'n> {
        let text = &self.bytes[..self.end as usize];
        // The byte behind the name rules nearly all other lines out.
        let may_match = move |start: &&u32| text.get(**start as usize + name.len()) == Some(&b':');
        lines
            .starts
            .iter()
            .filter(may_match)
            .filter_map(move |start| self.value_if_named(&text[*start as usize..], name))
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
            View::Sent(sent) => sent.to_arena(),
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

    fn build(&self) -> Lines {
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
        let acting = if scan.odd { Acting::Other } else { Acting::of(&text[..head_end]) };
        let starts = match (acting, more.is_empty()) {
            (Acting::Other, _) => Arc::default(),
            (_, true) => Arc::from(&found[..count]),
            (_, false) => found.iter().copied().chain(more).collect(),
        };
        let body = match self.kind {
            Kind::Head { body } => body,
            // With any Content-Length the body is all that is left: senders' own lengths may be wrong.
            Kind::Sent | Kind::Inner => {
                scan.content_length.then(|| (self.start + position(at.min(text.len())), self.end))
            }
        };
        let event_type = match self.kind {
            Kind::Head { .. } => EventType::SocketData,
            _ => scan.event_name.and_then(EventType::from_name).unwrap_or(EventType::Custom),
        };
        Lines { starts, event_type, body, acting }
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
            if self.synthetic().is_none() {
                arena.take_event_name(name, &value);
            }
            arena.add_line(name, &value);
            content_length |= name.eq_ignore_ascii_case(b"content-length") && !value.is_empty();
        }
        let body = match self.kind {
            Kind::Head { body } => body.map(|span| self.slice(span)),
            Kind::Sent | Kind::Inner => content_length.then(|| &text[at..]),
        };
        if let Some(body) = body {
            arena.set_body(body);
        }
        arena
    }

    /// The raw value when the text begins with a line of that name.
    #[inline]
    fn value_if_named<'a>(&self, text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
        if !text.get(..name.len())?.eq_ignore_ascii_case(name) {
            return None;
        }
        let line = next_line(text, 0)?;
        self.kind.split(line.text).filter(|(whole, _)| whole.len() == name.len()).map(|(_, value)| value)
    }
}

impl Kind {
    fn split(self, line: &[u8]) -> Option<(&[u8], &[u8])> {
        match self {
            Self::Sent | Self::Inner => split_inner_line(line),
            Self::Head { .. } => split_line(line),
        }
    }
}

impl Acting {
    /// What the header lines hold that acts on others, apart from what one line shows ([`Scan`]).
    fn of(head: &[u8]) -> Self {
        let mut arrays = false;
        for at in memchr2_iter(b'[', b'Y', head) {
            if head[at] == b'[' {
                return Self::Other;
            }
            let before = &head[..at];
            arrays |= (before.ends_with(b"A") || before.ends_with(b"%41")) && is_array_line(head, at);
        }
        // Nobody escapes letters, but the server passes a `%59` that is part of a value through.
        arrays |= ESCAPED_Y.find_iter(head).any(|at| is_array_line(head, at));
        if arrays { Self::Arrays } else { Self::None }
    }
}

/// Whether the line around that position holds array text.
fn is_array_line(head: &[u8], at: usize) -> bool {
    let start = memrchr(b'\n', &head[..at]).map_or(0, |end| end + 1);
    next_line(head, start).is_some_and(|line| is_array_text(&percent::decode(line.text)))
}

static ESCAPED_Y: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"%59"));

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
            self.odd |= self.event_name.is_some() || memchr2(b'%', b':', value).is_some();
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
