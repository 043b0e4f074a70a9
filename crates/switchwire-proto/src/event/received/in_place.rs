//! Reading in place against reading everything first: both must give the same. On every level of comparisons that the processor has.

use proptest::prelude::*;

use crate::format::{Rules, json};
use crate::simd::tests::on_every_level;
use crate::{Decoder, Event, Limits, Message};

fn config() -> ProptestConfig {
    let rng_seed = proptest::test_runner::RngSeed::Fixed(0x5EED);
    ProptestConfig { cases: 4000, failure_persistence: None, rng_seed, ..ProptestConfig::default() }
}

/// Names that mean something, names nearly like them, and names that look like punctuation.
const NAMES: [&str; 22] = [
    "Content-Length:e",
    "Event-Name:x",
    "Event-Name",
    "event-name",
    "Event-Named",
    "Unique-ID",
    "unique-id",
    "Content-Length",
    "_body",
    "_Body",
    "A",
    "variable_x",
    "variable_x[2]",
    ",",
    ":",
    "}",
    "-",
    "Ende",
    "E",
    "X-Long-Name-That-Goes-On-And-On-For-More-Than-Sixty-Four-Bytes-Of-It",
    "ARRAY",
    "ünï",
];

const VALUES: [&str; 26] = [
    "",
    " ",
    "x",
    "CHANNEL_ANSWER",
    "CUSTOM",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "a,b:c",
    "\t",
    "ARRAY::a|:b",
    "ARRAY::a",
    "xARRAY::a|:b",
    "%41RRAY%3A%3Aq|:r",
    "ARRA%59::1|:2",
    "ARRAY%3A%3Aone%7C%3Atwo",
    "12",
    "ü",
    "_undef_",
    "%5B",
    "a value that goes on for more than the sixty-four bytes that are looked at at once, and on",
    "Unique-ID",
    "/",
];

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&NAMES[..])
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(&VALUES[..]).prop_map(str::to_owned),
        1 => prop::collection::vec(prop::sample::select(&VALUES[..]), 0..4).prop_map(|all| all.concat()),
        1 => "[ -~]{0,90}".prop_map(|text| text.replace(['"', '\\'], "'")),
    ]
}

/// A piece of a JSON string: mostly plain, sometimes escaped, rarely wrong.
fn quoted() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        12 => value(),
        2 => prop::sample::select(&["\\\"", "\\\\", "\\/", "\\n", "\\t", "\\b\\f\\r", "\\\\\\\"", "\\\":\\\"", "\\\",\\\"A\\\":\\\""][..])
            .prop_map(str::to_owned),
        1 => prop::sample::select(&["\\u0041", "\\u00e9", "\\ud83d\\ude00", "\\x", "\\u12", "\u{1}", "\n", "\""][..])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn member() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        12 => quoted(),
        2 => prop::collection::vec(quoted(), 0..4).prop_map(|list| format!("[{}]", list.join(","))),
        1 => prop::sample::select(&["1", "null", "{}", "{\"A\":\"b\"}", "[1,\"a\"]", " \"a\"", "[\"a\"", ""][..]).prop_map(str::to_owned),
    ];
    let name = prop_oneof![8 => name().prop_map(|name| format!("\"{name}\"")), 1 => quoted()];
    (name, value).prop_map(|(name, value)| format!("{name}:{value}"))
}

fn json_text() -> impl Strategy<Value = Vec<u8>> {
    let text =
        prop::collection::vec(member(), 0..12).prop_map(|members| format!("{{{}}}", members.join(",")));
    (text, 0..30u32, any::<prop::sample::Index>(), any::<u8>()).prop_map(|(text, harm, at, byte)| {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        match harm {
            0 => drop(bytes.remove(at)),
            1 => bytes[at] = byte,
            2 => bytes.insert(at, byte),
            3 => bytes.truncate(at),
            4 => bytes.extend(b" \n"),
            5 => bytes.extend(b"\"A\":\"b\"}"),
            _ => {}
        }
        bytes
    })
}

fn plain_text() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        12 => (name(), prop::sample::select(&[": ", ":", ":  ", ": \t"][..]), value())
            .prop_map(|(name, colon, value)| format!("{name}{colon}{value}")),
        1 => value(),
    ];
    let line = (line, prop::sample::select(&["\n", "\n", "\n", "\n", "\n", "\r\n"][..]))
        .prop_map(|(line, end)| line + end);
    let end =
        prop::sample::select(&["", "\n", "\n", "\r\n", "\nbody", "\n\n", "\nA: b\n\nUnique-ID: 7\n"][..]);
    (prop::collection::vec(line, 0..14), end).prop_map(|(lines, end)| (lines.concat() + end).into_bytes())
}

fn message(kind: &str, text: &[u8]) -> Message {
    let mut decoder = Decoder::new(Limits::default());
    decoder.feed(format!("Content-Type: text/event-{kind}\nContent-Length: {}\n\n", text.len()).as_bytes());
    decoder.feed(text);
    decoder.next_message().unwrap().unwrap()
}

/// The same event after everything was read from it: its edited form.
fn edited(event: &Event) -> Event {
    let mut edited = event.clone();
    edited.del_header("no header has this name");
    edited
}

fn same(in_place: &Event, whole: &Event) {
    // Look-ups first, while nothing else has been asked.
    for name in NAMES.iter().chain(["aRRAY", "UNIQUE-ID", "no such", ""].iter()) {
        let upper = name.to_uppercase();
        for name in [*name, upper.as_str()] {
            assert_eq!(
                in_place.clone().header_bytes(name),
                whole.header_bytes(name),
                "{name:?} of {whole:?}"
            );
            assert_eq!(in_place.clone().array(name), whole.array(name), "{name:?} of {whole:?}");
            for index in 0..3 {
                let (one, other) = (in_place.clone(), whole.header_element(name, index));
                assert_eq!(one.header_element(name, index), other, "{name:?} {index} of {whole:?}");
            }
        }
    }
    assert_eq!(in_place.clone().event_type(), whole.event_type());
    assert_eq!(in_place.clone().body(), whole.body());
    assert_eq!(in_place, whole);
}

fn json_is_read_as_whole(text: &[u8]) {
    for rules in [Rules::AsSent, Rules::Classic] {
        let message = message("json", text);
        let in_place = match rules {
            Rules::AsSent => message.event(),
            Rules::Classic => Ok(message.clone().into_classic_event()),
        };
        match json::parse(text, rules) {
            Ok(whole) => {
                let in_place = in_place.unwrap();
                same(&in_place, &whole);
                same(&edited(&in_place), &whole);
            }
            Err(_) if rules == Rules::AsSent => {
                assert!(in_place.is_err(), "{:?}", String::from_utf8_lossy(text));
            }
            Err(_) => assert_eq!(in_place.unwrap(), message.outer_event()),
        }
    }
}

fn plain_is_read_as_whole(text: &[u8]) {
    let message = message("plain", text);
    for event in [message.clone().into_event(), message.into_classic_event()] {
        same(&event, &edited(&event));
    }
}

fn head_is_read_as_whole(lines: &[u8]) {
    let mut decoder = Decoder::new(Limits::default());
    decoder.feed(b"Content-Type: command/reply\nReply-Text: +OK\n");
    decoder.feed(lines);
    decoder.feed(b"\n\n");
    if let Ok(Some(message)) = decoder.next_message() {
        let event = message.outer_event();
        same(&event, &edited(&event));
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn json_in_place_is_json_read_whole(text in json_text()) {
        on_every_level(|| json_is_read_as_whole(&text));
    }

    #[test]
    fn plain_in_place_is_plain_read_whole(text in plain_text()) {
        on_every_level(|| plain_is_read_as_whole(&text));
    }

    #[test]
    fn a_head_in_place_is_a_head_read_whole(lines in plain_text()) {
        on_every_level(|| head_is_read_as_whole(&lines));
    }
}
