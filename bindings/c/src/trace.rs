//! What the library logs through `esl_log`: everything sent and received at level 7, as the original does, and warnings.

use std::ffi::CStr;

use libc::{c_char, c_int};
use switchwire_proto::percent::{self, Escape};
use switchwire_proto::raw::write_parts;
use switchwire_proto::{Command, ContentType, EventLines};

use crate::headers::Event;
use crate::serialize::pairs;
use crate::types::esl_event_t;

unsafe extern "C" {
    /// Whether the logger takes messages of level 7.
    fn esl_is_traced() -> c_int;
    /// Passes a text to the logger.
    fn esl_log_text(level: c_int, function: *const c_char, text: *const c_char);
}

pub(crate) const WARNING: c_int = 4;
const DEBUG: c_int = 7;
const RECEIVE: &CStr = c"esl_recv_event";

/// Logs a text in the name of that function.
pub(crate) fn log(level: c_int, function: &CStr, parts: &[&[u8]]) {
    let mut text = parts.concat();
    text.push(0);
    // SAFETY: two C strings, which the logger does not keep.
    unsafe { esl_log_text(level, function.as_ptr(), text.as_ptr().cast()) };
}

#[inline]
fn is_traced() -> bool {
    // SAFETY: it only reads the logger variable.
    unsafe { esl_is_traced() != 0 }
}

/// Logs a command that is about to be sent; a login without its password.
pub(crate) fn sent(command: &Command) {
    if is_traced() {
        let shown = command.shown();
        let hidden: &[u8] = if shown.len() < command.as_bytes().len() { b" (hidden)\n\n" } else { b"" };
        log(DEBUG, c"esl_send", &[b"SEND\n", shown, hidden, b"\n"]);
    }
}

/// Logs a message's own headers.
pub(crate) fn received(message: *mut esl_event_t) {
    if !is_traced() {
        return;
    }
    // SAFETY: NULL or an event that was made just now.
    if let Some(message) = unsafe { Event::new(message) } {
        // The first header was added by this library.
        pairs(message).skip(1).for_each(|(name, value)| header(b"RECV HEADER", name, value));
    }
}

/// Logs the event that a message carries.
pub(crate) fn carried(kind: ContentType, body: &[u8], event: *mut esl_event_t) {
    if is_traced() && kind == ContentType::EventPlain {
        for (name, value) in EventLines::new(body) {
            header(b"RECV INNER HEADER", name, &percent::decode(value));
        }
        whole(b"RECV EVENT\n", event);
    }
}

/// Logs a message that is returned to the program.
pub(crate) fn delivered(message: *mut esl_event_t) {
    if is_traced() {
        whole(b"RECV MESSAGE\n", message);
    }
}

fn header(what: &[u8], name: &[u8], value: &[u8]) {
    log(DEBUG, RECEIVE, &[what, b" [", name, b"] = [", value, b"]\n"]);
}

fn whole(what: &[u8], event: *mut esl_event_t) {
    // SAFETY: NULL or an event of the handle.
    if let Some(event) = unsafe { Event::new(event) } {
        let text = write_parts(pairs(event), event.body(), Escape::None);
        log(DEBUG, RECEIVE, &[what, &text, b"\n"]);
    }
}
