//! ARRAY headers in C's own memory: the elements' pointers, and the joined text as the header's value.

use std::ptr;

use libc::{c_char, c_int};
use switchwire_proto::array::{self, MAX_ARRAY_INDEX};

use crate::headers::{Event, Stack, new_header};
use crate::memory::{bytes, copy, free};
use crate::types::esl_event_header_t;

impl Event {
    /// Adds array text element by element.
    pub(crate) fn add_array(self, name: &[u8], text: &[u8]) {
        let mut elements = array::split(text);
        let Some(header) = self.find(name).or_else(|| self.first_element(name, &mut elements)) else {
            return;
        };
        let rest: Vec<&[u8]> = elements.collect();
        if rest.is_empty() {
            return;
        }
        if name == b"_body" {
            self.set_body(rest.last().copied());
        }
        self.push(header, Stack::Push, &rest);
    }

    /// The first element that is not empty makes the header of that name; array text in it is unfolded.
    fn first_element<'a>(
        self,
        name: &[u8],
        elements: &mut impl Iterator<Item = &'a [u8]>,
    ) -> Option<*mut esl_event_header_t> {
        elements.map(array::innermost).find_map(|element| {
            self.add(Stack::Push, name, element);
            (!element.is_empty()).then(|| self.find(name)).flatten()
        })
    }

    /// # Safety
    /// The header belongs to this event.
    pub(crate) unsafe fn drop_array(self, header: *mut esl_event_header_t) {
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

    /// `name[index]`: sets one element, with empty ones before it where there are none yet.
    pub(crate) fn set_element(self, name: &[u8], index: i64, value: &[u8]) {
        let Some(index) = usize::try_from(index).ok().filter(|index| *index <= MAX_ARRAY_INDEX) else {
            return;
        };
        let header = self.find(name).unwrap_or_else(|| {
            let header = new_header(name, b"");
            self.link(header, Stack::Bottom);
            header
        });
        if header.is_null() {
            return;
        }
        // SAFETY: a header of this event, and an index below its number of elements.
        unsafe {
            let length = length_of(header);
            if index < length {
                // The text form keeps the old element until the array grows: libesl's behaviour.
                let place = (*header).array.add(index);
                self.release(*place);
                *place = copy(value);
                return;
            }
            let fresh = (length..=index).map(|at| copy(if at == index { value } else { b"" }));
            self.extend(header, &fresh.collect::<Vec<_>>());
        }
    }

    pub(crate) fn push(self, header: *mut esl_event_header_t, stack: Stack, values: &[&[u8]]) {
        // SAFETY: a header of this event.
        unsafe {
            if (*header).array.is_null() {
                let plain = bytes((*header).value).unwrap_or_default();
                set_array(header, &[copy(plain)]);
            }
            self.extend(header, &values.iter().map(|value| copy(value)).collect::<Vec<_>>());
            if stack == Stack::Unshift && length_of(header) > values.len() {
                let length = length_of(header);
                std::slice::from_raw_parts_mut((*header).array, length).rotate_right(values.len());
                self.join(header);
            }
        }
    }

    /// Appends elements that came from `malloc`.
    ///
    /// # Safety
    /// The header belongs to this event.
    unsafe fn extend(self, header: *mut esl_event_header_t, fresh: &[*mut c_char]) {
        // SAFETY: the array is enlarged before it is written to, and `idx` is set to what it holds.
        unsafe {
            let length = length_of(header);
            let size = (length + fresh.len()) * size_of::<*mut c_char>();
            let array = libc::realloc((*header).array.cast(), size).cast::<*mut c_char>();
            if array.is_null() {
                fresh.iter().for_each(|element| free(*element));
                return;
            }
            array.add(length).copy_from_nonoverlapping(fresh.as_ptr(), fresh.len());
            (*header).array = array;
            (*header).idx = c_int::try_from(length + fresh.len()).unwrap_or(c_int::MAX);
            self.join(header);
        }
    }

    /// Makes the text form anew.
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
        }
    }
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
