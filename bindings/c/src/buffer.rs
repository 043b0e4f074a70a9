//! `esl_buffer.h`: a byte queue. That of a handle, `packet_buf`, also holds the handle's receiver state.
#![allow(non_camel_case_types, reason = "C's names")]

use std::ptr;
use std::sync::{Arc, OnceLock};

use libc::c_void;

use crate::guard::guard;
use crate::link::Link;
use crate::types::{ESL_FAIL, ESL_GENERR, ESL_SUCCESS, esl_size_t, esl_status_t};

/// A byte queue. Memory is allocated as bytes are written, not in advance.
#[derive(Debug)]
pub struct esl_buffer_t {
    /// The bytes written since the queue was last empty; the first `read` of them have been read.
    data: Vec<u8>,
    read: usize,
    /// The size that C sees.
    size: usize,
    block: usize,
    /// 0: no limit.
    max: usize,
    loops: i32,
    pub(crate) link: OnceLock<Arc<Link>>,
}

impl esl_buffer_t {
    pub(crate) fn new(block: usize, start: usize, max: usize) -> Self {
        Self { data: Vec::new(), read: 0, size: start, block, max, loops: 0, link: OnceLock::new() }
    }

    pub(crate) fn waiting(&self) -> &[u8] {
        &self.data[self.read..]
    }

    /// Drops up to that many bytes; returns how many.
    pub(crate) fn skip(&mut self, count: usize) -> usize {
        let count = count.min(self.data.len() - self.read);
        self.read += count;
        count
    }

    pub(crate) fn clear(&mut self) {
        self.data = Vec::new();
        self.read = 0;
    }

    fn write(&mut self, bytes: &[u8]) -> usize {
        let used = self.waiting().len();
        if self.max > 0 && used + bytes.len() > self.max {
            return 0;
        }
        if self.size < used + bytes.len() {
            self.size = (self.size + bytes.len()).max(self.size + self.block);
        }
        // Bytes that were read are kept while there is room, as `esl_buffer_seek` can go back to them; with loops set they
        // are read again.
        if self.loops == 0 && self.data.len() + bytes.len() > self.size {
            self.data.drain(..self.read);
            self.read = 0;
        }
        self.data.extend_from_slice(bytes);
        used + bytes.len()
    }

    fn take(&mut self, room: &mut [u8]) -> usize {
        let count = room.len().min(self.waiting().len());
        room[..count].copy_from_slice(&self.waiting()[..count]);
        self.skip(count)
    }

    fn take_looping(&mut self, room: &mut [u8]) -> usize {
        let mut count = self.take(room);
        while count < room.len() && self.loops != 0 && !self.data.is_empty() {
            if self.loops > 0 {
                self.loops -= 1;
            }
            self.read = 0;
            count += self.take(&mut room[count..]);
        }
        count
    }

    /// The length of the first packet, with the blank line that ends it.
    fn packet(&self) -> Option<usize> {
        self.waiting().windows(2).position(|pair| pair == b"\n\n").map(|at| at + 2)
    }

    /// Runs `look` on the data that the handle has received and not yet returned.
    fn pending(&self, look: impl FnOnce(&[u8]) -> usize) -> usize {
        self.link.get().map_or(0, |link| link.with_pending(look))
    }

    /// Sets the read position, counted from where the data begins; at most as far as there are unread bytes.
    fn seek(&mut self, count: usize) -> usize {
        let count = count.min(self.waiting().len());
        if !self.waiting().is_empty() {
            self.read = count;
        }
        count
    }
}

fn packets(mut text: &[u8]) -> usize {
    let mut count = 0;
    while let Some(at) = memchr::memmem::find(text, b"\n\n") {
        text = &text[at + 2..];
        count += 1;
    }
    count
}

unsafe fn on<T: Copy>(buffer: *mut esl_buffer_t, failed: T, body: impl FnOnce(&mut esl_buffer_t) -> T) -> T {
    // SAFETY: C's promise: NULL or a living buffer that only this thread uses.
    guard(failed, || unsafe { buffer.as_mut() }.map_or(failed, body))
}

/// The bytes that C passes for writing.
unsafe fn given<'a>(data: *const c_void, length: usize) -> &'a [u8] {
    match data.is_null() || length == 0 {
        true => &[],
        // SAFETY: C's promise: that many readable bytes.
        false => unsafe { std::slice::from_raw_parts(data.cast(), length) },
    }
}

/// The buffer that C passes for reading.
unsafe fn room<'a>(data: *mut c_void, length: usize) -> &'a mut [u8] {
    match data.is_null() || length == 0 {
        true => &mut [],
        // SAFETY: C's promise: that many writable bytes.
        false => unsafe { std::slice::from_raw_parts_mut(data.cast(), length) },
    }
}

/// Makes a buffer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_create(
    buffer: *mut *mut esl_buffer_t,
    blocksize: esl_size_t,
    start_len: esl_size_t,
    max_len: esl_size_t,
) -> esl_status_t {
    guard(ESL_FAIL, || {
        if buffer.is_null() {
            return ESL_GENERR;
        }
        // SAFETY: C's promise: a writable place.
        unsafe { *buffer = Box::into_raw(Box::new(esl_buffer_t::new(blocksize, start_len, max_len))) };
        ESL_SUCCESS
    })
}

/// The size of the buffer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_len(buffer: *mut esl_buffer_t) -> esl_size_t {
    // SAFETY: see `on`.
    unsafe { on(buffer, 0, |buffer| buffer.size) }
}

/// How many more bytes fit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_freespace(buffer: *mut esl_buffer_t) -> esl_size_t {
    const NO_LIMIT: usize = 1_000_000;
    // SAFETY: see `on`.
    unsafe {
        on(buffer, 0, |buffer| match buffer.max {
            0 => NO_LIMIT,
            max => max.saturating_sub(buffer.waiting().len()),
        })
    }
}

/// How many bytes are unread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_inuse(buffer: *mut esl_buffer_t) -> esl_size_t {
    // SAFETY: see `on`.
    unsafe { on(buffer, 0, |buffer| buffer.waiting().len() + buffer.pending(<[u8]>::len)) }
}

/// Reads and removes bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_read(
    buffer: *mut esl_buffer_t,
    data: *mut c_void,
    datalen: esl_size_t,
) -> esl_size_t {
    // SAFETY: see `on` and `room`.
    unsafe { on(buffer, 0, |buffer| buffer.take(room(data, datalen))) }
}

/// Reads up to the blank line that ends the first packet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_read_packet(
    buffer: *mut esl_buffer_t,
    data: *mut c_void,
    maxlen: esl_size_t,
) -> esl_size_t {
    // SAFETY: see `on` and `room`.
    unsafe {
        on(buffer, 0, |buffer| {
            buffer.packet().map_or(0, |length| buffer.take(room(data, maxlen.min(length))))
        })
    }
}

/// The number of complete packets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_packet_count(buffer: *mut esl_buffer_t) -> esl_size_t {
    // SAFETY: see `on`.
    unsafe { on(buffer, 0, |buffer| packets(buffer.waiting()) + buffer.pending(packets)) }
}

/// Reads; at the end starts over, as often as `esl_buffer_set_loops` set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_read_loop(
    buffer: *mut esl_buffer_t,
    data: *mut c_void,
    datalen: esl_size_t,
) -> esl_size_t {
    // SAFETY: see `on` and `room`.
    unsafe { on(buffer, 0, |buffer| buffer.take_looping(room(data, datalen))) }
}

/// Sets how often `esl_buffer_read_loop` starts over; negative: without limit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_set_loops(buffer: *mut esl_buffer_t, loops: i32) {
    // SAFETY: see `on`.
    unsafe { on(buffer, (), |buffer| buffer.loops = loops) }
}

/// Writes; returns the number of unread bytes, 0 when the limit leaves no room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_write(
    buffer: *mut esl_buffer_t,
    data: *const c_void,
    datalen: esl_size_t,
) -> esl_size_t {
    // SAFETY: see `on` and `given`.
    unsafe { on(buffer, 0, |buffer| buffer.write(given(data, datalen))) }
}

/// Drops unread bytes; returns how many are left.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_toss(buffer: *mut esl_buffer_t, datalen: esl_size_t) -> esl_size_t {
    // SAFETY: see `on`.
    unsafe {
        on(buffer, 0, |buffer| {
            buffer.skip(datalen);
            buffer.waiting().len()
        })
    }
}

/// Empties the buffer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_zero(buffer: *mut esl_buffer_t) {
    // SAFETY: see `on`.
    unsafe { on(buffer, (), esl_buffer_t::clear) }
}

/// Frees a buffer and clears the pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_destroy(buffer: *mut *mut esl_buffer_t) {
    guard((), || {
        // SAFETY: C's promise: NULL, or a place that holds NULL or a buffer that is not used any more.
        unsafe {
            if !buffer.is_null() && !(*buffer).is_null() {
                drop(Box::from_raw(std::mem::replace(&mut *buffer, ptr::null_mut())));
            }
        }
    });
}

/// Sets the read position; returns it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_seek(buffer: *mut esl_buffer_t, datalen: esl_size_t) -> esl_size_t {
    // SAFETY: see `on`.
    unsafe { on(buffer, 0, |buffer| buffer.seek(datalen)) }
}

/// Writes; when there is no room, empties the buffer first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_buffer_zwrite(
    buffer: *mut esl_buffer_t,
    data: *const c_void,
    datalen: esl_size_t,
) -> esl_size_t {
    // SAFETY: see `on` and `given`.
    unsafe {
        on(buffer, 0, |buffer| match buffer.write(given(data, datalen)) {
            0 => {
                buffer.clear();
                buffer.write(given(data, datalen))
            }
            length => length,
        })
    }
}
