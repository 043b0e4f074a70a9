//! An event as text, plain or JSON, and from JSON. Returned strings are C's to `free()`.

use libc::c_char;
use switchwire_proto::format::json::Layout;
use switchwire_proto::percent::Escape;
use switchwire_proto::raw::{Writer, write_parts};

use crate::arrays::elements;
use crate::guard::guard;
use crate::headers::Event;
use crate::memory::{bytes, copy};
use crate::received;
use crate::types::{ESL_FAIL, ESL_SUCCESS, esl_bool_t, esl_event_t, esl_status_t};

/// The header list as (name, value).
pub(crate) fn pairs<'a>(event: Event) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
    // SAFETY: headers of a living event, which is not changed while they are read.
    event.headers().map(|header| unsafe {
        (bytes((*header).name).unwrap_or_default(), bytes((*header).value).unwrap_or_default())
    })
}

/// An event as plain text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_serialize(
    event: *mut esl_event_t,
    str: *mut *mut c_char,
    encode: esl_bool_t,
) -> esl_status_t {
    // SAFETY: C's promises about the event and the place for the text.
    unsafe {
        give(event, str, |event| {
            let escape = if encode == 0 { Escape::None } else { Escape::Full };
            write_parts(pairs(event), event.body(), escape)
        })
    }
}

/// An event as JSON.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_serialize_json(
    event: *mut esl_event_t,
    str: *mut *mut c_char,
) -> esl_status_t {
    // SAFETY: C's promises about the event and the place for the text.
    unsafe {
        give(event, str, |event| {
            let mut writer = Writer::new(Layout::Tabs);
            for header in event.headers() {
                let name = bytes((*header).name).unwrap_or_default();
                if (*header).array.is_null() {
                    writer.text(name, bytes((*header).value).unwrap_or_default());
                } else {
                    let list = elements(header).iter().map(|element| bytes(*element).unwrap_or_default());
                    writer.list(name, list);
                }
            }
            writer.finish(event.body())
        })
    }
}

/// Makes an event from JSON.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_event_create_json(
    event: *mut *mut esl_event_t,
    json: *const c_char,
) -> esl_status_t {
    guard(ESL_FAIL, || {
        if event.is_null() {
            return ESL_FAIL;
        }
        // SAFETY: C's promises about the place and the text.
        unsafe {
            *event = std::ptr::null_mut();
            if let Some(Ok(model)) = bytes(json).map(switchwire_proto::Event::from_json) {
                *event = received::from_model(&model);
            }
            if (*event).is_null() { ESL_FAIL } else { ESL_SUCCESS }
        }
    })
}

/// # Safety
/// The event is NULL or living, the place NULL or writable.
unsafe fn give(
    event: *mut esl_event_t,
    place: *mut *mut c_char,
    text: impl FnOnce(Event) -> Vec<u8>,
) -> esl_status_t {
    guard(ESL_FAIL, || {
        if place.is_null() {
            return ESL_FAIL;
        }
        // SAFETY: the caller's promise.
        unsafe {
            *place = std::ptr::null_mut();
            if let Some(event) = Event::new(event) {
                *place = copy(&text(event));
            }
            if (*place).is_null() { ESL_FAIL } else { ESL_SUCCESS }
        }
    })
}
