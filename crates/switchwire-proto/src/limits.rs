/// How much of a peer's input is accepted before decoding stops with a typed error.
///
/// All sizes are in bytes. The defaults are far above what FreeSWITCH sends (its largest recorded event is about
/// 34 KB) and far below what would hurt a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest header block of one message, its blank line included. Default 1 MiB.
    pub header_block: usize,
    /// The longest body (`Content-Length`) of one message. Default 64 MiB, at most `u32::MAX - header_block`.
    pub body: usize,
}

impl Limits {
    /// The default header block limit: 1 MiB.
    pub const HEADER_BLOCK: usize = 1 << 20;
    /// The default body limit: 64 MiB.
    pub const BODY: usize = 64 << 20;

    /// Limits with the given sizes in bytes; values too large for the decoder's 32-bit spans are lowered to fit.
    #[must_use]
    pub fn new(header_block: usize, body: usize) -> Self {
        let header_block = header_block.min(1 << 30);
        Self { header_block, body: body.min((u32::MAX as usize) - header_block - 16) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { header_block: Self::HEADER_BLOCK, body: Self::BODY }
    }
}
