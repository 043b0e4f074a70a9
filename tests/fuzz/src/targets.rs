//! What must hold for any bytes.

use switchwire_proto::percent::Escape;
use switchwire_proto::{
    Command, DecodeError, Decoder, Event, EventFormat, EventType, Execute, Header, Limits, Message,
    Subscription,
};

/// The first byte chooses how the rest is cut: all at once, one byte at a time, and in pieces give equal messages, equal
/// events and the same error.
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
        }
    }
    for message in whole.0 {
        event(&message.outer_event());
        event(&message.head_event());
        event(&message.clone().into_event());
        let _ = (message.log_record(), message.disconnect_notice(), message.into_reply());
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
                Err(error) => return (messages, Some(error)),
            }
        }
        assert!(
            decoder.capacity() <= 2 * (bytes.len() + limits.header_block + limits.body),
            "unbounded memory"
        );
    }
    (messages, decoder.finish().err())
}

/// The text is read as an event in each format; what is read can be shown, copied, edited and written.
///
/// # Panics
/// When that does not hold.
pub fn events(text: &[u8]) {
    for read in [Event::from_plain, Event::from_json, Event::from_xml] {
        if let Ok(read) = read(text) {
            event(&read);
        }
    }
    for format in ["plain", "json", "xml"] {
        let head = format!("Content-Length: {}\nContent-Type: text/event-{format}\n\n", text.len());
        let mut decoder = Decoder::default();
        decoder.feed(&[head.as_bytes(), text].concat());
        if let Ok(Some(message)) = decoder.next_message() {
            event(&message.into_event());
        }
    }
}

fn event(read: &Event) {
    let mut edited = read.clone();
    edited.set_event_type(read.event_type());
    assert_eq!(&edited, read, "turning it into the edited form changes what it shows");
    for header in read.headers() {
        let same = |other: &Header<'_>| other.name_bytes().eq_ignore_ascii_case(header.name_bytes());
        let first = read.headers().find(same).map(|header| header.value_bytes());
        assert_eq!(
            read.header_bytes(header.name_bytes()),
            first,
            "another than the first of a name is found"
        );
    }
    let body = read.body().unwrap_or_default();
    let plain = Event::from_plain(read.to_plain(Escape::Full));
    // Names are never encoded: one with a line feed in it (JSON can carry it) makes other lines.
    let unsafe_name = read.headers().any(|header| header.name_bytes().contains(&b'\n'));
    assert!(
        unsafe_name || body.is_empty() || plain.is_ok_and(|plain| plain.body() == Some(body)),
        "plain lost the body"
    );
    let json = Event::from_json(read.to_json());
    let text = String::from_utf8_lossy(body);
    let kept = json.is_ok_and(|json| json.body() == Some(text.as_bytes()));
    assert!(read.body().is_none() || kept, "JSON lost the body");
    // Any name goes into the XML form, so it may not be readable; it may not panic.
    let _ = Event::from_xml(read.to_xml());
    edited.add_header("X-Added", "1").push_header("X-Added", "2").del_header("Event-Name");
    assert_eq!(edited.header("x-added").as_deref(), Some("ARRAY::1|:2"));
    let _ = (read.duplicate(), read.to_string(), edited.set_body("b").to_json());
}

/// The text as each argument: refused, or a command that ends where it should and has no blank line before its body.
///
/// # Panics
/// When that does not hold.
pub fn commands(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut fired = Event::new(EventType::Notify);
    fired.add_header_verbatim("Value", input).add_header_verbatim(input, "value");
    for command in [
        Command::auth(&text),
        Command::userauth(&text, "secret"),
        Command::api(&text, &text),
        Command::bgapi("status", &text, Some(&text)),
        Command::event(EventFormat::Plain, &text),
        Command::filter(&text, &text),
        Command::getvar(&text),
        Command::sendevent(&fired),
        Command::hangup(Some(&text), Some(&text)),
        Command::xferext(None, &[(&text, &text)]),
        Execute::new("playback").argument_line(&*text).uuid(&*text).build(),
    ]
    .into_iter()
    .flatten()
    .chain(Subscription::from_list(EventFormat::Json, &text).commands().unwrap_or_default())
    {
        let bytes = command.as_bytes();
        let end = bytes.windows(2).position(|two| two == b"\n\n");
        assert_eq!(end, Some(bytes.len() - 2), "{command:?} holds a second command");
        assert!(!bytes.contains(&b'\r') && !bytes.contains(&0), "{command:?} holds a CR or NUL");
    }
    let mut with_body = Event::new(EventType::Notify);
    if let Ok(command) = Command::sendevent(with_body.set_body(input)) {
        let whole = [b"\n\n", input].concat();
        assert!(input.is_empty() || command.as_bytes().windows(whole.len()).any(|part| part == whole));
    }
    let _ = Command::raw(input);
}
