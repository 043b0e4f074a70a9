//! Which events a connection asked for.

use std::collections::BTreeSet;

use switchwire_proto::{Event, EventType};

/// The kinds and subclasses a connection is subscribed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventSet {
    kinds: BTreeSet<u32>,
    subclasses: BTreeSet<String>,
}

impl EventSet {
    pub(crate) fn add(&mut self, kind: EventType) {
        self.kinds.insert(kind.number());
    }

    pub(crate) fn add_subclass(&mut self, subclass: &str) {
        self.add(EventType::Custom);
        self.subclasses.insert(subclass.to_owned());
    }

    /// Takes one kind out. From ALL this makes the list of all others; CUSTOM then goes by the subclasses known so far.
    pub(crate) fn remove(&mut self, kind: EventType, known_subclasses: &BTreeSet<String>) {
        if kind == EventType::All {
            self.kinds.clear();
            return;
        }
        if self.kinds.remove(&EventType::All.number()) {
            self.kinds = EventType::ALL.iter().map(|kind| kind.number()).collect();
            self.kinds.remove(&EventType::All.number());
            self.subclasses.extend(known_subclasses.iter().cloned());
        }
        self.kinds.remove(&kind.number());
    }

    pub(crate) fn remove_subclass(&mut self, subclass: &str) {
        self.subclasses.remove(subclass);
    }

    pub(crate) fn clear(&mut self) {
        self.kinds.clear();
        self.subclasses.clear();
    }

    pub(crate) fn contains(&self, event: &Event) -> bool {
        if self.kinds.contains(&EventType::All.number()) {
            return true;
        }
        let kind = event.event_type();
        if !self.kinds.contains(&kind.number()) {
            return false;
        }
        match event.subclass() {
            Some(subclass) if kind == EventType::Custom => self.subclasses.contains(subclass.as_ref()),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_goes_by_subclass_and_all_takes_everything() {
        let known = BTreeSet::from(["a::b".to_owned()]);
        let mut set = EventSet::default();
        set.add_subclass("x::y");
        assert!(set.contains(&Event::custom("x::y")));
        assert!(!set.contains(&Event::custom("a::b")));
        assert!(set.contains(&Event::new(EventType::Custom)));
        set.add(EventType::All);
        assert!(set.contains(&Event::custom("new::one")));
        set.remove(EventType::Heartbeat, &known);
        assert!(!set.contains(&Event::new(EventType::Heartbeat)));
        assert!(set.contains(&Event::new(EventType::Dtmf)));
        assert!(set.contains(&Event::custom("a::b")) && !set.contains(&Event::custom("new::one")));
        set.remove_subclass("a::b");
        assert!(!set.contains(&Event::custom("a::b")));
    }
}
