//! Telling events apart that come twice.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use crate::Event;

/// Finds the events that have been seen before, by `Core-UUID` and `Event-Sequence`, which together name an event of one
/// run of a server.
///
/// For two connections to one server that overlap (two networks, a new connection that is up before the old one is
/// given up): show it the events of both, and drop what it has seen. It remembers a bounded number of events, about
/// 70 bytes each, and forgets the oldest first.
///
/// It says nothing about gaps: numbers that never come are usual on a server that has lost nothing.
///
/// ```
/// use switchwire_proto::{Duplicates, Event, EventType};
/// let mut event = Event::new(EventType::Dtmf);
/// event.add_header("Core-UUID", "0f1e2d3c-0000-4000-8000-000000000000");
/// event.add_header("Event-Sequence", "17");
/// let mut duplicates = Duplicates::new(10_000);
/// assert!(!duplicates.seen_before(&event));
/// assert!(duplicates.seen_before(&event));
/// ```
#[derive(Debug, Clone)]
pub struct Duplicates {
    capacity: usize,
    seen: HashSet<Name>,
    /// In the order in which they came.
    order: VecDeque<Name>,
    /// The runs of servers that have been met, the last one last.
    cores: Vec<Arc<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Name {
    sequence: u64,
    core: Arc<str>,
}

impl Duplicates {
    /// Remembers the last `events` events: choose what the server fires in the time by which one connection may lag
    /// behind the other.
    #[must_use]
    pub fn new(events: usize) -> Self {
        Self { capacity: events.max(1), seen: HashSet::new(), order: VecDeque::new(), cores: Vec::new() }
    }

    /// Whether the event was shown before; remembers it. An event that lacks either header, or whose sequence is no
    /// number, is never taken for a duplicate.
    pub fn seen_before(&mut self, event: &Event) -> bool {
        let Some(core) = event.header("Core-UUID").filter(|core| !core.is_empty()) else { return false };
        let sequence = event.header("Event-Sequence").and_then(|text| text.trim().parse().ok());
        let Some(sequence) = sequence else { return false };
        let name = Name { sequence, core: self.core(&core) };
        if !self.seen.insert(name.clone()) {
            return true;
        }
        self.order.push_back(name);
        if self.order.len() > self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        false
    }

    /// How many events it remembers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether it remembers none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// One text for all events of a run.
    fn core(&mut self, core: &str) -> Arc<str> {
        if let Some(known) = self.cores.iter().rev().find(|known| &***known == core) {
            return known.clone();
        }
        if self.cores.len() >= MOST_CORES {
            // Those of which no event is remembered, and else the first: it only costs a text more.
            self.cores.retain(|known| Arc::strong_count(known) > 1);
            if self.cores.len() >= MOST_CORES {
                self.cores.remove(0);
            }
        }
        let core: Arc<str> = core.into();
        self.cores.push(core.clone());
        core
    }
}

/// How many runs of servers are kept at hand.
const MOST_CORES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventType;

    fn event(core: &str, sequence: &str) -> Event {
        let mut event = Event::bare(EventType::Dtmf);
        event.add_header("Core-UUID", core);
        event.add_header("Event-Sequence", sequence);
        event
    }

    #[test]
    fn an_event_is_known_by_run_and_number() {
        let mut duplicates = Duplicates::new(100);
        for (core, sequence, before) in
            [("a", "1", false), ("b", "1", false), ("a", "2", false), ("a", "1", true), ("b", "1", true)]
        {
            assert_eq!(duplicates.seen_before(&event(core, sequence)), before, "{core}:{sequence}");
        }
        assert_eq!(duplicates.len(), 3);
    }

    #[test]
    fn what_cannot_be_told_apart_is_kept() {
        let mut duplicates = Duplicates::new(100);
        for unnamed in [event("", "1"), event("a", ""), event("a", "x"), Event::bare(EventType::Dtmf)] {
            assert!(!duplicates.seen_before(&unnamed));
            assert!(!duplicates.seen_before(&unnamed));
        }
        assert!(duplicates.is_empty());
    }

    #[test]
    fn memory_is_bounded_in_events_and_in_runs() {
        let mut duplicates = Duplicates::new(10);
        for number in 0..1000 {
            assert!(!duplicates.seen_before(&event(&format!("run {}", number / 2), &number.to_string())));
        }
        assert_eq!((duplicates.len(), duplicates.seen.len()), (10, 10));
        assert!(duplicates.cores.len() <= MOST_CORES);
        assert!(duplicates.seen_before(&event("run 499", "999")));
        assert!(!duplicates.seen_before(&event("run 494", "989")), "the oldest is forgotten");
    }
}
