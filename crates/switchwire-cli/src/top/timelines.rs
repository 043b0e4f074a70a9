//! What happened on each leg, for the one that is looked at: bounded, whatever happens.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use switchwire::calls::CallLeg;
use switchwire::{Event, EventType, LogRecord};

use crate::story::{Entry, ServerClock, Story};

/// The entries of the legs that are up, and of the last ones that have gone.
#[derive(Debug, Default)]
pub(crate) struct Timelines {
    legs: HashMap<Arc<str>, VecDeque<Entry>>,
    /// Legs in the order of their first entries.
    order: VecDeque<Arc<str>>,
    clocks: HashMap<Arc<str>, ServerClock>,
}

impl Timelines {
    /// Takes an event of a server.
    pub(crate) fn event(&mut self, server: &Arc<str>, event: &Event) {
        if !event.event_type().name().starts_with("CHANNEL_") && !WANTED.contains(&event.event_type()) {
            return;
        }
        self.clocks.entry(Arc::clone(server)).or_default().note(event);
        if let Some(entry) = Entry::event(event) {
            self.push(entry);
        }
    }

    /// Takes a log line of a server.
    pub(crate) fn log(&mut self, server: &Arc<str>, record: &LogRecord) {
        let clock = self.clocks.get(server).copied().unwrap_or_default();
        if let Some(entry) = Entry::log(record, &clock) {
            self.push(entry);
        }
    }

    /// The story of these legs.
    pub(crate) fn story(&self, legs: Vec<CallLeg>) -> Story {
        let entries = legs.iter().filter_map(|leg| self.legs.get(&*leg.uuid)).flatten().cloned();
        let entries = entries.collect();
        Story::new(legs, entries)
    }

    fn push(&mut self, entry: Entry) {
        if !self.legs.contains_key(&entry.uuid) {
            if self.order.len() == LEGS
                && let Some(oldest) = self.order.pop_front()
            {
                self.legs.remove(&oldest);
            }
            self.order.push_back(Arc::clone(&entry.uuid));
        }
        let entries = self.legs.entry(Arc::clone(&entry.uuid)).or_default();
        if entries.len() == ENTRIES {
            // The beginning tells most: what goes is the oldest after it.
            entries.remove(BEGINNING);
        }
        entries.push_back(entry);
    }
}

/// Events of a leg whose names begin otherwise.
const WANTED: [EventType; 7] = [
    EventType::Dtmf,
    EventType::RecordStart,
    EventType::RecordStop,
    EventType::PlaybackStart,
    EventType::PlaybackStop,
    EventType::CallUpdate,
    EventType::Talk,
];
/// Legs that are kept, entries of each, and how many of them are the beginning.
const LEGS: usize = 2000;
const ENTRIES: usize = 100;
const BEGINNING: usize = 20;
