//! Received bytes, however they are cut.

use switchwire_proto::{DecodeError, Decoder, Limits, Login, LoginStep, Message};

use super::events::event;

/// The first byte chooses how the rest is cut: all at once, one byte at a time, and in pieces give equal messages, equal
/// events in both readings (as sent and as libesl reads), and the same error. Each message can be looked at as whatever
/// it may be, and given to a login.
///
/// # Panics
/// When that does not hold.
pub fn decoder(input: &[u8]) {
    let Some((first, bytes)) = input.split_first() else { return };
    let whole = decode(bytes, bytes.len().max(1));
    for piece in [1, usize::from(*first) + 2] {
        let pieces = decode(bytes, piece);
        assert_eq!(pieces.1, whole.1, "another error in pieces of {piece}");
        assert_eq!(pieces.0.len(), whole.0.len(), "as many messages in pieces of {piece}");
        for (one, other) in pieces.0.iter().zip(&whole.0) {
            assert_eq!(one.content_type(), other.content_type());
            assert_eq!(one.headers().text(), other.headers().text());
            assert_eq!(one.body(), other.body());
            assert_eq!(one.clone().into_event(), other.clone().into_event());
            assert_eq!(one.clone().into_classic_event(), other.clone().into_classic_event());
        }
    }
    let size: usize = whole.0.iter().map(Message::len).sum();
    assert!(size <= bytes.len(), "messages of more bytes than came");
    log_in(&whole.0);
    whole.0.into_iter().for_each(look_at);
}

/// A login takes any messages; it sends its password once and ends once.
fn log_in(messages: &[Message]) {
    let Ok(mut login) = Login::password("secret") else { return };
    let mut sent = 0;
    for message in messages {
        match login.step(message) {
            LoginStep::Send(_) => sent += 1,
            LoginStep::Done(_) => {
                assert_eq!(sent, 1, "logged in without a password");
                return;
            }
            LoginStep::Failed(error) => {
                assert!(!error.to_string().is_empty());
                return;
            }
        }
    }
    assert!(sent <= 1, "the password was sent twice");
}

fn look_at(message: Message) {
    event(&message.outer_event());
    event(&message.head_event());
    event(&message.clone().into_event());
    event(&message.clone().into_classic_event());
    let is_event = message.event().is_ok();
    assert!(!is_event || message.content_type().is_event());
    if let Some(record) = message.log_record() {
        let _ = (record.level, format!("{record:?}"));
    }
    if let Some(notice) = message.disconnect_notice() {
        let _ = (notice.lingers(), format!("{notice:?}"));
    }
    let is_reply = message.content_type().is_reply();
    let reply = message.into_reply();
    assert_eq!(reply.is_some(), is_reply);
    if let Some(reply) = reply {
        assert!(reply.error().is_none() || !reply.is_ok(), "both accepted and refused: {:?}", reply.text());
        let _ = (reply.job_uuid(), reply.raw_text(), reply.body());
        event(&reply.event());
    }
}

fn decode(bytes: &[u8], piece: usize) -> (Vec<Message>, Option<DecodeError>) {
    let limits = Limits::new(4096, 8192);
    let mut decoder = Decoder::new(limits);
    let mut messages = Vec::new();
    for piece in bytes.chunks(piece) {
        decoder.feed(piece);
        loop {
            match decoder.next_message() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(decoder.next_message().err(), Some(error), "it does not stay at its error");
                    return (messages, Some(error));
                }
            }
        }
        assert!(decoder.missing() > 0, "nothing is missing, and there is no message");
        let bound = 2 * (bytes.len() + limits.header_block + limits.body);
        assert!(decoder.capacity() <= bound, "unbounded memory");
    }
    (messages, decoder.finish().err())
}
