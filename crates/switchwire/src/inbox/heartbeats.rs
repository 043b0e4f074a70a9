//! The server's HEARTBEAT events, kept for the layer that watches over a connection.

use std::time::Instant;

use switchwire_proto::{ContentType, EventType, Message};

/// What is known of the HEARTBEATs of a connection.
#[derive(Default)]
pub(crate) struct Heartbeats {
    /// The last one.
    pub(crate) last: Option<Message>,
    /// When it came.
    pub(crate) at: Option<Instant>,
    /// How many have come.
    pub(crate) count: u64,
    /// The user is not subscribed to them: they are kept here only.
    pub(crate) hidden: bool,
}

impl Heartbeats {
    /// Keeps the event if it is a HEARTBEAT; whether it goes nowhere else.
    pub(crate) fn keep(&mut self, message: &Message) -> bool {
        if !is_heartbeat(message) {
            return false;
        }
        self.last = Some(message.clone());
        self.at = Some(Instant::now());
        self.count += 1;
        self.hidden
    }
}

fn is_heartbeat(message: &Message) -> bool {
    let Some(body) = message.body() else { return false };
    let begin: &[u8] = match message.content_type() {
        ContentType::EventPlain => b"Event-Name: HEARTBEAT\n",
        ContentType::EventJson => b"{\"Event-Name\":\"HEARTBEAT\"",
        ContentType::EventXml => {
            let name = body.windows(EventType::Heartbeat.name().len());
            return name.take(XML_NAME).any(|word| word == EventType::Heartbeat.name().as_bytes());
        }
        _ => return false,
    };
    body.starts_with(begin)
}

/// The event's name stands that near to the beginning.
const XML_NAME: usize = 48;
