//! The recorded events that every client receives, and what each of them must read in them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context as _, Result, ensure};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::turn::Sum;

/// The headers that every client reads of every event.
pub(crate) const READ: [&str; 3] = ["Event-Name", "Unique-ID", "Channel-State"];

/// The format in which the server sends the events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    Plain,
    Json,
}

impl Format {
    pub(crate) fn name(self) -> &'static str {
        if self == Self::Plain { "plain" } else { "json" }
    }
}

/// The events of a recording.
pub(crate) struct Stream {
    /// Each as the bytes it was sent in.
    pub(crate) frames: Vec<Vec<u8>>,
    /// Where the head of each frame ends: FreeSWITCH sends head and body apart.
    pub(crate) heads: Vec<usize>,
    /// What a client must read in each: [`READ`] and the body.
    values: Vec<[Vec<u8>; 4]>,
}

impl Stream {
    pub(crate) fn load(format: Format) -> Result<Self> {
        let mut stream = Self { frames: Vec::new(), heads: Vec::new(), values: Vec::new() };
        if let Some((_, folder)) = other_recordings() {
            for path in recordings(&folder)? {
                // Some are of servers that break the protocol, or were stopped within a message: until there.
                let _ = stream.add(format, &std::fs::read(path)?);
            }
            ensure!(!stream.frames.is_empty(), "no {} events below {}", format.name(), folder.display());
            return Ok(stream);
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("../captures/events_{}/server.bin", format.name()));
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        stream.add(format, &bytes)?;
        ensure!(!stream.frames.is_empty(), "no events in {}", path.display());
        Ok(stream)
    }

    /// The events of that format in the bytes that a server sent.
    fn add(&mut self, format: Format, bytes: &[u8]) -> Result<()> {
        let kind = format!("text/event-{}", format.name());
        let mut rest = bytes;
        while let Some((head, length)) = next_frame(rest) {
            let (frame, after) =
                rest.split_at_checked(head + length).context("a recording cut within a message")?;
            if memchr::memmem::find(&frame[..head], kind.as_bytes()).is_some()
                && let Ok(Some(values)) = values(format, &frame[head..])
            {
                self.values.push(values);
                self.frames.push(frame.to_vec());
                self.heads.push(head);
            }
            rest = after;
        }
        Ok(())
    }

    /// The events' names, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.values.iter().map(|[name, ..]| String::from_utf8_lossy(name).into_owned()).collect()
    }

    /// The average size of an event, in bytes.
    pub(crate) fn average(&self) -> f64 {
        self.frames.iter().map(Vec::len).sum::<usize>() as f64 / self.frames.len() as f64
    }

    /// The bytes of so many events.
    pub(crate) fn size_of(&self, events: usize) -> usize {
        self.frames.iter().cycle().take(events).map(Vec::len).sum()
    }

    /// What a client that delivers all of so many events has added up.
    pub(crate) fn expected(&self, events: usize, deep: bool) -> Sum {
        let mut sum = Sum::new(deep);
        for [name, id, state, body] in self.values.iter().cycle().take(events) {
            sum.add(name, id, state, body);
        }
        sum
    }
}

/// Takes the events of the recordings below that folder, in this process and in those that it starts.
pub(crate) fn read_from(folder: &Path) -> Result<()> {
    let folder = folder.canonicalize().with_context(|| format!("no folder {}", folder.display()))?;
    let _ = OTHERS.set(Some(folder));
    Ok(())
}

/// The folder of other recordings than the repository's, and the variable by which our processes know it.
pub(crate) fn other_recordings() -> Option<(&'static str, PathBuf)> {
    let folder = OTHERS.get_or_init(|| std::env::var_os(VARIABLE).map(PathBuf::from));
    folder.clone().map(|folder| (VARIABLE, folder))
}

static OTHERS: OnceLock<Option<PathBuf>> = OnceLock::new();
const VARIABLE: &str = "SWITCHWIRE_BENCH_EVENTS";

/// Every `server.bin` below a folder, in order.
fn recordings(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(recordings(&path)?);
        } else if path.ends_with("server.bin") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Where the head of the next message ends, and how long its body is. Independent of the library on purpose.
fn next_frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = memchr::memmem::find(bytes, b"\n\n")? + 2;
    let text = String::from_utf8_lossy(&bytes[..head]);
    let length = text.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    Some((head, length.and_then(|length| length.trim().parse().ok()).unwrap_or(0)))
}

/// The values of an event. `None` where right clients differ by design: one of the headers occurs twice, in other letters, or
/// percent-encoded, or the body is not ASCII.
fn values(format: Format, event: &[u8]) -> Result<Option<[Vec<u8>; 4]>> {
    let (headers, body) = match format {
        Format::Plain => plain(event)?,
        Format::Json => json(event)?,
    };
    // Some clients count bytes, others letters.
    if !body.is_ascii() {
        return Ok(None);
    }
    let mut found = [Vec::new(), Vec::new(), Vec::new(), body];
    for (found, name) in found.iter_mut().zip(READ) {
        let mut same = headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        match (same.next(), same.next()) {
            (None, _) => {}
            (Some((other, value)), None) if other == name && !value.contains('%') => {
                found.extend_from_slice(value.as_bytes());
            }
            _ => return Ok(None),
        }
    }
    Ok(Some(found))
}

type Parts = (Vec<(String, String)>, Vec<u8>);

fn plain(event: &[u8]) -> Result<Parts> {
    let end = memchr::memmem::find(event, b"\n\n").context("an event without an end")?;
    let lines = std::str::from_utf8(&event[..end])?.lines();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers: Vec<_> = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Ok((headers, event[end + 2..].to_vec()))
}

fn json(event: &[u8]) -> Result<Parts> {
    let Members(members) = serde_json::from_slice(event)?;
    let (mut headers, mut bodies) = (Vec::new(), Vec::new());
    for (name, value) in members {
        match value {
            Value::String(value) if name == "_body" => bodies.push(value.into_bytes()),
            Value::String(value) => headers.push((name, value)),
            _ => {}
        }
    }
    ensure!(bodies.len() < 2, "two bodies");
    Ok((headers, bodies.pop().unwrap_or_default()))
}

/// The members of a JSON object, in order, those too whose name occurs twice.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Members;

            fn expecting(&self, text: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                text.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_recordings_hold_events_that_can_be_told_apart() {
        for format in [Format::Plain, Format::Json] {
            let stream = Stream::load(format).unwrap();
            assert!(stream.frames.len() > 400, "{} events", stream.frames.len());
            assert!(stream.names().iter().all(|name| !name.is_empty()));
            assert!((2_000.0..4_000.0).contains(&stream.average()), "{} bytes", stream.average());
            assert_eq!(
                stream.size_of(stream.frames.len() + 1),
                stream.frames.concat().len() + stream.frames[0].len()
            );
        }
    }

    /// A client that loses, swaps or changes one event must not have the right sum.
    #[test]
    fn a_lost_a_swapped_and_a_changed_event_change_the_sum() {
        let stream = Stream::load(Format::Plain).unwrap();
        for deep in [false, true] {
            let sum = |values: &[[Vec<u8>; 4]]| {
                let mut sum = Sum::new(deep);
                values.iter().for_each(|[name, id, state, body]| sum.add(name, id, state, body));
                sum
            };
            let whole = stream.expected(stream.values.len(), deep);
            assert_eq!(sum(&stream.values), whole);
            let mut lost = stream.values.clone();
            lost.remove(700);
            assert_ne!(sum(&lost), whole);
            let mut swapped = stream.values.clone();
            let other = (701..).find(|at| swapped[*at][0].len() != swapped[700][0].len()).unwrap();
            swapped.swap(700, other);
            assert_ne!(sum(&swapped), whole);
            let mut changed = stream.values.clone();
            changed[700][3].push(b'x');
            assert_ne!(sum(&changed), whole);
        }
    }

    #[test]
    fn a_recording_gives_its_events_of_each_format_up_to_where_it_breaks() {
        let event = |format: Format, name: &str| {
            let stream = Stream::load(format).unwrap();
            let at = stream.names().iter().position(|other| other == name).unwrap();
            stream.frames[at].clone()
        };
        let [plain, json] = [Format::Plain, Format::Json].map(|format| event(format, "CHANNEL_CREATE"));
        let mut stream = Stream { frames: Vec::new(), heads: Vec::new(), values: Vec::new() };
        let recorded = [&plain[..], &json, &plain, &plain[..plain.len() - 1]].concat();
        assert!(stream.add(Format::Plain, &recorded).is_err());
        assert_eq!(stream.frames, [plain.clone(), plain]);
        assert!(stream.add(Format::Json, &recorded).is_err());
        assert_eq!(stream.frames.len(), 3);
        assert_eq!(stream.frames[2], json);
    }

    #[test]
    fn a_header_that_stands_twice_in_other_letters_or_escaped_leaves_the_event_out() {
        let read = |text: &str| values(Format::Plain, text.as_bytes()).unwrap();
        assert!(read("Event-Name: API\nUnique-ID: 1\n\n").is_some());
        assert!(read("Event-Name: API\nEvent-Name: COMMAND\n\n").is_none());
        assert!(read("Event-Name: API\nunique-id: 1\n\n").is_none());
        assert!(read("Event-Name: API\nUnique-ID: a%20b\n\n").is_none());
        let json = |text: &str| values(Format::Json, text.as_bytes()).unwrap();
        assert!(json(r#"{"Event-Name":"API","Other":["a"],"_body":"b"}"#).is_some());
        assert!(json(r#"{"Event-Name":"API","Event-Name":"COMMAND"}"#).is_none());
        assert!(read("Event-Name: API\nUnique-ID: 1\n\nbody").is_some());
        assert!(read("Event-Name: API\nUnique-ID: 1\n\nbödy").is_none());
    }
}
