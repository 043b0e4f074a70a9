//! The reading end of a connection, as a token.

use switchwire_proto::raw::Pace;
use switchwire_proto::{Decoder, Limits, Message};

/// What reading the socket needs. There is one per connection, kept in the inbox: a thread that takes it out is the one
/// that waits on the socket and reads it, for all the others, until it puts it back.
pub(crate) struct Reader {
    pub(crate) decoder: Decoder,
    /// Room for what one read brings, kept for the next.
    pub(crate) decoded: Vec<Message>,
    /// The last read filled the buffer: more is likely there, and a larger buffer pays.
    pub(crate) flooded: bool,
    /// How waits for replies begin.
    pub(crate) pace: Pace,
}

/// Buffers that an event loop lends to each connection that it reads.
#[derive(Default)]
pub(crate) struct Lent {
    buffer: Vec<u8>,
    decoded: Vec<Message>,
}

impl Reader {
    pub(super) fn new(limits: Limits) -> Self {
        Self { decoder: Decoder::new(limits), decoded: Vec::new(), flooded: false, pace: Pace::default() }
    }

    /// Frees the buffers; how many bytes.
    pub(crate) fn release(&mut self) -> usize {
        let before = self.held();
        self.decoder.release();
        self.decoded = Vec::new();
        self.flooded = false;
        before - self.held()
    }

    /// Takes the loop's buffers in the place of its own, or gives them back; nothing that has come is touched.
    pub(crate) fn exchange(&mut self, lent: &mut Lent) {
        self.decoder.exchange_buffer(&mut lent.buffer);
        if self.decoded.is_empty() {
            std::mem::swap(&mut self.decoded, &mut lent.decoded);
        }
    }

    fn held(&self) -> usize {
        self.decoder.capacity() + self.decoded.capacity() * size_of::<Message>()
    }
}
