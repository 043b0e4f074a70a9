//! Recognizes, by an event's first bytes, those that end a job, an application or a channel. Nearly all events are
//! others, and cost no more than this look.

use switchwire_proto::{ContentType, EventType, Message};

/// The type of an event that ends a job, an application or a channel; `None` for every other event.
pub(crate) fn ending_event(message: &Message) -> Option<EventType> {
    let body = message.body()?;
    let (begin, end): (&[u8], u8) = match message.content_type() {
        ContentType::EventPlain => (b"Event-Name: ", b'\n'),
        ContentType::EventJson => (b"{\"Event-Name\":\"", b'"'),
        ContentType::EventXml => (b"<event>\n  <headers>\n    <Event-Name>", b'<'),
        _ => return None,
    };
    let event_type = match body.strip_prefix(begin) {
        Some(name) => match name.first()? {
            b'B' | b'C' => named(&name[..name.iter().take(LONGEST).position(|byte| *byte == end)?])?,
            _ => return None,
        },
        // A custom event begins with its subclass; anything else is in no order that a server is known to send.
        None if body.get(..begin.len() + 2)?.windows(14).any(|part| part == b"Event-Subclass") => {
            return None;
        }
        None => message.clone().into_event().event_type(),
    };
    is_end(event_type).then_some(event_type)
}

/// The type of the event that the message is, by its first bytes where it begins with its name.
#[cfg(any(feature = "metrics", feature = "tracing"))]
pub(crate) fn event_type(message: &Message) -> EventType {
    let begun = match message.content_type() {
        ContentType::EventPlain => message.body().and_then(|body| body.strip_prefix(b"Event-Name: ")),
        _ => None,
    };
    let name = begun.and_then(|rest| rest.split(|byte| *byte == b'\n').next());
    match name.and_then(EventType::from_name) {
        Some(event_type) => event_type,
        None => message.clone().into_event().event_type(),
    }
}

fn named(name: &[u8]) -> Option<EventType> {
    // The length first: it differs from that of most events.
    matches!(name.len(), 14 | 15 | 23 | 24).then(|| EventType::from_name(name)).flatten()
}

fn is_end(event_type: EventType) -> bool {
    matches!(
        event_type,
        EventType::BackgroundJob
            | EventType::ChannelExecuteComplete
            | EventType::ChannelHangup
            | EventType::ChannelHangupComplete
            | EventType::ChannelDestroy
    )
}

/// The names that matter are shorter.
const LONGEST: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use switchwire_proto::{Decoder, Limits};

    fn seen(kind: &str, body: &str) -> Option<EventType> {
        let mut decoder = Decoder::new(Limits::default());
        let text = format!("Content-Length: {}\nContent-Type: text/event-{kind}\n\n{body}", body.len());
        decoder.spare(text.len())[..text.len()].copy_from_slice(text.as_bytes());
        decoder.commit(text.len());
        ending_event(&decoder.next_message().unwrap().unwrap())
    }

    #[test]
    fn ends_are_seen_in_every_format_and_order() {
        for name in [
            "BACKGROUND_JOB",
            "CHANNEL_EXECUTE_COMPLETE",
            "CHANNEL_HANGUP",
            "CHANNEL_HANGUP_COMPLETE",
            "CHANNEL_DESTROY",
        ] {
            let expected = EventType::from_name(name);
            assert!(expected.is_some());
            assert_eq!(seen("plain", &format!("Event-Name: {name}\nA: b\n\n")), expected);
            assert_eq!(seen("plain", &format!("A: b\nEvent-Name: {name}\n\n")), expected);
            assert_eq!(seen("json", &format!("{{\"Event-Name\":\"{name}\",\"A\":\"b\"}}")), expected);
            assert_eq!(seen("json", &format!("{{ \"A\": \"b\", \"Event-Name\": \"{name}\"}}")), expected);
            let xml = format!(
                "<event>\n  <headers>\n    <Event-Name>{name}</Event-Name>\n  </headers>\n</event>\n"
            );
            assert_eq!(seen("xml", &xml), expected);
        }
    }

    #[test]
    fn other_events_are_not() {
        for name in ["HEARTBEAT", "CHANNEL_ANSWER", "CHANNEL_EXECUTE", "CUSTOM", "CODEC", "", "X"] {
            assert_eq!(seen("plain", &format!("Event-Name: {name}\nA: b\n\n")), None, "{name}");
        }
        assert_eq!(seen("plain", "Event-Subclass: a\nEvent-Name: CUSTOM\n\n"), None);
        assert_eq!(seen("plain", "\n"), None);
    }
}
