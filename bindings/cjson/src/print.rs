//! Writing JSON text.

use std::ptr;

use libc::{c_char, c_int};

use crate::edge::{bytes, guard};
use crate::node::{self, ARRAY, FALSE, NULL, NUMBER, OBJECT, RAW, STRING, TRUE, cJSON, kind};
use crate::number;

/// The text with line breaks and tabs; NULL for what cannot be printed. Free it with `cJSON_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_Print(item: *const cJSON) -> *mut c_char {
    // SAFETY: the same promises.
    unsafe { give(item, true) }
}

/// The text on one line; NULL for what cannot be printed. Free it with `cJSON_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_PrintUnformatted(item: *const cJSON) -> *mut c_char {
    // SAFETY: the same promises.
    unsafe { give(item, false) }
}

/// As `cJSON_Print` or `cJSON_PrintUnformatted`; the guess at the size is not needed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_PrintBuffered(
    item: *const cJSON,
    _prebuffer: c_int,
    fmt: c_int,
) -> *mut c_char {
    // SAFETY: the same promises.
    unsafe { give(item, fmt != 0) }
}

/// Prints into `buffer` of `length` bytes; 0 when it does not fit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cJSON_PrintPreallocated(
    item: *mut cJSON,
    buffer: *mut c_char,
    length: c_int,
    format: c_int,
) -> c_int {
    guard(0, || {
        let Ok(length) = usize::try_from(length) else { return 0 };
        // SAFETY: C's promises: NULL or a living value, that many writable bytes or NULL.
        unsafe {
            match print(item, format != 0) {
                Some(text) if !buffer.is_null() && text.len() < length => {
                    buffer.cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), text.len());
                    *buffer.add(text.len()) = 0;
                    1
                }
                _ => 0,
            }
        }
    })
}

unsafe fn give(item: *const cJSON, tabs: bool) -> *mut c_char {
    // SAFETY: C's promise: NULL or a living value.
    guard(ptr::null_mut(), || unsafe { print(item, tabs) }.map_or(ptr::null_mut(), |text| node::text(&text)))
}

unsafe fn print(item: *const cJSON, tabs: bool) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    // SAFETY: the caller's promise: NULL or a living value.
    unsafe { value(item, tabs, 1, &mut out) }.then_some(out)
}

unsafe fn value(item: *const cJSON, tabs: bool, depth: usize, out: &mut Vec<u8>) -> bool {
    // SAFETY: the promise of `print`.
    unsafe {
        match kind(item) {
            NULL => out.extend_from_slice(b"null"),
            FALSE => out.extend_from_slice(b"false"),
            TRUE => out.extend_from_slice(b"true"),
            NUMBER => number::write((*item).valuedouble, out),
            STRING => string(bytes((*item).valuestring).unwrap_or_default(), out),
            RAW => match bytes((*item).valuestring) {
                Some(raw) => out.extend_from_slice(raw),
                None => return false,
            },
            ARRAY => return array(item, tabs, depth, out),
            OBJECT => return object(item, tabs, depth, out),
            _ => return false,
        }
        true
    }
}

unsafe fn array(item: *const cJSON, tabs: bool, depth: usize, out: &mut Vec<u8>) -> bool {
    // SAFETY: the promise of `print`.
    unsafe {
        out.push(b'[');
        let mut member = (*item).child;
        while !member.is_null() {
            if !value(member, tabs, depth + 1, out) {
                return false;
            }
            member = (*member).next;
            if !member.is_null() {
                out.extend_from_slice(if tabs { b", " } else { b"," });
            }
        }
        out.push(b']');
        true
    }
}

unsafe fn object(item: *const cJSON, tabs: bool, depth: usize, out: &mut Vec<u8>) -> bool {
    // SAFETY: the promise of `print`.
    unsafe {
        out.push(b'{');
        if tabs {
            out.push(b'\n');
        }
        let mut member = (*item).child;
        while !member.is_null() {
            if tabs {
                out.resize(out.len() + depth, b'\t');
            }
            string(bytes((*member).string).unwrap_or_default(), out);
            out.push(b':');
            if tabs {
                out.push(b'\t');
            }
            if !value(member, tabs, depth + 1, out) {
                return false;
            }
            member = (*member).next;
            if !member.is_null() {
                out.push(b',');
            }
            if tabs {
                out.push(b'\n');
            }
        }
        if tabs {
            out.resize(out.len() + depth - 1, b'\t');
        }
        out.push(b'}');
        true
    }
}

fn string(text: &[u8], out: &mut Vec<u8>) {
    switchwire_proto::raw::write_string(text, out);
}
