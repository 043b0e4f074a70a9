//! The receiver state behind a handle, and which thread reads the socket.
//!
//! There are two locks. The handle's own `mutex` (recursive, known to C) is held to take messages out and to write the
//! handle's fields: by a sender from its command to the reply, by a receiver only while it takes a message. The `Link`'s lock
//! guards the receiver state. Neither is held during I/O waits, except that a sender keeps the handle's mutex: one thread at
//! a time polls and reads the socket (`reading`), the others wait until it reports that bytes arrived.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use libc::c_int;
use switchwire_proto::raw::{Pace, Receiver};
use switchwire_proto::{ContentType, DecodeError, DisconnectNotice, Limits};

use crate::headers::Event;
use crate::race_queue::RaceQueue;
use crate::received;
use crate::socket::{errno, poll, poll_hastily};
use crate::types::{esl_event_t, esl_socket_t};

/// The receiver state of one connection.
#[derive(Debug)]
pub(crate) struct Link {
    state: Mutex<State>,
    changed: Condvar,
    /// Held while a command is written, so that two commands never interleave.
    writing: Mutex<()>,
    race_queue: Mutex<RaceQueue>,
}

#[derive(Debug)]
struct State {
    receiver: Receiver<End>,
    /// A thread polls and reads.
    reading: bool,
    /// The last read filled its room: more is likely there.
    flooded: bool,
    /// Counts the changes that may end a wait: bytes, the end, messages queued for receivers.
    generation: u64,
    closed: bool,
    /// How waits for replies begin.
    pace: Pace,
}

/// Why the connection ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    /// The peer closed.
    Eof,
    /// `errno`.
    Error(c_int),
    /// The stream is invalid.
    Broken(DecodeError),
    /// A disconnect notice.
    Notice,
    /// `esl_disconnect` was called.
    Closed,
}

/// The result of [`Link::pull`].
pub(crate) enum Pulled {
    /// A message, its content type, the length of its body.
    Message(*mut esl_event_t, ContentType, usize),
    /// More bytes are needed; the current generation.
    Nothing(u64),
    End(End),
}

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waited {
    Changed,
    TimedOut,
}

/// The largest body: `ESL_MAX_CONTENT_LENGTH`.
const MAX_BODY: usize = 16 << 20;
/// A drained decoder with a larger buffer than this frees it before a wait.
const KEPT: usize = 4096;

impl Link {
    pub(crate) fn new() -> Self {
        let receiver = Receiver::new(Limits::new(Limits::HEADER_BLOCK, MAX_BODY));
        let state = State {
            receiver,
            reading: false,
            flooded: false,
            generation: 0,
            closed: false,
            pace: Pace::default(),
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            writing: Mutex::new(()),
            race_queue: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The messages queued after those in `race_event`.
    pub(crate) fn race_queue(&self) -> MutexGuard<'_, RaceQueue> {
        self.race_queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `body` on the data received and not yet returned.
    pub(crate) fn with_pending<T>(&self, body: impl FnOnce(&[u8]) -> T) -> T {
        body(self.lock().receiver.pending())
    }

    /// Takes the next message. Late replies are dropped.
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

    /// A command timed out: its reply is to be dropped when it arrives.
    pub(crate) fn expect_late_reply(&self) {
        self.lock().receiver.give_up_reply();
    }

    /// Wakes the waiting threads: messages were queued for them.
    pub(crate) fn wake_waiters(&self) {
        self.lock().generation += 1;
        self.changed.notify_all();
    }

    /// Ends every present and later wait.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Whether a thread is polling or reading the socket.
    pub(crate) fn has_reader(&self) -> bool {
        self.lock().reading
    }

    /// Frees the decoder's buffer when nothing is in it: many connections wait for long before anything comes.
    pub(crate) fn release(&self) {
        self.lock().receiver.decoder().release();
    }

    /// Adds bytes that did not come from the socket.
    pub(crate) fn feed(&self, bytes: &[u8]) {
        self.lock().receiver.decoder().feed(bytes);
    }

    /// Waits for a change since that generation, reading the socket unless another thread does. `room` gives the buffer to
    /// read into. A `hasty` wait is one for a reply.
    pub(crate) fn wait(
        &self,
        socket: esl_socket_t,
        room: &mut dyn FnMut() -> *mut [u8],
        deadline: Option<Instant>,
        generation: u64,
        hasty: bool,
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
        let mut pace = std::mem::take(&mut state.pace);
        drop(state);
        let ready = match hasty {
            true => poll_hastily(socket, deadline, &mut pace),
            false => poll(socket, libc::POLLIN, deadline),
        };
        let mut state = self.lock();
        state.reading = false;
        state.pace = pace;
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
        // Another thread may have to take over reading, even when nothing arrived.
        self.changed.notify_all();
        waited
    }

    /// Writes all bytes. While the peer accepts none, its data is read, so that the two sides never block each other.
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
    /// Reads the available bytes.
    fn read(&mut self, socket: esl_socket_t, room: *mut [u8]) {
        let decoder = self.receiver.decoder();
        let missing = decoder.missing();
        // The rest of a long body, and a flood, is read directly into the decoder.
        let direct = missing > room.len() || self.flooded;
        let (place, length) = if direct {
            let spare = decoder.spare(missing.max(room.len()));
            (spare.as_mut_ptr(), spare.len())
        } else {
            (room.cast::<u8>(), room.len())
        };
        let got = loop {
            // SAFETY: that many writable bytes, used by no other thread, since this one was the reader.
            let got = unsafe { libc::recv(socket, place.cast(), length, libc::MSG_DONTWAIT) };
            if got >= 0 || errno() != libc::EINTR {
                break got;
            }
        };
        self.flooded = usize::try_from(got).is_ok_and(|got| got >= room.len());
        match usize::try_from(got) {
            Ok(0) => self.end(End::Eof),
            Ok(count) => {
                if direct {
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
    // SAFETY: NULL, an event known to this thread only, or one of the handle whose mutex it holds.
    unsafe { Event::new(notice) }.is_some_and(|notice| {
        let disposition = notice.value(b"content-disposition");
        DisconnectNotice::ends_connection_classic(disposition, !notice.get().body.is_null())
    })
}
