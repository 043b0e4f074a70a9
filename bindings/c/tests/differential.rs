//! All readers of a received event against each other, on generated messages: C's structs, the core by libesl's rules and
//! as sent, each by look-ups in the received bytes and in the edited form. (`original.rs` gives the same messages to the
//! original library; Python and Node read through the core.)
//!
//! `SWITCHWIRE_DIFFERENTIAL=3000000 cargo test -p switchwire-c --test differential --release` is the long form: so many
//! messages of either generator. A failure names its seed; cases worth keeping go to `KEPT` in `support/generated.rs`.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support {
    mod c;
    mod generated;
    pub use c::*;
    pub use generated::*;
}

use std::borrow::Cow;

use esl::event::esl_event_get_header_idx;
use esl::types::esl_event_t;
use support::{Hand, KEPT, Seen, c, count, kept, message, names, see, text, varied};
use switchwire_proto::raw::adding::stands_alone;
use switchwire_proto::{ContentType, Decoder, Event, EventType, Message, percent};

/// The core's event as C sees one.
fn model(event: &Event) -> Seen {
    let headers = event.headers();
    Seen {
        kind: event.event_type().name().into(),
        headers: headers
            .map(|header| {
                (
                    header.name_bytes().to_vec(),
                    header.value_bytes().to_vec(),
                    header.elements().map(|elements| elements.map(<[u8]>::to_vec).collect()),
                )
            })
            .collect(),
        body: event.body().map(<[u8]>::to_vec),
    }
}

/// The value of the header and the first three elements.
type Found = (Option<Vec<u8>>, [Option<Vec<u8>>; 3]);

fn found(event: &Event, name: &str) -> Found {
    (
        event.header_bytes(name).map(Cow::into_owned),
        [0, 1, 2].map(|at| event.header_element(name, at).map(Cow::into_owned)),
    )
}

fn found_in_c(event: *mut esl_event_t, name: &str) -> Found {
    let name = c(name);
    // SAFETY: an event of the handle.
    let get = |index| unsafe { text(esl_event_get_header_idx(event, name.as_ptr(), index)) };
    (get(-1), [get(0), get(1), get(2)])
}

/// The form in which every header stands by itself: what a change makes of a received event.
fn edited(event: &Event) -> Event {
    let mut edited = event.clone();
    edited.set_event_type(event.event_type());
    edited
}

/// A name and a decoded value.
type Pair = (Vec<u8>, Vec<u8>);

/// The lines of a plain event, read as simply as can be, and what follows the blank line.
fn lines(text: &[u8]) -> (Vec<Pair>, &[u8]) {
    let mut headers = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = &rest[..end.unwrap_or(rest.len())];
        rest = end.map_or(&[], |end| &rest[end + 1..]);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        let colon = line.windows(2).position(|two| two == b": ");
        let Some(colon) = colon.or_else(|| line.iter().position(|byte| *byte == b':')) else { continue };
        let value = &line[colon + 1..];
        let blanks = value.iter().take_while(|byte| **byte == b' ').count();
        headers.push((line[..colon].to_vec(), percent::decode(&value[blanks..]).into_owned()));
    }
    (headers, rest)
}

/// A plain event as it was sent: each line by itself.
fn as_sent(text: &[u8]) -> Seen {
    let (headers, rest) = lines(text);
    let first = |wanted: &str| {
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted.as_bytes())).map(|(_, value)| value)
    };
    let kind = first("Event-Name").and_then(EventType::from_name).unwrap_or(EventType::Custom);
    let has_length = first("Content-Length").is_some_and(|value| !value.is_empty());
    let headers = headers.iter().map(|(name, value)| {
        let list = value.strip_prefix(b"ARRAY::").and_then(|list| std::str::from_utf8(list).ok());
        let list = list.filter(|list| list.contains("|:"));
        let elements = list.map(|list| list.split("|:").map(|element| element.as_bytes().to_vec()).collect());
        (name.clone(), value.clone(), elements)
    });
    Seen {
        kind: kind.name().into(),
        headers: headers.collect(),
        body: (has_length && !rest.is_empty()).then(|| rest.to_vec()),
    }
}

/// Whether no header of the event changes another, so that both readings are to be the same.
fn all_stand_alone(text: &[u8]) -> bool {
    let (headers, _) = lines(text);
    let event_names = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(b"event-name")).count();
    event_names < 2 && headers.iter().all(|(name, value)| stands_alone(name, value))
}

struct Readers {
    hand: Hand,
    names: Vec<String>,
}

impl Readers {
    fn new() -> Self {
        Self { hand: Hand::new(), names: names() }
    }

    fn assert_same(&mut self, bytes: &[u8], seed: &str) {
        let shown = format!("{seed}: {}", String::from_utf8_lossy(bytes));
        let mut decoder = Decoder::default();
        decoder.feed(bytes);
        let message = decoder.next_message().unwrap().unwrap_or_else(|| panic!("no message: {shown}"));
        self.hand.send(bytes);
        let (_, outer, inner) = self.hand.receive();
        assert_eq!(outer, Some(model(&message.outer_event())), "{shown}");
        let is_event = message.event().is_ok();
        assert_eq!(inner, is_event.then(|| model(&message.clone().into_classic_event())), "{shown}");
        self.assert_found(&message, is_event, &shown);
        if message.content_type() == ContentType::EventPlain {
            let text = message.body().unwrap();
            let sent = model(&message.event().unwrap());
            assert_eq!(sent, as_sent(text), "as sent, {shown}");
            if all_stand_alone(text) {
                let mut classic = model(&message.clone().into_classic_event());
                // As sent, an empty rest is no body.
                classic.body = classic.body.filter(|body| !body.is_empty());
                assert_eq!(sent, classic, "as sent and classic, {shown}");
            }
        }
    }

    /// Look-ups, each as the first one in its event: nothing has been found out about it before.
    fn assert_found(&self, message: &Message, is_event: bool, shown: &str) {
        let classic = edited(&message.clone().into_classic_event());
        let outer = edited(&message.outer_event());
        let sent = edited(&message.clone().into_event());
        for name in &self.names {
            let by_edited = found(&classic, name);
            assert_eq!(found(&message.clone().into_classic_event(), name), by_edited, "{name:?}, {shown}");
            assert_eq!(
                found(&message.clone().into_event(), name),
                found(&sent, name),
                "sent {name:?}, {shown}"
            );
            assert_eq!(found(&message.outer_event(), name), found(&outer, name), "outer {name:?}, {shown}");
            let handle = &self.hand.handle;
            assert_eq!(
                found_in_c(handle.last_event, name),
                found(&outer, name),
                "C, outer {name:?}, {shown}"
            );
            if is_event {
                assert_eq!(found_in_c(handle.last_ievent, name), by_edited, "C {name:?}, {shown}");
            }
        }
        assert_eq!(model(&message.clone().into_event()), model(&sent), "sent, {shown}");
        assert_eq!(model(&message.clone().into_classic_event()), model(&classic), "classic, {shown}");
        if is_event {
            assert_eq!(see(self.hand.handle.last_ievent).as_ref(), Some(&model(&classic)), "C, {shown}");
        }
    }
}

#[test]
fn events_of_libesls_words_read_the_same_everywhere() {
    let mut readers = Readers::new();
    for case in KEPT {
        readers.assert_same(&kept(case), "kept");
    }
    for seed in 0..count() {
        readers.assert_same(&message(seed), &format!("message({seed})"));
    }
}

#[test]
fn events_of_any_form_read_the_same_everywhere() {
    let mut readers = Readers::new();
    for seed in 0..count() {
        readers.assert_same(&varied(seed), &format!("varied({seed})"));
    }
}

/// Writes the vector `libesl_words` of `tests/vectors/decode.jsonl` to standard output: messages of these generators that
/// every language reads in its vectors' test. (`original.rs` holds C to the original library on the same messages.)
#[test]
#[ignore = "makes the vector"]
fn print_the_vector() {
    use base64::Engine;
    use serde_json::{Value, json};

    let value = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let event = |seen: &Seen| {
        let headers = seen.headers.iter().map(|(name, text, elements)| {
            let mut header = json!({"name": value(name), "value": value(text)});
            if let Some(elements) = elements {
                header["array"] = elements.iter().map(|element| value(element)).collect();
            }
            header
        });
        let headers: Vec<Value> = headers.collect();
        json!({"type": value(&seen.kind), "headers": headers, "body": seen.body.as_deref().map(value)})
    };
    let (mut stream, mut steps) = (Vec::new(), Vec::new());
    let messages = KEPT.iter().map(|case| kept(case)).chain((0..200).map(message));
    let mut hand = Hand::new();
    for bytes in messages {
        hand.send(&bytes);
        let (_, Some(outer), Some(inner)) = hand.receive() else { panic!("no event") };
        // A header without a name cannot be looked up in every language.
        let nameless = |seen: &Seen| seen.headers.iter().any(|(name, ..)| name.is_empty());
        if nameless(&outer) || nameless(&inner) || steps.len() == 80 {
            continue;
        }
        stream.extend(bytes);
        steps.push(json!({"status": "OK", "message": event(&outer), "event": event(&inner)}));
    }
    steps.push(json!({"status": "FAIL"}));
    let stream = base64::engine::general_purpose::STANDARD.encode(stream);
    let vector = json!({"kind": "decode", "name": "libesl_words", "bytes": stream, "expect": steps});
    println!("VECTOR{vector}");
}
