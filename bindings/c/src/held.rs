//! A handle whose mutex this thread holds: taking messages, and the fields that they are stored in.

use std::ptr;

use libc::{c_char, c_int};
use switchwire_proto::ContentType;

use crate::event::destroy;
use crate::headers::Event;
use crate::link::{End, Link, Pulled, ends_connection};
use crate::memory::fill;
use crate::threadmutex::esl_mutex_t;
use crate::types::{ESL_FAIL, ESL_SUCCESS, esl_event_t, esl_handle_t, esl_status_t};
use crate::{received, trace};

/// A held handle: its fields may be changed. The mutex is unlocked on drop.
pub(crate) struct Held<'a> {
    handle: *mut esl_handle_t,
    mutex: &'a esl_mutex_t,
    link: &'a Link,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.mutex.unlock();
    }
}

impl<'a> Held<'a> {
    /// Of a mutex that this thread has locked.
    pub(crate) fn new(handle: *mut esl_handle_t, mutex: &'a esl_mutex_t, link: &'a Link) -> Self {
        Self { handle, mutex, link }
    }

    #[allow(
        clippy::mut_from_ref,
        reason = "C's memory, whose mutex this thread holds; each borrow ends with its statement"
    )]
    fn handle(&self) -> &mut esl_handle_t {
        // SAFETY: the handle lives while a call works on it, and this thread holds its mutex.
        unsafe { &mut *self.handle }
    }

    pub(crate) fn pull(&self) -> Pulled {
        let packet_buf = self.handle().packet_buf;
        // SAFETY: NULL or this library's buffer; this thread holds the handle.
        if let Some(buffer) = unsafe { packet_buf.as_mut() }
            && !buffer.waiting().is_empty()
        {
            // A program wrote bytes there by hand.
            self.link.feed(buffer.waiting());
            buffer.clear();
        }
        let pulled = self.link.pull();
        if let Pulled::Message(event, ..) = &pulled {
            trace::received(*event);
        }
        pulled
    }

    pub(crate) fn fail(&self, end: End) -> esl_status_t {
        self.clear_event();
        if !matches!(end, End::Closed) {
            // SAFETY: the handle lives while a call works on it.
            unsafe { set_ended(self.handle, end) };
        }
        ESL_FAIL
    }

    fn clear_event(&self) {
        drop_event(&mut self.handle().last_ievent);
    }

    pub(crate) fn clear_reply(&self) {
        let handle = self.handle();
        handle.last_sr_reply[0] = 0;
        // `last_event` and `last_ievent` stay: a receiving thread may be using them.
        drop_event(&mut handle.last_sr_event);
    }

    pub(crate) fn store_reply(&self, event: *mut esl_event_t) {
        let handle = self.handle();
        handle.last_sr_event = event;
        reply_text(event, &mut handle.last_sr_reply);
    }

    /// Queues a message for `esl_recv_event`.
    pub(crate) fn queue(&self, event: *mut esl_event_t) {
        // SAFETY: this thread holds the handle.
        unsafe { self.link.race_queue().push(&raw mut self.handle().race_event, event) };
        self.link.wake_waiters();
    }

    pub(crate) fn next_queued(&self) -> Option<*mut esl_event_t> {
        // SAFETY: as above.
        unsafe { self.link.race_queue().pop(&raw mut self.handle().race_event) }
    }

    /// Returns a message: in `save`, or as `last_event`, with the event that it carries as `last_ievent`. A notice that ends
    /// the connection is stored too, and fails.
    pub(crate) fn deliver(
        &self,
        event: *mut esl_event_t,
        kind: ContentType,
        body_length: usize,
        save: *mut *mut esl_event_t,
    ) -> esl_status_t {
        self.clear_event();
        if !save.is_null() {
            // SAFETY: C's promise: a writable place.
            unsafe { *save = event };
            return ESL_SUCCESS;
        }
        let handle = self.handle();
        drop_event(&mut handle.last_event);
        handle.last_event = event;
        reply_text(event, &mut handle.last_reply);
        if kind == ContentType::DisconnectNotice && ends_connection(event) {
            // SAFETY: the handle lives while a call works on it.
            unsafe { set_ended(self.handle, End::Notice) };
            return ESL_FAIL;
        }
        if matches!(kind, ContentType::EventPlain | ContentType::EventJson) {
            // SAFETY: the event was taken just now, and its body has that length.
            let body = unsafe {
                event.as_ref().filter(|event| !event.body.is_null()).map(|event| {
                    std::slice::from_raw_parts(event.body.cast_const().cast::<u8>(), body_length)
                })
            };
            if let Some(body) = body {
                handle.last_ievent = received::inner(kind, body);
                trace::carried(kind, body, handle.last_ievent);
            }
        }
        trace::delivered(event);
        ESL_SUCCESS
    }
}

/// Frees an event that the handle owns, and clears its place.
pub(crate) fn drop_event(place: &mut *mut esl_event_t) {
    // SAFETY: the handle owned the event.
    unsafe { destroy(std::mem::replace(place, ptr::null_mut())) };
}

fn header<'a>(event: *mut esl_event_t, name: &[u8]) -> Option<&'a [u8]> {
    // SAFETY: NULL or a living event, used before it is changed.
    unsafe { Event::new(event) }.and_then(|event| event.value(name))
}

/// The content type of a message.
pub(crate) fn kind_of(event: *mut esl_event_t) -> ContentType {
    header(event, b"content-type").map_or(ContentType::Other, ContentType::from_value)
}

fn reply_text(event: *mut esl_event_t, room: &mut [c_char]) {
    if let Some(text) = header(event, b"reply-text") {
        fill(room, text);
    }
}

/// Marks the connection as ended, with the reason in `err`.
///
/// # Safety
/// A living handle.
pub(crate) unsafe fn set_ended(handle: *mut esl_handle_t, end: End) {
    let (text, errno) = match end {
        End::Eof => ("Connection closed by the server".to_owned(), 0),
        End::Error(errno) => (std::io::Error::from_raw_os_error(errno).to_string(), errno),
        End::Broken(error) => (error.to_string(), libc::EPROTO),
        End::Notice => ("Disconnected by the server".to_owned(), 0),
        End::Closed => return,
    };
    // SAFETY: the caller's promise.
    unsafe {
        (*handle).connected = 0;
        set_error(handle, &text, errno);
    }
}

/// Sets `err` and `errnum`.
///
/// # Safety
/// A living handle.
pub(crate) unsafe fn set_error(handle: *mut esl_handle_t, text: &str, errno: c_int) {
    // SAFETY: the caller's promise.
    unsafe {
        let room: *mut [c_char; 256] = &raw mut (*handle).err;
        fill(&mut *room, text.as_bytes());
        (*handle).errnum = errno;
    }
}
