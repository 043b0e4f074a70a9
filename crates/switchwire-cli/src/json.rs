//! Messages and events as JSON that loses nothing: headers in order, duplicates kept, bytes that are not UTF-8 marked.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use switchwire::{Event, Header, Message, proto};

/// Bytes as a string, or as `{"b64": …}` when they are not UTF-8.
pub(crate) fn text(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => json!({ "b64": STANDARD.encode(bytes) }),
    }
}

/// One message of the server's stream; see `decode --help`.
pub(crate) fn message(message: &Message, offset: u64) -> Value {
    let decoded = |value| text(&proto::percent::decode(value));
    let headers: Vec<_> =
        message.headers().map(|(name, value)| json!([text(name), decoded(value)])).collect();
    let mut out = json!({
        "offset": offset,
        "content_type": message.raw_header("Content-Type").map(decoded),
        "headers": headers,
        "body": message.body().map(text),
    });
    if message.content_type().is_event() {
        match message.event() {
            Ok(event) => out["event"] = self::event(&event),
            Err(error) => out["error"] = error.to_string().into(),
        }
    }
    out
}

fn event(event: &Event) -> Value {
    json!({
        "name": event.header_bytes("Event-Name").map(|name| text(&name)),
        "type": event.event_type().name(),
        "headers": event.headers().map(header).collect::<Vec<_>>(),
        "body": event.body().map(text),
    })
}

fn header(header: Header<'_>) -> Value {
    let value = match header.elements() {
        Some(elements) => elements.map(text).collect(),
        None => text(&header.value_bytes()),
    };
    json!([text(header.name_bytes()), value])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_arrays_and_bytes_that_are_not_utf8_are_kept() {
        let mut decoder = proto::Decoder::default();
        let body = b"Event-Name: CUSTOM\nX: 1\nX: 2\nA: ARRAY%3A%3Aone%7C%3Atwo\nF: %ff\n\n";
        decoder
            .feed(format!("Content-Length: {}\nContent-Type: text/event-plain\n\n", body.len()).as_bytes());
        decoder.feed(body);
        let value = message(&decoder.next_message().unwrap().unwrap(), 7);
        assert_eq!(value["offset"], 7);
        assert_eq!(value["content_type"], "text/event-plain");
        assert_eq!(value["event"]["name"], "CUSTOM");
        let expected = json!([["Event-Name", "CUSTOM"], ["X", "1"], ["X", "2"], ["A", ["one", "two"]], ["F", {"b64": "/w=="}]]);
        assert_eq!(value["event"]["headers"], expected);
        assert_eq!(value["event"]["body"], Value::Null);
    }
}
