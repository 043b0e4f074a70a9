//! The event: FreeSWITCH's ordered list of headers, with a type and perhaps a body.
//!
//! An event has one of two forms. *Received* ([`received`]) is the message's bytes, looked into at each look-up and never
//! parsed as a whole: header lines ([`received::plain`], also a message's own head) or flat JSON ([`received::json`]).
//! *Edited* is an [`arena`]: names and values one by one. XML and JSON that is not flat become an arena when they are read;
//! a received event becomes one at its first change ([`edit`]).
//!
//! A received event is read as sent or by libesl's rules ([`Rules`]). By those, headers can change earlier ones, and so can
//! array text in both readings: one pass ([`received::interactions`]) finds out whether any does. If not (the usual case)
//! look-ups read the bytes; if so, the headers are added in order to an arena within the received event, once, at the first
//! look-up that needs it. `Received::view_of` decides that.

pub(crate) mod arena;
mod arena_index;
mod classic;
mod edit;
mod exact;
mod headers;
mod received;

use std::borrow::Cow;
use std::sync::Arc;

pub use edit::Priority;
pub use exact::{ExactNames, is_json_of_strings, is_json_with_lists, last_value};
pub use headers::{Elements, Header, Headers};
pub use received::{JsonBody, JsonSpan, JsonSpans, JsonValue, json_elements, json_spans, unescape_in_place};

use crate::EventType;
use crate::array::elements_of;
use crate::format::Rules;
use crate::text::lossy;
use arena::Arena;
pub(crate) use received::Shape;
use received::{Kind, Received, View};

/// An event, as received or as built.
///
/// A received event keeps the bytes that came and reads them at each look-up: values are percent-decoded when they are
/// read, names are compared in any letter case, and nothing is allocated per header. The first change turns it into
/// an edited form, where libesl's rules of adding headers hold (see [`add_header`](Self::add_header)).
///
/// There are two ways to read what a server sent. [`Message::into_event`](crate::Message::into_event) takes every header
/// by itself, and one whose value begins with `ARRAY::` as an array. The classic layers use
/// [`Message::into_classic_event`](crate::Message::into_classic_event), which adds the headers one after the other as
/// libesl does: an empty one removes those before it, a second `Event-Name` replaces the first, array text anywhere in a
/// value makes an array, `name[3]` sets an element.
///
/// Cloning is cheap (the bytes are shared until a change); events may be sent to and shared with other
/// threads.
///
/// Headers keep their order, and duplicates stay. Values are bytes: [`header`](Self::header) gives text with U+FFFD for
/// what is not UTF-8, [`header_bytes`](Self::header_bytes) what was sent.
#[derive(Clone)]
pub struct Event {
    repr: Repr,
}

#[derive(Clone)]
enum Repr {
    Received(Received),
    Edited(Arc<Arena>),
}

impl Event {
    /// Of a `text/event-plain` payload.
    pub(crate) fn from_plain_bytes(bytes: Arc<[u8]>, start: u32, end: u32, rules: Rules) -> Self {
        Self::received(bytes, start, end, Kind::Plain { rules })
    }

    /// Of the header block of a message, by libesl's rules, as an event of type `SOCKET_DATA`.
    pub(crate) fn from_head(bytes: Arc<[u8]>, end: u32, body: Option<(u32, u32)>) -> Self {
        Self::received(bytes, 0, end, Kind::Head { body })
    }

    /// Of a JSON payload of that shape.
    pub(crate) fn from_flat_json(bytes: Arc<[u8]>, start: u32, end: u32, shape: Shape, rules: Rules) -> Self {
        Self::received(bytes, start, end, Kind::Json { rules, shape })
    }

    fn received(bytes: Arc<[u8]>, start: u32, end: u32, kind: Kind) -> Self {
        Self { repr: Repr::Received(Received::new(bytes, start, end, kind)) }
    }

    pub(crate) fn from_arena(arena: Arena) -> Self {
        Self { repr: Repr::Edited(Arc::new(arena)) }
    }

    /// The type. An `Event-Name` that is not in the table gives [`EventType::Custom`]; see [`name`](Self::name).
    #[must_use]
    pub fn event_type(&self) -> EventType {
        match self.view_apart_from_headers() {
            View::Plain(lines) => lines.event_type(),
            View::Json(json) => json.event_type(),
            View::Arena(arena) => arena.event_type.unwrap_or(EventType::Custom),
        }
    }

    /// The `Event-Name` header, also when it is a name that is not in the table; without one, the type's name.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        self.header("Event-Name").unwrap_or_else(|| Cow::Borrowed(self.event_type().name()))
    }

    /// The `Event-Subclass` header, e.g. `conference::maintenance`.
    #[must_use]
    pub fn subclass(&self) -> Option<Cow<'_, str>> {
        self.header("Event-Subclass")
    }

    /// The `Unique-ID` header: the channel that the event is about.
    #[must_use]
    pub fn unique_id(&self) -> Option<Cow<'_, str>> {
        self.header("Unique-ID")
    }

    /// The value of the first header of that name, in any letter case; `_body` is the body. Bytes that are not UTF-8
    /// come as U+FFFD.
    #[must_use]
    pub fn header(&self, name: impl AsRef<[u8]>) -> Option<Cow<'_, str>> {
        self.header_bytes(name).map(lossy)
    }

    /// As [`header`](Self::header), in bytes. An array header gives its `ARRAY::a|:b` form.
    #[must_use]
    pub fn header_bytes(&self, name: impl AsRef<[u8]>) -> Option<Cow<'_, [u8]>> {
        let name = name.as_ref();
        let found = self.view_of(name).value(name);
        found.or_else(|| (name == b"_body").then(|| self.body().map(Cow::Borrowed)).flatten())
    }

    /// One element of an array header; `None` when the header is not an array or has fewer. For `_body` every index
    /// gives the body, as in libesl.
    #[must_use]
    pub fn header_element(&self, name: impl AsRef<[u8]>, index: usize) -> Option<Cow<'_, [u8]>> {
        let name = name.as_ref();
        match self.view_of(name) {
            View::Arena(arena) => {
                if let Some(at) = arena.find(name) {
                    return arena.elements(at)?.get(index).map(|element| Cow::Borrowed(&element[..]));
                }
            }
            in_place => {
                if let Some(value) = in_place.value(name) {
                    return elements_of(&value)?.nth(index).map(|element| Cow::Owned(element.to_vec()));
                }
            }
        }
        self.header_bytes(name)
    }

    /// The elements of an array header; one element for a plain header; `None` when there is no such header.
    #[must_use]
    pub fn array(&self, name: impl AsRef<[u8]>) -> Option<Vec<Cow<'_, str>>> {
        let name = name.as_ref();
        let owned = |element: &[u8]| Cow::Owned(String::from_utf8_lossy(element).into_owned());
        match self.view_of(name) {
            View::Arena(arena) => {
                if let Some(elements) = arena.find(name).and_then(|at| arena.elements(at)) {
                    return Some(elements.iter().map(|element| String::from_utf8_lossy(element)).collect());
                }
            }
            in_place => {
                let value = in_place.value(name);
                if let Some(elements) = value.as_deref().and_then(elements_of) {
                    return Some(elements.map(owned).collect());
                }
            }
        }
        self.header(name).map(|value| vec![value])
    }

    /// Every header, in order, duplicates included.
    #[must_use]
    pub fn headers(&self) -> Headers<'_> {
        Headers::new(self.view())
    }

    /// The body, as it came (a body is not percent-coded). `Some` and empty for a message with `Content-Length: 0`.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        match (self.view_apart_from_headers(), &self.repr) {
            (View::Arena(arena), _) | (_, Repr::Edited(arena)) => arena.body.as_deref(),
            (_, Repr::Received(received)) => received.body(),
        }
    }

    /// The body as text; bytes that are not UTF-8 come as U+FFFD.
    #[must_use]
    pub fn body_text(&self) -> Option<Cow<'_, str>> {
        self.body().map(String::from_utf8_lossy)
    }

    /// About how many bytes of memory its text keeps: of a received event, the whole message's.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        match &self.repr {
            Repr::Received(received) => received.held_bytes(),
            Repr::Edited(arena) => arena.held_bytes(),
        }
    }

    fn view(&self) -> View<'_> {
        self.view_by(Received::view)
    }

    fn view_of(&self, name: &[u8]) -> View<'_> {
        self.view_by(|received| received.view_of(name))
    }

    fn view_apart_from_headers(&self) -> View<'_> {
        self.view_by(Received::view_apart_from_headers)
    }

    fn view_by<'a>(&'a self, of: impl FnOnce(&'a Received) -> View<'a>) -> View<'a> {
        match &self.repr {
            Repr::Received(received) => of(received),
            Repr::Edited(arena) => View::Arena(arena),
        }
    }
}

impl<'a> IntoIterator for &'a Event {
    type Item = Header<'a>;
    type IntoIter = Headers<'a>;

    fn into_iter(self) -> Headers<'a> {
        self.headers()
    }
}

/// Shows headers and body as text, whatever form they are kept in.
impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        struct List<'a>(&'a Event);
        impl std::fmt::Debug for List<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_map().entries(self.0.headers().map(|header| (header.name(), header.value()))).finish()
            }
        }
        f.debug_struct("Event")
            .field("type", &self.event_type())
            .field("headers", &List(self))
            .field("body", &self.body_text())
            .finish()
    }
}

/// Equal when type, headers (names, values, order, arrays) and body are.
impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.event_type() == other.event_type()
            && self.body() == other.body()
            && self.headers().eq(other.headers())
    }
}

impl Eq for Event {}
