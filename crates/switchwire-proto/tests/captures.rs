//! Every recording of a real server, decoded in every fragmentation; all its events read by a second, simple parser.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failure in a test is its message"
)]

mod support;

use std::collections::HashMap;
use std::path::Path;

use support::{captures, each_capture, parts, simple, unfinished};
use switchwire_proto::percent::{self, Escape};
use switchwire_proto::{ContentType, Decoder, Event, Message};

/// What comes out when the bytes come in pieces of that size, and how many of them begin a message that is not whole.
fn decode_all(name: &str, bytes: &[u8], piece: usize) -> (Vec<Message>, usize) {
    let mut decoder = Decoder::default();
    let mut messages = Vec::new();
    for piece in bytes.chunks(piece) {
        decoder.feed(piece);
        while let Some(message) = decoder.next_message().unwrap_or_else(|error| panic!("{name}: {error}")) {
            messages.push(message);
        }
    }
    let given = decoder.offset();
    let leftover = unfinished(name, &mut decoder);
    let blank = bytes[usize::try_from(given).unwrap()..].len() - leftover;
    assert!(
        leftover == 0 || blank == 0,
        "{name}: every byte is part of a message, or of the one that is not whole"
    );
    (messages, leftover)
}

fn decode(name: &str, bytes: &[u8], piece: usize) -> Vec<Message> {
    decode_all(name, bytes, piece).0
}

/// The counts (messages, events, bytes left over) that `tests/captures/expected.py` made without any of our code.
fn expected() -> HashMap<String, (usize, usize, usize)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/expected.tsv");
    let text = std::fs::read_to_string(path).unwrap();
    let row = |line: &str| {
        let cells: Vec<_> = line.split('\t').collect();
        let number = |at: usize| cells[at].parse().unwrap();
        (cells[0].to_owned(), (number(1), number(2), number(3)))
    };
    text.lines().skip(1).map(row).collect()
}

#[test]
fn every_recording_decodes_to_the_expected_counts() {
    let mut expected = expected();
    each_capture(|name, bytes| {
        let (messages, leftover) = decode_all(name, bytes, bytes.len().max(1));
        let events = messages.iter().filter(|message| message.content_type().is_event()).count();
        // Recordings from elsewhere have no row: for them the rule for what is left over is all.
        // (Ours come first, so another one of the same name finds its row taken.)
        if let Some(row) = expected.remove(name) {
            assert_eq!((messages.len(), events, leftover), row, "{name}");
        }
        assert!(messages.iter().all(|message| message.content_type() != ContentType::Other), "{name}");
    });
    assert!(expected.is_empty(), "recordings of expected.tsv are missing: {expected:?}");
}

/// Recordings that end inside a message are real (a killed listener): wherever one ends, the rule finds out.
#[test]
fn a_recording_cut_anywhere_has_its_whole_messages_and_one_that_is_not() {
    each_capture(|name, bytes| {
        let bytes = &bytes[..bytes.len().min(8 * 1024)];
        let whole = decode(name, bytes, bytes.len().max(1));
        let ends: Vec<usize> = {
            let mut at = 0;
            let blank = |at: usize| bytes[at..].iter().take_while(|byte| **byte == b'\n').count();
            let end = |message: &Message| {
                at += blank(at) + message.len();
                at
            };
            whole.iter().map(end).collect()
        };
        for cut in (0..=bytes.len()).step_by(13) {
            let (messages, leftover) = decode_all(name, &bytes[..cut], 4096);
            let complete = ends.iter().filter(|end| **end <= cut).count();
            let from = if complete == 0 { 0 } else { ends[complete - 1] };
            let rest = bytes[from..cut].iter().skip_while(|byte| **byte == b'\n').count();
            assert_eq!((messages.len(), leftover), (complete, rest), "{name} cut at {cut}");
        }
    });
}

#[test]
#[should_panic(expected = "begins no message")]
fn what_is_left_over_and_begins_no_message_is_no_recording() {
    decode("made up", b"Content-Type: auth/request\n\ngarbage", 7);
}

#[test]
fn pieces_of_any_size_give_the_same_messages_and_events() {
    each_capture(|name, bytes| {
        let whole = decode_all(name, bytes, bytes.len().max(1));
        for piece in [1, 2, 3, 7, 61, 1009, 4099, 65_537] {
            let pieces = decode_all(name, bytes, piece);
            assert_eq!((pieces.0.len(), pieces.1), (whole.0.len(), whole.1), "{name} in pieces of {piece}");
            for (one, other) in pieces.0.into_iter().zip(&whole.0) {
                assert_eq!(parts(&one), parts(other), "{name} in pieces of {piece}");
                if piece == 1009 {
                    assert_eq!(one.into_event(), other.clone().into_event(), "{name} in pieces of {piece}");
                }
            }
        }
    });
}

/// The decoder begins anew with each message, so a stream with one cut anywhere in it is a message with one cut.
#[test]
fn a_cut_at_every_boundary_of_the_first_64_kib_changes_nothing() {
    each_capture(|name, bytes| {
        let mut at = 0;
        for whole in decode(name, bytes, bytes.len().max(1)) {
            let message = &bytes[at..at + whole.len()];
            at += whole.len();
            let mut decoder = Decoder::default();
            for cut in 1..message.len() {
                decoder.feed(&message[..cut]);
                assert!(decoder.next_frame().unwrap().is_none(), "{name}: complete after {cut} bytes");
                decoder.feed(&message[cut..]);
                let frame = decoder.next_frame().unwrap().unwrap();
                let same = frame.content_type() == whole.content_type()
                    && frame.head() == whole.headers().text()
                    && frame.body() == whole.body();
                assert!(same, "{name}: another message when cut at {cut}");
            }
            // Blank lines between messages belong to none of them.
            at += bytes[at..].iter().take_while(|byte| **byte == b'\n').count();
            if at >= 64 * 1024 {
                break;
            }
        }
    });
}

/// As sent, every header of an event is read by itself, in every format: a plain event's are its lines.
fn check_as_sent(name: &str, message: &Message) {
    let event = message.event().unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(event, message.clone().into_event(), "{name}");
    for header in event.headers() {
        let same = |other: &switchwire_proto::Header<'_>| {
            other.name_bytes().eq_ignore_ascii_case(header.name_bytes())
        };
        let first = event.headers().find(same).unwrap();
        assert_eq!(
            event.header_bytes(header.name_bytes()),
            Some(first.value_bytes()),
            "{name}: {}",
            header.name()
        );
    }
    assert_eq!(event.header_bytes("No-Such-Header"), None);
    if message.content_type() == ContentType::EventPlain {
        let text = message.body().unwrap();
        let end = text.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let lines = text[..end].split(|byte| *byte == b'\n').map(|line| {
            let colon = line.windows(2).position(|pair| pair == b": ").unwrap();
            (line[..colon].to_vec(), switchwire_proto::percent::decode(&line[colon + 2..]).into_owned())
        });
        let read =
            event.headers().map(|header| (header.name_bytes().to_vec(), header.value_bytes().into_owned()));
        assert!(lines.eq(read), "{name}: {event:?}");
    }
}

#[test]
fn every_event_reads_as_a_simple_parser_reads_it() {
    let mut read = HashMap::new();
    each_capture(|name, bytes| {
        for message in decode(name, bytes, 64 * 1024) {
            let kind = message.content_type();
            if !kind.is_event() {
                continue;
            }
            *read.entry(kind).or_insert(0) += 1;
            let body = message.body().unwrap();
            check_as_sent(name, &message);
            let event = match kind {
                ContentType::EventXml => {
                    Event::from_xml(body).unwrap_or_else(|error| panic!("{name}: {error}"))
                }
                _ => message.clone().into_classic_event(),
            };
            let wanted = match kind {
                ContentType::EventPlain => simple::plain(body),
                ContentType::EventJson => simple::json(body),
                _ => simple::xml(body),
            };
            let shown = simple::Event::of(&event);
            assert_eq!(shown, wanted, "{name}: {}", String::from_utf8_lossy(body));
            for (header, value, elements) in &wanted.headers {
                let first =
                    wanted.headers.iter().find(|(other, ..)| other.eq_ignore_ascii_case(header)).unwrap();
                if elements.is_none() && first.1 == *value {
                    assert_eq!(
                        event.header_bytes(header.to_ascii_uppercase()).unwrap(),
                        &value[..],
                        "{name}"
                    );
                }
            }
        }
    });
    assert_eq!(read.len(), 3, "there are events in every format: {read:?}");
}

#[test]
fn the_reply_to_connect_is_the_channels_data() {
    let mut found = 0;
    each_capture(|name, bytes| {
        for message in decode(name, bytes, 64 * 1024) {
            if message.header("Event-Name").as_deref() == Some("CHANNEL_DATA") {
                let event = message.head_event();
                assert_eq!(event.event_type().name(), "CHANNEL_DATA", "{name}");
                assert_eq!(event.header("reply-text").as_deref(), Some("+OK\n"), "{name}");
                assert!(event.unique_id().is_some(), "{name}");
                assert!(message.into_reply().is_some_and(|reply| reply.is_ok()), "{name}");
                found += 1;
            }
        }
    });
    assert!(found > 0);
}

/// Headers that are others in every event; `Content-Length`, which XML places elsewhere; `_body`, which in JSON is the
/// body's own member.
fn is_volatile(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name);
    name.starts_with("Event-Date-")
        || ["Event-Sequence", "Event-UUID", "Content-Length", "_body"].contains(&&*name)
}

/// The event without what formats lose; see protocol.md's section on events.
fn kept(event: &Event, kind: ContentType) -> (String, Vec<String>, Option<String>) {
    let mut headers = Vec::new();
    for header in event.headers().filter(|header| !is_volatile(header.name_bytes())) {
        let elements = header.elements().map_or_else(
            || vec![header.value_bytes().into_owned()],
            |elements| elements.map(<[u8]>::to_vec).collect(),
        );
        // XML shows duplicates that follow each other and arrays alike, as the element repeated: compare element-wise.
        for mut element in elements {
            // `%41` goes out of the server's plain and XML unescaped, and comes back as `A`: only JSON is exact.
            if kind == ContentType::EventJson {
                element = percent::decode(&percent::encode(&element, Escape::Server)).into_owned();
            }
            headers.push(format!("{}={}", header.name(), element.escape_ascii()));
        }
    }
    // XML drops what is not UTF-8 from the body, and what follows it up to the next ASCII character.
    let body = event.body_text().map(|body| body.replace(|character: char| !character.is_ascii(), ""));
    (event.name().into_owned(), headers, body)
}

/// The scripts sent the same events thrice, with plain, json and xml subscribed in turn: the n-th of each belong together.
#[test]
fn the_same_event_reads_the_same_in_three_formats() {
    let mut compared = 0;
    for (name, bytes) in captures() {
        if !["inbound_basic", "weird_values"].contains(&&*name) {
            continue;
        }
        let mut sent: HashMap<ContentType, Vec<Event>> = HashMap::new();
        for message in decode(&name, &bytes, 64 * 1024) {
            let kind = message.content_type();
            // Those that `sendevent` made; the server fires its own in between.
            if let Ok(event) = message.event()
                && event.header("Command").is_some_and(|command| command.starts_with("sendevent"))
            {
                sent.entry(kind).or_default().push(event);
            }
        }
        let plain = &sent[&ContentType::EventPlain];
        for kind in [ContentType::EventJson, ContentType::EventXml] {
            assert_eq!(sent[&kind].len(), plain.len(), "{name}: as many in {kind:?}");
            for (one, other) in plain.iter().zip(&sent[&kind]) {
                assert_eq!(kept(one, ContentType::EventPlain), kept(other, kind), "{name}: {kind:?}");
                if one.body().is_none_or(|body| std::str::from_utf8(body).is_ok()) {
                    assert_eq!(one.body(), other.body(), "{name}: {kind:?}");
                }
                compared += 1;
            }
        }
    }
    assert!(compared >= 2 * (8 + 9), "{compared} pairs");
}

/// `getvar` replies with a bare value, and a channel's variable may hold anything: no client can find where such a reply ends.
#[test]
fn getvar_can_bring_a_stream_out_of_step_in_the_documented_way() {
    let (name, bytes) = captures().into_iter().find(|(name, _)| name == "getvar_desync").unwrap();
    let messages = decode(&name, &bytes, 7);
    let replies: Vec<_> =
        messages.into_iter().filter_map(Message::into_reply).map(|r| r.text().into_owned()).collect();
    // auth, myevents, sendmsg: in step. The value `line one\n\nContent-Type: api/response\n…fake` is two replies.
    assert_eq!(replies[..5], ["+OK accepted", "+OK Events Enabled", "+OK", "line one", "fake"]);
    // A value of 2000 characters is cut where the server's buffer of 512 bytes ends.
    assert_eq!((&*replies[5], &*replies[6]), ("+OK", &*"L".repeat(511)));
    // A value that begins with `~` is not closed: the reply to the next command becomes a part of it.
    assert_eq!(replies[7], "+OK");
    assert_eq!(replies[8], "+OK customContent-Type: api/response");
    assert_eq!(replies[9], "+OK bye");
    assert_eq!(replies.len(), 10);
}

/// The server writes date, idle share, level, file and line before a line once more.
#[test]
fn log_lines_say_their_message_without_the_servers_prefix() {
    let mut split = 0;
    each_capture(|name, bytes| {
        for record in decode(name, bytes, 64 * 1024).iter().filter_map(Message::log_record) {
            assert!(record.text.trim_end().ends_with(record.message().trim_end()), "{name}: {record:?}");
            if record.time().is_some() {
                let repeated = format!("[{}] {}:{}", record.level, record.file, record.line);
                assert!(record.text.contains(&repeated), "{name}: {record:?}");
                assert!(!record.message().contains(&repeated), "{name}: {record:?}");
                split += 1;
            } else {
                assert!(!record.text.starts_with("20"), "{name}: {record:?}");
            }
        }
    });
    assert!(split > 100, "{split}");
}

/// XML writes an array and two headers of one name that follow each other alike: that run is read as an array. Headers of
/// one name that are apart are two in every format.
#[test]
fn duplicates_that_look_like_an_array_in_xml_are_read_as_one() {
    let xml = |headers: &str| {
        let text = format!("<event>\n  <headers>\n{headers}  </headers>\n</event>\n");
        let head = format!("Content-Length: {}\nContent-Type: text/event-xml\n\n{text}", text.len());
        decode("made up", head.as_bytes(), 7).remove(0).event().unwrap()
    };
    let run = xml("    <A>1</A>\n    <Dup>1</Dup>\n    <Dup>2</Dup>\n");
    assert_eq!(run.header("Dup").as_deref(), Some("ARRAY::1|:2"));
    let apart = xml("    <Dup>1</Dup>\n    <A>1</A>\n    <Dup>2</Dup>\n");
    assert_eq!(apart.header("Dup").as_deref(), Some("1"));
    assert_eq!(apart.headers().filter(|header| header.name() == "Dup").count(), 2);
}
