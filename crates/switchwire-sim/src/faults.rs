//! What can be made to go wrong on a connection.

use std::time::Duration;

/// Faults of a connection: slow, cut, half-open, silent. The default has none.
///
/// Set them for every connection that comes with [`Builder::faults`](crate::Builder::faults), or while the
/// simulator runs with [`Simulator::set_faults`](crate::Simulator::set_faults).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Faults {
    pub(crate) split: Option<usize>,
    pub(crate) delay: Option<Duration>,
    pub(crate) end_after_bytes: Option<u64>,
    pub(crate) end_after_frames: Option<u64>,
    pub(crate) end: End,
    pub(crate) silent: bool,
    pub(crate) stalled: bool,
    pub(crate) deaf: bool,
}

/// How a connection ends when [`Faults`] or [`Simulator::disconnect_all`](crate::Simulator::disconnect_all) end it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum End {
    /// The disconnect-notice, then FIN: what the server does on `exit`.
    Notice,
    /// FIN without a word, in both directions.
    #[default]
    Close,
    /// The simulator's sending side is shut, it goes on reading: the client sees the end of the stream.
    HalfClose,
    /// RST: the client's next read fails with "connection reset".
    Reset,
}

impl Faults {
    /// No faults.
    pub fn none() -> Self {
        Self::default()
    }

    /// Writes at most `bytes` at a time, with a short pause after each piece so that the client sees the pieces.
    pub fn split(mut self, bytes: usize) -> Self {
        self.split = Some(bytes.max(1));
        self
    }

    /// Waits this long before each frame.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// Ends the connection after this many bytes were written, be it in the middle of a frame.
    pub fn end_after_bytes(mut self, bytes: u64, end: End) -> Self {
        (self.end_after_bytes, self.end) = (Some(bytes), end);
        self
    }

    /// Ends the connection after this many frames were written.
    pub fn end_after_frames(mut self, frames: u64, end: End) -> Self {
        (self.end_after_frames, self.end) = (Some(frames), end);
        self
    }

    /// Accepts and reads, but never writes a byte.
    pub fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    /// Writes nothing for now: what there is to write is kept, and goes out once the connection's faults are changed. A
    /// server that hangs for a while; unlike a [`silent`](Self::silent) one it loses nothing.
    pub fn stalled(mut self) -> Self {
        self.stalled = true;
        self
    }

    /// Never reads what the client sends, so that the client's writes fill up.
    pub fn deaf(mut self) -> Self {
        self.deaf = true;
        self
    }
}
