//! What to tell when something expected did not happen.

use std::fmt::{self, Write};

use super::expect::Expect;
use crate::journal::{Seen, What};

/// Expectations that were not met. Its text says what was expected, and shows what came instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    text: String,
    count: usize,
}

impl Unmet {
    /// How many expectations were not met.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Unmet {}

/// Checks everything that is expected.
pub(crate) fn check(expected: &[Expect], seen: &[Seen], forgotten: u64) -> Result<(), Unmet> {
    let misses: Vec<_> =
        expected.iter().filter_map(|one| one.check(seen).err().map(|miss| (one, miss))).collect();
    if misses.is_empty() {
        return Ok(());
    }
    let mut text = format!("{} of {} expectations not met", misses.len(), expected.len());
    for (number, (one, miss)) in misses.iter().enumerate() {
        let _ = write!(text, "\n{}. {}\n   what came instead:", number + 1, miss.text);
        show(&mut text, one, &seen[miss.from..]);
    }
    if forgotten > 0 {
        let _ = write!(text, "\n({forgotten} older commands and events are forgotten)");
    }
    Err(Unmet { text, count: misses.len() })
}

/// Shows what was seen; what is nearly the expected is marked and shown with the headers that differ.
fn show(text: &mut String, expected: &Expect, seen: &[Seen]) {
    let near = |one: &Seen| {
        let all = std::iter::once(expected).chain(&expected.then);
        all.filter(|wanted| wanted.is_of_kind(&one.what)).collect::<Vec<_>>()
    };
    let interesting: Vec<bool> =
        seen.iter().map(|one| matches!(one.what, What::Command { .. }) || !near(one).is_empty()).collect();
    let room = SHOWN.saturating_sub(interesting.iter().filter(|one| **one).count());
    let (mut plain, mut left) = (0, 0);
    let mut lines = 0;
    for (one, interesting) in seen.iter().zip(interesting) {
        plain += usize::from(!interesting);
        if lines >= SHOWN || (!interesting && plain > room) {
            left += 1;
            continue;
        }
        lines += 1;
        let mark = if near(one).is_empty() { ' ' } else { '~' };
        let _ = write!(text, "\n   {mark} {:9.3}s  {}", one.at.as_secs_f64(), line(&one.what));
        let mut shown = Vec::new();
        for (name, _) in near(one).iter().flat_map(|wanted| &wanted.headers) {
            if !shown.contains(&name) {
                let value = one.what.header(name).unwrap_or_else(|| "(none)".into());
                let _ = write!(text, "{} {name}: {value}", if shown.is_empty() { "" } else { "," });
                shown.push(name);
            }
        }
    }
    if lines == 0 {
        text.push_str("\n     nothing");
    }
    if left > 0 {
        let _ = write!(text, "\n     … and {left} more");
    }
}

fn line(what: &What) -> String {
    match what {
        What::Command { connection, line, headers } => {
            let app: Vec<&str> = headers
                .iter()
                .filter(|(name, _)| name.to_ascii_lowercase().starts_with("execute-app-"))
                .map(|(_, value)| value.as_str())
                .collect();
            let app = if app.is_empty() { String::new() } else { format!(" ({})", app.join(" ")) };
            format!("connection {connection} sent `{line}`{app}")
        }
        What::Event(event) => {
            let about = ["Application", "Application-Data", "Event-Subclass", "DTMF-Digit", "Hangup-Cause"];
            let about: Vec<String> =
                about.iter().filter_map(|name| event.header(*name)).map(|v| v.to_string()).collect();
            let about = if about.is_empty() { String::new() } else { format!(" {}", about.join(" ")) };
            format!("{}{about}", event.event_type().name())
        }
    }
}

/// Lines shown for one expectation.
const SHOWN: usize = 25;
