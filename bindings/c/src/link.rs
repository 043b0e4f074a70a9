//! What hides behind a handle: the decoder, and who of the threads reads the socket.
//!
//! Two locks. The handle's own `mutex` (recursive, known to C) belongs to whoever takes messages out and writes the
//! handle's fields: a sender keeps it until its reply is there, a receiver only while it takes a message. The `Link`'s own
//! lock guards the decoder. Waiting for bytes needs neither: one thread at a time polls and reads (`reading`), the others
//! wait until it tells that bytes came. Nobody who waits holds the handle for longer than its own business lasts.

use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use libc::c_int;
use switchwire_proto::raw::Receiver;
use switchwire_proto::{ContentType, DecodeError, DisconnectNotice, Limits};

use crate::aside::Aside;
use crate::headers::Event;
use crate::received;
use crate::types::{esl_event_t, esl_socket_t};

/// The receiving side of one connection.
#[derive(Debug)]
pub(crate) struct Link {
    state: Mutex<State>,
    changed: Condvar,
    /// Held while a command is written, so that two commands never mix.
    writing: Mutex<()>,
    aside: Mutex<Aside>,
}

#[derive(Debug)]
struct State {
    receiver: Receiver<End>,
    /// A thread polls and reads.
    reading: bool,
    /// Counts what may end a wait: bytes, the end, messages put aside for others.
    generation: u64,
    closed: bool,
}

/// Why nothing comes any more.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    /// The peer closed.
    Eof,
    /// `errno`.
    Error(c_int),
    /// The stream makes no sense.
    Broken(DecodeError),
    /// A notice said that the connection is over.
    Notice,
    /// `esl_disconnect` was called.
    Closed,
}

/// What pulling gives.
pub(crate) enum Pulled {
    /// With the length of its body.
    Message(*mut esl_event_t, ContentType, usize),
    /// More bytes are needed; nothing changed since that generation.
    Nothing(u64),
    End(End),
}

/// How waiting ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waited {
    Changed,
    TimedOut,
}

/// The largest body, as C programs know it (`ESL_MAX_CONTENT_LENGTH`).
const MAX_BODY: usize = 16 << 20;
/// A drained decoder larger than this gives its memory back before a wait.
const KEPT: usize = 4096;

impl Link {
    pub(crate) fn new() -> Self {
        let receiver = Receiver::new(Limits::new(Limits::HEADER_BLOCK, MAX_BODY));
        let state = State { receiver, reading: false, generation: 0, closed: false };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            writing: Mutex::new(()),
            aside: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was put aside and stands behind `race_event`.
    pub(crate) fn aside(&self) -> MutexGuard<'_, Aside> {
        self.aside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was received and not given out yet.
    pub(crate) fn with_pending<T>(&self, body: impl FnOnce(&[u8]) -> T) -> T {
        body(self.lock().receiver.pending())
    }

    /// Takes the next message out. Late replies are dropped on the way.
    pub(crate) fn pull(&self) -> Pulled {
        let state = &mut *self.lock();
        if state.closed {
            return Pulled::End(End::Closed);
        }
        match state.receiver.next_frame() {
            Err(error) => Pulled::End(End::Broken(error)),
            Ok(Some(frame)) => {
                let (kind, length) = (frame.content_type(), frame.body().map_or(0, <[u8]>::len));
                let event = received::outer(&frame);
                if kind == ContentType::DisconnectNotice && ends_connection(event) {
                    state.receiver.end(End::Notice);
                }
                Pulled::Message(event, kind, length)
            }
            Ok(None) => match state.receiver.ended() {
                Some(end) => Pulled::End(end),
                None => Pulled::Nothing(state.generation),
            },
        }
    }

    /// A command's reply was given up: it is dropped when it comes.
    pub(crate) fn expect_late_reply(&self) {
        self.lock().receiver.give_up_reply();
    }

    /// Wakes those who wait: messages were put aside for them.
    pub(crate) fn announce(&self) {
        self.lock().generation += 1;
        self.changed.notify_all();
    }

    /// Ends every wait, now and later.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Whether a thread is about to read the socket.
    pub(crate) fn is_read(&self) -> bool {
        self.lock().reading
    }

    /// Bytes that did not come from the socket.
    pub(crate) fn feed(&self, bytes: &[u8]) {
        self.lock().receiver.decoder().feed(bytes);
    }

    /// Waits until something has changed since that generation, reading the socket if nobody else does. `room` is where
    /// bytes land first.
    pub(crate) fn wait(
        &self,
        socket: esl_socket_t,
        room: &mut dyn FnMut() -> *mut [u8],
        deadline: Option<Instant>,
        generation: u64,
    ) -> Waited {
        let mut state = self.lock();
        loop {
            if state.closed || state.receiver.ended().is_some() || state.generation != generation {
                return Waited::Changed;
            }
            if !state.reading {
                break;
            }
            state = match deadline {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    let waited = self.changed.wait_timeout(state, left);
                    let (state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
                    if waited.timed_out() && state.generation == generation && !state.closed {
                        return Waited::TimedOut;
                    }
                    state
                }
            };
        }
        let decoder = state.receiver.decoder();
        if decoder.pending().is_empty() && decoder.capacity() > KEPT {
            decoder.release();
        }
        state.reading = true;
        drop(state);
        let ready = poll(socket, libc::POLLIN, deadline);
        let mut state = self.lock();
        state.reading = false;
        let waited = match ready {
            Ok(0) => Waited::TimedOut,
            Ok(_) if state.closed => Waited::Changed,
            Ok(_) => {
                state.read(socket, room());
                Waited::Changed
            }
            Err(errno) => {
                state.end(End::Error(errno));
                Waited::Changed
            }
        };
        drop(state);
        // Another one may have to take over the reading, also when nothing came.
        self.changed.notify_all();
        waited
    }

    /// Writes it all. While the peer takes nothing, what it sends is read, so that both sides never wait for each other.
    pub(crate) fn write(
        &self,
        socket: esl_socket_t,
        room: &mut dyn FnMut() -> *mut [u8],
        mut bytes: &[u8],
    ) -> Result<(), c_int> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        while !bytes.is_empty() {
            // SAFETY: the bytes are readable.
            let sent = unsafe {
                libc::send(
                    socket,
                    bytes.as_ptr().cast(),
                    bytes.len(),
                    libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT,
                )
            };
            if let Ok(sent) = usize::try_from(sent) {
                bytes = &bytes[sent..];
                continue;
            }
            match errno() {
                libc::EINTR => {}
                libc::EAGAIN => self.wait_for_room(socket, room)?,
                errno => return Err(errno),
            }
        }
        Ok(())
    }

    fn wait_for_room(&self, socket: esl_socket_t, room: &mut dyn FnMut() -> *mut [u8]) -> Result<(), c_int> {
        let reads = {
            let mut state = self.lock();
            if state.closed {
                return Err(libc::ENOTCONN);
            }
            let reads = !state.reading && state.receiver.ended().is_none();
            state.reading |= reads;
            reads
        };
        let ready = poll(socket, if reads { libc::POLLIN | libc::POLLOUT } else { libc::POLLOUT }, None);
        if reads {
            let mut state = self.lock();
            state.reading = false;
            if matches!(ready, Ok(ready) if ready & libc::POLLIN != 0) {
                state.read(socket, room());
            }
            drop(state);
            self.changed.notify_all();
        }
        ready.map(|_| ())
    }
}

impl State {
    /// Reads what is there.
    fn read(&mut self, socket: esl_socket_t, room: *mut [u8]) {
        let decoder = self.receiver.decoder();
        let missing = decoder.missing();
        // What is left of a long body goes straight to its place.
        let straight = missing > room.len();
        let (place, length) = if straight {
            let spare = decoder.spare(missing);
            (spare.as_mut_ptr(), spare.len())
        } else {
            (room.cast::<u8>(), room.len())
        };
        let got = loop {
            // SAFETY: that many writable bytes, which nobody else uses while `reading` was ours.
            let got = unsafe { libc::recv(socket, place.cast(), length, libc::MSG_DONTWAIT) };
            if got >= 0 || errno() != libc::EINTR {
                break got;
            }
        };
        match usize::try_from(got) {
            Ok(0) => self.end(End::Eof),
            Ok(count) => {
                if straight {
                    self.receiver.decoder().commit(count);
                } else {
                    // SAFETY: `recv` filled that many bytes of the room.
                    self.receiver.decoder().feed(unsafe { std::slice::from_raw_parts(place, count) });
                }
                self.generation += 1;
            }
            Err(_) if errno() == libc::EAGAIN => {}
            Err(_) => self.end(End::Error(errno())),
        }
    }

    fn end(&mut self, end: End) {
        self.receiver.end(end);
        self.generation += 1;
    }
}

/// Whether a disconnect notice ends the connection, by libesl's rule.
pub(crate) fn ends_connection(notice: *mut esl_event_t) -> bool {
    // SAFETY: NULL or an event that this thread alone knows, or one of the handle that it holds.
    unsafe { Event::new(notice) }.is_some_and(|notice| {
        let disposition = notice.value(b"content-disposition");
        DisconnectNotice::ends_connection_classic(disposition, !notice.get().body.is_null())
    })
}

/// Waits for one of the events; gives those that came, 0 when the time has passed.
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

/// Rounded up, so that nobody wakes too early and polls in a circle.
fn milliseconds(left: Duration) -> c_int {
    c_int::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(c_int::MAX)
}

pub(crate) fn errno() -> c_int {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
