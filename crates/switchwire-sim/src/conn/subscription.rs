//! The events that a connection subscribes to.

use std::collections::BTreeSet;

use switchwire_proto::EventType;

/// The kinds and subclasses a connection is subscribed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventSet {
    /// One bit for each kind's number.
    kinds: [u64; 2],
    subclasses: BTreeSet<String>,
}

impl EventSet {
    pub(crate) fn add(&mut self, kind: EventType) {
        let (word, bit) = place(kind);
        self.kinds[word] |= bit;
    }

    pub(crate) fn add_subclass(&mut self, subclass: &str) {
        self.add(EventType::Custom);
        self.subclasses.insert(subclass.to_owned());
    }

    /// Takes one kind out. From ALL this makes the list of all others; CUSTOM then goes by the subclasses known so far.
    pub(crate) fn remove(&mut self, kind: EventType, known_subclasses: &BTreeSet<String>) {
        if kind == EventType::All {
            self.kinds = [0; 2];
            return;
        }
        if self.has(EventType::All) {
            EventType::ALL.iter().for_each(|kind| self.add(*kind));
            self.take(EventType::All);
            self.subclasses.extend(known_subclasses.iter().cloned());
        }
        self.take(kind);
    }

    pub(crate) fn remove_subclass(&mut self, subclass: &str) {
        self.subclasses.remove(subclass);
    }

    pub(crate) fn clear(&mut self) {
        self.kinds = [0; 2];
        self.subclasses.clear();
    }

    /// Whether events of that kind are wanted, whatever their subclass.
    pub(crate) fn contains_kind(&self, kind: EventType) -> bool {
        self.has(EventType::All) || self.has(kind)
    }

    pub(crate) fn contains(&self, kind: EventType, subclass: Option<&str>) -> bool {
        if self.has(EventType::All) {
            return true;
        }
        let by_subclass = subclass.filter(|_| kind == EventType::Custom);
        self.has(kind) && by_subclass.is_none_or(|subclass| self.subclasses.contains(subclass))
    }

    fn has(&self, kind: EventType) -> bool {
        let (word, bit) = place(kind);
        self.kinds[word] & bit != 0
    }

    fn take(&mut self, kind: EventType) {
        let (word, bit) = place(kind);
        self.kinds[word] &= !bit;
    }
}

fn place(kind: EventType) -> (usize, u64) {
    // The last number is ALL's, below 128; a test holds the table to that.
    let number = kind.number() as usize;
    (number / 64 % 2, 1 << (number % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_goes_by_subclass_and_all_takes_everything() {
        use EventType::{Custom, Dtmf, Heartbeat};
        let known = BTreeSet::from(["a::b".to_owned()]);
        let mut set = EventSet::default();
        set.add_subclass("x::y");
        assert!(set.contains(Custom, Some("x::y")) && set.contains(Custom, None));
        assert!(!set.contains(Custom, Some("a::b")));
        set.add(EventType::All);
        assert!(set.contains(Custom, Some("new::one")));
        set.remove(Heartbeat, &known);
        assert!(!set.contains(Heartbeat, None) && set.contains(Dtmf, None));
        assert!(set.contains(Custom, Some("a::b")) && !set.contains(Custom, Some("new::one")));
        set.remove_subclass("a::b");
        assert!(!set.contains(Custom, Some("a::b")));
    }

    #[test]
    fn every_kind_has_its_own_bit() {
        let places: BTreeSet<_> = EventType::ALL.iter().map(|kind| place(*kind)).collect();
        assert_eq!(places.len(), EventType::ALL.len());
        assert!(EventType::ALL.iter().all(|kind| kind.number() < 128));
    }
}
