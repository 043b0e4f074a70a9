//! The header list of an event, in C's own memory. The rules of adding are `switchwire-proto`'s (`adding`).
//!
//! A received event has its headers and strings in one block with the event itself. What is added later are separate
//! allocations from `malloc`, so that programs may edit lists by hand. [`Event::release`] frees only the latter.

use std::ptr;

use libc::{c_char, c_int};
use switchwire_proto::Elements;
use switchwire_proto::raw::adding;

use crate::arrays::{Joined, set_array};
use crate::memory::{bytes, copy, copy_text, free, until_nul};
use crate::types::{esl_event_header_t, esl_event_t};

pub(crate) use switchwire_proto::raw::adding::Stack;

/// The place of a header that an `esl_stack_t` means.
pub(crate) fn stack_of(number: c_int) -> Stack {
    match number {
        1 => Stack::Top,
        2 => Stack::Push,
        3 => Stack::Unshift,
        _ => Stack::Bottom,
    }
}

/// An event as this library allocates it: the public struct, a hidden part, then (for a received event) its headers and
/// strings.
#[repr(C)]
pub(crate) struct Allocated {
    pub(crate) public: esl_event_t,
    /// End of the one allocation.
    pub(crate) end: *const u8,
    /// The body whose length is kept because it holds NULs, and that length.
    pub(crate) long_body: *const c_char,
    pub(crate) long_body_length: usize,
    /// The array whose text form was made last.
    pub(crate) joined: Joined,
}

/// An event of C's, not NULL.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event(*mut esl_event_t);

impl Event {
    /// `None` for NULL.
    ///
    /// # Safety
    /// The pointer is NULL or a living event that no other thread changes meanwhile.
    pub(crate) unsafe fn new(event: *mut esl_event_t) -> Option<Self> {
        (!event.is_null()).then_some(Self(event))
    }

    pub(crate) fn get(&self) -> &esl_event_t {
        // SAFETY: a living event, by the promise made to `new`.
        unsafe { &*self.0 }
    }

    // The struct is C's, behind a pointer that is copied freely, so borrows must end with the statement.
    #[allow(
        clippy::mut_from_ref,
        reason = "the borrow ends with the statement; the event is behind a raw pointer"
    )]
    pub(crate) fn set(&self) -> &mut esl_event_t {
        // SAFETY: as for `get`; no reference outlives its statement in this module's callers.
        unsafe { &mut *self.0 }
    }

    /// The hidden part; `None` when a program allocated the event itself.
    pub(crate) fn hidden(self) -> Option<*mut Allocated> {
        (self.get().key == key_of(self.0)).then_some(self.0.cast())
    }

    /// Walks the headers.
    pub(crate) fn headers(self) -> impl Iterator<Item = *mut esl_event_header_t> {
        let mut next = self.get().headers;
        std::iter::from_fn(move || {
            let header = next;
            if header.is_null() {
                return None;
            }
            // SAFETY: a header of a living list.
            next = unsafe { (*header).next };
            Some(header)
        })
    }

    pub(crate) fn find(self, name: &[u8]) -> Option<*mut esl_event_header_t> {
        let Some(first) = name.first() else {
            // SAFETY: names of living headers.
            return self.headers().find(|header| unsafe { is_named((**header).name, name) });
        };
        // Most names differ in their first letter already. (In this form some other characters are the same.)
        let first = first | 0x20;
        // SAFETY: as above; a name ends in NUL, so it has a first byte.
        self.headers().find(|header| unsafe {
            let text = (**header).name;
            !text.is_null() && text.cast::<u8>().read() | 0x20 == first && is_named(text, name)
        })
    }

    /// The value of the first header of that name.
    pub(crate) fn value<'a>(self, name: &[u8]) -> Option<&'a [u8]> {
        // SAFETY: a living header; the caller uses the value before it changes the event.
        self.find(name).and_then(|header| unsafe { bytes((*header).value) })
    }

    /// The body, NULs included where its length is kept.
    pub(crate) fn body<'a>(self) -> Option<&'a [u8]> {
        let body = self.get().body;
        if let Some(hidden) = self.hidden() {
            // SAFETY: `hidden` says that the event has the hidden part; the length belongs to this very body.
            unsafe {
                if !body.is_null() && ptr::eq((*hidden).long_body, body) {
                    return Some(std::slice::from_raw_parts(body.cast(), (*hidden).long_body_length));
                }
            }
        }
        // SAFETY: NULL or a C string.
        unsafe { bytes(body) }
    }

    /// Adds a header by the rules of the event model.
    pub(crate) fn add(mut self, stack: Stack, name: &[u8], value: &[u8]) {
        adding::add(&mut self, stack, name, value);
    }

    /// Adds a received header line.
    pub(crate) fn add_line(mut self, name: &[u8], value: &[u8]) {
        adding::add_line(&mut self, name, value);
    }

    /// Adds array text element by element.
    pub(crate) fn add_array(mut self, name: &[u8], text: &[u8]) {
        adding::add_array(&mut self, name, text);
    }

    /// Appends a header as it is; with elements it is an array.
    pub(crate) fn append(self, name: &[u8], value: &[u8], elements: Option<Elements<'_>>) {
        let header = new_header(name, value);
        if let Some(elements) = elements.filter(|_| !header.is_null()) {
            let elements: Vec<_> = elements.map(copy_text).collect();
            // SAFETY: a header made just now.
            unsafe { set_array(header, &elements) };
        }
        self.link(header, Stack::Bottom);
    }

    /// Replaces the value of the first header of that name with a plain one; prepends a new header when there is none.
    pub(crate) fn replace_or_top(self, name: &[u8], value: &[u8]) {
        match self.find(name) {
            // SAFETY: a header of this event.
            Some(header) => unsafe {
                self.drop_array(header);
                self.release((*header).value);
                (*header).value = copy_text(value);
            },
            None => self.link(new_header(name, value), Stack::Top),
        }
    }

    /// Removes the headers of that name (and that value, if given). Returns whether there was one.
    pub(crate) fn delete(self, name: &[u8], value: Option<&[u8]>) -> bool {
        let mut found = false;
        let mut last = ptr::null_mut();
        let mut place: *mut *mut esl_event_header_t = &raw mut self.set().headers;
        // SAFETY: a walk over the places that point to headers of this event.
        unsafe {
            while !(*place).is_null() {
                let header = *place;
                let doomed = is_named((*header).name, name)
                    && value.is_none_or(|value| bytes((*header).value).unwrap_or_default() == value);
                if doomed {
                    *place = (*header).next;
                    self.free_header(header);
                    found = true;
                } else {
                    last = header;
                    place = &raw mut (*header).next;
                }
            }
        }
        self.set().last_header = last;
        found
    }

    /// Replaces the body; it may hold NULs, and may be the event's present body.
    pub(crate) fn set_body(self, body: Option<&[u8]>) {
        let fresh = body.map_or(ptr::null_mut(), copy);
        let length = body.filter(|body| until_nul(body).len() < body.len()).map(<[u8]>::len);
        self.release(self.get().body);
        self.set().body = fresh;
        // C cannot see a length, so the hidden part keeps it.
        if let Some(hidden) = self.hidden() {
            // SAFETY: `hidden` says that the event has the hidden part.
            unsafe {
                (*hidden).long_body = if length.is_some() { fresh } else { ptr::null_mut() };
                (*hidden).long_body_length = length.unwrap_or(0);
            }
        }
    }

    /// Frees the event and everything in it.
    pub(crate) fn destroy(self) {
        let block = self.block();
        let mut next = self.get().headers;
        while !next.is_null() {
            let header = next;
            // SAFETY: each header is read before it is freed.
            unsafe {
                next = (*header).next;
                let whole = (*header).array.is_null()
                    & block.holds(header)
                    & block.holds((*header).name)
                    & block.holds((*header).value);
                if !whole {
                    self.free_header(header);
                }
            }
        }
        self.release(self.get().subclass_name);
        self.release(self.get().body);
        // SAFETY: the event itself came from `malloc` and is not used again.
        unsafe { free(self.0) };
    }

    fn block(self) -> Block {
        let start = self.0.addr();
        // SAFETY: `hidden` says that the event has the hidden part.
        let size = self.hidden().map_or(0, |hidden| unsafe { (*hidden).end }.addr() - start);
        Block { start, size }
    }

    /// Frees a part of the event unless it lies in the event's own block.
    pub(crate) fn release<T>(self, piece: *mut T) {
        if !self.block().holds(piece) {
            // SAFETY: anything outside the block came from `malloc`: the contract for events in include/esl_event.h.
            unsafe { free(piece) };
        }
    }

    /// # Safety
    /// The header belongs to this event and is not used again.
    unsafe fn free_header(self, header: *mut esl_event_header_t) {
        // SAFETY: the caller's promise.
        unsafe {
            self.drop_array(header);
            self.release((*header).name);
            self.release((*header).value);
        }
        self.release(header);
    }

    /// Links a header into the list.
    ///
    /// The header is NULL (then nothing happens) or in no list yet.
    pub(crate) fn link(self, header: *mut esl_event_header_t, stack: Stack) {
        if header.is_null() {
            return;
        }
        let event = self.set();
        // SAFETY: the header is new, the list is this event's.
        unsafe {
            if stack == Stack::Top {
                (*header).next = event.headers;
                event.headers = header;
                if event.last_header.is_null() {
                    event.last_header = header;
                }
                return;
            }
            // `last_header` may be stale when a program edited the list by hand: continue from it to the end.
            let mut last = event.last_header;
            if event.headers.is_null() {
                event.headers = header;
            } else {
                if last.is_null() {
                    last = event.headers;
                }
                while !(*last).next.is_null() {
                    last = (*last).next;
                }
                (*last).next = header;
            }
            event.last_header = header;
        }
    }
}

/// The allocation of an event that this library made; empty for others.
#[derive(Clone, Copy)]
struct Block {
    start: usize,
    size: usize,
}

impl Block {
    #[inline]
    fn holds<T>(self, piece: *mut T) -> bool {
        piece.addr().wrapping_sub(self.start) < self.size
    }
}

/// A header in separate allocations; NULL when memory runs out.
pub(crate) fn new_header(name: &[u8], value: &[u8]) -> *mut esl_event_header_t {
    // SAFETY: all bits zero is a valid header.
    unsafe {
        let header = libc::calloc(1, size_of::<esl_event_header_t>()).cast::<esl_event_header_t>();
        if !header.is_null() {
            (*header).name = copy_text(name);
            (*header).value = copy_text(value);
        }
        header
    }
}

/// Whether a C string is that name, in any letter case.
///
/// # Safety
/// The string is NULL or ends in NUL.
#[inline]
unsafe fn is_named(text: *const c_char, name: &[u8]) -> bool {
    if text.is_null() {
        return false;
    }
    // SAFETY: reading stops at the first difference, at the latest at the NUL.
    unsafe {
        let text = text.cast::<u8>();
        // A NUL in `name` matches nothing: it ends the text.
        let same = |(at, byte): (usize, &u8)| match *text.add(at) {
            0 => false,
            letter => letter.eq_ignore_ascii_case(byte),
        };
        name.iter().enumerate().all(same) && *text.add(name.len()) == 0
    }
}

/// Marks an event that this library allocated at that address.
pub(crate) fn key_of(event: *mut esl_event_t) -> libc::c_ulong {
    (event.addr() as libc::c_ulong) ^ MARK
}

const MARK: libc::c_ulong = 0x5357_4945_5245_4553 as libc::c_ulong;
