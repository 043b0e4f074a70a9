//! A call as it went: its legs, what happened on them, and how long it took.
//!
//! `trace` tells the story of one call; `top` that of the call that is looked at.

mod clock;
mod entry;
mod spans;
mod text;

use switchwire::calls::CallLeg;

pub(crate) use self::clock::ServerClock;
pub(crate) use self::entry::{Entry, What, micros};
pub(crate) use self::spans::{Span, spans};
pub(crate) use self::text::{Line, seconds};

/// The legs, and what happened on them in the order of its times.
#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(crate) legs: Vec<CallLeg>,
    pub(crate) entries: Vec<Entry>,
}

impl Story {
    /// The story of these legs.
    pub(crate) fn new(legs: Vec<CallLeg>, mut entries: Vec<Entry>) -> Self {
        // The threads of a server send their events as they come; what has the same time stays in the order received.
        entries.sort_by_key(|entry| entry.at);
        Self { legs, entries }
    }

    /// `a`, `b` … by the order of the legs; `?` for one that is none of them.
    pub(crate) fn letter(&self, uuid: &str) -> char {
        let at = self.legs.iter().position(|leg| leg.uuid == uuid);
        at.and_then(|at| LETTERS.chars().nth(at)).unwrap_or('?')
    }

    /// The time of the first entry, in microseconds since 1970.
    pub(crate) fn begin(&self) -> u64 {
        self.entries.first().map_or(0, |entry| entry.at)
    }

    /// That of the last.
    pub(crate) fn end(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.at)
    }
}

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
