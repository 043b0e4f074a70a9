//! The golden vectors through the C functions.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support {
    pub mod c;
    mod shared;
    pub use shared::*;
}

use std::io::Read;
use std::ptr;

use esl::command::*;
use esl::event::*;
use esl::handle::*;
use esl::serialize::*;
use esl::types::*;
use serde_json::Value;
use support::c::{Hand, Seen, c, see, taken, text};
use support::{bytes, vectors};

/// Only what a C string can show.
fn shown(value: &Value) -> Option<Vec<u8>> {
    bytes(value).map(|bytes| bytes.split(|byte| *byte == 0).next().unwrap().to_vec())
}

fn wanted(expected: &Value) -> Seen {
    let header = |h: &Value| {
        let array = h.get("array").map(|a| a.as_array().unwrap().iter().map(|e| shown(e).unwrap()).collect());
        (shown(&h["name"]).unwrap(), shown(&h["value"]).unwrap(), array)
    };
    Seen {
        kind: expected["type"].as_str().unwrap().as_bytes().to_vec(),
        headers: expected["headers"].as_array().unwrap().iter().map(header).collect(),
        body: shown(&expected["body"]),
    }
}

#[test]
fn decode_vectors_through_esl_recv_event() {
    for vector in vectors("decode") {
        let name = vector["name"].as_str().unwrap();
        let stream = bytes(&serde_json::json!({"b64": vector["bytes"]})).unwrap();
        let mut hand = Hand::new();
        let mut peer = hand.peer.take().unwrap();
        let writer = std::thread::spawn(move || {
            use std::io::Write;
            // The reader may end first.
            let _ = peer.write_all(&stream);
        });
        for expected in vector["expect"].as_array().unwrap() {
            let (status, message, event) = hand.receive();
            if expected["status"] == "FAIL" {
                assert_eq!((status, hand.handle.connected), (ESL_FAIL, 0), "{name}: {message:?}");
                break;
            }
            assert_eq!(status, ESL_SUCCESS, "{name}");
            assert_eq!(message.unwrap(), wanted(&expected["message"]), "{name}");
            assert_eq!(event, expected.get("event").map(wanted), "{name}");
        }
        drop(hand);
        writer.join().unwrap();
    }
}

/// An event, destroyed at the end.
struct Own(*mut esl_event_t);

impl Drop for Own {
    fn drop(&mut self) {
        // SAFETY: the event is this test's.
        unsafe { esl_event_destroy(&raw mut self.0) };
    }
}

fn named(type_name: &str, subclass: Option<&str>) -> Own {
    let mut number = 0;
    let mut event = ptr::null_mut();
    // SAFETY: C strings and writable places.
    unsafe {
        if subclass.is_some_and(|subclass| !subclass.is_empty()) {
            number = 0;
        } else if esl_name_event(c(type_name).as_ptr(), &raw mut number) != ESL_SUCCESS {
            esl_name_event(c"MESSAGE".as_ptr(), &raw mut number);
        }
        let subclass = subclass.map(c);
        let name = subclass.as_ref().map_or(ptr::null(), |subclass| subclass.as_ptr());
        assert_eq!(esl_event_create_subclass(&raw mut event, number, name), ESL_SUCCESS);
    }
    Own(event)
}

fn apply(event: &Own, op: &Value) {
    let argument = |at: usize| c(bytes(&op[at]).unwrap());
    // SAFETY: a living event and C strings.
    unsafe {
        let add =
            |stack| esl_event_add_header_string(event.0, stack, argument(1).as_ptr(), argument(2).as_ptr());
        let status = match op[0].as_str().unwrap() {
            "addHeader" => add(0),
            "pushHeader" => add(2),
            "unshiftHeader" => add(3),
            "delHeader" => esl_event_del_header_val(event.0, argument(1).as_ptr(), ptr::null()),
            "setPriority" => esl_event_set_priority(event.0, i32::try_from(op[1].as_u64().unwrap()).unwrap()),
            "addBody" => esl_event_set_body(event.0, argument(1).as_ptr()),
            other => panic!("unknown operation {other}"),
        };
        assert_eq!(status, ESL_SUCCESS, "{op}");
    }
}

fn plain(event: &Own, encode: esl_bool_t) -> Vec<u8> {
    let mut out = ptr::null_mut();
    // SAFETY: a living event and a writable place.
    unsafe { assert_eq!(esl_event_serialize(event.0, &raw mut out, encode), ESL_SUCCESS) };
    taken(out)
}

#[test]
fn event_operation_vectors_through_the_c_functions() {
    for (at, vector) in vectors("event_ops").iter().enumerate() {
        let context = format!("event_ops {at}: {} {}", vector["new"], vector["ops"]);
        let event = named(vector["new"][0].as_str().unwrap(), vector["new"][1].as_str());
        for op in vector["ops"].as_array().unwrap() {
            apply(&event, op);
        }
        let expect = &vector["expect"];
        let seen = see(event.0).unwrap();
        assert_eq!(seen, wanted(expect), "{context}");
        let mut copy = Own(ptr::null_mut());
        // SAFETY: a living event and a writable place.
        unsafe { assert_eq!(esl_event_dup(&raw mut copy.0, event.0), ESL_SUCCESS) };
        assert_eq!(see(copy.0).unwrap(), wanted(&expect["dup"]), "dup of {context}");
        assert_eq!(plain(&event, 0), bytes(&expect["plain_raw"]).unwrap(), "{context}");
        // The original reads outside its table of digits for bytes from 0x80 on (deviation 19): not comparable.
        if seen.headers.iter().all(|(_, value, _)| value.is_ascii()) {
            assert_eq!(plain(&event, 1), bytes(&expect["plain"]).unwrap(), "{context}");
        } else {
            assert!(plain(&event, 1).starts_with(&bytes(&expect["plain"]).unwrap()[..6]), "{context}");
        }
        let mut json = ptr::null_mut();
        // SAFETY: as above.
        unsafe { assert_eq!(esl_event_serialize_json(event.0, &raw mut json), ESL_SUCCESS) };
        let json: Value = serde_json::from_slice(&taken(json)).unwrap();
        assert_eq!(json, expect["json"], "{context}");
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&json), names(&expect["json"]), "{context}");
        for query in expect["queries"].as_array().unwrap() {
            let index = i32::try_from(query[2].as_i64().unwrap()).unwrap();
            // SAFETY: a living event and a C string.
            let found =
                unsafe { esl_event_get_header_idx(event.0, c(query[1].as_str().unwrap()).as_ptr(), index) };
            assert_eq!(text(found), bytes(&query[3]), "{context}: {query}");
        }
    }
}

#[test]
fn encode_vectors_through_the_c_functions() {
    for vector in vectors("encode") {
        let (call, args) = (vector["call"].as_str().unwrap(), &vector["args"]);
        let mut hand = Hand::new();
        hand.send(b"Content-Type: command/reply\nReply-Text: +OK\n\n");
        let handle = &raw mut *hand.handle;
        let optional = |value: &Value| value.as_str().map(c);
        let pointer =
            |text: &Option<std::ffi::CString>| text.as_ref().map_or(ptr::null(), |text| text.as_ptr());
        // SAFETY: a living handle, living events and C strings.
        let status = unsafe {
            match call {
                "esl_execute" => {
                    (*handle).event_lock = i32::from(args["event_lock"] == 1);
                    (*handle).async_execute = i32::from(args["async"] == 1);
                    let (app, arg, uuid) =
                        (optional(&args["app"]), optional(&args["arg"]), optional(&args["uuid"]));
                    esl_execute(handle, pointer(&app), pointer(&arg), pointer(&uuid))
                }
                "esl_filter" => {
                    let (header, value) = (optional(&args[0]), optional(&args[1]));
                    esl_filter(handle, pointer(&header), pointer(&value))
                }
                "esl_events" => {
                    let format = match args[0].as_str().unwrap() {
                        "xml" => 1,
                        "json" => 2,
                        _ => 0,
                    };
                    let names = optional(&args[1]);
                    esl_events(handle, format, pointer(&names))
                }
                "esl_send_recv" => {
                    let command = optional(&args[0]);
                    esl_send_recv_timed(handle, pointer(&command), 0)
                }
                "esl_sendevent" | "esl_sendmsg" => {
                    let event = named(args["type"].as_str().unwrap_or("CUSTOM"), args["subclass"].as_str());
                    for header in args["headers"].as_array().unwrap() {
                        let (name, value) = (optional(&header[0]), optional(&header[1]));
                        esl_event_add_header_string(event.0, 0, pointer(&name), pointer(&value));
                    }
                    if let Some(body) = args.get("body").and_then(bytes) {
                        esl_event_set_body(event.0, c(body).as_ptr());
                    }
                    let uuid = optional(&args["uuid"]);
                    match call {
                        "esl_sendevent" => esl_sendevent(handle, event.0),
                        _ => esl_sendmsg(handle, event.0, pointer(&uuid)),
                    }
                }
                other => panic!("unknown call {other}"),
            }
        };
        assert_eq!(status, ESL_SUCCESS, "{call} {args}");
        let mut peer = hand.peer.take().unwrap();
        drop(hand);
        let mut sent = Vec::new();
        peer.read_to_end(&mut sent).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&sent),
            String::from_utf8_lossy(&bytes(&vector["expect"]).unwrap()),
            "{call} {args}"
        );
    }
}
