//! Waiting for a socket.

use std::io;
use std::time::{Duration, Instant};

use libc::c_int;
use switchwire_proto::raw::Pace;

use crate::types::esl_socket_t;

/// Waits for any of the events; returns those that are ready, 0 after the timeout.
pub(crate) fn poll(socket: esl_socket_t, events: i16, deadline: Option<Instant>) -> Result<i16, c_int> {
    let mut one = libc::pollfd { fd: socket, events, revents: 0 };
    loop {
        let left = match deadline {
            None => -1,
            Some(deadline) => milliseconds(deadline.saturating_duration_since(Instant::now())),
        };
        // SAFETY: one descriptor.
        match unsafe { libc::poll(&raw mut one, 1, left) } {
            0 if deadline.is_none_or(|deadline| Instant::now() < deadline) => {}
            0 => return Ok(0),
            -1 if errno() == libc::EINTR => {}
            -1 => return Err(errno()),
            _ if one.revents & libc::POLLNVAL != 0 => return Err(libc::EBADF),
            _ => return Ok(one.revents),
        }
    }
}

/// Waits for something to read, as [`poll`]; where replies come quickly, it looks for a moment before it sleeps.
pub(crate) fn poll_hastily(
    socket: esl_socket_t,
    deadline: Option<Instant>,
    pace: &mut Pace,
) -> Result<i16, c_int> {
    let begun = Instant::now();
    let looks = pace.begin();
    if let Some(time) = looks {
        let until = begun + time;
        loop {
            match poll(socket, libc::POLLIN, Some(begun)) {
                Ok(0) => {}
                ready => {
                    pace.end(true, false, begun.elapsed());
                    return ready;
                }
            }
            if Instant::now() >= deadline.map_or(until, |deadline| deadline.min(until)) {
                break;
            }
            // The server may be on the same core.
            std::thread::yield_now();
        }
    }
    let ready = poll(socket, libc::POLLIN, deadline);
    pace.end(looks.is_some(), true, begun.elapsed());
    ready
}

/// Rounded up: waking early would poll again with no time left, in a busy loop.
fn milliseconds(left: Duration) -> c_int {
    c_int::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(c_int::MAX)
}

pub(crate) fn errno() -> c_int {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
