//! A handle in use: what its functions do, and which of its fields they write.
//!
//! A receiver holds the handle's mutex while it takes a message out, not while it waits; a sender holds it from its
//! command to the reply. See `link` for which thread reads the socket.

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Instant;

use libc::{c_char, c_int};
use switchwire_proto::{Command, ContentType};

use crate::buffer::esl_buffer_t;
use crate::event::destroy;
use crate::headers::Event;
use crate::link::{End, Link, Pulled, Waited, ends_connection};
use crate::memory::fill;
use crate::threadmutex::esl_mutex_t;
use crate::types::{ESL_BREAK, ESL_FAIL, ESL_SUCCESS, esl_event_t, esl_handle_t, esl_status_t};
use crate::{received, trace};

/// A handle that is in use: shares of what it points to, so that a disconnect in another thread pulls nothing away.
#[derive(Debug)]
pub(crate) struct Session {
    handle: *mut esl_handle_t,
    mutex: Arc<esl_mutex_t>,
    link: Arc<Link>,
}

impl Session {
    /// `None` for NULL. Makes what the program did not make by hand.
    ///
    /// # Safety
    /// NULL or a living handle.
    pub(crate) unsafe fn open(handle: *mut esl_handle_t) -> Option<Self> {
        if handle.is_null() {
            return None;
        }
        // SAFETY: the caller's promise; both places hold NULL or what this library made.
        unsafe {
            let mutex = made_once(
                &raw mut (*handle).mutex,
                || esl_mutex_t::create().map_or(ptr::null_mut(), |mutex| Arc::into_raw(mutex).cast_mut()),
                |extra| drop(Arc::from_raw(extra)),
            );
            let buffer = made_once(
                &raw mut (*handle).packet_buf,
                || Box::into_raw(Box::new(esl_buffer_t::new(BLOCK, BLOCK, 0))),
                |extra| drop(Box::from_raw(extra)),
            );
            if mutex.is_null() {
                return None;
            }
            Arc::increment_strong_count(mutex);
            let mutex = Arc::from_raw(mutex.cast_const());
            let link = Arc::clone((*buffer).link.get_or_init(|| Arc::new(Link::new())));
            Some(Self { handle, mutex, link })
        }
    }

    /// As [`open`](Self::open), of a handle that is connected.
    ///
    /// # Safety
    /// NULL or a living handle.
    pub(crate) unsafe fn connected(handle: *mut esl_handle_t) -> Option<Self> {
        // SAFETY: the caller's promise.
        unsafe { if handle.is_null() || !is_connected(handle) { None } else { Self::open(handle) } }
    }

    /// # Safety
    /// As for [`open`](Self::open), for as long as the place is used.
    fn room(&self) -> impl FnMut() -> *mut [u8] + use<> {
        let handle = self.handle;
        // SAFETY: the handle lives while a call works on it.
        move || unsafe {
            ptr::slice_from_raw_parts_mut((&raw mut (*handle).socket_buf).cast(), (*handle).socket_buf.len())
        }
    }

    /// Holds the handle until the returned value is dropped.
    fn hold(&self, deadline: Option<Instant>) -> Option<Held<'_>> {
        self.mutex.lock_until(deadline).then(|| Held { session: self })
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }

    pub(crate) fn mutex(&self) -> &esl_mutex_t {
        &self.mutex
    }

    fn wait(&self, deadline: Option<Instant>, generation: u64) -> Waited {
        // SAFETY: the handle lives while a call works on it.
        let socket = unsafe { (*self.handle).sock };
        self.link.wait(socket, &mut self.room(), deadline, generation)
    }

    /// Writes a command.
    pub(crate) fn write(&self, command: &Command) -> esl_status_t {
        // SAFETY: the handle lives while a call works on it.
        let socket = unsafe { (*self.handle).sock };
        trace::sent(command);
        match self.link.write(socket, &mut self.room(), command.as_bytes()) {
            Ok(()) => ESL_SUCCESS,
            Err(errno) => {
                // SAFETY: as above.
                unsafe { failed(self.handle, End::Error(errno)) };
                ESL_FAIL
            }
        }
    }

    /// Writes a command and takes its reply, which becomes `last_sr_event`.
    pub(crate) fn ask(&self, command: &Command, deadline: Option<Instant>) -> esl_status_t {
        let Some(held) = self.hold(deadline) else { return ESL_BREAK };
        held.forget_reply();
        if self.write(command) != ESL_SUCCESS {
            return ESL_FAIL;
        }
        loop {
            match held.pull() {
                Pulled::Message(event, kind, _) if kind.is_reply() => {
                    held.take_reply(event);
                    return ESL_SUCCESS;
                }
                Pulled::Message(event, ..) => held.put_aside(event),
                Pulled::End(end) => return held.fail(end),
                Pulled::Nothing(generation) => {
                    if self.wait(deadline, generation) == Waited::TimedOut {
                        self.link.expect_late_reply();
                        return ESL_BREAK;
                    }
                }
            }
        }
    }

    /// Takes the next message.
    pub(crate) fn receive(
        &self,
        check_q: bool,
        save: *mut *mut esl_event_t,
        deadline: Option<Instant>,
    ) -> esl_status_t {
        loop {
            let generation = {
                let Some(held) = self.hold(deadline) else { return ESL_BREAK };
                if check_q && let Some(event) = held.next_put_aside() {
                    // SAFETY: an event of the queue.
                    let length = unsafe { Event::new(event) }.and_then(Event::body).map_or(0, <[u8]>::len);
                    return held.deliver(event, kind_of(event), length, save);
                }
                match held.pull() {
                    Pulled::Message(event, kind, length) => return held.deliver(event, kind, length, save),
                    Pulled::End(end) => return held.fail(end),
                    Pulled::Nothing(generation) => generation,
                }
            };
            if self.wait(deadline, generation) == Waited::TimedOut {
                return ESL_BREAK;
            }
        }
    }
}

/// A handle held by this thread: its fields may be changed.
struct Held<'a> {
    session: &'a Session,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.session.mutex.unlock();
    }
}

impl Held<'_> {
    #[allow(clippy::mut_from_ref, reason = "C's memory, held by this thread; borrows last one statement")]
    fn handle(&self) -> &mut esl_handle_t {
        // SAFETY: the handle lives while a call works on it, and this thread holds its mutex.
        unsafe { &mut *self.session.handle }
    }

    fn pull(&self) -> Pulled {
        let packet_buf = self.handle().packet_buf;
        // SAFETY: NULL or this library's buffer, used by the thread that holds the handle.
        if let Some(buffer) = unsafe { packet_buf.as_mut() }
            && !buffer.waiting().is_empty()
        {
            // A program put bytes there by hand.
            self.session.link.feed(buffer.waiting());
            buffer.clear();
        }
        let pulled = self.session.link.pull();
        if let Pulled::Message(event, ..) = &pulled {
            trace::received(*event);
        }
        pulled
    }

    fn fail(&self, end: End) -> esl_status_t {
        self.forget_event();
        if !matches!(end, End::Closed) {
            // SAFETY: the handle lives while a call works on it.
            unsafe { failed(self.session.handle, end) };
        }
        ESL_FAIL
    }

    fn forget_event(&self) {
        drop_event(&mut self.handle().last_ievent);
    }

    fn forget_reply(&self) {
        let handle = self.handle();
        handle.last_sr_reply[0] = 0;
        // What a receiver may be looking at right now (`last_event`, `last_ievent`) is left alone.
        drop_event(&mut handle.last_sr_event);
    }

    fn take_reply(&self, event: *mut esl_event_t) {
        let handle = self.handle();
        handle.last_sr_event = event;
        reply_text(event, &mut handle.last_sr_reply);
    }

    /// Queues a message for `esl_recv_event`.
    fn put_aside(&self, event: *mut esl_event_t) {
        // SAFETY: this thread holds the handle, whose queue it is.
        unsafe { self.session.link.aside().push(&raw mut self.handle().race_event, event) };
        self.session.link.announce();
    }

    fn next_put_aside(&self) -> Option<*mut esl_event_t> {
        // SAFETY: as above.
        unsafe { self.session.link.aside().pop(&raw mut self.handle().race_event) }
    }

    /// Gives a message out: to `save`, or as `last_event`, with the event that it carries. A notice that ends the
    /// connection is a failure that shows what it says.
    fn deliver(
        &self,
        event: *mut esl_event_t,
        kind: ContentType,
        body_length: usize,
        save: *mut *mut esl_event_t,
    ) -> esl_status_t {
        self.forget_event();
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
            unsafe { failed(self.session.handle, End::Notice) };
            return ESL_FAIL;
        }
        if matches!(kind, ContentType::EventPlain | ContentType::EventJson) {
            // SAFETY: the event was taken just now, and its body is of that length.
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

fn made_once<T>(place: *mut *mut T, make: impl FnOnce() -> *mut T, unmake: impl FnOnce(*mut T)) -> *mut T {
    // SAFETY: a place in a living handle, aligned for a pointer.
    let place = unsafe { AtomicPtr::from_ptr(place) };
    let there = place.load(Ordering::Acquire);
    if !there.is_null() {
        return there;
    }
    let fresh = make();
    match place.compare_exchange(ptr::null_mut(), fresh, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => fresh,
        Err(there) => {
            if !fresh.is_null() {
                unmake(fresh);
            }
            there
        }
    }
}

pub(crate) fn drop_event(place: &mut *mut esl_event_t) {
    // SAFETY: the handle owned the event.
    unsafe { destroy(std::mem::replace(place, ptr::null_mut())) };
}

fn header<'a>(event: *mut esl_event_t, name: &[u8]) -> Option<&'a [u8]> {
    // SAFETY: NULL or a living event, used before it is changed.
    unsafe { Event::new(event) }.and_then(|event| event.value(name))
}

fn kind_of(event: *mut esl_event_t) -> ContentType {
    header(event, b"content-type").map_or(ContentType::Other, ContentType::from_value)
}

fn reply_text(event: *mut esl_event_t, room: &mut [c_char]) {
    if let Some(text) = header(event, b"reply-text") {
        fill(room, text);
    }
}

/// # Safety
/// A living handle.
unsafe fn is_connected(handle: *mut esl_handle_t) -> bool {
    // SAFETY: the caller's promise.
    unsafe { (*handle).connected != 0 && (*handle).sock != -1 }
}

/// Says that the connection is over, and why.
///
/// # Safety
/// A living handle.
unsafe fn failed(handle: *mut esl_handle_t, end: End) {
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
        complain(handle, &text, errno);
    }
}

/// Sets `err` and `errnum`.
///
/// # Safety
/// A living handle.
pub(crate) unsafe fn complain(handle: *mut esl_handle_t, text: &str, errno: c_int) {
    // SAFETY: the caller's promise.
    unsafe {
        let room: *mut [c_char; 256] = &raw mut (*handle).err;
        fill(&mut *room, text.as_bytes());
        (*handle).errnum = errno;
    }
}

/// What the buffer of a handle is told to be; it grows as needed.
const BLOCK: usize = 65536;
