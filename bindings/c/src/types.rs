//! The public structs and values, laid out as C sees them.
#![allow(non_camel_case_types, reason = "C's names")]

use libc::{c_char, c_int, c_ulong, c_void, hostent, sockaddr_in, sockaddr_storage};

use crate::buffer::esl_buffer_t;
use crate::threadmutex::esl_mutex_t;

/// A port; those above 32767 are negative.
pub type esl_port_t = i16;
/// `size_t`
pub type esl_size_t = usize;
/// A socket.
pub type esl_socket_t = c_int;
/// `esl_status_t`; see the constants.
pub type esl_status_t = c_int;
/// `esl_bool_t`
pub type esl_bool_t = c_int;
/// `esl_event_types_t`: [`switchwire_proto::EventType`]'s number.
pub type esl_event_types_t = c_int;
/// `esl_event_type_t`: 0 plain, 1 XML, 2 JSON.
pub type esl_event_type_t = c_int;
/// `esl_stack_t`: 0 bottom, 1 top, 2 push, 3 unshift.
pub type esl_stack_t = c_int;
/// `esl_priority_t`: 0 normal, 1 low, 2 high.
pub type esl_priority_t = c_int;
/// `esl_poll_t`: 1 read, 2 write, 4 error.
pub type esl_poll_t = c_int;

/// Done.
pub const ESL_SUCCESS: esl_status_t = 0;
/// Not done.
pub const ESL_FAIL: esl_status_t = 1;
/// The timeout passed, or another thread held the handle until then.
pub const ESL_BREAK: esl_status_t = 2;
/// Not connected.
pub const ESL_DISCONNECTED: esl_status_t = 3;
/// An argument is invalid.
pub const ESL_GENERR: esl_status_t = 4;

/// `ESL_EF_UNIQ_HEADERS`: adding a header replaces those of its name.
pub const UNIQ_HEADERS: c_int = 1;

/// One header of an event.
#[repr(C)]
#[derive(Debug)]
pub struct esl_event_header_t {
    /// Its name.
    pub name: *mut c_char,
    /// Its value; an array's text form.
    pub value: *mut c_char,
    /// The elements, NULL for a plain header.
    pub array: *mut *mut c_char,
    /// How many elements.
    pub idx: c_int,
    /// 0: not computed.
    pub hash: c_ulong,
    /// The next header.
    pub next: *mut esl_event_header_t,
}

/// An event.
#[repr(C)]
#[derive(Debug)]
pub struct esl_event_t {
    /// Its type.
    pub event_id: esl_event_types_t,
    /// Its priority.
    pub priority: esl_priority_t,
    /// Not used.
    pub owner: *mut c_char,
    /// Its subclass.
    pub subclass_name: *mut c_char,
    /// The first header.
    pub headers: *mut esl_event_header_t,
    /// The last header.
    pub last_header: *mut esl_event_header_t,
    /// The body.
    pub body: *mut c_char,
    /// The program's own.
    pub bind_user_data: *mut c_void,
    /// The program's own.
    pub event_user_data: *mut c_void,
    /// The library's own.
    pub key: c_ulong,
    /// The next event of a queue.
    pub next: *mut esl_event_t,
    /// Bits: `ESL_EF_UNIQ_HEADERS`.
    pub flags: c_int,
}

/// A connection; the program's memory.
#[repr(C)]
pub struct esl_handle_t {
    /// The server's address.
    pub sockaddr: sockaddr_storage,
    /// Not used.
    pub hostent: hostent,
    /// Not used.
    pub hostbuf: [c_char; 256],
    /// The socket.
    pub sock: esl_socket_t,
    /// The last error's message.
    pub err: [c_char; 256],
    /// The last error's `errno`; 0 when it was not a system error.
    pub errnum: c_int,
    /// Opaque: the receiver state.
    pub packet_buf: *mut esl_buffer_t,
    /// What is read from the socket lands here first.
    pub socket_buf: [c_char; 65536],
    /// `Reply-Text` of the last message received.
    pub last_reply: [c_char; 1024],
    /// `Reply-Text` of the last reply to a command.
    pub last_sr_reply: [c_char; 1024],
    /// The last message received.
    pub last_event: *mut esl_event_t,
    /// The last reply to a command.
    pub last_sr_event: *mut esl_event_t,
    /// Messages that arrived while a command waited for its reply.
    pub race_event: *mut esl_event_t,
    /// The event that `last_event` carried.
    pub last_ievent: *mut esl_event_t,
    /// The reply to `connect`.
    pub info_event: *mut esl_event_t,
    /// Whether it is connected.
    pub connected: c_int,
    /// The peer, on an outbound connection.
    pub addr: sockaddr_in,
    /// Opaque: recursive.
    pub mutex: *mut esl_mutex_t,
    /// Executions carry `async: true`.
    pub async_execute: c_int,
    /// Executions carry `event-lock: true`.
    pub event_lock: c_int,
    /// Disconnected, and not connected since.
    pub destroyed: c_int,
}

impl std::fmt::Debug for esl_handle_t {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("esl_handle_t")
            .field("sock", &self.sock)
            .field("connected", &self.connected)
            .finish_non_exhaustive()
    }
}

/// An open ini file; the program's memory.
#[repr(C)]
pub struct esl_config_t {
    /// The file.
    pub file: *mut libc::FILE,
    /// Where it was found.
    pub path: [c_char; 1024],
    /// The `[category]` of the current line.
    pub category: [c_char; 256],
    /// The `[+section]` of the current line.
    pub section: [c_char; 256],
    /// The current line.
    pub buf: [c_char; 1024],
    /// Its number.
    pub lineno: c_int,
    /// How many categories were seen.
    pub catno: c_int,
    /// How many sections were seen.
    pub sectno: c_int,
    /// The only section wanted; -1 for all.
    pub lockto: c_int,
}

impl std::fmt::Debug for esl_config_t {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("esl_config_t").field("lineno", &self.lineno).finish_non_exhaustive()
    }
}

// Compiled programs depend on these numbers.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
const _: () = {
    use std::mem::{offset_of, size_of};
    assert!(size_of::<esl_handle_t>() == 68360);
    assert!(offset_of!(esl_handle_t, sock) == 416);
    assert!(offset_of!(esl_handle_t, packet_buf) == 680);
    assert!(offset_of!(esl_handle_t, last_event) == 68272);
    assert!(offset_of!(esl_handle_t, mutex) == 68336);
    assert!(offset_of!(esl_handle_t, destroyed) == 68352);
    assert!(size_of::<esl_event_t>() == 88);
    assert!(size_of::<esl_event_header_t>() == 48);
    assert!(size_of::<esl_config_t>() == 2584);
};
