//! What a connection has yet to write, and the faults that affect it.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::faults::Faults;

/// Frames on their way to one client. Never blocks: what the socket does not take stays.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    frames: VecDeque<Arc<[u8]>>,
    /// Written bytes of the first frame.
    offset: usize,
    bytes: usize,
    written_bytes: u64,
    written_frames: u64,
    not_before: Option<Instant>,
    delayed: bool,
}

/// What a round of writing came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// Everything is out.
    All,
    /// The socket takes no more for now.
    Blocked,
    /// A fault delays the rest until this time.
    Later(Instant),
    /// A fault ends the connection here.
    End,
}

impl Outbox {
    pub(crate) fn push(&mut self, frame: impl Into<Arc<[u8]>>) {
        let frame = frame.into();
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    /// Forgets what is not written yet, the rest of a frame included.
    pub(crate) fn clear(&mut self) {
        self.frames.clear();
        (self.offset, self.bytes) = (0, 0);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Bytes that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn write_to(&mut self, stream: &mut impl Write, faults: &Faults) -> io::Result<Written> {
        if faults.silent {
            self.clear();
            return Ok(Written::All);
        }
        if faults.stalled {
            return Ok(Written::Blocked);
        }
        loop {
            if faults.end_after_frames.is_some_and(|n| self.written_frames >= n)
                || faults.end_after_bytes.is_some_and(|n| self.written_bytes >= n)
            {
                return Ok(Written::End);
            }
            let Some(frame) = self.frames.front() else { return Ok(Written::All) };
            if let (Some(delay), 0, false) = (faults.delay, self.offset, self.delayed) {
                self.delayed = true;
                self.not_before = Some(Instant::now() + delay);
            }
            if let Some(time) = self.not_before {
                if time > Instant::now() {
                    return Ok(Written::Later(time));
                }
                self.not_before = None;
            }
            let mut end = frame.len();
            if let Some(split) = faults.split {
                end = end.min(self.offset.saturating_add(split));
            }
            if let Some(limit) = faults.end_after_bytes {
                let room = usize::try_from(limit - self.written_bytes).unwrap_or(usize::MAX);
                end = end.min(self.offset.saturating_add(room));
            }
            match stream.write(&frame[self.offset..end]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => self.advance(count, faults.split.is_some()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Written::Blocked),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn advance(&mut self, count: usize, pause: bool) {
        self.offset += count;
        self.bytes -= count;
        self.written_bytes += count as u64;
        if self.frames.front().is_some_and(|frame| self.offset >= frame.len()) {
            self.frames.pop_front();
            self.offset = 0;
            self.written_frames += 1;
            self.delayed = false;
        }
        if pause {
            self.not_before = Some(Instant::now() + SPLIT_PAUSE);
        }
    }
}

/// Long enough for a client on the same machine to see the pieces apart.
const SPLIT_PAUSE: Duration = Duration::from_micros(300);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::End;

    #[test]
    fn pieces_are_written_apart_and_in_order() {
        let mut outbox = Outbox::default();
        outbox.push(b"hello".to_vec());
        let (mut out, faults) = (Vec::new(), Faults::none().split(2));
        let mut rounds = 0;
        while outbox.write_to(&mut out, &faults).unwrap() != Written::All {
            rounds += 1;
            std::thread::sleep(SPLIT_PAUSE);
        }
        assert_eq!(out, b"hello");
        assert!(rounds >= 2);
    }

    #[test]
    fn what_was_kept_by_a_stall_goes_out_after_it() {
        let mut outbox = Outbox::default();
        outbox.push(b"hello".to_vec());
        let mut out = Vec::new();
        assert_eq!(outbox.write_to(&mut out, &Faults::none().stalled()).unwrap(), Written::Blocked);
        assert_eq!((out.len(), outbox.bytes()), (0, 5));
        assert_eq!(outbox.write_to(&mut out, &Faults::none()).unwrap(), Written::All);
        assert_eq!(out, b"hello");
    }

    #[test]
    fn the_end_comes_after_the_given_byte() {
        let mut outbox = Outbox::default();
        outbox.push(b"hello".to_vec());
        let mut out = Vec::new();
        let faults = Faults::none().end_after_bytes(3, End::Close);
        assert_eq!(outbox.write_to(&mut out, &faults).unwrap(), Written::End);
        assert_eq!(out, b"hel");
    }

    #[test]
    fn an_empty_frame_counts_as_written() {
        let mut outbox = Outbox::default();
        outbox.push(b"ab".to_vec());
        let mut out = Vec::new();
        let faults = Faults::none().end_after_frames(1, End::Close);
        assert_eq!(outbox.write_to(&mut out, &faults).unwrap(), Written::End);
        assert_eq!((out.as_slice(), outbox.bytes()), (b"ab".as_slice(), 0));
    }
}
