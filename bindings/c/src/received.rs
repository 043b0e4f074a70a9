//! Events in one allocation: the struct, its headers and all their strings.

use std::mem::offset_of;
use std::ptr;

use libc::c_int;
use memchr::memchr2_iter;
use switchwire_proto::raw::{JsonBody, JsonValue as Kind, adding, array, json_elements, json_spans};
use switchwire_proto::{ContentType, EventType, Frame, percent};

use crate::headers::{Allocated, Event, Stack, key_of};
use crate::lines::{Decode, Line, Lines, decode_json};
use crate::memory::until_nul;
use crate::types::{esl_event_header_t, esl_event_t};

/// An event without headers; NULL when memory runs out.
pub(crate) fn empty(event_type: EventType) -> *mut esl_event_t {
    allocate(0, event_type)
}

/// The struct, zero except for its type, followed by `extra` bytes.
fn allocate(extra: usize, event_type: EventType) -> *mut esl_event_t {
    let size = size_of::<Allocated>() + extra;
    // SAFETY: zeroed memory is a valid event; the room is as large as what is written.
    unsafe {
        let event = libc::malloc(size).cast::<esl_event_t>();
        if !event.is_null() {
            ptr::write_bytes(event.cast::<Allocated>(), 0, 1);
            (*event).event_id = number(event_type);
            (*event).key = key_of(event);
            (*event.cast::<Allocated>()).end = event.cast::<u8>().add(size);
        }
        event
    }
}

pub(crate) fn number(event_type: EventType) -> c_int {
    event_type.number().cast_signed()
}

/// A received message as C's event: `Event-Name: SOCKET_DATA`, its own headers, its body.
pub(crate) fn outer(frame: &Frame<'_>) -> *mut esl_event_t {
    let mut lines = Lines::new(percent::decode_to);
    lines.of_outer(frame.headers());
    let (event, _) = build(frame.head(), &lines, true);
    // SAFETY: made just now.
    if let (Some(event), Some(body)) = (unsafe { Event::new(event) }, frame.body()) {
        event.set_body(Some(body));
    }
    event
}

/// The event that a message's body is.
pub(crate) fn inner(content_type: ContentType, body: &[u8]) -> *mut esl_event_t {
    match content_type {
        ContentType::EventPlain => {
            let mut lines = Lines::new(percent::decode_to);
            lines.of_event(body);
            let (event, rest) = build(body, &lines, false);
            // SAFETY: made just now.
            if let (Some(event), Some(rest)) = (unsafe { Event::new(event) }, rest) {
                event.set_body(Some(rest));
            }
            event
        }
        ContentType::EventJson => {
            let mut lines = Lines::new(decode_json);
            let Some(text) = places(body, &mut lines) else {
                return switchwire_proto::Event::from_json(body)
                    .map_or(ptr::null_mut(), |event| from_model(&event));
            };
            let (event, _) = build(body, &lines, false);
            // SAFETY: made just now.
            if let (Some(event), Some(text)) = (unsafe { Event::new(event) }, text.unescaped()) {
                event.set_body(Some(&text));
            }
            event
        }
        _ => ptr::null_mut(),
    }
}

/// Not inlined: as a part of what delivers a message the loop over the text has too few registers (an event in JSON is then
/// 34,100 instructions in all, not 33,300).
#[inline(never)]
fn places<'a>(body: &'a [u8], lines: &mut Lines) -> Option<JsonBody<'a>> {
    json_spans(body, lines)
}

/// An event of the model in C's memory.
pub(crate) fn from_model(model: &switchwire_proto::Event) -> *mut esl_event_t {
    let pointer = empty(model.event_type());
    // SAFETY: made just now.
    if let Some(event) = unsafe { Event::new(pointer) } {
        for header in model.headers() {
            event.append(header.name_bytes(), &header.value_bytes(), header.elements());
        }
        if let Some(body) = model.body() {
            event.set_body(Some(body));
        }
    }
    pointer
}

/// The event made of a message's own headers (`outer`), or of an event's header lines; for the latter also the text after
/// the block, when a `Content-Length` makes it a body.
fn build<'a>(text: &'a [u8], lines: &Lines, outer: bool) -> (*mut esl_event_t, Option<&'a [u8]>) {
    let head = &text[..lines.end];
    let event_type = if outer { EventType::SocketData } else { EventType::Custom };
    let leading = lines.leading;
    let room = leading.len() + head.len() + 1;
    let pointer = allocate(lines.count * size_of::<esl_event_header_t>() + room, event_type);
    // SAFETY: made just now.
    let Some(event) = (unsafe { Event::new(pointer) }) else { return (pointer, None) };
    // SAFETY: the event was allocated with room for the headers and, after them, for the text, in which each name and each
    // value becomes a string in place.
    let (headers, strings) = unsafe {
        let headers = pointer.cast::<u8>().add(size_of::<Allocated>()).cast::<esl_event_header_t>();
        let strings = headers.add(lines.count).cast::<u8>();
        for (at, part) in [(0, leading), (leading.len(), head)] {
            ptr::copy_nonoverlapping(part.as_ptr(), strings.add(at), part.len());
        }
        // Ends the last value.
        strings.add(room - 1).write(0);
        (headers, strings)
    };
    let in_strings = |at: usize| u32::try_from(at.saturating_add(leading.len())).unwrap_or(u32::MAX);
    let (first, last) = if lines.odd { odd_places(head) } else { NONE };
    let mut filling = Filling {
        event,
        text,
        strings,
        leading: leading.len(),
        outer,
        odd: (in_strings(first), in_strings(last)),
        named: false,
        content_length: false,
        acted: false,
        decode: lines.decode,
    };
    for (at, line) in lines.iter().enumerate() {
        // SAFETY: there is room for as many headers as there are lines, whose places are within the strings.
        unsafe { filling.line(headers.add(at), line) };
    }
    (pointer, (!outer && filling.has_length()).then(|| &text[lines.end..]))
}

/// The first and the last place in header lines at which a name may have an index, a value be array text, or a NUL is; in between
/// and at them lines are looked at with care. ([`NONE`] in nearly all events.)
fn odd_places(head: &[u8]) -> (usize, usize) {
    // `[`: an index in a name. (In a value it is escaped as a rule; an unescaped one costs a little time.) NUL: a C string ends.
    let places = memchr2_iter(b'[', 0, head).chain(array::places_written_in(head));
    places.fold(NONE, |(first, last), at| (first.min(at), last.max(at)))
}

/// No such place: the first one is after every line.
const NONE: (usize, usize) = (usize::MAX, 0);

/// An event under construction: lines are added in order, each with its effect on earlier ones.
struct Filling<'a> {
    event: Event,
    /// What the event is made of, and its copy in the event, after `leading` bytes.
    text: &'a [u8],
    strings: *mut u8,
    leading: usize,
    outer: bool,
    /// The first and the last place at which a name may have an index, a value be array text, or a NUL is.
    odd: (u32, u32),
    /// There was an `Event-Name`.
    named: bool,
    content_length: bool,
    /// Some line interacted with others, so the list differs from the lines.
    acted: bool,
    decode: Decode,
}

impl Filling<'_> {
    /// Adds a line. Its header goes to `place` when it interacts with no other line.
    ///
    /// # Safety
    /// The line's places are within the strings, and there is room for a header.
    #[inline]
    unsafe fn line(&mut self, place: *mut esl_event_header_t, line: &Line) {
        // SAFETY: the caller's promise; a string ends where nothing is read any more: at the colon, and after the value.
        unsafe {
            let (name, value) = (self.strings.add(line.name as usize), self.strings.add(line.value as usize));
            let key = std::slice::from_raw_parts(name, (line.colon - line.name) as usize);
            let mut length = line.end as usize - line.value as usize;
            // Of nearly all lines these are all that has to be looked at.
            let mut may_interact = line.end > self.odd.0 && line.name <= self.odd.1;
            match line.kind {
                Kind::Plain => {}
                Kind::Escaped => {
                    // Array text may come from an escaped letter.
                    let letter;
                    (length, letter) = self.decoded(line);
                    may_interact |= letter;
                }
                Kind::List => return self.list(key, std::slice::from_raw_parts(value, length)),
            }
            *self.strings.add(line.colon as usize) = 0;
            *value.add(length) = 0;
            may_interact |= *value == 0;
            match key {
                [b'E' | b'e', ..] if key.len() == EVENT_NAME.len() => {
                    self.name_event(key, std::slice::from_raw_parts(value, length));
                }
                [b'C' | b'c', ..] if key.len() == CONTENT_LENGTH.len() => {
                    self.content_length |= line.end > line.value && key.eq_ignore_ascii_case(CONTENT_LENGTH);
                }
                [b'_', ..] => may_interact = true,
                _ => {}
            }
            if may_interact && !self.stands_alone(key, std::slice::from_raw_parts(value, length)) {
                return;
            }
            // Written completely before it is linked; its strings end in NUL. `last_header` is the last one: no program has seen
            // the event yet.
            place.write(esl_event_header_t {
                name: name.cast(),
                value: value.cast(),
                array: ptr::null_mut(),
                idx: 0,
                hash: 0,
                next: ptr::null_mut(),
            });
            let list = self.event.set();
            match list.last_header.as_mut() {
                Some(last) => last.next = place,
                None => list.headers = place,
            }
            list.last_header = place;
        }
    }

    /// Decodes a value into its place; returns its length, and whether an escape stood for a letter.
    ///
    /// # Safety
    /// As for [`line`](Self::line).
    #[inline]
    unsafe fn decoded(&self, line: &Line) -> (usize, bool) {
        let raw = &self.text[line.value as usize - self.leading..line.end as usize - self.leading];
        // SAFETY: the place of this very text in the strings; nothing else refers to it now.
        let room =
            unsafe { std::slice::from_raw_parts_mut(self.strings.add(line.value as usize), raw.len()) };
        (self.decode)(raw, room)
    }

    /// Whether the line interacts with no other; if it does, it is added.
    #[cold]
    fn stands_alone(&mut self, key: &[u8], value: &[u8]) -> bool {
        let (key, value) = (until_nul(key), until_nul(value));
        let alone = adding::stands_alone(key, value);
        if !alone {
            self.acted = true;
            self.event.add_line(key, value);
        }
        alone
    }

    /// Adds the elements of a JSON list one by one, as libesl does.
    #[cold]
    fn list(&mut self, key: &[u8], list: &[u8]) {
        self.acted = true;
        for element in json_elements(list) {
            self.event.add(Stack::Push, key, &element);
        }
    }

    /// Whether the text after the block is a body: with any Content-Length, as the length itself may be wrong.
    fn has_length(&self) -> bool {
        if self.acted { self.event.find(CONTENT_LENGTH).is_some() } else { self.content_length }
    }

    /// Handles a line that may be `Event-Name`: it sets the event's type and replaces an earlier one.
    fn name_event(&mut self, key: &[u8], value: &[u8]) {
        let key = until_nul(key);
        if self.outer || !key.eq_ignore_ascii_case(EVENT_NAME) {
            return;
        }
        if std::mem::replace(&mut self.named, true) || self.acted {
            self.event.delete(key, None);
        }
        if let Some(event_type) = EventType::from_name(until_nul(value)) {
            self.event.set().event_id = number(event_type);
        }
    }
}

const EVENT_NAME: &[u8] = b"event-name";
const CONTENT_LENGTH: &[u8] = b"content-length";

// The headers after the struct must be aligned.
const _: () = assert!(size_of::<Allocated>().is_multiple_of(align_of::<esl_event_header_t>()));
const _: () = assert!(offset_of!(Allocated, public) == 0);
