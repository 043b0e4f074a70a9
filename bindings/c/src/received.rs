//! Events in one allocation: the struct, its headers and all their strings.

use std::mem::{MaybeUninit, offset_of};
use std::ptr;

use libc::c_int;
use memchr::memchr;
use switchwire_proto::{ContentType, EventLines, EventType, Frame, HeaderLines, array, percent};

use crate::headers::{Allocated, Event, Stack, key_of};
use crate::memory::until_nul;
use crate::types::{esl_event_header_t, esl_event_t};

/// An event with no header; NULL when there is no memory.
pub(crate) fn empty(event_type: EventType) -> *mut esl_event_t {
    allocate(0, event_type)
}

/// The struct, zero but for its type, and `extra` bytes behind it.
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

/// A received message as the event that C sees: `Event-Name: SOCKET_DATA`, its own headers, its body.
pub(crate) fn outer(frame: &Frame<'_>) -> *mut esl_event_t {
    let (event, _) = build(&Outer(frame.headers()));
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
            let (event, rest) = build(&Inner(body));
            // SAFETY: made just now.
            if let (Some(event), Some(rest)) = (unsafe { Event::new(event) }, rest) {
                event.set_body(Some(rest));
            }
            event
        }
        ContentType::EventJson => {
            switchwire_proto::Event::from_json(body).map_or(ptr::null_mut(), |event| from_model(&event))
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

/// The two kinds of header blocks: how their lines are read, and what leads them.
trait Block<'a> {
    const OUTER: bool;
    const TYPE: EventType = if Self::OUTER { EventType::SocketData } else { EventType::Custom };
    fn text(&self) -> &'a [u8];
    /// Calls `each` for every line; gives what is left behind the block.
    fn lines(&self, each: impl FnMut(&'a [u8], &'a [u8])) -> &'a [u8];
}

struct Outer<'a>(HeaderLines<'a>);
struct Inner<'a>(&'a [u8]);

impl<'a> Block<'a> for Outer<'a> {
    const OUTER: bool = true;

    fn text(&self) -> &'a [u8] {
        self.0.text()
    }

    fn lines(&self, mut each: impl FnMut(&'a [u8], &'a [u8])) -> &'a [u8] {
        self.0.clone().for_each(|(name, value)| each(name, value));
        &[]
    }
}

impl<'a> Block<'a> for Inner<'a> {
    const OUTER: bool = false;

    fn text(&self) -> &'a [u8] {
        self.0
    }

    #[inline]
    fn lines(&self, mut each: impl FnMut(&'a [u8], &'a [u8])) -> &'a [u8] {
        let mut lines = EventLines::new(self.0);
        lines.by_ref().for_each(|(name, value)| each(name, value));
        self.0.get(lines.position()..).unwrap_or_default()
    }
}

/// The event of a header block, and the rest behind the block when a `Content-Length` says that it is a body.
fn build<'a, B: Block<'a>>(block: &B) -> (*mut esl_event_t, Option<&'a [u8]>) {
    let mut lines = Lines::new(block.text());
    if B::OUTER {
        lines.push_leading();
    }
    let mut named = None;
    let mut content_length = false;
    // Whether lines act on each other, so that each must be looked at.
    let mut acting = false;
    let rest = block.lines(|name, raw| {
        match name {
            [b'E' | b'e', _, _, _, _, _, b'N' | b'n', ..]
                if !B::OUTER && name.eq_ignore_ascii_case(b"event-name") =>
            {
                acting |= named.is_some();
                named = Some(raw);
            }
            [b'C' | b'c', _, _, _, _, _, _, _, b'L' | b'l', ..] => {
                content_length |= !raw.is_empty() && name.eq_ignore_ascii_case(b"content-length");
            }
            [b'_', ..] => acting |= name == b"_body",
            _ => {}
        }
        acting |= raw.is_empty();
        lines.push(name, raw);
    });
    let head = &block.text()[..block.text().len() - rest.len()];
    lines.text = head;
    // An index in a name; in a value it is escaped, or it costs some time.
    acting |= memchr(b'[', head).is_some() || array::may_stand_in(head);
    let rest = (!B::OUTER && content_length).then_some(rest);
    let pointer = allocate(lines.count * size_of::<esl_event_header_t>() + lines.room(), B::TYPE);
    // SAFETY: made just now.
    let Some(event) = (unsafe { Event::new(pointer) }) else { return (pointer, None) };
    if !acting && fill_plain(event, &lines) {
        if let Some(event_type) = named.and_then(|raw| EventType::from_name(until_nul(&percent::decode(raw))))
        {
            event.set().event_id = number(event_type);
        }
        return (pointer, rest);
    }
    fill_acting(event, &lines, B::OUTER);
    (pointer, rest)
}

/// The room behind an event that was allocated for these lines: headers first, then the block's text, in which each name
/// and each value becomes a string where it stands.
///
/// # Safety
/// `allocate` gave the event that much room.
unsafe fn room<'e>(event: Event, lines: &Lines<'_>) -> (*mut esl_event_header_t, Strings<'e>) {
    // SAFETY: the caller's promise.
    unsafe {
        let headers = event.pointer().cast::<u8>().add(size_of::<Allocated>()).cast::<esl_event_header_t>();
        let text = headers.add(lines.count).cast::<u8>();
        for (at, part) in [(0, LEADING), (LEADING.len(), lines.text)] {
            ptr::copy_nonoverlapping(part.as_ptr(), text.add(at), part.len());
        }
        // The end of the last value.
        text.add(lines.room() - 1).write(0);
        (headers, Strings { text: std::slice::from_raw_parts_mut(text, lines.room()) })
    }
}

struct Strings<'e> {
    text: &'e mut [u8],
}

impl Strings<'_> {
    /// Makes strings of a line's name and value; gives where the two begin, and how long the value is.
    #[inline]
    fn make(&mut self, line: &Line) -> (usize, usize, usize) {
        let (name, value) = (line.name.0, line.value.0);
        // The colon's place, or another that nothing is read from any more.
        self.text[name + line.name.1] = 0;
        let end = value + line.value.1;
        let length = percent::decode_in_place(&mut self.text[value..end]);
        self.text[value + length] = 0;
        (name, value, length)
    }
}

/// Fills an event with lines that each stand for themselves. `false` when a value turns out to be empty once it is decoded.
fn fill_plain(event: Event, lines: &Lines<'_>) -> bool {
    // SAFETY: the event was allocated for these lines. Headers are written whole before they are linked.
    unsafe {
        let (headers, mut strings) = room(event, lines);
        let text = strings.text.as_mut_ptr();
        for (at, line) in lines.iter().enumerate() {
            let (name, value, _) = strings.make(line);
            if strings.text[value] == 0 {
                return false;
            }
            headers.add(at).write(header(text.add(name), text.add(value), headers.add(at + 1)));
        }
        if lines.count > 0 {
            let last = headers.add(lines.count - 1);
            (*last).next = ptr::null_mut();
            event.set().headers = headers;
            event.set().last_header = last;
        }
    }
    true
}

/// Line after line, each with all that it does to those before it. Those that only stand for themselves lie in the event's
/// room, too.
fn fill_acting(event: Event, lines: &Lines<'_>, outer: bool) {
    // SAFETY: as for `fill_plain`.
    unsafe {
        let (headers, mut strings) = room(event, lines);
        let text = strings.text.as_mut_ptr();
        for (at, line) in lines.iter().enumerate() {
            let (name_at, value_at, length) = strings.make(line);
            let name = &strings.text[name_at..name_at + line.name.1];
            let value = until_nul(&strings.text[value_at..value_at + length]);
            // As C sees it.
            let name = until_nul(name);
            if !outer && name.eq_ignore_ascii_case(b"event-name") {
                event.delete(name, None);
                if let Some(event_type) = EventType::from_name(value) {
                    event.set().event_id = number(event_type);
                }
            }
            let stands_alone = !value.is_empty()
                && name != b"_body"
                && array::split_index(name).is_none()
                && !array::is_array_text(value);
            if stands_alone {
                headers.add(at).write(header(text.add(name_at), text.add(value_at), ptr::null_mut()));
                event.link(headers.add(at), Stack::Bottom);
            } else {
                event.add_line(name, value);
            }
        }
    }
}

fn header(name: *mut u8, value: *mut u8, next: *mut esl_event_header_t) -> esl_event_header_t {
    esl_event_header_t {
        name: name.cast(),
        value: value.cast(),
        array: ptr::null_mut(),
        idx: 0,
        hash: 0,
        next,
    }
}

/// Header lines of a text, kept on the stack as long as they are as many as nearly every event has.
struct Lines<'a> {
    text: &'a [u8],
    first: [MaybeUninit<Line>; ON_STACK],
    more: Vec<Line>,
    count: usize,
}

/// Where name and value stand in the strings, and their lengths.
#[derive(Clone, Copy)]
struct Line {
    name: (usize, usize),
    value: (usize, usize),
}

impl<'a> Lines<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { text, first: [const { MaybeUninit::uninit() }; ON_STACK], more: Vec::new(), count: 0 }
    }

    /// What stands before the text and the text, and a NUL.
    fn room(&self) -> usize {
        LEADING.len() + self.text.len() + 1
    }

    /// The line that messages begin with.
    fn push_leading(&mut self) {
        let value = LEADING_NAME + 1;
        self.push_spans(Line { name: (0, LEADING_NAME), value: (value, LEADING.len() - 1 - value) });
    }

    /// A line of the text.
    #[inline]
    fn push(&mut self, name: &'a [u8], raw: &'a [u8]) {
        let place = |part: &[u8]| {
            // Parts of the text; an empty value may be one from elsewhere, and stands nowhere then.
            let at = (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize).min(self.text.len());
            (LEADING.len() + at, part.len())
        };
        self.push_spans(Line { name: place(name), value: place(raw) });
    }

    #[inline]
    fn push_spans(&mut self, line: Line) {
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

/// The header that a message shows first: its name and value are strings of their own here.
const LEADING: &[u8] = b"Event-Name\0SOCKET_DATA\0";
const LEADING_NAME: usize = "Event-Name".len();
const ON_STACK: usize = 256;

// The headers behind the struct must be aligned.
const _: () = assert!(size_of::<Allocated>().is_multiple_of(align_of::<esl_event_header_t>()));
const _: () = assert!(offset_of!(Allocated, public) == 0);
