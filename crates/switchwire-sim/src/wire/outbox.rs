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
    /// The first frame has been through the faults that change its bytes.
    prepared: bool,
    /// Pieces written, for sizes in turn.
    pieces: usize,
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
        (self.offset, self.bytes, self.prepared) = (0, 0, false);
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
            self.prepare(faults);
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
            let piece = faults.split.get(self.pieces % faults.split.len().max(1)).copied();
            let throttled =
                faults.throttle.map(|rate| usize::try_from(rate / 50).unwrap_or(usize::MAX).max(1));
            for size in piece.into_iter().chain(throttled) {
                end = end.min(self.offset.saturating_add(size));
            }
            for limit in [faults.end_after_bytes, faults.stall_after_bytes].into_iter().flatten() {
                let room = usize::try_from(limit.saturating_sub(self.written_bytes)).unwrap_or(usize::MAX);
                end = end.min(self.offset.saturating_add(room));
            }
            let number = Some(self.written_frames + 1);
            if number == faults.stall_in_frame || number == faults.cut_in_frame {
                end = end.min(frame.len() / 2);
            }
            if end <= self.offset && !frame.is_empty() {
                // A limit is reached: of the two kinds that do not end here, a stall.
                return Ok(if number == faults.cut_in_frame { Written::End } else { Written::Blocked });
            }
            match stream.write(&frame[self.offset..end]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => self.advance(count, faults),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Written::Blocked),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Changes the first frame as the faults say, once.
    fn prepare(&mut self, faults: &Faults) {
        if self.prepared || self.offset > 0 || (faults.garbage.is_empty() && faults.wrong_length.is_none()) {
            return;
        }
        let number = self.written_frames + 1;
        let Some(frame) = self.frames.front_mut() else { return };
        let mut bytes = frame.to_vec();
        if let Some((_, by)) = faults.wrong_length.filter(|(from, _)| number >= *from) {
            bytes = with_wrong_length(bytes, by);
        }
        if let Some(garbage) = faults.garbage.get(&number) {
            bytes.splice(0..0, garbage.iter().copied());
        }
        self.bytes = self.bytes + bytes.len() - frame.len();
        *frame = bytes.into();
        self.prepared = true;
    }

    fn advance(&mut self, count: usize, faults: &Faults) {
        self.offset += count;
        self.pieces += 1;
        self.bytes -= count;
        self.written_bytes += count as u64;
        if self.frames.front().is_some_and(|frame| self.offset >= frame.len()) {
            self.frames.pop_front();
            self.offset = 0;
            self.written_frames += 1;
            (self.delayed, self.prepared) = (false, false);
        }
        let throttled = faults.throttle.map(|rate| Duration::from_secs_f64(count as f64 / rate as f64));
        let split = (!faults.split.is_empty()).then_some(SPLIT_PAUSE);
        if let Some(pause) = throttled.max(split) {
            self.not_before = Some(Instant::now() + pause);
        }
    }
}

/// The first `Content-Length` with another number, not below zero.
fn with_wrong_length(frame: Vec<u8>, by: i64) -> Vec<u8> {
    const NAME: &[u8] = b"Content-Length: ";
    let Some(at) = frame.windows(NAME.len()).position(|window| window == NAME) else { return frame };
    let start = at + NAME.len();
    let digits = frame[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let length: i64 = String::from_utf8_lossy(&frame[start..start + digits]).parse().unwrap_or_default();
    let length = length.saturating_add(by).max(0).to_string();
    [&frame[..start], length.as_bytes(), &frame[start + digits..]].concat()
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
