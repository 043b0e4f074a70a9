//! A handle in use by one call: sending, requests with replies, receiving.
//!
//! A receiver holds the handle's mutex while it takes a message, not while it waits; a sender holds it from its command to
//! the reply. See `link` for which thread reads the socket.

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Instant;

use switchwire_proto::Command;

use crate::buffer::esl_buffer_t;
use crate::headers::Event;
use crate::held::{Held, kind_of, set_ended};
use crate::link::{End, Link, Pulled, Waited};
use crate::threadmutex::esl_mutex_t;
use crate::trace;
use crate::types::{ESL_BREAK, ESL_FAIL, ESL_SUCCESS, esl_event_t, esl_handle_t, esl_status_t};

/// A handle in use: references to what it points to, so that a disconnect in another thread frees nothing under it.
#[derive(Debug)]
pub(crate) struct Session {
    handle: *mut esl_handle_t,
    mutex: Arc<esl_mutex_t>,
    link: Arc<Link>,
}

impl Session {
    /// `None` for NULL. Makes the mutex and the buffer unless the program did.
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

    /// As [`open`](Self::open); `None` too when the handle is not connected.
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

    /// Locks the handle's mutex until the returned value is dropped; `None` after the deadline.
    fn hold(&self, deadline: Option<Instant>) -> Option<Held<'_>> {
        self.mutex.lock_until(deadline).then(|| Held::new(self.handle, &self.mutex, &self.link))
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }

    pub(crate) fn mutex(&self) -> &esl_mutex_t {
        &self.mutex
    }

    fn wait(&self, deadline: Option<Instant>, generation: u64, hasty: bool) -> Waited {
        // SAFETY: the handle lives while a call works on it.
        let socket = unsafe { (*self.handle).sock };
        self.link.wait(socket, &mut self.room(), deadline, generation, hasty)
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
                unsafe { set_ended(self.handle, End::Error(errno)) };
                ESL_FAIL
            }
        }
    }

    /// Writes a command and waits for its reply, which becomes `last_sr_event`.
    pub(crate) fn request(&self, command: &Command, deadline: Option<Instant>) -> esl_status_t {
        let Some(held) = self.hold(deadline) else { return ESL_BREAK };
        held.clear_reply();
        if self.write(command) != ESL_SUCCESS {
            return ESL_FAIL;
        }
        loop {
            match held.pull() {
                Pulled::Message(event, kind, _) if kind.is_reply() => {
                    held.store_reply(event);
                    return ESL_SUCCESS;
                }
                Pulled::Message(event, ..) => held.queue(event),
                Pulled::End(end) => return held.fail(end),
                Pulled::Nothing(generation) => {
                    if self.wait(deadline, generation, true) == Waited::TimedOut {
                        self.link.expect_late_reply();
                        return ESL_BREAK;
                    }
                }
            }
        }
    }

    /// Receives the next message, from the queue first with `check_q`.
    pub(crate) fn receive(
        &self,
        check_q: bool,
        save: *mut *mut esl_event_t,
        deadline: Option<Instant>,
    ) -> esl_status_t {
        loop {
            let generation = {
                let Some(held) = self.hold(deadline) else { return ESL_BREAK };
                if check_q && let Some(event) = held.next_queued() {
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
            if self.wait(deadline, generation, false) == Waited::TimedOut {
                return ESL_BREAK;
            }
        }
    }
}

/// The pointer at that place, made if it is NULL. When two threads race, one pointer is kept and the other unmade.
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

/// # Safety
/// A living handle.
unsafe fn is_connected(handle: *mut esl_handle_t) -> bool {
    // SAFETY: the caller's promise.
    unsafe { (*handle).connected != 0 && (*handle).sock != -1 }
}

/// The nominal size of a handle's buffer. It grows as needed.
const BLOCK: usize = 65536;
