//! What the corpora are made of: the golden vectors and the recordings, each input in the form that its target reads.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use switchwire_proto::percent::{self, Escape};
use switchwire_proto::{ContentType, Decoder, Message};

/// Writes the seeds of each target into a folder of its name.
///
/// # Errors
/// When the vectors or recordings cannot be read, or the folder cannot be written.
pub fn write(folder: &Path) -> io::Result<()> {
    let mut seeds = Seeds::default();
    vectors(&mut seeds)?;
    recordings(&mut seeds)?;
    for (target, inputs) in [
        ("decoder", &seeds.streams),
        ("c_receive", &seeds.streams),
        ("events", &seeds.events),
        ("commands", &seeds.commands),
        ("simulator", &seeds.dialogues),
        ("c_events", &seeds.operations),
        ("c_json", &seeds.json),
        ("texts", &seeds.texts),
    ] {
        let folder = folder.join(target);
        std::fs::create_dir_all(&folder)?;
        for (at, input) in inputs.iter().enumerate() {
            std::fs::write(folder.join(format!("{at:04}")), input)?;
        }
    }
    Ok(())
}

/// Sets, so that none comes twice and their order is always the same.
#[derive(Default)]
struct Seeds {
    streams: BTreeSet<Vec<u8>>,
    events: BTreeSet<Vec<u8>>,
    commands: BTreeSet<Vec<u8>>,
    dialogues: BTreeSet<Vec<u8>>,
    operations: BTreeSet<Vec<u8>>,
    json: BTreeSet<Vec<u8>>,
    texts: BTreeSet<Vec<u8>>,
}

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn vectors(seeds: &mut Seeds) -> io::Result<()> {
    let read = |name: &str| -> io::Result<Vec<Value>> {
        let text = std::fs::read_to_string(folder("vectors").join(name))?;
        text.lines().map(|line| serde_json::from_str(line).map_err(io::Error::other)).collect()
    };
    for vector in read("decode.jsonl")? {
        let bytes = vector["bytes"].as_str().and_then(|text| BASE64_STANDARD.decode(text).ok());
        stream(seeds, &bytes.unwrap_or_default());
    }
    for vector in read("encode.jsonl")? {
        if let Some(text) = vector["expect"].as_str() {
            seeds.commands.insert(text.into());
            dialogue(seeds, 3, text.as_bytes());
        }
    }
    for vector in read("event_ops.jsonl")? {
        seeds.operations.insert(operations(&vector));
        for form in ["plain", "plain_raw"] {
            if let Some(text) = vector["expect"][form].as_str() {
                seeds.events.insert(text.into());
            }
        }
    }
    Ok(())
}

/// The operations of a vector as `c_events` reads them.
fn operations(vector: &Value) -> Vec<u8> {
    let mut lines = Vec::new();
    let mut line = |letter: &str, arguments: &[&Value]| {
        lines.extend_from_slice(letter.as_bytes());
        for argument in arguments.iter().filter(|argument| !argument.is_null()) {
            lines.push(b'\t');
            let text = argument.as_str().map_or_else(|| argument.to_string(), str::to_owned);
            lines.extend_from_slice(&percent::encode(text.as_bytes(), Escape::Full));
        }
        lines.push(b'\n');
    };
    line("n", &[&vector["new"][0], &vector["new"][1]]);
    for operation in vector["ops"].as_array().into_iter().flatten() {
        let letter = match operation[0].as_str().unwrap_or_default() {
            "addHeader" => "b",
            "pushHeader" => "p",
            "unshiftHeader" => "u",
            "delHeader" => "d",
            "setPriority" => "y",
            _ => "o",
        };
        line(letter, &[&operation[1], &operation[2]]);
    }
    line("c", &[]);
    lines
}

fn recordings(seeds: &mut Seeds) -> io::Result<()> {
    for entry in std::fs::read_dir(folder("captures"))? {
        let path = entry?.path();
        if let Ok(bytes) = std::fs::read(path.join("server.bin")) {
            stream(seeds, &bytes[..bytes.len().min(LONGEST)]);
            messages(seeds, &bytes);
        }
        if let Ok(bytes) = std::fs::read(path.join("client.bin")) {
            let bytes = &bytes[..bytes.len().min(LONGEST)];
            for role in 0..4 {
                dialogue(seeds, role, bytes);
            }
            for command in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                seeds.commands.insert(command.to_vec());
                seeds.texts.insert(command.to_vec());
            }
        }
    }
    Ok(())
}

/// Events of each kind and form, of which the first few are enough: the engine keeps those that reach something new.
fn messages(seeds: &mut Seeds, bytes: &[u8]) {
    let mut decoder = Decoder::default();
    decoder.feed(bytes);
    let mut names = BTreeSet::new();
    while let Ok(Some(message)) = decoder.next_message() {
        let Some(body) = message.body() else { continue };
        let form = message.content_type();
        let name = message.event().map_or_else(|_| String::new(), |event| event.name().into_owned());
        if !form.is_event() || !names.insert((format!("{form:?}"), name)) {
            continue;
        }
        seeds.events.insert(body.to_vec());
        stream(seeds, &whole(&message));
        match form {
            ContentType::EventJson => _ = seeds.json.insert(body.to_vec()),
            ContentType::EventPlain => _ = seeds.texts.insert(body[..body.len().min(LONGEST)].to_vec()),
            _ => {}
        }
    }
}

fn whole(message: &Message) -> Vec<u8> {
    let body = message.body().unwrap_or_default();
    [message.headers().text(), b"\n", body].concat()
}

/// With the byte before it that says how it is cut.
fn stream(seeds: &mut Seeds, bytes: &[u8]) {
    seeds.streams.insert([&[6], bytes].concat());
}

fn dialogue(seeds: &mut Seeds, role: u8, bytes: &[u8]) {
    seeds.dialogues.insert([&[role | 8], bytes].concat());
}

const LONGEST: usize = 4096;
