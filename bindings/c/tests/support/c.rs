//! Calling the C functions from Rust, as C does.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests; each uses its part"
)]

use std::ffi::{CStr, CString};
use std::io::Write;
use std::os::fd::IntoRawFd;
use std::os::unix::net::UnixStream;

use esl::event::*;
use esl::handle::*;
use esl::types::*;
use libc::c_char;

pub fn c(bytes: impl AsRef<[u8]>) -> CString {
    // A C string ends at its first NUL.
    let bytes = bytes.as_ref();
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    CString::new(&bytes[..end]).unwrap()
}

pub fn text(pointer: *const c_char) -> Option<Vec<u8>> {
    // SAFETY: NULL or a C string of the library.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) }.to_bytes().to_vec())
}

/// Takes a string over and frees it.
pub fn taken(pointer: *mut c_char) -> Vec<u8> {
    let bytes = text(pointer).expect("no text");
    // SAFETY: the library gave it away.
    unsafe { libc::free(pointer.cast()) };
    bytes
}

/// Name, value, elements.
pub type SeenHeader = (Vec<u8>, Vec<u8>, Option<Vec<Vec<u8>>>);

/// What C sees of an event.
#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Seen {
    pub kind: Vec<u8>,
    pub headers: Vec<SeenHeader>,
    pub body: Option<Vec<u8>>,
}

pub fn see(event: *const esl_event_t) -> Option<Seen> {
    // SAFETY: NULL or a living event.
    unsafe {
        let event = event.as_ref()?;
        let mut headers = Vec::new();
        let mut header = event.headers;
        let mut last = std::ptr::null_mut();
        while !header.is_null() {
            let h = &*header;
            let elements = (!h.array.is_null()).then(|| {
                (0..usize::try_from(h.idx).unwrap()).map(|at| text(*h.array.add(at)).unwrap()).collect()
            });
            headers.push((text(h.name).unwrap(), text(h.value).unwrap(), elements));
            last = header;
            header = h.next;
        }
        assert_eq!(last, event.last_header, "last_header is not the last one");
        let kind = text(esl_event_name(event.event_id)).unwrap();
        Some(Seen { kind, headers, body: text(event.body) })
    }
}

/// A handle filled by hand over one end of a socket pair.
pub struct Hand {
    pub handle: Box<esl_handle_t>,
    pub peer: Option<UnixStream>,
}

impl Hand {
    pub fn new() -> Self {
        let (ours, peer) = UnixStream::pair().unwrap();
        // SAFETY: all zero is how programs begin.
        let mut handle: Box<esl_handle_t> = unsafe { Box::new(std::mem::zeroed()) };
        handle.sock = ours.into_raw_fd();
        handle.connected = 1;
        // SAFETY: places in the handle.
        unsafe {
            esl::threadmutex::esl_mutex_create(&raw mut handle.mutex);
            esl::buffer::esl_buffer_create(&raw mut handle.packet_buf, 65536 * 50, 65536 * 100, 0);
        }
        Self { handle, peer: Some(peer) }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.peer.as_mut().unwrap().write_all(bytes).unwrap();
    }

    pub fn hang_up(&mut self) {
        self.peer = None;
    }

    /// Receives; returns the status, the message and the event that it carried.
    pub fn receive(&mut self) -> (esl_status_t, Option<Seen>, Option<Seen>) {
        // SAFETY: a living handle.
        let status = unsafe { esl_recv_event(&raw mut *self.handle, 1, std::ptr::null_mut()) };
        if status != ESL_SUCCESS {
            return (status, None, None);
        }
        (status, see(self.handle.last_event), see(self.handle.last_ievent))
    }

    /// Receives until nothing more comes.
    pub fn receive_all(&mut self) -> Vec<(Option<Seen>, Option<Seen>)> {
        let mut all = Vec::new();
        loop {
            match self.receive() {
                (ESL_SUCCESS, message, event) => all.push((message, event)),
                _ => return all,
            }
        }
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        // SAFETY: a living handle.
        unsafe { esl_disconnect(&raw mut *self.handle) };
    }
}
