//! What waits to be written to the socket.

/// What is to be sent. Locked before the inbox where both are needed.
#[derive(Default)]
pub(super) struct Outbox {
    /// What a full socket buffer held back, or what is gathered.
    pub(super) held: Vec<u8>,
    /// Commands are gathered until the next look at what is held.
    pub(super) gathering: bool,
}
