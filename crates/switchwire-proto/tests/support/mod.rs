//! Where vectors and recordings are, and how their values are written.
#![allow(dead_code, reason = "each test program uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is its message")]

pub(crate) mod server;
pub(crate) mod simple;

use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde_json::Value;
use switchwire_proto::{ContentType, DecodeErrorKind, Decoder, Event, Message};

/// The project's own folder `tests/KIND` and the one that the environment adds.
pub(crate) fn folders(kind: &str, variable: &str) -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests").join(kind);
    let extra = std::env::var_os(variable).map(PathBuf::from);
    std::iter::once(own).chain(extra).collect()
}

/// Every vector of that kind, from every file of every folder.
pub(crate) fn vectors(kind: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for folder in folders("vectors", "SWITCHWIRE_EXTRA_VECTORS") {
        let mut files: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        files.sort();
        for file in files {
            for line in std::fs::read_to_string(&file).unwrap().lines().filter(|line| !line.trim().is_empty())
            {
                let vector: Value = serde_json::from_str(line).unwrap();
                if vector["kind"] == kind {
                    found.push(vector);
                }
            }
        }
    }
    assert!(!found.is_empty(), "no {kind} vectors");
    found
}

/// Every recording: its name and the server's bytes.
pub(crate) fn captures() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for folder in folders("captures", "SWITCHWIRE_EXTRA_CAPTURES") {
        let mut names: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        for path in names {
            if let Ok(bytes) = std::fs::read(path.join("server.bin")) {
                found.push((path.file_name().unwrap().to_string_lossy().into_owned(), bytes));
            }
        }
    }
    assert!(!found.is_empty(), "no recordings");
    found
}

/// A string of a vector: text, or bytes in base64.
pub(crate) fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.as_bytes().to_vec()),
        Value::Object(object) => {
            Some(base64::engine::general_purpose::STANDARD.decode(object["b64"].as_str().unwrap()).unwrap())
        }
        Value::Null => None,
        other => panic!("not a string: {other}"),
    }
}

/// An event on one line: `TYPE; name=value; name=[element,element]; body "…"`. An array's text follows where it
/// is not the joined elements.
pub(crate) fn shown(event: &Event) -> String {
    let text = String::from_utf8_lossy;
    let mut parts = vec![event.event_type().name().to_owned()];
    for header in event.headers() {
        let Some(elements) = header.elements() else {
            parts.push(format!("{}={}", header.name(), header.value()));
            continue;
        };
        let elements: Vec<_> = elements.map(text).collect();
        let joined = match &elements[..] {
            [one] => one.to_string(),
            more => format!("ARRAY::{}", more.join("|:")),
        };
        let stale = if header.value() == joined { String::new() } else { format!(" {}", header.value()) };
        parts.push(format!("{}=[{}]{stale}", header.name(), elements.join(",")));
    }
    parts.extend(event.body().map(|body| format!("body {:?}", text(body))));
    parts.join("; ")
}

/// All that a message holds, to be compared.
pub(crate) fn parts(message: &Message) -> (ContentType, Vec<u8>, Option<Vec<u8>>) {
    (message.content_type(), message.headers().text().to_vec(), message.body().map(<[u8]>::to_vec))
}

/// Runs a check on every recording, on all of them whatever becomes of one; what failed is named at the end (the messages
/// are above).
pub(crate) fn each_capture(mut check: impl FnMut(&str, &[u8])) {
    let mut failed = Vec::new();
    for (name, bytes) in captures() {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&name, &bytes)));
        if outcome.is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{} recordings failed: {failed:?}", failed.len());
}

/// How many bytes at the end of a recording belong to a message that is not whole (a server that was killed, a listener
/// that was too slow). The decoder must say so, and the message must be one: what is said to be missing completes it.
pub(crate) fn unfinished(name: &str, decoder: &mut Decoder) -> usize {
    let leftover = decoder.pending().len();
    let Err(error) = decoder.finish() else {
        assert!(
            decoder.pending().iter().all(|byte| *byte == b'\n'),
            "{name}: blank lines at most are no message"
        );
        return 0;
    };
    assert_eq!(error.kind, DecodeErrorKind::Truncated { received: leftover }, "{name}");
    assert_eq!(error.offset, decoder.offset(), "{name}");
    // (The latter begins the reply to `connect`.)
    let begins = [&b"Content-"[..], b"Event-Name: CHANNEL_DATA\n"].into_iter().any(|begin| {
        let length = leftover.min(begin.len());
        decoder.pending()[..length] == begin[..length]
    });
    assert!(begins, "{name}: what is left over begins no message");
    let mut missing = decoder.missing();
    if missing == 1 {
        // The head, or one byte. (Where it is the byte the rest is blank lines.)
        decoder.feed(b"\n\n");
        missing = decoder.missing();
    }
    if decoder.next_frame().unwrap_or_else(|error| panic!("{name}: {error}")).is_none() {
        decoder.feed(&vec![b'x'; decoder.missing().max(missing)]);
        let completed = decoder.next_frame().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(completed.is_some(), "{name}: the missing bytes did not complete the message");
    }
    assert!(decoder.finish().is_ok(), "{name}: more than one message was left over");
    leftover
}
