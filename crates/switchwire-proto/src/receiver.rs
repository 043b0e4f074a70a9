//! The receiving half of a connection as plain state: bytes in, messages out, late replies dropped, one reason for the end.

use crate::{DecodeError, Decoder, Frame, Limits};

/// What has been received, how many replies have been given up, and why nothing more comes.
///
/// Who reads the socket, locks and wakes is the owner's business; `E` is its reason for the end. An owner that has several
/// commands in flight keeps its own order of replies and gives up none here.
#[derive(Debug)]
pub struct Receiver<E> {
    decoder: Decoder,
    late: usize,
    end: Option<E>,
}

impl<E: Clone> Receiver<E> {
    /// With those limits and nothing received.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { decoder: Decoder::new(limits), late: 0, end: None }
    }

    /// Where received bytes go.
    pub fn decoder(&mut self) -> &mut Decoder {
        &mut self.decoder
    }

    /// The bytes that are not part of a message given out yet.
    #[must_use]
    pub fn pending(&self) -> &[u8] {
        self.decoder.pending()
    }

    /// The next message; `None` when more bytes are needed. A reply that was given up is dropped on the way.
    ///
    /// # Errors
    /// As [`Decoder::next_frame`].
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        while self.late > 0 {
            // Looked at by kind first: a frame borrows the decoder for as long as it is given out.
            match self.decoder.next_kind()? {
                None => return Ok(None),
                Some(kind) if kind.is_reply() => {
                    self.late -= 1;
                    self.decoder.next_frame()?;
                }
                Some(_) => break,
            }
        }
        self.decoder.next_frame()
    }

    /// The reply to a command that was sent is not waited for any longer: it is dropped when it comes.
    pub fn give_up_reply(&mut self) {
        self.late += 1;
    }

    /// Nothing more comes. The last reason is kept.
    pub fn end(&mut self, reason: E) {
        self.end = Some(reason);
    }

    /// Why nothing more comes: to be looked at once [`next_frame`](Self::next_frame) gives none.
    #[must_use]
    pub fn ended(&self) -> Option<E> {
        self.end.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ContentType;

    const REPLY: &[u8] = b"Content-Type: command/reply\nReply-Text: +OK\n\n";
    const LOG: &[u8] = b"Content-Type: log/data\nContent-Length: 2\n\nhi";

    fn kinds(receiver: &mut Receiver<&'static str>) -> Vec<ContentType> {
        let mut kinds = Vec::new();
        while let Some(frame) = receiver.next_frame().unwrap() {
            kinds.push(frame.content_type());
        }
        kinds
    }

    #[test]
    fn replies_that_were_given_up_are_dropped_at_any_fragmentation() {
        let bytes = [LOG, REPLY, LOG, REPLY, REPLY].concat();
        let wanted = [ContentType::LogData, ContentType::LogData, ContentType::CommandReply];
        for piece in [1, 7, bytes.len()] {
            let mut receiver = Receiver::new(Limits::default());
            receiver.give_up_reply();
            receiver.give_up_reply();
            let mut got = Vec::new();
            for bytes in bytes.chunks(piece) {
                receiver.decoder().feed(bytes);
                got.extend(kinds(&mut receiver));
            }
            assert_eq!(got, wanted, "{piece} bytes at a time");
        }
    }

    #[test]
    fn the_end_is_there_beside_the_messages_before_it() {
        let mut receiver = Receiver::new(Limits::default());
        receiver.decoder().feed(REPLY);
        receiver.end("closed");
        assert_eq!(receiver.ended(), Some("closed"));
        assert_eq!(kinds(&mut receiver), [ContentType::CommandReply]);
    }
}
