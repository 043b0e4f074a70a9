//! What C sees of an event, as values.
#![allow(unsafe_code, reason = "reads what C hands out as C does")]

use std::ffi::{CStr, CString, c_char};

use esl::event::{esl_event_destroy, esl_event_name};
use esl::types::{esl_event_header_t, esl_event_t};

/// A C string of the bytes before the first NUL.
pub(super) fn c(bytes: &[u8]) -> CString {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    CString::new(&bytes[..end]).unwrap_or_default()
}

/// The bytes of a C string; `None` for NULL.
pub(super) fn text(pointer: *const c_char) -> Option<Vec<u8>> {
    // SAFETY: NULL or a C string of the library.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) }.to_bytes().to_vec())
}

/// Takes a string over and frees it.
pub(super) fn taken(pointer: *mut c_char) -> Option<Vec<u8>> {
    let bytes = text(pointer);
    // SAFETY: the library gave it away.
    unsafe { libc::free(pointer.cast()) };
    bytes
}

/// One header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SeenHeader {
    pub(super) name: Vec<u8>,
    pub(super) value: Vec<u8>,
    pub(super) elements: Option<Vec<Vec<u8>>>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) kind: Vec<u8>,
    pub(super) headers: Vec<SeenHeader>,
    pub(super) body: Option<Vec<u8>>,
}

/// Looks at an event as a C program does: by its public fields.
///
/// # Panics
/// When `last_header` is not the last one.
pub(super) fn see(event: *const esl_event_t) -> Option<Seen> {
    // SAFETY: NULL or a living event.
    let event = unsafe { event.as_ref()? };
    let mut headers = Vec::new();
    let mut next = event.headers;
    let mut last = std::ptr::null_mut();
    // SAFETY: headers of a living event.
    while let Some(header) = unsafe { next.as_ref() } {
        headers.push(see_header(header));
        (last, next) = (next, header.next);
    }
    assert_eq!(last, event.last_header, "last_header is not the last one");
    let kind = text(esl_event_name(event.event_id)).unwrap_or_default();
    Some(Seen { kind, headers, body: text(event.body) })
}

fn see_header(header: &esl_event_header_t) -> SeenHeader {
    let count = usize::try_from(header.idx).unwrap_or(0);
    // SAFETY: an array has `idx` elements.
    let elements = (!header.array.is_null())
        .then(|| (0..count).map(|at| text(unsafe { *header.array.add(at) }).unwrap_or_default()).collect());
    SeenHeader {
        name: text(header.name).unwrap_or_default(),
        value: text(header.value).unwrap_or_default(),
        elements,
    }
}

/// The same of the Rust model: values end at their first NUL, as C sees them.
pub(super) fn see_model(event: &switchwire_proto::Event) -> Seen {
    let cut = |bytes: &[u8]| c(bytes).into_bytes();
    Seen {
        kind: event.event_type().name().into(),
        headers: event
            .headers()
            .map(|header| SeenHeader {
                name: cut(header.name_bytes()),
                value: cut(&header.value_bytes()),
                elements: header.elements().map(|list| list.map(cut).collect()),
            })
            .collect(),
        body: event.body().map(cut),
    }
}

/// An event that is destroyed at the end.
pub(super) struct Own(pub(super) *mut esl_event_t);

impl Drop for Own {
    fn drop(&mut self) {
        // SAFETY: NULL, or the target's own event.
        unsafe { esl_event_destroy(&raw mut self.0) };
        assert!(self.0.is_null());
    }
}
