//! One message of a batch.

use napi_derive::napi;
use switchwire::{ContentType, Event, Message};

#[derive(Clone)]
pub(crate) struct Slot {
    pub(crate) event: Event,
    /// What came (it shares its bytes with the event); none for an event that a program has built.
    pub(crate) message: Option<Message>,
}

impl Slot {
    pub(crate) fn received(message: Message) -> Self {
        let event = message.event().unwrap_or_else(|_| message.outer_event());
        Self { event, message: Some(message) }
    }

    pub(crate) fn built(event: Event) -> Self {
        Self { event, message: None }
    }

    /// The message as its outer event.
    pub(crate) fn outer(message: Message) -> Self {
        Self { event: message.outer_event(), message: Some(message) }
    }

    /// The bytes that it keeps.
    pub(crate) fn size(&self) -> usize {
        self.message.as_ref().map_or_else(|| self.event.held_bytes(), Message::len)
    }

    /// See `Batch::kinds`.
    pub(crate) fn kind(&self, named: bool) -> u8 {
        match self.message.as_ref().map(Message::content_type) {
            None if named => self.number(),
            Some(kind) if kind.is_event() && named => self.number(),
            None => KIND_UNNAMED,
            Some(kind) if kind.is_event() => KIND_UNNAMED,
            Some(ContentType::LogData) => KIND_LOG,
            Some(ContentType::DisconnectNotice) => KIND_NOTICE,
            Some(_) => KIND_OTHER,
        }
    }

    fn number(&self) -> u8 {
        u8::try_from(self.event.event_type().number()).unwrap_or(KIND_UNNAMED)
    }
}

/// A log line.
#[napi]
pub const KIND_LOG: u8 = 250;
/// A disconnect notice.
#[napi]
pub const KIND_NOTICE: u8 = 251;
/// Any other message that is no event.
#[napi]
pub const KIND_OTHER: u8 = 252;
/// An event whose type was not looked up.
#[napi]
pub const KIND_UNNAMED: u8 = 255;
