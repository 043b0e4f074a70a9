//! Sending and receiving on a handle, and closing it.

use std::ptr;
use std::time::{Duration, Instant};

use libc::{c_char, c_int};
use switchwire_proto::Command;

use crate::guard::guard;
use crate::held::drop_event;
use crate::memory::bytes;
use crate::session::Session;
use crate::types::{ESL_FAIL, ESL_SUCCESS, esl_event_t, esl_handle_t, esl_status_t};

/// The deadline of a timeout in milliseconds; 0 means none.
pub(crate) fn deadline(ms: u32) -> Option<Instant> {
    (ms > 0).then(|| Instant::now() + Duration::from_millis(ms.into()))
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

/// Receives the next message, with a timeout.
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
            // Queued messages are still returned after the end.
            let queued = check_q != 0 && !(*handle).race_event.is_null();
            match if queued { Session::open(handle) } else { Session::connected(handle) } {
                Some(session) => session.receive(check_q != 0, save_event, deadline(ms)),
                None => ESL_FAIL,
            }
        }
    })
}

/// The command text from C, with a blank line at its end.
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
                (Some(session), Some(command)) => session.request(&command, deadline(ms)),
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
        // Socket 0 in a zeroed handle is not the handle's own.
        let owned = socket > 0 || (socket == 0 && (*handle).connected != 0);
        let had_state = !(*handle).packet_buf.is_null() || !(*handle).mutex.is_null();
        let session = if had_state { Session::open(handle) } else { None };
        if let Some(session) = &session {
            session.link().close();
            let free = session.mutex().try_lock();
            if owned && (!free || session.link().has_reader()) {
                // Ends the waits of other threads on this socket.
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
        if let Some(session) = &session {
            session.link().race_queue().clear();
        }
        while !h.race_event.is_null() {
            let next = (*h.race_event).next;
            drop_event(&mut h.race_event);
            h.race_event = next;
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
