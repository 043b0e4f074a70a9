//! A recording of a server's bytes, cut into its messages.

use std::ops::Range;

use switchwire::ContentType;
use switchwire::proto::Decoder;

/// The bytes, and where each message ends.
#[derive(Debug)]
pub(crate) struct Recording {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

/// One message, with the blank lines before it; or what follows the last whole one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    span: Range<usize>,
    pub(crate) content_type: Option<ContentType>,
}

impl Recording {
    /// Takes any bytes: what cannot be decoded is one piece at the end.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let mut decoder = Decoder::default();
        decoder.feed(&bytes);
        let mut pieces = Vec::new();
        let mut start = 0;
        while let Ok(Some(frame)) = decoder.next_frame() {
            let content_type = Some(frame.content_type());
            let end = usize::try_from(decoder.offset()).unwrap_or(bytes.len());
            pieces.push(Piece { span: start..end, content_type });
            start = end;
        }
        if start < bytes.len() {
            pieces.push(Piece { span: start..bytes.len(), content_type: None });
        }
        Self { bytes, pieces }
    }

    /// The messages, in order.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// A piece's bytes.
    pub(crate) fn bytes(&self, piece: &Piece) -> &[u8] {
        &self.bytes[piece.span.clone()]
    }
}

impl Piece {
    /// Whether it is the reply to a command.
    pub(crate) fn is_reply(&self) -> bool {
        self.content_type.is_some_and(ContentType::is_reply)
    }

    /// Whether it says that the connection ends.
    pub(crate) fn is_notice(&self) -> bool {
        self.content_type == Some(ContentType::DisconnectNotice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_up_the_whole() {
        let text =
            b"Content-Type: auth/request\n\n\nContent-Type: command/reply\nReply-Text: +OK\n\nContent-Le";
        let recording = Recording::new(text.to_vec());
        let kinds: Vec<_> = recording.pieces().iter().map(|piece| piece.content_type).collect();
        assert_eq!(kinds, [Some(ContentType::AuthRequest), Some(ContentType::CommandReply), None]);
        let whole: Vec<u8> =
            recording.pieces().iter().flat_map(|piece| recording.bytes(piece)).copied().collect();
        assert_eq!(whole, text);
    }
}
