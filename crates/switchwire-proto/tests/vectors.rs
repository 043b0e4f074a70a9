//! The golden vectors, made by driving the original library. A vector with a `deviation` shows our own behaviour.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failure in a test is its message"
)]

mod support;

use serde_json::Value;
use support::{bytes, vectors};
use switchwire_proto::format::json::{Layout, write};
use switchwire_proto::percent::Escape;
use switchwire_proto::{Command, Decoder, Event, EventFormat, Execute, Limits, Priority};

/// The header list of an event, in the vectors' form.
fn check_event(event: &Event, expected: &Value, context: &str) {
    let wanted = expected["headers"].as_array().unwrap();
    let shown: Vec<_> = event
        .headers()
        .map(|h| {
            (
                h.name().into_owned(),
                String::from_utf8_lossy(&h.value_bytes()).into_owned(),
                h.elements().map(|elements| elements.len()),
            )
        })
        .collect();
    assert_eq!(event.headers().count(), wanted.len(), "{context}: {shown:#?}");
    for (header, wanted) in event.headers().zip(wanted) {
        assert_eq!(Some(header.name_bytes().to_vec()), bytes(&wanted["name"]), "{context}");
        assert_eq!(Some(header.value_bytes().into_owned()), bytes(&wanted["value"]), "{context}: {shown:#?}");
        let elements: Option<Vec<Vec<u8>>> =
            header.elements().map(|elements| elements.map(<[u8]>::to_vec).collect());
        let wanted =
            wanted.get("array").map(|a| a.as_array().unwrap().iter().map(|e| bytes(e).unwrap()).collect());
        assert_eq!(elements, wanted, "{context}");
    }
    assert_eq!(event.event_type().name(), expected["type"].as_str().unwrap(), "{context}");
    assert_eq!(event.body().map(<[u8]>::to_vec), bytes(&expected["body"]), "{context}");
}

#[test]
fn decode_vectors() {
    for vector in vectors("decode") {
        let name = vector["name"].as_str().unwrap();
        let stream = bytes(&serde_json::json!({"b64": vector["bytes"]})).unwrap();
        for step in [stream.len(), 1, 7] {
            let mut decoder = Decoder::new(Limits::new(Limits::HEADER_BLOCK, 16 << 20));
            let mut messages = Vec::new();
            let mut failed = false;
            for piece in stream.chunks(step.max(1)) {
                decoder.feed(piece);
                while let Some(message) = decoder.next_message().unwrap_or_else(|_| {
                    failed = true;
                    None
                }) {
                    messages.push(message);
                }
            }
            let mut messages = messages.into_iter();
            for expected in vector["expect"].as_array().unwrap() {
                if expected["status"] == "FAIL" {
                    // The end of the stream, a length that makes no sense, or a notice that ends the connection.
                    match messages.next() {
                        None => check_end(&decoder, failed, &stream, name),
                        Some(message) => {
                            assert!(message.disconnect_notice().is_some_and(|n| !n.lingers()), "{name}");
                        }
                    }
                    continue;
                }
                let message = messages
                    .next()
                    .unwrap_or_else(|| panic!("{name}: a message is missing (failed: {failed})"));
                check_event(&message.outer_event(), &expected["message"], name);
                if let Some(inner) = expected.get("event") {
                    let event = message.clone().into_classic_event();
                    check_event(&event, inner, name);
                } else {
                    assert_eq!(message.clone().into_classic_event(), message.outer_event(), "{name}");
                }
            }
            assert!(messages.next().is_none(), "{name}: one message too many");
        }
    }
}

/// Why no message came where the original failed: a length that makes no sense is an error, a stream that merely ends is
/// none, and the decoder says whether it ended inside a message.
fn check_end(decoder: &Decoder, failed: bool, stream: &[u8], name: &str) {
    let text = String::from_utf8_lossy(stream).to_ascii_lowercase();
    let senseless = |line: &str| {
        let number = line.strip_prefix("content-length:").map(|value| value.trim().parse::<i64>());
        number.is_some_and(|number| number.is_ok_and(|number| !(0..=16 << 20).contains(&number)))
    };
    if failed {
        assert!(text.lines().any(senseless), "{name}: an error without a reason");
    } else {
        assert!(!text.trim_end().lines().next_back().is_some_and(senseless), "{name}: no error");
        assert_eq!(decoder.finish().is_err(), !decoder.pending().trim_ascii().is_empty(), "{name}");
    }
}

/// The encoded text. The original reads outside its table for bytes from 0x80 on, and writes (or cuts) what stands
/// there, another thing in every run: such lines are asserted to be ours, percent-encoded and decoding to the value.
fn check_plain(event: &Event, wanted: &[u8], context: &str) {
    let plain = event.to_plain(Escape::Full);
    let is_ascii = event.headers().all(|header| header.value_bytes().is_ascii());
    if is_ascii {
        assert_eq!(String::from_utf8_lossy(&plain), String::from_utf8_lossy(wanted), "{context}");
        return;
    }
    let (ours, theirs) = (plain.split(|b| *b == b'\n'), wanted.split(|b| *b == b'\n'));
    for ((ours, theirs), header) in ours.zip(theirs).zip(event.headers()) {
        if header.value_bytes().is_ascii() {
            assert_eq!(ours, theirs, "{context}");
        } else {
            assert!(ours.is_ascii(), "{context}");
            let value = &ours[header.name_bytes().len() + 2..];
            assert_eq!(switchwire_proto::percent::decode(value), header.value_bytes(), "{context}");
        }
    }
    if let Some(body) = event.body() {
        assert!(plain.ends_with(body), "{context}");
    }
}

fn build(vector: &Value) -> Event {
    let new = vector["new"].as_array().unwrap();
    let (mut event, _) = Event::from_names(new[0].as_str().unwrap(), new[1].as_str());
    for op in vector["ops"].as_array().unwrap() {
        let argument = |at: usize| bytes(&op[at]).unwrap();
        match op[0].as_str().unwrap() {
            "addHeader" => {
                event.add_header(argument(1), argument(2));
            }
            "pushHeader" => {
                event.push_header(argument(1), argument(2));
            }
            "unshiftHeader" => {
                event.unshift_header(argument(1), argument(2));
            }
            "delHeader" => {
                event.del_header(argument(1));
            }
            "setPriority" => {
                let at = usize::try_from(op[1].as_u64().unwrap()).unwrap();
                event.set_priority(Priority::ALL[at]);
            }
            "addBody" => {
                event.set_body(argument(1));
            }
            other => panic!("unknown operation {other}"),
        }
    }
    event
}

#[test]
fn event_operation_vectors() {
    for (at, vector) in vectors("event_ops").iter().enumerate() {
        let context = format!("event_ops {at}: {} {}", vector["new"], vector["ops"]);
        let event = build(vector);
        let expect = &vector["expect"];
        check_event(&event, expect, &context);
        check_event(&event.duplicate(), &expect["dup"], &format!("dup of {context}"));
        assert_eq!(Some(event.to_plain(Escape::None)), bytes(&expect["plain_raw"]), "{context}");
        check_plain(&event, &bytes(&expect["plain"]).unwrap(), &context);
        let tabs = write(&event, Layout::Tabs);
        let json: Value = serde_json::from_slice(&tabs).unwrap();
        assert_eq!(json, expect["json"], "{context}");
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&json), names(&expect["json"]), "{context}");
        for query in expect["queries"].as_array().unwrap() {
            let (name, index) = (query[1].as_str().unwrap(), query[2].as_i64().unwrap());
            let found = match usize::try_from(index) {
                Err(_) => event.header_bytes(name),
                Ok(index) => event.header_element(name, index),
            };
            assert_eq!(found.map(std::borrow::Cow::into_owned), bytes(&query[3]), "{context}: {query}");
        }
    }
}

#[test]
fn encode_vectors() {
    for vector in vectors("encode") {
        let call = vector["call"].as_str().unwrap();
        let args = &vector["args"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let command = match call {
            "esl_execute" => {
                let mut execute = text(&args["app"]).map_or_else(Execute::nothing, Execute::new);
                if let Some(argument) = text(&args["arg"]) {
                    execute = execute.argument(argument);
                }
                if let Some(uuid) = text(&args["uuid"]) {
                    execute = execute.uuid(uuid);
                }
                execute.event_lock(args["event_lock"] == 1).asynchronous(args["async"] == 1).build()
            }
            "esl_filter" => {
                let header = args[0].as_str().unwrap();
                Command::filter(header, args[1].as_str().unwrap())
            }
            "esl_events" => {
                let format = EventFormat::from_name(args[0].as_str().unwrap()).unwrap();
                Command::event(format, args[1].as_str().unwrap())
            }
            "esl_send_recv" => Command::raw(args[0].as_str().unwrap()),
            "esl_sendevent" | "esl_sendmsg" => {
                let (mut event, _) =
                    Event::from_names(args["type"].as_str().unwrap_or("CUSTOM"), args["subclass"].as_str());
                for header in args["headers"].as_array().unwrap() {
                    event.add_header(header[0].as_str().unwrap(), header[1].as_str().unwrap());
                }
                if let Some(body) = args.get("body").and_then(bytes) {
                    event.set_body(body);
                }
                if call == "esl_sendevent" {
                    Command::sendevent(&event)
                } else {
                    Command::sendmsg(args["uuid"].as_str(), &event)
                }
            }
            other => panic!("unknown call {other}"),
        };
        let sent = command.unwrap().into_bytes();
        assert_eq!(
            String::from_utf8_lossy(&sent),
            String::from_utf8_lossy(&bytes(&vector["expect"]).unwrap()),
            "{call} {args}"
        );
    }
}
