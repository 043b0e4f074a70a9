//! The recorded events that every client receives, and what each of them must read in them.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
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
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("../captures/events_{}/server.bin", format.name()));
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut stream = Self { frames: Vec::new(), heads: Vec::new(), values: Vec::new() };
        let mut rest = &bytes[..];
        while let Some((head, length)) = next_frame(rest) {
            let (frame, after) =
                rest.split_at_checked(head + length).context("a recording cut within a message")?;
            if memchr::memmem::find(&frame[..head], b"text/event-").is_some()
                && let Some(values) = values(format, &frame[head..])?
            {
                stream.values.push(values);
                stream.frames.push(frame.to_vec());
                stream.heads.push(head);
            }
            rest = after;
        }
        ensure!(!stream.frames.is_empty(), "no events in {}", path.display());
        Ok(stream)
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

/// Where the head of the next message ends, and how long its body is. Independent of the library on purpose.
fn next_frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = memchr::memmem::find(bytes, b"\n\n")? + 2;
    let text = String::from_utf8_lossy(&bytes[..head]);
    let length = text.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    Some((head, length.and_then(|length| length.trim().parse().ok()).unwrap_or(0)))
}

/// The values of an event. `None` where right clients differ by design: one of the headers occurs twice, or in other
/// letters.
fn values(format: Format, event: &[u8]) -> Result<Option<[Vec<u8>; 4]>> {
    let (headers, body) = match format {
        Format::Plain => plain(event)?,
        Format::Json => json(event)?,
    };
    let mut found = [Vec::new(), Vec::new(), Vec::new(), body];
    for (found, name) in found.iter_mut().zip(READ) {
        let mut same = headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        match (same.next(), same.next()) {
            (None, _) => {}
            (Some((other, value)), None) if other == name => found.extend_from_slice(value.as_bytes()),
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
    let escaped = headers.iter().find(|(name, value)| READ.contains(&name.as_str()) && value.contains('%'));
    ensure!(escaped.is_none(), "a value with escapes among those that are read: {escaped:?}");
    Ok((headers, event[end + 2..].to_vec()))
}

fn json(event: &[u8]) -> Result<Parts> {
    let event: serde_json::Map<String, Value> = serde_json::from_slice(event)?;
    let body = event.get("_body").and_then(Value::as_str).unwrap_or_default().as_bytes().to_vec();
    let texts = event.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
    Ok((texts.collect(), body))
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
    fn a_header_that_stands_twice_or_in_other_letters_leaves_the_event_out() {
        let read = |text: &str| values(Format::Plain, text.as_bytes()).unwrap();
        assert!(read("Event-Name: API\nUnique-ID: 1\n\n").is_some());
        assert!(read("Event-Name: API\nEvent-Name: COMMAND\n\n").is_none());
        assert!(read("Event-Name: API\nunique-id: 1\n\n").is_none());
    }
}
