//! Events in one allocation: the struct, its headers and all their strings.

use std::mem::{MaybeUninit, offset_of};
use std::ops::Range;
use std::ptr;

use libc::c_int;
use memchr::memchr2;
use switchwire_proto::raw::{EventSpan, JsonBody, adding, array, event_spans, json_spans, unescape_in_place};
use switchwire_proto::{ContentType, EventType, Frame, HeaderLines, percent};

use crate::headers::{Allocated, Event, key_of};
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
    let headers = frame.headers();
    let mut lines = Lines::new(percent::decode_in_place);
    lines.of_outer(headers.clone());
    let (event, _) = build(headers.text(), &lines, true);
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
            let mut lines = Lines::new(percent::decode_in_place);
            lines.of_event(body);
            let (event, rest) = build(body, &lines, false);
            // SAFETY: made just now.
            if let (Some(event), Some(rest)) = (unsafe { Event::new(event) }, rest) {
                event.set_body(Some(rest));
            }
            event
        }
        ContentType::EventJson => {
            let mut lines = Lines::new(unescape_in_place);
            let Some(text) = lines.of_json(body) else {
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
    let room = LEADING.len() + head.len() + 1;
    let pointer = allocate(lines.count * size_of::<esl_event_header_t>() + room, event_type);
    // SAFETY: made just now.
    let Some(event) = (unsafe { Event::new(pointer) }) else { return (pointer, None) };
    // SAFETY: the event was allocated with room for the headers and, after them, for the text, in which each name and each
    // value becomes a string in place.
    let (headers, strings) = unsafe {
        let headers = pointer.cast::<u8>().add(size_of::<Allocated>()).cast::<esl_event_header_t>();
        let strings = headers.add(lines.count).cast::<u8>();
        for (at, part) in [(0, LEADING), (LEADING.len(), head)] {
            ptr::copy_nonoverlapping(part.as_ptr(), strings.add(at), part.len());
        }
        // Ends the last value.
        strings.add(room - 1).write(0);
        (headers, std::slice::from_raw_parts_mut(strings, room))
    };
    // `[`: an index in a name. (In a value it is escaped as a rule; an unescaped one costs a little time.) NUL: a C string ends.
    let careful = memchr2(b'[', 0, head).is_some() || array::may_be_in(head);
    let mut filling = Filling { event, outer, careful, named: false, content_length: false, acted: false };
    for (at, line) in lines.iter().enumerate() {
        // SAFETY: there is room for as many headers as there are lines.
        filling.line(unsafe { headers.add(at) }, strings, line, lines.decode);
    }
    (pointer, (!outer && filling.has_length()).then(|| &text[lines.end..]))
}

/// An event under construction: lines are added in order, each with its effect on earlier ones.
struct Filling {
    event: Event,
    outer: bool,
    /// Some name may have an index, some value may be array text, or there are NULs.
    careful: bool,
    /// There was an `Event-Name`.
    named: bool,
    content_length: bool,
    /// Some line interacted with others, so the list differs from the lines.
    acted: bool,
}

impl Filling {
    /// Adds a line. Its header goes to `place` when it interacts with no other line.
    #[inline]
    fn line(
        &mut self,
        place: *mut esl_event_header_t,
        strings: &mut [u8],
        line: &Line,
        decode: fn(&mut [u8]) -> usize,
    ) {
        let (name, colon) = (line.name as usize, line.colon as usize);
        let (value, mut end) = (line.value as usize, line.end as usize);
        // Nothing is read any more from the colon's place, nor from the one after the value.
        strings[colon] = 0;
        if line.escaped {
            end = value + decode(&mut strings[value..end]);
        }
        strings[end] = 0;
        let key = &strings[name..colon];
        // Of nearly all lines these are all that has to be looked at.
        let mut may_interact = self.careful || strings[value] == 0;
        match key {
            [b'E' | b'e', _, _, _, _, _, b'N' | b'n', ..] => self.name_event(key, &strings[value..end]),
            [b'C' | b'c', _, _, _, _, _, _, _, b'L' | b'l', ..] => {
                self.content_length |= line.end > line.value && key.eq_ignore_ascii_case(b"content-length");
            }
            [b'_', ..] => may_interact = true,
            _ => {}
        }
        if may_interact {
            let (key, text) = (until_nul(key), until_nul(&strings[value..end]));
            if !adding::stands_alone(key, text) {
                self.acted = true;
                self.event.add_line(key, text);
                return;
            }
        }
        // SAFETY: written completely before it is linked; its strings end in NUL. `last_header` is the last one: no program has
        // seen the event yet.
        unsafe {
            place.write(esl_event_header_t {
                name: strings.as_mut_ptr().add(name).cast(),
                value: strings.as_mut_ptr().add(value).cast(),
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

    /// Whether the text after the block is a body: with any Content-Length, as the length itself may be wrong.
    fn has_length(&self) -> bool {
        if self.acted { self.event.find(b"content-length").is_some() } else { self.content_length }
    }

    /// Handles a line that may be `Event-Name`: it sets the event's type and replaces an earlier one.
    fn name_event(&mut self, key: &[u8], value: &[u8]) {
        let key = until_nul(key);
        if self.outer || !key.eq_ignore_ascii_case(b"event-name") {
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

/// Header lines of a text. The first [`ON_STACK`] are kept on the stack. Positions count from the beginning of the strings:
/// [`LEADING`], then the text.
struct Lines {
    first: [MaybeUninit<Line>; ON_STACK],
    more: Vec<Line>,
    count: usize,
    /// Where the block ends in the text.
    end: usize,
    /// Decodes an escaped value in place; returns its new length.
    decode: fn(&mut [u8]) -> usize,
}

/// Where a line's name and value begin and end, and whether it may hold escapes. (A message has at most 16 MB.)
#[derive(Clone, Copy)]
struct Line {
    name: u32,
    colon: u32,
    value: u32,
    end: u32,
    escaped: bool,
}

impl Line {
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "messages are far smaller, see `link::MAX_BODY`")]
    fn new(name: Range<usize>, value: Range<usize>, escaped: bool) -> Self {
        Self {
            name: name.start as u32,
            colon: name.end as u32,
            value: value.start as u32,
            end: value.end as u32,
            escaped,
        }
    }

    /// A line whose positions were counted from the beginning of the text.
    #[inline]
    fn in_text(name: Range<usize>, value: Range<usize>, escaped: bool) -> Self {
        let after_leading = |part: Range<usize>| LEADING.len() + part.start..LEADING.len() + part.end;
        Self::new(after_leading(name), after_leading(value), escaped)
    }
}

impl Lines {
    fn new(decode: fn(&mut [u8]) -> usize) -> Self {
        let first = [const { MaybeUninit::uninit() }; ON_STACK];
        Self { first, more: Vec::new(), count: 0, end: 0, decode }
    }

    /// A message's own headers, after [`LEADING`].
    fn of_outer(&mut self, lines: HeaderLines<'_>) {
        let value = LEADING_NAME + 1..LEADING.len() - 1;
        self.push(Line::new(0..LEADING_NAME, value, false));
        let text = lines.text();
        for (name, value) in lines {
            let place = |part: &[u8]| {
                // Parts of the text, except that an empty value may be a slice from elsewhere: its position does not matter.
                let at = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize).min(text.len());
                at..at + part.len()
            };
            self.push(Line::in_text(place(name), place(value), true));
        }
        self.end = text.len();
    }

    /// The lines of a plain event.
    fn of_event(&mut self, text: &[u8]) {
        let each = |EventSpan { name, value, escaped }| self.push(Line::in_text(name, value, escaped));
        self.end = event_spans(text, each);
    }

    /// The headers of a JSON event; `None` when it cannot be read in place.
    fn of_json<'a>(&mut self, text: &'a [u8]) -> Option<JsonBody<'a>> {
        json_spans(text, |EventSpan { name, value, escaped }| {
            // The closing quote becomes the string's end.
            self.end = value.end + 1;
            self.push(Line::in_text(name, value, escaped));
        })
    }

    #[inline]
    fn push(&mut self, line: Line) {
        match self.first.get_mut(self.count) {
            Some(place) => _ = place.write(line),
            None => self.more.push(line),
        }
        self.count += 1;
    }

    fn iter(&self) -> impl Iterator<Item = &Line> {
        let first = &self.first[..self.count.min(ON_STACK)];
        // SAFETY: the first `count` were written.
        first.iter().map(|line| unsafe { line.assume_init_ref() }).chain(&self.more)
    }
}

/// The first header of every message, as two C strings.
const LEADING: &[u8] = b"Event-Name\0SOCKET_DATA\0";
const LEADING_NAME: usize = "Event-Name".len();
const ON_STACK: usize = 256;

// The headers after the struct must be aligned.
const _: () = assert!(size_of::<Allocated>().is_multiple_of(align_of::<esl_event_header_t>()));
const _: () = assert!(offset_of!(Allocated, public) == 0);
