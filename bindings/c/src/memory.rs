//! Memory that C may keep or free: always from `malloc`.

use std::ffi::CStr;

use libc::{c_char, c_void};

/// The bytes of a C string; `None` for NULL.
///
/// # Safety
/// `text` is NULL or ends in NUL, and lives unchanged for `'a`.
pub(crate) unsafe fn bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: not NULL, and the caller's promise.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// A copy from `malloc`, NUL-terminated; NULL when memory runs out.
pub(crate) fn copy(bytes: &[u8]) -> *mut c_char {
    // SAFETY: the room is one byte larger than what is copied, and is checked for NULL.
    unsafe {
        let room = libc::malloc(bytes.len() + 1).cast::<u8>();
        if !room.is_null() {
            room.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            *room.add(bytes.len()) = 0;
        }
        room.cast()
    }
}

/// As [`copy`], up to the first NUL, where C's string ends.
pub(crate) fn copy_text(bytes: &[u8]) -> *mut c_char {
    copy(until_nul(bytes))
}

/// The bytes before the first NUL.
pub(crate) fn until_nul(bytes: &[u8]) -> &[u8] {
    memchr::memchr(0, bytes).map_or(bytes, |end| &bytes[..end])
}

/// Frees memory from `malloc`; NULL is ignored.
///
/// # Safety
/// The pointer came from `malloc` and is not used again.
pub(crate) unsafe fn free<T>(pointer: *mut T) {
    // SAFETY: the caller's promise.
    unsafe { libc::free(pointer.cast::<c_void>()) };
}

/// Copies a text into a C array, cut to fit, NUL-terminated.
pub(crate) fn fill(room: &mut [c_char], text: &[u8]) {
    let length = text.len().min(room.len().saturating_sub(1));
    for (place, byte) in room.iter_mut().zip(&text[..length]) {
        *place = c_char::from_ne_bytes([*byte]);
    }
    if let Some(end) = room.get_mut(length) {
        *end = 0;
    }
}
