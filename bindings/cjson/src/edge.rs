//! The boundary to C: panics stop here, and C strings become bytes.

use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use libc::c_char;

/// Runs the body of an exported function; when it panics, `failed` is what C gets.
pub(crate) fn guard<T>(failed: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(failed)
}

/// The bytes of a C string; `None` for NULL.
///
/// # Safety
/// `text` is NULL or ends in NUL, and lives unchanged for `'a`.
pub(crate) unsafe fn bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: not NULL, and the caller's promise.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes())
}
