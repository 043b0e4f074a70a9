//! `esl.h`: text helpers, and waiting for a socket.

use std::ptr;
use std::time::{Duration, Instant};

use libc::{c_char, c_int, c_uint};
use switchwire_proto::percent;
use switchwire_proto::raw::encode_byte;

use crate::guard::guard;
use crate::memory::bytes;
use crate::socket::poll;
use crate::types::{esl_poll_t, esl_size_t, esl_socket_t};

/// Percent-encodes into `buf` of `len` bytes; returns how many were written. Stops before the first character that does not
/// fit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_url_encode(url: *const c_char, buf: *mut c_char, len: esl_size_t) -> esl_size_t {
    guard(0, || {
        if buf.is_null() || len == 0 {
            return 0;
        }
        // SAFETY: C's promises: a C string or NULL, and `len` writable bytes.
        let (text, room) = unsafe {
            (bytes(url).unwrap_or_default(), std::slice::from_raw_parts_mut(buf.cast::<u8>(), len))
        };
        let last = len - 1;
        let mut used = 0;
        for byte in text {
            let coded = encode_byte(*byte);
            // As in libesl, an escape needs one byte more than it takes.
            let fits = if coded.len() > 1 { used + coded.len() < last } else { used < last };
            if !fits {
                break;
            }
            room[used..used + coded.len()].copy_from_slice(&coded);
            used += coded.len();
        }
        room[used] = 0;
        used
    })
}

/// Decodes in place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_url_decode(s: *mut c_char) -> *mut c_char {
    guard(s, || {
        // SAFETY: C's promise: a writable C string or NULL. The decoded text is not longer, and is written when it is
        // complete.
        unsafe {
            let Some(text) = bytes(s) else { return s };
            if text.contains(&b'%') {
                let decoded = percent::decode(text).into_owned();
                s.cast::<u8>().copy_from_nonoverlapping(decoded.as_ptr(), decoded.len());
                *s.add(decoded.len()) = 0;
            }
        }
        s
    })
}

/// Finds `instr` in `str`, in any letter case.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_stristr(instr: *const c_char, str: *const c_char) -> *const c_char {
    guard(ptr::null(), || {
        // SAFETY: C's promise: C strings or NULL.
        let (Some(wanted), Some(text)) = (unsafe { (bytes(instr), bytes(str)) }) else { return ptr::null() };
        if wanted.is_empty() {
            return ptr::null();
        }
        let found = text.windows(wanted.len()).position(|piece| piece.eq_ignore_ascii_case(wanted));
        // SAFETY: a position in the string.
        found.map_or(ptr::null(), |at| unsafe { str.add(at) })
    })
}

/// ASCII only, whatever the locale.
#[unsafe(no_mangle)]
pub extern "C" fn esl_toupper(c: c_int) -> c_int {
    u8::try_from(c).map_or(c, |byte| c_int::from(byte.to_ascii_uppercase()))
}

/// ASCII only, whatever the locale.
#[unsafe(no_mangle)]
pub extern "C" fn esl_tolower(c: c_int) -> c_int {
    u8::try_from(c).map_or(c, |byte| c_int::from(byte.to_ascii_lowercase()))
}

/// Splits `buf` at every `delim`; the last piece holds the rest.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn esl_separate_string_string(
    buf: *mut c_char,
    delim: *const c_char,
    array: *mut *mut c_char,
    arraylen: c_uint,
) -> c_uint {
    guard(0, || {
        // SAFETY: C's promises: a writable C string, a C string, room for `arraylen` pointers.
        unsafe {
            let (Some(text), Some(delim)) = (bytes(buf), bytes(delim)) else { return 0 };
            if array.is_null() || arraylen == 0 {
                return 0;
            }
            let (mut count, mut start, length) = (1, 0, text.len());
            *array = buf;
            while count < arraylen && !delim.is_empty() {
                // A new slice each time: the string was written to.
                let rest = std::slice::from_raw_parts(buf.cast::<u8>().add(start), length - start);
                let Some(at) = rest.windows(delim.len()).position(|piece| piece == delim) else { break };
                *buf.add(start + at) = 0;
                start += at + delim.len();
                *array.add(count as usize) = buf.add(start);
                count += 1;
            }
            count
        }
    })
}

/// Waits for a socket: the flags that are ready, 0 after the timeout, -1 for an error.
#[unsafe(no_mangle)]
pub extern "C" fn esl_wait_sock(sock: esl_socket_t, ms: u32, flags: esl_poll_t) -> c_int {
    const FLAGS: [(esl_poll_t, i16); 3] = [(1, libc::POLLIN), (2, libc::POLLOUT), (4, libc::POLLERR)];
    guard(-1, || {
        if sock < 0 {
            return -1;
        }
        let events =
            FLAGS.iter().filter(|(flag, _)| flags & flag != 0).fold(0, |all, (_, event)| all | event);
        match poll(sock, events, Some(Instant::now() + Duration::from_millis(ms.into()))) {
            Err(_) => -1,
            Ok(ready) => {
                // After a hang-up the socket is readable: the end of the stream.
                let ready = if ready & libc::POLLHUP != 0 { ready | libc::POLLIN } else { ready };
                FLAGS
                    .iter()
                    .filter(|(flag, event)| flags & flag != 0 && ready & event != 0)
                    .fold(0, |all, (flag, _)| all | flag)
            }
        }
    })
}
