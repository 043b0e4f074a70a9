//! A story as lines of text.

use super::{Story, spans};

/// One entry as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Since the beginning.
    pub(crate) time: String,
    /// Since the entry before, where that is a millisecond or more.
    pub(crate) since: String,
    pub(crate) leg: char,
    pub(crate) name: String,
    pub(crate) detail: String,
    /// How long what it began lasted.
    pub(crate) lasted: String,
}

impl Story {
    /// A line for each leg: caller, callee, and how it went.
    pub(crate) fn heads(&self) -> Vec<String> {
        let head = |leg: &switchwire::calls::CallLeg| {
            let mut parts = vec![format!("{}  {}", self.letter(&leg.uuid), leg.uuid), leg.name.clone()];
            if let Some(direction) = &leg.direction {
                parts.push(direction.to_string());
            }
            parts.push(format!(
                "{} -> {}",
                party(&leg.caller_id_name, &leg.caller_id_number),
                leg.destination
            ));
            let after = leg.created.zip(leg.answered).and_then(|(from, to)| to.duration_since(from).ok());
            match after {
                Some(time) => parts.push(format!("answered after {}", seconds(time.as_micros()))),
                None if leg.answered.is_some() || leg.is_answered() => parts.push("answered".to_owned()),
                None => parts.push("not answered".to_owned()),
            }
            if let Some(cause) = &leg.hangup_cause {
                parts.push(cause.to_string());
            }
            crate::printable::cell(&parts.join("  "), WIDEST)
        };
        self.legs.iter().map(head).collect()
    }

    /// A line for each entry.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let begin = self.begin();
        let mut lasted = vec![String::new(); self.entries.len()];
        for span in spans(&self.entries) {
            let time = span.to.map(|to| seconds(u128::from(to.saturating_sub(span.from))));
            lasted[span.begun_by] = format!("[{} {}]", span.what, time.as_deref().unwrap_or("goes on"));
        }
        let mut before = begin;
        let line = |(entry, lasted): (&super::Entry, String)| {
            let since = entry.at.saturating_sub(before);
            before = entry.at;
            Line {
                time: format!("+{}", seconds(u128::from(entry.at.saturating_sub(begin)))),
                since: if since < 1000 { String::new() } else { seconds(u128::from(since)) },
                leg: self.letter(&entry.uuid),
                name: entry.what.name(),
                detail: entry.detail.clone(),
                lasted,
            }
        };
        self.entries.iter().zip(lasted).map(line).collect()
    }
}

impl Line {
    /// The line in columns.
    pub(crate) fn text(&self) -> String {
        let Self { time, since, leg, name, detail, lasted } = self;
        let line = format!("{time:>11} {since:>9}  {leg}  {name:24} {lasted}");
        let line = if lasted.is_empty() { line } else { format!("{line} ") };
        format!("{line}{detail}").trim_end().to_owned()
    }
}

/// Microseconds as seconds: `1.234s`.
pub(crate) fn seconds(micros: u128) -> String {
    format!("{}.{:03}s", micros / 1_000_000, micros / 1000 % 1000)
}

fn party(name: &str, number: &str) -> String {
    match (name.is_empty(), number.is_empty()) {
        (false, false) if name != number => format!("{name} <{number}>"),
        (false, _) => name.to_owned(),
        (true, _) => number.to_owned(),
    }
}

const WIDEST: usize = 400;
