//! Sending and receiving on a handle.
//!
//! A receiver holds the handle's mutex while it takes a message out, not while it waits; a sender holds it from its
//! command to the reply. See `engine` for who reads the socket.

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Instant;

use libc::{c_char, c_int};
use switchwire_proto::{Command, ContentType};

use crate::buffer::esl_buffer_t;
use crate::engine::{End, Link, Pulled, Waited};
use crate::event::destroy;
use crate::guard::guard;
use crate::headers::Event;
use crate::memory::{bytes, fill};
use crate::received;
use crate::threadmutex::{esl_mutex_t, milliseconds};
use crate::types::{ESL_BREAK, ESL_FAIL, ESL_SUCCESS, esl_event_t, esl_handle_t, esl_status_t};

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
                    held.deliver(event, kind_of(event), length, save);
                    return ESL_SUCCESS;
                }
                match held.pull() {
                    Pulled::Message(event, kind, length) => {
                        held.deliver(event, kind, length, save);
                        return ESL_SUCCESS;
                    }
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
        self.session.link.pull()
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
        let mut place: *mut *mut esl_event_t = &raw mut self.handle().race_event;
        // SAFETY: a walk over the places of the queue.
        unsafe {
            while !(*place).is_null() {
                place = &raw mut (**place).next;
            }
            *place = event;
        }
        self.session.link.announce();
    }

    fn next_put_aside(&self) -> Option<*mut esl_event_t> {
        let event = self.handle().race_event;
        if event.is_null() {
            return None;
        }
        // SAFETY: an event of the queue.
        unsafe {
            self.handle().race_event = (*event).next;
            (*event).next = ptr::null_mut();
        }
        Some(event)
    }

    fn deliver(
        &self,
        event: *mut esl_event_t,
        kind: ContentType,
        body_length: usize,
        save: *mut *mut esl_event_t,
    ) {
        self.forget_event();
        if !save.is_null() {
            // SAFETY: C's promise: a writable place.
            unsafe { *save = event };
            return;
        }
        let handle = self.handle();
        drop_event(&mut handle.last_event);
        handle.last_event = event;
        reply_text(event, &mut handle.last_reply);
        if matches!(kind, ContentType::EventPlain | ContentType::EventJson) {
            // SAFETY: the event was taken just now, and its body is of that length.
            let body = unsafe {
                event.as_ref().filter(|event| !event.body.is_null()).map(|event| {
                    std::slice::from_raw_parts(event.body.cast_const().cast::<u8>(), body_length)
                })
            };
            if let Some(body) = body {
                handle.last_ievent = received::inner(kind, body);
            }
        }
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

fn drop_event(place: &mut *mut esl_event_t) {
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

/// When a wait of that many milliseconds ends; 0 is never.
pub(crate) fn deadline(ms: u32) -> Option<Instant> {
    (ms > 0).then(|| Instant::now() + milliseconds(ms))
}

/// Receives the next message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_recv_event(
    handle: *mut esl_handle_t,
    check_q: c_int,
    save_event: *mut *mut esl_event_t,
) -> esl_status_t {
    // SAFETY: the same promises.
    unsafe { esl_recv_event_timed(handle, 0, check_q, save_event) }
}

/// Receives the next message, waiting at most so long.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_recv_event_timed(
    handle: *mut esl_handle_t,
    ms: u32,
    check_q: c_int,
    save_event: *mut *mut esl_event_t,
) -> esl_status_t {
    guard(ESL_FAIL, || {
        // SAFETY: C's promises: a living handle, a writable place or NULL.
        unsafe {
            if handle.is_null() {
                return ESL_FAIL;
            }
            // What was put aside before the end is still given out.
            let left = check_q != 0 && !(*handle).race_event.is_null();
            match if left { Session::open(handle) } else { Session::connected(handle) } {
                Some(session) => session.receive(check_q != 0, save_event, deadline(ms)),
                None => ESL_FAIL,
            }
        }
    })
}

/// The command that C wrote, with a blank line at its end.
///
/// # Safety
/// NULL or a C string.
unsafe fn command(cmd: *const c_char) -> Option<Command> {
    // SAFETY: the caller's promise.
    unsafe { bytes(cmd) }.map(Command::verbatim)
}

/// Sends a command.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_send(handle: *mut esl_handle_t, cmd: *const c_char) -> esl_status_t {
    guard(ESL_FAIL, || {
        // SAFETY: C's promises: a living handle or NULL, a C string or NULL.
        unsafe {
            match (Session::connected(handle), command(cmd)) {
                (Some(session), Some(command)) => session.write(&command),
                _ => ESL_FAIL,
            }
        }
    })
}

/// Sends a command and waits for its reply.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_send_recv_timed(
    handle: *mut esl_handle_t,
    cmd: *const c_char,
    ms: u32,
) -> esl_status_t {
    guard(ESL_FAIL, || {
        // SAFETY: C's promises: a living handle or NULL, a C string or NULL.
        unsafe {
            match (Session::connected(handle), command(cmd)) {
                (Some(session), Some(command)) => session.ask(&command, deadline(ms)),
                _ => ESL_FAIL,
            }
        }
    })
}

/// Disconnects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_disconnect(handle: *mut esl_handle_t) -> esl_status_t {
    guard(ESL_FAIL, || {
        // SAFETY: C's promise: a living handle or NULL.
        unsafe {
            if handle.is_null() || (*handle).destroyed != 0 {
                return ESL_FAIL;
            }
            close(handle);
        }
        ESL_SUCCESS
    })
}

/// Closes the socket, frees what the handle holds, zeroes it and marks it destroyed.
///
/// # Safety
/// A living handle.
pub(crate) unsafe fn close(handle: *mut esl_handle_t) {
    // SAFETY: the caller's promise.
    unsafe {
        let socket = (*handle).sock;
        // A zeroed handle has socket 0, which is not its own.
        let owned = socket > 0 || (socket == 0 && (*handle).connected != 0);
        let had_state = !(*handle).packet_buf.is_null() || !(*handle).mutex.is_null();
        let session = if had_state { Session::open(handle) } else { None };
        if let Some(session) = &session {
            session.link().close();
            let free = session.mutex().try_lock();
            if owned && (!free || session.link().is_read()) {
                // Other threads wait for this socket: end their waits.
                libc::shutdown(socket, libc::SHUT_RDWR);
            }
            if !free {
                session.mutex().lock();
            }
        }
        let h = &mut *handle;
        for place in [&mut h.last_event, &mut h.last_sr_event, &mut h.last_ievent, &mut h.info_event] {
            drop_event(place);
        }
        while !h.race_event.is_null() {
            let next = (*h.race_event).next;
            destroy(std::mem::replace(&mut h.race_event, next));
        }
        if owned {
            libc::close(socket);
        }
        crate::buffer::esl_buffer_destroy(&raw mut h.packet_buf);
        crate::threadmutex::esl_mutex_destroy(&raw mut h.mutex);
        ptr::write_bytes(handle, 0, 1);
        (*handle).destroyed = 1;
        if let Some(session) = &session {
            session.mutex().unlock();
        }
    }
}

/// What the buffer of a handle is told to be; it grows as needed.
const BLOCK: usize = 65536;
