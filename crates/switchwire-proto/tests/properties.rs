//! What holds for any event and any bytes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failure in a test is its message"
)]

mod support;

use proptest::prelude::*;
use support::parts;
use switchwire_proto::percent::{self, Escape};
use switchwire_proto::{DecodeError, Decoder, Event, EventType, Limits, Message, ParseError};

fn config(cases: u32) -> ProptestConfig {
    let rng_seed = proptest::test_runner::RngSeed::Fixed(0x5EED);
    ProptestConfig { cases, failure_persistence: None, rng_seed, ..ProptestConfig::default() }
}

/// Names as the wire can carry them: no line break, no `: `, none that acts on others.
fn name() -> impl Strategy<Value = String> {
    "[A-Za-z0-9 _<>&%/.zażółć-]{0,12}"
        .prop_map(|name| format!("X-{name}"))
        .prop_filter("acts", |name| !name.contains(": "))
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => prop::collection::vec(any::<u8>(), 1..6),
        2 => prop::sample::select(vec!["%", "%41", "%zz", ":", ": ", "\n", "\r\n", " ", "\t", "|:", "&amp;", "<", "日本", "[1]"])
            .prop_map(|text| text.as_bytes().to_vec()),
        2 => "[a-z]{1,8}".prop_map(String::into_bytes),
    ];
    prop::collection::vec(piece, 1..4).prop_map(|pieces| pieces.concat())
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    value().prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned().into_bytes())
}

/// An event with plain headers, arrays of two or more elements, and perhaps a body.
fn event(value: fn() -> BoxedStrategy<Vec<u8>>) -> impl Strategy<Value = Event> {
    let header = (name(), value(), prop::collection::vec(value(), 0..3));
    (prop::sample::select(EventType::ALL), prop::collection::vec(header, 0..8), prop::option::of(value()))
        .prop_map(|(event_type, headers, body)| {
            let mut event = Event::new(event_type);
            for (at, (name, first, more)) in headers.into_iter().enumerate() {
                // Numbered, so that arrays do not run into each other.
                let name = format!("{name}{at}");
                event.add_header_verbatim(&name, &first);
                for element in more {
                    // A separator inside an element looks like one between two.
                    event.push_header(
                        &name,
                        element.iter().filter(|byte| **byte != b'|').copied().collect::<Vec<_>>(),
                    );
                }
            }
            if let Some(body) = body {
                event.set_body(body);
            }
            event
        })
}

fn any_event() -> impl Strategy<Value = Event> {
    event(|| value().boxed())
}

fn text_event() -> impl Strategy<Value = Event> {
    event(|| text().boxed())
}

/// The event as a reader has it: a body brings its `Content-Length` along as the last header.
fn with_length(event: &Event) -> Event {
    let mut event = event.clone();
    if let Some(length) = event.body().map(<[u8]>::len) {
        event.add_header_verbatim("Content-Length", length.to_string());
    }
    event
}

/// Elements whose text would be cut anew when it is joined; plain text cannot carry those.
fn splits_cleanly(event: &Event) -> bool {
    event.headers().all(|header| match header.elements() {
        Some(mut elements) => {
            elements.clone().next().is_some_and(|first| !first.is_empty())
                && elements.all(|one| !one.windows(2).any(|two| two == b"|:"))
        }
        None => true,
    })
}

fn clone_of_clone(event: &Event) -> Event {
    if event.event_type() == EventType::Clone { Event::bare(EventType::Custom) } else { event.clone() }
}

proptest! {
    #![proptest_config(config(800))]

    #[test]
    fn plain_reads_back_what_was_written(event in any_event()) {
        prop_assume!(splits_cleanly(&event));
        let read = Event::from_plain(event.to_plain(Escape::Full)).unwrap();
        prop_assert_eq!(read, with_length(&event));
    }

    #[test]
    fn json_reads_back_what_was_written(event in any_event()) {
        prop_assume!(splits_cleanly(&event));
        let written = switchwire_proto::format::json::write(&event, switchwire_proto::format::json::Layout::Compact);
        let read = Event::from_json(&written).unwrap();
        // JSON has the body's length before the body: as a header it is the last one, too.
        prop_assert_eq!(read, with_length(&event));
    }

    #[test]
    fn xml_reads_back_text_that_was_written(event in text_event()) {
        prop_assume!(splits_cleanly(&event));
        // What follows a `<!` in a body goes out unescaped by the server, and is read so.
        prop_assume!(event.body().is_none_or(|body| !body.windows(2).any(|two| two == b"<!")));
        let read = Event::from_xml(event.to_xml()).unwrap();
        prop_assert_eq!(read, with_length(&event));
    }

    #[test]
    fn a_received_event_is_the_one_that_was_sent(event in any_event()) {
        prop_assume!(splits_cleanly(&event));
        let body = event.to_plain(Escape::Full);
        let mut decoder = Decoder::default();
        decoder.feed(format!("Content-Length: {}\nContent-Type: text/event-plain\n\n", body.len()).as_bytes());
        decoder.feed(&body);
        let received = decoder.next_message().unwrap().unwrap().into_event();
        prop_assert_eq!(&received, &with_length(&event));
        prop_assert_eq!(received.event_type(), clone_of_clone(&event).event_type());
    }

    #[test]
    fn an_edited_clone_leaves_its_source_alone(event in any_event(), name in name(), value in value()) {
        for source in [event.clone(), Event::from_plain(event.to_plain(Escape::Full)).unwrap()] {
            let before = source.to_plain(Escape::Full);
            let mut copy = source.clone();
            copy.add_header(&name, &value).push_header("X-New", "1").set_body("other").del_header("Event-Name");
            copy.set_priority(switchwire_proto::Priority::High);
            prop_assert_eq!(source.to_plain(Escape::Full), before);
            prop_assert_eq!(copy.header("priority").unwrap(), "HIGH");
            prop_assert_eq!(copy.body(), Some(&b"other"[..]));
            drop(source);
            prop_assert!(copy.header("X-New").is_some());
        }
    }

    #[test]
    fn percent_decoding_undoes_encoding(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let encoded = percent::encode(&bytes, Escape::Full);
        prop_assert!(encoded.iter().all(|byte| (0x21..0x7f).contains(byte)));
        prop_assert_eq!(&*percent::decode(&encoded), &bytes[..]);
        // The server's rule loses nothing but the difference between `%41` and `A`.
        let servers = percent::decode(&percent::encode(&bytes, Escape::Server)).into_owned();
        let upper = percent::decode(&percent::encode(&servers, Escape::Server)).into_owned();
        if !bytes.contains(&b'%') {
            prop_assert_eq!(&servers, &bytes);
        }
        prop_assert!(upper.len() <= servers.len() && servers.len() <= bytes.len());
    }

    #[test]
    fn any_text_parses_or_is_refused(text in prop::collection::vec(any::<u8>(), 0..256)) {
        let outcomes: [Result<Event, ParseError>; 3] =
            [Event::from_plain(&text), Event::from_json(&text), Event::from_xml(&text)];
        for event in outcomes.into_iter().flatten() {
            let again = Event::from_plain(event.to_plain(Escape::Full)).unwrap();
            let _ = (again.to_json(), again.to_xml(), again.duplicate(), again.to_string());
        }
    }
}

/// Messages, and the error that ended them.
fn decode(pieces: &[&[u8]], limits: Limits) -> (Vec<Message>, Option<DecodeError>) {
    let mut decoder = Decoder::new(limits);
    let (mut messages, mut fed) = (Vec::new(), 0);
    for piece in pieces {
        decoder.feed(piece);
        fed += piece.len();
        loop {
            match decoder.next_message() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(decoder.next_message().unwrap_err(), error, "it stays at its error");
                    assert_eq!(decoder.finish(), Err(error));
                    return (messages, Some(error));
                }
            }
        }
        let bound = 2 * (fed.min(limits.header_block + limits.body) + piece.len()) + 4096;
        assert!(decoder.capacity() <= bound, "{} bytes held for {fed}", decoder.capacity());
    }
    (messages, decoder.finish().err())
}

/// Bytes that look enough like the protocol to get far into the decoder.
fn garbage() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(vec![
            "Content-Length: ", "content-length:", "Content-Type: text/event-plain", "Content-Type: api/response",
            "Content-Type: command/reply", "Event-Name: DTMF", "Reply-Text: +OK", "\n", "\n\n", "\r\n", "\r\n\r\n", "3",
            "17", "-1", "0", "99999999999999999999", ": ", ":", "x", "A: ARRAY::1|:2", "X[3]: v", "_body: b", "%41",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn garbage_gives_the_same_however_it_is_split(
        bytes in garbage(),
        cuts in prop::collection::vec(1usize..24, 1..6),
        header_block in prop::sample::select(vec![16, 64, 1024]),
    ) {
        let limits = Limits::new(header_block, 64);
        let (messages, error) = decode(&[&bytes], limits);
        let ones: Vec<&[u8]> = bytes.chunks(1).collect();
        let mut pieces: Vec<&[u8]> = Vec::new();
        let mut rest = &bytes[..];
        for cut in cuts.iter().cycle() {
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            pieces.push(piece);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        for split in [ones, pieces] {
            let (others, other_error) = decode(&split, limits);
            prop_assert_eq!(&error, &other_error);
            prop_assert_eq!(messages.len(), others.len());
            for (one, other) in messages.iter().zip(&others) {
                prop_assert_eq!(parts(one), parts(other));
                prop_assert_eq!(one.clone().into_event(), other.clone().into_event());
            }
        }
        for message in messages {
            let event = message.clone().into_event();
            for header in event.headers() {
                // What is shown can be looked up; an array's name may precede its index, so any value will do.
                prop_assert!(event.header_bytes(header.name_bytes()).is_some());
            }
            let _ = (message.log_record(), message.disconnect_notice(), message.head_event(), message.into_reply());
        }
    }
}
