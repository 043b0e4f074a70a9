//! Events that say when they were sent: [`STAMP`], their last header, holds the server's monotonic clock at the moment in which
//! the event's body goes out. A client that reads it and looks at the same clock knows how long the event took to it.

use anyhow::{Context as _, Result};

use crate::stamp::{STAMP, now};

/// How many digits it has.
const DIGITS: usize = 20;

/// An event to be sent in two pieces, as FreeSWITCH does.
pub(crate) struct Frame {
    bytes: Vec<u8>,
    head: usize,
    stamp: usize,
}

impl Frame {
    pub(crate) fn head(&self) -> &[u8] {
        &self.bytes[..self.head]
    }

    /// The rest, stamped with the time of this call.
    pub(crate) fn body_sent_now(&mut self) -> &[u8] {
        let mut left = now();
        for digit in self.bytes[self.stamp..self.stamp + DIGITS].iter_mut().rev() {
            *digit = b'0' + u8::try_from(left % 10).unwrap_or_default();
            left /= 10;
        }
        &self.bytes[self.head..]
    }
}

/// The events of a stream with room for the time in each; `heads` says where the head of each ends.
pub(crate) fn frames(frames: &[Vec<u8>], heads: &[usize]) -> Result<Vec<Frame>> {
    frames.iter().zip(heads).map(|(frame, head)| with_stamp(&frame[..*head], &frame[*head..])).collect()
}

fn with_stamp(head: &[u8], event: &[u8]) -> Result<Frame> {
    let (before, text, after) = match event.strip_suffix(b"}") {
        Some(_) if event.starts_with(b"{") => {
            (event.len() - 1, format!(",\"{STAMP}\":\"{:0DIGITS$}\"", 0), "\"".len())
        }
        _ => {
            let end = memchr::memmem::find(event, b"\n\n").context("an event without an end")? + 1;
            (end, format!("{STAMP}: {:0DIGITS$}\n", 0), "\n".len())
        }
    };
    let length = event.len() + text.len();
    let old = String::from_utf8_lossy(head);
    let lines = old.lines().filter(|line| !line.is_empty());
    let mut bytes = String::new();
    for line in lines {
        if line.starts_with("Content-Length: ") {
            bytes += &format!("Content-Length: {length}\n");
        } else {
            bytes += &format!("{line}\n");
        }
    }
    bytes += "\n";
    let mut bytes = bytes.into_bytes();
    let head = bytes.len();
    bytes.extend_from_slice(&event[..before]);
    bytes.extend_from_slice(text.as_bytes());
    let stamp = bytes.len() - after - DIGITS;
    bytes.extend_from_slice(&event[before..]);
    Ok(Frame { bytes, head, stamp })
}

#[cfg(test)]
mod tests {
    use switchwire::Event;

    use super::*;
    use crate::stream::{Format, Stream};

    /// The library reads the stamp and everything else of every recorded event, in both formats.
    #[test]
    fn a_stamped_event_is_the_recorded_one_and_a_header_more() {
        for format in [Format::Plain, Format::Json] {
            let stream = Stream::load(format).unwrap();
            let read = |bytes: &[u8]| match format {
                Format::Plain => Event::from_plain(bytes).unwrap(),
                Format::Json => Event::from_json(bytes).unwrap(),
            };
            let before = now();
            let mut stamped = frames(&stream.frames, &stream.heads).unwrap();
            for ((frame, head), stamped) in stream.frames.iter().zip(&stream.heads).zip(&mut stamped) {
                let event = read(stamped.body_sent_now());
                let sent: u64 = event.header(STAMP).unwrap().parse().unwrap();
                assert!((before..=now()).contains(&sent), "{sent}");
                let old = read(&frame[*head..]);
                assert_eq!(event.body(), old.body());
                assert_eq!(event.headers().count(), old.headers().count() + 1);
                let said = String::from_utf8_lossy(stamped.head()).into_owned();
                let length = stamped.bytes.len() - stamped.head;
                assert!(said.contains(&format!("Content-Length: {length}\n")), "{said}");
                assert!(said.ends_with("\n\n"));
            }
        }
    }
}
