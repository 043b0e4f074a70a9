//! What belongs to the call, out of all that a server sends.

use std::collections::HashMap;

use switchwire::calls::{CallLeg, Change, Tracker};
use switchwire::{Event, EventType, LogRecord};

use crate::legs::Legs;
use crate::story::{Entry, ServerClock, Story, What, micros};

/// The call so far.
pub(crate) struct Collected {
    joined: Legs,
    tracker: Tracker,
    /// The legs as they were last reported.
    legs: HashMap<String, CallLeg>,
    entries: Vec<Entry>,
    clock: ServerClock,
}

impl Collected {
    /// The call of which that is a leg.
    pub(crate) fn new(uuid: &str) -> Self {
        Self::with(Legs::new(uuid))
    }

    /// The same call again, from its beginning: what its legs did before they joined is taken, too.
    pub(crate) fn again(&self) -> Self {
        Self::with(Legs::of(self.joined.uuids()))
    }

    fn with(joined: Legs) -> Self {
        Self {
            joined,
            tracker: Tracker::new(),
            legs: HashMap::new(),
            entries: Vec::new(),
            clock: ServerClock::default(),
        }
    }

    /// Takes the output of `uuid_dump UUID`: the channel as it was when it was asked for. Gives the uuid of the leg
    /// that it talks to.
    pub(crate) fn dump(&mut self, output: &[u8]) -> Option<String> {
        let mut event = Event::from_plain(output).ok()?;
        let entry = Entry::event(&event)?;
        let times = [
            (EventType::ChannelCreate, event.caller().created()),
            (EventType::ChannelAnswer, event.caller().answered()),
        ];
        for (what, at) in times {
            let Some(at) = at.map(micros) else { continue };
            let before = Entry { at, what: What::Event(what), detail: BEFORE.to_owned(), ..entry.clone() };
            self.entries.push(before);
        }
        // To the tracker CHANNEL_DATA is no news of a leg, since it may be old where it comes by itself; this one is not.
        event.set_event_type(EventType::ChannelState);
        self.joined.note(&event);
        self.track(&event);
        event
            .header("Other-Leg-Unique-ID")
            .filter(|other| !other.is_empty())
            .map(std::borrow::Cow::into_owned)
    }

    /// Takes an event of any channel.
    pub(crate) fn event(&mut self, event: &Event) {
        self.clock.note(event);
        if !self.joined.note(event) {
            return;
        }
        self.entries.extend(Entry::event(event));
        self.track(event);
    }

    fn track(&mut self, event: &Event) {
        for change in self.tracker.event(event) {
            if let Change::Renamed { old, .. } = &change {
                self.legs.remove(old);
            }
            let (Change::Added(leg)
            | Change::Renamed { leg, .. }
            | Change::Answered(leg)
            | Change::Updated(leg)
            | Change::Bridged { leg, .. }
            | Change::HungUp(leg)
            | Change::Gone { leg, .. }) = change
            else {
                continue;
            };
            self.legs.insert(leg.uuid.clone(), leg);
        }
    }

    /// Takes a log line of any channel.
    pub(crate) fn log(&mut self, record: &LogRecord) {
        let own = record.channel_uuid.as_deref().is_some_and(|uuid| self.joined.has(uuid));
        if own {
            self.entries.extend(Entry::log(record, &self.clock));
        }
    }

    /// Whether every leg is gone.
    pub(crate) fn has_ended(&self) -> bool {
        self.joined.ended()
    }

    /// Whether nothing was about the call.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries from that one on, in the order in which they came, each as a line.
    pub(crate) fn since(&self, shown: usize) -> impl Iterator<Item = String> {
        let entries = self.entries.iter().skip(shown);
        entries.map(|entry| {
            let uuid = crate::describe::short(&entry.uuid);
            format!("{uuid:8} {:24} {}", entry.what.name(), entry.detail).trim_end().to_owned()
        })
    }

    /// The call as it went.
    pub(crate) fn story(&self) -> Story {
        // In the order in which they joined.
        let legs = self.joined.uuids().filter_map(|uuid| self.legs.get(uuid).cloned());
        Story::new(legs.collect(), self.entries.clone())
    }
}

/// What is known of an event that came before the trace began.
const BEFORE: &str = "(before the trace began)";
