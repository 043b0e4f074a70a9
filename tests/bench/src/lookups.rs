//! Whether an index of an event's header names would pay: nanoseconds of so many look-ups as they are (a walk over the bytes at
//! each), beside making an index first and looking up in that.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use switchwire::Event;
use switchwire::proto::raw::event_spans;
use switchwire::proto::{Decoder, EventLines, percent};

use crate::stream::{Format, Stream};

/// How many look-ups a program makes of an event.
const READ: [usize; 5] = [1, 3, 10, 20, 30];

pub(crate) fn run(rounds: usize) -> Result<()> {
    println!(
        "nanoseconds for so many look-ups of one event: as it is / with an index of signatures / with a hash table"
    );
    let stream = Stream::load(Format::Plain)?;
    let payloads: Vec<_> =
        stream.frames.iter().zip(&stream.heads).map(|(frame, head)| &frame[*head..]).collect();
    for wanted in [20, 60, 200] {
        let apart = |text: &&&[u8]| EventLines::new(text).count().abs_diff(wanted);
        let text = *payloads.iter().min_by_key(apart).context("no events")?;
        let all: Vec<_> = EventLines::new(text).map(|(name, _)| name).collect();
        // Spread over the event, and one in ten that is not there.
        let names = (0..READ[READ.len() - 1]).map(|at| match at % 10 {
            9 => "variable_that_is_not_there".to_owned(),
            _ => String::from_utf8_lossy(all[at * 7919 % all.len()]).into_owned(),
        });
        let names: Vec<_> = names.collect();
        let mut line = format!("{} headers, {} bytes:", all.len(), text.len());
        for read in READ {
            let names = &names[..read];
            let mut decoder = Decoder::default();
            let head = format!("Content-Length: {}\nContent-Type: text/event-plain\n\n", text.len());
            decoder.feed(head.as_bytes());
            decoder.feed(text);
            let event = decoder.next_message()?.context("a whole message")?.into_event();
            let costs = [
                cost(rounds, || walked(&event, names)),
                cost(rounds, || signed(text, names)),
                cost(rounds, || hashed(text, names)),
            ];
            let found = walked(&event, names);
            ensure!(found == signed(text, names) && found == hashed(text, names), "they differ");
            line += &format!("  {read}: {:.0} / {:.0} / {:.0}", costs[0], costs[1], costs[2]);
        }
        println!("{line}");
    }
    Ok(())
}

/// The bytes of the values that are found.
fn walked(event: &Event, names: &[String]) -> usize {
    names.iter().filter_map(|name| event.header_bytes(name)).map(|value| value.len()).sum()
}

/// An index that is quick to make: of each name its length, its first and its last letter.
fn signed(text: &[u8], names: &[String]) -> usize {
    let signature = |name: &[u8]| {
        let [first, .., last] = name else { return 0 };
        name.len() << 16 | usize::from(first | 32) << 8 | usize::from(last | 32)
    };
    let (mut signatures, mut spans) = (Vec::with_capacity(64), Vec::with_capacity(64));
    event_spans(text, |span| {
        signatures.push(signature(&text[span.name.clone()]));
        spans.push(span);
    });
    let find = |name: &String| {
        let wanted = signature(name.as_bytes());
        let mut from = 0;
        while let Some(at) = signatures[from..].iter().position(|signature| *signature == wanted) {
            let span = &spans[from + at];
            if text[span.name.clone()].eq_ignore_ascii_case(name.as_bytes()) {
                return Some(percent::decode(&text[span.value.clone()]).len());
            }
            from += at + 1;
        }
        None
    };
    names.iter().filter_map(find).sum()
}

fn hashed(text: &[u8], names: &[String]) -> usize {
    let mut index = HashMap::new();
    event_spans(text, |span| {
        index.entry(text[span.name].to_ascii_lowercase()).or_insert(span.value);
    });
    names
        .iter()
        .filter_map(|name| index.get(&name.as_bytes().to_ascii_lowercase()))
        .map(|value| percent::decode(&text[value.clone()]).len())
        .sum()
}

/// Nanoseconds of one call: the least of so many rounds.
fn cost(rounds: usize, work: impl Fn() -> usize) -> f64 {
    const CALLS: u32 = 200;
    let round = |_| {
        let begun = Instant::now();
        (0..CALLS).for_each(|_| _ = black_box(work()));
        begun.elapsed().as_nanos() as f64 / f64::from(CALLS)
    };
    (0..rounds.max(1)).map(round).fold(f64::MAX, f64::min)
}
