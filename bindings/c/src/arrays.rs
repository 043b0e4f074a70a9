//! ARRAY headers in C's own memory: the elements' pointers, and the joined text as the header's value.
//!
//! An element that is appended to the array that grew last is appended to its text form as well, which is not made anew then:
//! building a long array stays linear.

use std::ptr;

use libc::{c_char, c_int};
use switchwire_proto::raw::adding::HeaderList;
use switchwire_proto::raw::array;

use crate::headers::{Event, Stack, new_header};
use crate::memory::{bytes, copy, free};
use crate::types::{UNIQ_HEADERS, esl_event_header_t};

impl HeaderList for Event {
    type At = *mut esl_event_header_t;

    fn find(&self, name: &[u8]) -> Option<Self::At> {
        Self::find(*self, name)
    }

    fn insert(&mut self, first: bool, name: &[u8], value: &[u8]) -> Option<Self::At> {
        let header = new_header(name, value);
        self.link(header, if first { Stack::Top } else { Stack::Bottom });
        (!header.is_null()).then_some(header)
    }

    fn remove(&mut self, name: &[u8]) {
        self.delete(name, None);
    }

    fn set_body(&mut self, body: &[u8]) {
        Self::set_body(*self, Some(body));
    }

    fn is_unique(&self) -> bool {
        self.get().flags & UNIQ_HEADERS != 0
    }

    fn length(&self, at: Self::At) -> usize {
        // SAFETY: a header of this event.
        unsafe { length_of(at) }
    }

    fn make_array(&mut self, at: Self::At) {
        // SAFETY: a header of this event that has no array yet.
        unsafe { set_array(at, &[copy(bytes((*at).value).unwrap_or_default())]) };
    }

    fn extend<'a>(&mut self, at: Self::At, elements: impl Iterator<Item = &'a [u8]>) {
        // SAFETY: a header of this event.
        unsafe { self.append_elements(at, &elements.map(copy).collect::<Vec<_>>()) };
    }

    fn prepend(&mut self, at: Self::At, element: &[u8]) {
        // SAFETY: a header of this event, with as many elements as it says.
        unsafe {
            let before = length_of(at);
            self.append_elements(at, &[copy(element)]);
            if length_of(at) > before && before > 0 {
                std::slice::from_raw_parts_mut((*at).array, before + 1).rotate_right(1);
                self.join(at);
            }
        }
    }

    fn replace(&mut self, at: Self::At, index: usize, element: &[u8]) {
        // SAFETY: a header of this event, and an index below its number of elements.
        unsafe {
            let place = (*at).array.add(index);
            self.release(*place);
            *place = copy(element);
            self.forget_joined(at);
        }
    }
}

impl Event {
    /// # Safety
    /// The header belongs to this event.
    pub(crate) unsafe fn drop_array(self, header: *mut esl_event_header_t) {
        self.forget_joined(header);
        // SAFETY: an array has `idx` elements.
        unsafe {
            if !(*header).array.is_null() {
                for at in 0..length_of(header) {
                    self.release(*(*header).array.add(at));
                }
                self.release((*header).array);
                (*header).array = ptr::null_mut();
            }
            (*header).idx = 0;
        }
    }

    /// Appends elements that came from `malloc`.
    ///
    /// # Safety
    /// The header belongs to this event.
    unsafe fn append_elements(self, header: *mut esl_event_header_t, fresh: &[*mut c_char]) {
        // SAFETY: the array is enlarged before it is written to, and `idx` is set to what it holds.
        unsafe {
            let length = length_of(header);
            let size = ((length + fresh.len()) * size_of::<*mut c_char>()).next_power_of_two();
            let array = libc::realloc((*header).array.cast(), size).cast::<*mut c_char>();
            if array.is_null() {
                fresh.iter().for_each(|element| free(*element));
                return;
            }
            array.add(length).copy_from_nonoverlapping(fresh.as_ptr(), fresh.len());
            (*header).array = array;
            (*header).idx = c_int::try_from(length + fresh.len()).unwrap_or(c_int::MAX);
            if !self.append_joined(header, length, fresh) {
                self.join(header);
            }
        }
    }

    /// Rebuilds the text form.
    ///
    /// # Safety
    /// The header belongs to this event.
    unsafe fn join(self, header: *mut esl_event_header_t) {
        // SAFETY: the elements are C strings.
        unsafe {
            let mut text = Vec::new();
            array::join_into(elements(header).iter().map(|e| bytes(*e).unwrap_or_default()), &mut text);
            self.release((*header).value);
            (*header).value = copy(&text);
            self.note_joined(header, text.len());
        }
    }

    /// Appends the elements after the first `before` to the text form, if that is as this library left it and has its
    /// prefix. `false`: it must be made anew.
    ///
    /// # Safety
    /// The header belongs to this event.
    unsafe fn append_joined(
        self,
        header: *mut esl_event_header_t,
        before: usize,
        fresh: &[*mut c_char],
    ) -> bool {
        let Some(hidden) = self.hidden() else { return false };
        // SAFETY: `hidden` says that the event has the hidden part; the text is enlarged before it is written to.
        unsafe {
            let Joined { header: last, value, count, length } = (*hidden).joined;
            if last != header || value.is_null() || value != (*header).value || count != before || before < 2
            {
                return false;
            }
            let fresh = || fresh.iter().map(|element| bytes(*element).unwrap_or_default());
            let longer =
                length + fresh().map(|element| array::ARRAY_SEPARATOR.len() + element.len()).sum::<usize>();
            // Twice as much each time, so that few elements move the text.
            let text = libc::realloc(value.cast(), (longer + 1).next_power_of_two()).cast::<u8>();
            if text.is_null() {
                return false;
            }
            let mut end = length;
            for part in fresh().flat_map(|element| [array::ARRAY_SEPARATOR.as_bytes(), element]) {
                text.add(end).copy_from_nonoverlapping(part.as_ptr(), part.len());
                end += part.len();
            }
            *text.add(end) = 0;
            (*header).value = text.cast();
            self.note_joined(header, end);
        }
        true
    }

    /// The text form of the array is that of its elements, and has that length.
    ///
    /// # Safety
    /// The header belongs to this event.
    unsafe fn note_joined(self, header: *mut esl_event_header_t, length: usize) {
        if let Some(hidden) = self.hidden() {
            // SAFETY: `hidden` says that the event has the hidden part.
            unsafe {
                (*hidden).joined =
                    Joined { header, value: (*header).value, count: length_of(header), length };
            }
        }
    }

    /// The text form of the array is no longer that of its elements.
    fn forget_joined(self, header: *mut esl_event_header_t) {
        if let Some(hidden) = self.hidden() {
            // SAFETY: `hidden` says that the event has the hidden part.
            unsafe {
                if (*hidden).joined.header == header {
                    (*hidden).joined.header = ptr::null_mut();
                }
            }
        }
    }
}

/// Which array's text form was made last, and what it was then: one that a program has replaced since is not taken for it.
#[derive(Clone, Copy)]
pub(crate) struct Joined {
    header: *mut esl_event_header_t,
    value: *mut c_char,
    count: usize,
    length: usize,
}

/// The elements of an array header; empty for a plain one.
///
/// # Safety
/// A living header.
pub(crate) unsafe fn elements<'a>(header: *mut esl_event_header_t) -> &'a [*mut c_char] {
    // SAFETY: an array has `idx` elements.
    unsafe {
        match (*header).array.is_null() {
            true => &[],
            false => std::slice::from_raw_parts((*header).array, length_of(header)),
        }
    }
}

/// # Safety
/// A living header.
unsafe fn length_of(header: *mut esl_event_header_t) -> usize {
    // SAFETY: the caller's promise.
    unsafe { if (*header).array.is_null() { 0 } else { usize::try_from((*header).idx).unwrap_or(0) } }
}

/// # Safety
/// The header has no array yet; the elements came from `malloc`.
pub(crate) unsafe fn set_array(header: *mut esl_event_header_t, elements: &[*mut c_char]) {
    // SAFETY: the room is as large as what is copied.
    unsafe {
        let array = libc::malloc(size_of_val(elements).max(1)).cast::<*mut c_char>();
        if !array.is_null() {
            array.copy_from_nonoverlapping(elements.as_ptr(), elements.len());
            (*header).array = array;
            (*header).idx = c_int::try_from(elements.len()).unwrap_or(c_int::MAX);
        }
    }
}
