//! What modesl's layer reads of every event, for a whole batch in one call: see `Batch::prefetch_received` and
//! `node/lib/modesl/received.js`. Of several headers of a name the last counts, letter case included.

use std::borrow::Cow;
use std::ops::Range;

use napi_derive::napi;
use switchwire::proto::raw::{ExactNames, is_json_of_strings, is_json_with_lists};
use switchwire::{ContentType, Event, EventType, Message};

use crate::prefetch::{Column, PREFETCH_ASK, PREFETCH_NONE};
use crate::slot::Slot;

/// Per piece of the messages two strings: numbers and places, and the text that the places are in.
pub(crate) fn columns(slots: &[Slot], names: &[String]) -> Vec<Column> {
    let names = ExactNames::new(OWN.into_iter().chain(names.iter().map(String::as_bytes)));
    let mut values = Vec::new();
    let pieces = slots.chunks(RECEIVED_PIECE as usize).flat_map(|slots| {
        let mut columns = Columns::for_piece(slots);
        for slot in slots {
            columns.add(slot, &names, &mut values);
        }
        [Column::Spans(columns.spans), Column::Text(columns.text)]
    });
    pieces.collect()
}

struct Columns {
    spans: Vec<u16>,
    text: Vec<u8>,
}

impl Columns {
    fn for_piece(slots: &[Slot]) -> Self {
        let size: usize = slots.iter().map(Slot::size).sum();
        Self {
            spans: Vec::with_capacity(slots.len() * MAX_WIDTH),
            text: Vec::with_capacity(size.min(2 * MAX_START)),
        }
    }

    fn add<'a>(&mut self, slot: &'a Slot, names: &ExactNames, values: &mut Vec<Option<Cow<'a, [u8]>>>) {
        let event = &slot.event;
        let message = slot.message.as_ref();
        let known = message.and_then(|message| {
            let kind = kind(message, event)?;
            let lists = if kind == RECEIVED_JSON_LISTS {
                names.last_members(event, values)
            } else {
                names.last_values(event, values);
                0
            };
            // What it goes by is text.
            (lists & OWN_NAMES == 0).then_some((message, kind, lists))
        });
        let Some((message, kind, lists)) = known else {
            // Read by itself.
            self.spans.extend([0, 0, NO_NUMBER, 0, 0]);
            (0..PLACES + names.len() - OWN.len()).for_each(|_| self.spans.extend([0, PREFETCH_ASK]));
            return;
        };
        let (own, read) = values.split_at_mut(OWN.len());
        let [job, channel, core, name, subclass, length] = own else { return };
        let payload = message.body().unwrap_or_default();
        let whole = self.append_whole(payload);
        let of_payload = Whole { payload, at: whole.as_ref().map(|whole| whole.start) };
        let id = [job, channel, core].into_iter().find_map(|id| id.take().filter(|id| !id.is_empty()));
        // What is in the table has one string for all events in JavaScript.
        let number = name.as_deref().map_or(NO_NUMBER, number);
        let flags = u16::from(id.as_deref().is_some_and(is_uuid)) * RECEIVED_UUID
            + u16::from(has_usual_head(message, kind)) * RECEIVED_USUAL_HEAD;
        let [.., high, mid, low, lowest] = payload.len().to_be_bytes();
        let bytes = [u16::from_be_bytes([low, lowest]), u16::from_be_bytes([high, mid])];
        self.spans.extend([kind, flags, number].into_iter().chain(bytes));
        match whole {
            Some(whole) => self.place(whole.start, whole.len()),
            None => self.spans.extend([0, PREFETCH_ASK]),
        }
        self.value(id.as_ref(), &of_payload);
        self.value(name.as_ref().filter(|_| number == NO_NUMBER), &of_payload);
        self.value(subclass.as_ref(), &of_payload);
        // A body of lines is announced.
        let may_have_body = kind != RECEIVED_PLAIN || length.is_some();
        let body = may_have_body.then(|| event.body()).flatten().map(Cow::Borrowed);
        self.value(body.as_ref(), &of_payload);
        for (at, value) in (OWN.len()..).zip(read) {
            if lists & (1 << at) != 0 {
                self.spans.extend([0, PREFETCH_ASK]);
            } else {
                self.value(value.as_ref(), &of_payload);
            }
        }
    }

    /// The payload at the end of the text, if it is short and ASCII: a one-byte string holds nothing else.
    fn append_whole(&mut self, payload: &[u8]) -> Option<Range<usize>> {
        let short = payload.len() <= MAX_PAYLOAD && self.text.len() + payload.len() <= MAX_START;
        (short && payload.is_ascii()).then(|| {
            let start = self.text.len();
            self.text.extend_from_slice(payload);
            start..self.text.len()
        })
    }

    fn value(&mut self, value: Option<&Cow<'_, [u8]>>, whole: &Whole<'_>) {
        let Some(value) = value else {
            self.spans.extend([0, PREFETCH_NONE]);
            return;
        };
        if let Some(start) = whole.place_of(value) {
            self.place(start, value.len());
        } else if value.len() <= MAX_VALUE && self.text.len() <= MAX_START && value.is_ascii() {
            let start = self.text.len();
            self.text.extend_from_slice(value);
            self.place(start, value.len());
        } else {
            self.spans.extend([0, PREFETCH_ASK]);
        }
    }

    fn place(&mut self, start: usize, length: usize) {
        // What begins above `MAX_START` was not put there.
        let span = u16::try_from(start).ok().zip(u16::try_from(length).ok());
        self.spans.extend(span.map_or([0, PREFETCH_ASK], |(start, length)| [start, length]));
    }
}

/// A payload, and where in the text it is.
struct Whole<'a> {
    payload: &'a [u8],
    at: Option<usize>,
}

impl Whole<'_> {
    /// Where in the text a value is that is a part of the payload.
    #[allow(clippy::ptr_arg, reason = "whether it is borrowed is the question")]
    fn place_of(&self, value: &Cow<'_, [u8]>) -> Option<usize> {
        let (at, Cow::Borrowed(value)) = (self.at?, value) else { return None };
        let before = value.as_ptr().addr().checked_sub(self.payload.as_ptr().addr())?;
        (before + value.len() <= self.payload.len()).then_some(at + before)
    }
}

/// How its headers can be read; none when the object of its headers has to be made.
fn kind(message: &Message, event: &Event) -> Option<u16> {
    match message.content_type() {
        ContentType::EventPlain => Some(RECEIVED_PLAIN),
        ContentType::EventXml => Some(RECEIVED_XML),
        ContentType::EventJson if is_json_of_strings(event) => Some(RECEIVED_JSON),
        ContentType::EventJson => is_json_with_lists(event).then_some(RECEIVED_JSON_LISTS),
        _ => None,
    }
}

/// Whether its own headers are those that FreeSWITCH sends, in that order and with those values.
fn has_usual_head(message: &Message, kind: u16) -> bool {
    let wanted: &[u8] = match kind {
        RECEIVED_PLAIN => b"text/event-plain",
        RECEIVED_XML => b"text/event-xml",
        _ => b"text/event-json",
    };
    let mut headers = message.headers();
    let length = headers.next();
    let length =
        length.filter(|(name, value)| *name == b"Content-Length" && value.iter().all(u8::is_ascii_digit));
    length.is_some() && headers.next() == Some((&b"Content-Type"[..], wanted)) && headers.next().is_none()
}

/// The number of the type of just that name.
fn number(name: &[u8]) -> u16 {
    let kind = EventType::from_name(name).filter(|kind| kind.name().as_bytes() == name);
    kind.and_then(|kind| u16::try_from(kind.number()).ok()).unwrap_or(NO_NUMBER)
}

/// Whether it is the text of a UUID: no word that a listener's pattern could be made of.
fn is_uuid(id: &[u8]) -> bool {
    id.len() == 36 && id.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
}

/// What is read of every event: first the ids that it goes by.
const OWN: [&[u8]; 6] =
    [b"Job-UUID", b"Unique-ID", b"Core-UUID", b"Event-Name", b"Event-Subclass", b"Content-Length"];

/// A bit for each of them.
const OWN_NAMES: u32 = (1 << OWN.len()) - 1;

/// An event of header lines.
#[napi]
pub const RECEIVED_PLAIN: u16 = 1;
/// An event that is a JSON object of strings.
#[napi]
pub const RECEIVED_JSON: u16 = 2;
#[napi]
pub const RECEIVED_XML: u16 = 3;
/// An event that is a JSON object of strings and lists of strings. In place of a list stands `PREFETCH_ASK`.
#[napi]
pub const RECEIVED_JSON_LISTS: u16 = 4;
/// Flag: its id is the text of a UUID.
#[napi]
pub const RECEIVED_UUID: u16 = 1;
/// Flag: its message's headers are a length and a type, as FreeSWITCH sends them.
#[napi]
pub const RECEIVED_USUAL_HEAD: u16 = 2;
/// Messages per piece of text, a power of two: what a program keeps of an event holds its piece's memory.
#[napi]
pub const RECEIVED_PIECE: u32 = 8;
/// Characters per message before those of the names: kind, flags, number of the type, the payload's bytes (two, the lower part
/// first), and start and length of the payload, the id, the name where it has no number, the subclass and the body.
#[napi]
pub const RECEIVED_WIDTH: u32 = 15;
const WIDTH: usize = RECEIVED_WIDTH as usize;
/// Places per message before those of the names.
const PLACES: usize = (WIDTH - 5) / 2;
/// The most characters per message: with sixteen names (received.js).
const MAX_WIDTH: usize = WIDTH + 2 * 16;
const NO_NUMBER: u16 = 0xFFFF;
/// Longer ones are read by themselves.
const MAX_PAYLOAD: usize = 16_000;
const MAX_VALUE: usize = 1000;
const MAX_START: usize = 0xE000;
