//! Received bytes to frames.
//!
//! ```text
//!            line                      blank line, Content-Length: n
//!   ┌────► Head ────┐ (any other line)  ───────────────► Body(n) ── n bytes ──► frame
//!   │       ▲       │                                                             │
//!   │       └───────┘     blank line, no Content-Length ────────────────► frame   │
//!   └─────────────────────────────────────────────────────────────────────────────┘
//! ```
//! Blank lines before a head are skipped. The position of the search is kept, so bytes that come one at a time are
//! looked at once.
//!
//! One kind of reply cannot be decoded safely by any client: `getvar` replies with a bare value, neither encoded nor
//! delimited. A value with a blank line in it ends the reply there and the rest is read as further messages (one command then
//! has two replies); one that begins with `~` is not closed at all, and the next reply becomes a part of it. The decoder stays
//! framed and gives what the bytes say; `api uuid_getvar` has no such gap.

use memchr::memchr;

use crate::error::{DecodeError, DecodeErrorKind};
use crate::lines::{is_blank, leading_number, same_name, split_line};
use crate::{ContentType, HeaderLines, Limits, Message, percent};

/// Takes received bytes, gives messages.
///
/// Not bound to a socket: either [`feed`](Self::feed) it, or read straight into [`spare`](Self::spare) and
/// [`commit`](Self::commit) what was read (which saves one copy). After an error it stays at that error.
#[derive(Debug, Default)]
pub struct Decoder {
    /// Bytes `start..end` are received and not yet given out; the rest is room.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    state: State,
    limits: Limits,
    /// Stream position of `buffer[start]`.
    offset: u64,
    failed: Option<DecodeError>,
}

/// Positions are relative to `start`.
#[derive(Debug, Clone, Copy)]
enum State {
    Head { scanned: usize, line: usize, content_type: ContentType, typed: bool, length: Option<usize> },
    Body { head: usize, body: usize, content_type: ContentType, length: Option<usize> },
}

impl Default for State {
    fn default() -> Self {
        Self::Head { scanned: 0, line: 0, content_type: ContentType::Other, typed: false, length: None }
    }
}

/// One message, borrowed from the decoder's buffer.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    bytes: &'a [u8],
    head: usize,
    body: usize,
    has_body: bool,
    content_type: ContentType,
}

impl<'a> Frame<'a> {
    /// The whole message as received: header block, blank line, body.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The header block, up to the blank line.
    #[must_use]
    pub fn head(&self) -> &'a [u8] {
        &self.bytes[..self.head]
    }

    /// The header lines, in order: name and raw (not percent-decoded) value.
    #[must_use]
    pub fn headers(&self) -> HeaderLines<'a> {
        HeaderLines::new(self.head())
    }

    /// The body; `None` when there was no `Content-Length`.
    #[must_use]
    pub fn body(&self) -> Option<&'a [u8]> {
        self.has_body.then(|| &self.bytes[self.body..])
    }

    /// What it is.
    #[must_use]
    pub fn content_type(&self) -> ContentType {
        self.content_type
    }

    pub(crate) fn spans(&self) -> (usize, usize, bool) {
        (self.head, self.body, self.has_body)
    }
}

impl Decoder {
    /// A decoder with its own limits. It has no buffer until bytes come.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits: Limits::new(limits.header_block, limits.body), ..Self::default() }
    }

    /// Copies `bytes` in.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.spare(bytes.len())[..bytes.len()].copy_from_slice(bytes);
        self.commit(bytes.len());
    }

    /// Room for at least `least` more bytes, to be read into; then call [`commit`](Self::commit).
    pub fn spare(&mut self, least: usize) -> &mut [u8] {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
        if self.buffer.len() - self.end < least {
            self.make_room(least);
        }
        &mut self.buffer[self.end..]
    }

    /// Says that `count` bytes were read into the room that [`spare`](Self::spare) gave.
    ///
    /// # Panics
    /// When `count` is more than that room.
    pub fn commit(&mut self, count: usize) {
        assert!(count <= self.buffer.len() - self.end, "more bytes committed than there was room for");
        self.end += count;
    }

    /// The next whole message as a borrowed frame; `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`DecodeError`] when a limit is hit or a length makes no sense; from then on always the same.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match self.advance() {
            Ok(None) => Ok(None),
            Ok(Some(done)) => {
                let first = self.start;
                self.start += done.length;
                self.offset += done.length as u64;
                self.state = State::default();
                Ok(Some(Frame {
                    bytes: &self.buffer[first..first + done.length],
                    head: done.head,
                    body: done.body,
                    has_body: done.has_body,
                    content_type: done.content_type,
                }))
            }
            Err(kind) => Err(self.fail(kind)),
        }
    }

    /// The kind of the message that [`next_frame`](Self::next_frame) gives next; `None` when more bytes are needed.
    ///
    /// # Errors
    /// As [`next_frame`](Self::next_frame).
    pub(crate) fn next_kind(&mut self) -> Result<Option<ContentType>, DecodeError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match self.advance() {
            Ok(done) => Ok(done.map(|done| done.content_type)),
            Err(kind) => Err(self.fail(kind)),
        }
    }

    fn fail(&mut self, kind: DecodeErrorKind) -> DecodeError {
        *self.failed.insert(DecodeError { kind, offset: self.offset })
    }

    /// The next whole message as an owned value (one copy, one allocation); `None` when more bytes are needed.
    ///
    /// # Errors
    /// As [`next_frame`](Self::next_frame).
    pub fn next_message(&mut self) -> Result<Option<Message>, DecodeError> {
        Ok(self.next_frame()?.map(|frame| Message::from_frame(&frame)))
    }

    /// The bytes that have come and are not part of a message given out yet.
    #[must_use]
    pub fn pending(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// How many bytes the message that is being received still lacks at least; 1 while its head is unfinished.
    #[must_use]
    pub fn missing(&self) -> usize {
        match self.state {
            State::Head { .. } => 1,
            State::Body { body, length, .. } => {
                (body + length.unwrap_or(0)).saturating_sub(self.end - self.start).max(1)
            }
        }
    }

    /// Bytes of the messages given out so far: the stream position after the last message.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The size of the buffer in bytes.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Gives the buffer back when nothing is in it; the next bytes make a new one.
    pub fn release(&mut self) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            self.buffer = Vec::new();
        }
    }

    /// Exchanges the buffer for another one when nothing is in it: for programs with many streams, of which few have
    /// something at a time, that lend one buffer to whichever is read.
    pub fn exchange_buffer(&mut self, buffer: &mut Vec<u8>) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            std::mem::swap(&mut self.buffer, buffer);
        }
    }

    /// Says that the stream has ended.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Truncated`] when it ended inside a message (blank lines do not count), or the error that
    /// stopped the decoder earlier.
    pub fn finish(&self) -> Result<(), DecodeError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let pending = self.pending();
        if pending.iter().all(|byte| matches!(byte, b'\n' | b'\r')) {
            return Ok(());
        }
        Err(DecodeError { kind: DecodeErrorKind::Truncated { received: pending.len() }, offset: self.offset })
    }

    fn advance(&mut self) -> Result<Option<Done>, DecodeErrorKind> {
        loop {
            match self.state {
                State::Head { .. } => {
                    if !self.advance_head()? {
                        return Ok(None);
                    }
                }
                State::Body { head, body, content_type, length } => {
                    let whole = body + length.unwrap_or(0);
                    if self.end - self.start < whole {
                        return Ok(None);
                    }
                    return Ok(Some(Done {
                        length: whole,
                        head,
                        body,
                        has_body: length.is_some(),
                        content_type,
                    }));
                }
            }
        }
    }

    /// Walks header lines; `true` when the head is complete.
    fn advance_head(&mut self) -> Result<bool, DecodeErrorKind> {
        let State::Head { mut scanned, mut line, mut content_type, mut typed, mut length } = self.state
        else {
            return Ok(true);
        };
        if scanned == 0
            && let Some(head) = UsualHead::of(&self.buffer[self.start..self.end])
            && head.end <= self.limits.header_block
            && head.length <= self.limits.body
        {
            let UsualHead { end, content_type, length } = head;
            self.state = State::Body { head: end - 1, body: end, content_type, length: Some(length) };
            return Ok(true);
        }
        let complete = loop {
            let text = &self.buffer[self.start..self.end];
            let Some(found) = memchr(b'\n', &text[scanned..]) else {
                scanned = text.len();
                break false;
            };
            let next = scanned + found + 1;
            // Before the line is looked at, so that the outcome is the same however the bytes came.
            self.check_head(next)?;
            let content = &text[line..next - 1];
            if is_blank(content) {
                if line == 0 {
                    // A blank line before a message: not part of it.
                    self.start += next;
                    self.offset += next as u64;
                    scanned = 0;
                    continue;
                }
                self.state = State::Body { head: line, body: next, content_type, length };
                return Ok(true);
            }
            if matches!(content[0], b'C' | b'c')
                && let Some((name, value)) = split_line(content)
            {
                if same_name(name, b"Content-Length") {
                    // The first one counts; an empty value is no header at all.
                    if length.is_none() && !value.is_empty() {
                        length = Some(self.body_length(value)?);
                    }
                } else if !typed && same_name(name, b"Content-Type") && !value.is_empty() {
                    content_type = ContentType::from_value(&percent::decode(value));
                    typed = true;
                }
            }
            line = next;
            scanned = next;
        };
        self.state = State::Head { scanned, line, content_type, typed, length };
        self.check_head(scanned)?;
        Ok(complete)
    }

    fn check_head(&self, size: usize) -> Result<(), DecodeErrorKind> {
        let limit = self.limits.header_block;
        if size > limit { Err(DecodeErrorKind::HeaderBlockTooLong { limit }) } else { Ok(()) }
    }

    /// Lengths are read as libesl reads them: see [`leading_number`].
    fn body_length(&self, value: &[u8]) -> Result<usize, DecodeErrorKind> {
        let limit = self.limits.body;
        match usize::try_from(leading_number(&percent::decode(value))) {
            Err(_) => Err(DecodeErrorKind::NegativeContentLength),
            Ok(length) if length > limit => Err(DecodeErrorKind::BodyTooLong { limit }),
            Ok(length) => Ok(length),
        }
    }

    /// Moves what is pending to the front, of a larger buffer where that is needed.
    fn make_room(&mut self, least: usize) {
        let pending = self.start..self.end;
        let needed = pending.len() + least;
        if needed <= self.buffer.len() {
            self.buffer.copy_within(pending.clone(), 0);
        } else {
            // A zeroed allocation costs no pages until it is written to, so a long body may be prepared for.
            let mut larger = vec![0; needed.max(self.buffer.len() * 2).max(LEAST_BUFFER)];
            larger[..pending.len()].copy_from_slice(&self.buffer[pending.clone()]);
            self.buffer = larger;
        }
        self.start = 0;
        self.end = pending.len();
    }
}

/// The head of an event as servers write it, to the byte: in a busy stream nearly every head is one. (It saves a fifth of
/// what an event costs; the loop over lines gives the same.)
struct UsualHead {
    /// Where the body begins.
    end: usize,
    content_type: ContentType,
    length: usize,
}

impl UsualHead {
    #[inline]
    fn of(text: &[u8]) -> Option<Self> {
        let number = text.strip_prefix(b"Content-Length: ")?;
        // (More than nine digits are no length of an event, and could be too large a number.)
        let digits = number.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
        let length = match digits {
            1..=9 => number[..digits].iter().fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0')),
            _ => return None,
        };
        let kind = number[digits..].strip_prefix(b"\nContent-Type: text/event-")?;
        let (content_type, rest) = match kind.strip_prefix(b"plain\n\n") {
            Some(rest) => (ContentType::EventPlain, rest),
            None => (ContentType::EventJson, kind.strip_prefix(b"json\n\n")?),
        };
        Some(Self { end: text.len() - rest.len(), content_type, length })
    }
}

struct Done {
    length: usize,
    head: usize,
    body: usize,
    has_body: bool,
    content_type: ContentType,
}

/// The first buffer: enough for a typical event of 2.9 KB with its head.
const LEAST_BUFFER: usize = 4096;
