//! Things to do later, by time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::{Duration, Instant};

/// A heap of timers. A timer cannot be cancelled: its handler checks whether it still applies.
#[derive(Debug)]
pub(crate) struct Timers<T> {
    heap: BinaryHeap<Reverse<(Instant, u64)>>,
    values: HashMap<u64, T>,
    serial: u64,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), values: HashMap::new(), serial: 0 }
    }
}

impl<T> Timers<T> {
    pub(crate) fn at(&mut self, time: Instant, value: T) {
        self.heap.push(Reverse((time, self.serial)));
        self.values.insert(self.serial, value);
        self.serial += 1;
    }

    pub(crate) fn after(&mut self, delay: Duration, value: T) {
        // A delay beyond the clock's range: a century.
        let now = super::clock::now();
        self.at(now.checked_add(delay).unwrap_or(now + Duration::from_secs(100 * 365 * 86_400)), value);
    }

    /// The next value whose time has come, in order of time.
    pub(crate) fn due(&mut self, now: Instant) -> Option<T> {
        let Reverse((time, key)) = *self.heap.peek()?;
        if time > now {
            return None;
        }
        self.heap.pop();
        self.values.remove(&key)
    }

    /// When the next timer is due; `None` without one.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((time, _))| *time)
    }

    /// Time until the next timer; `None` without one.
    pub(crate) fn wait(&self, now: Instant) -> Option<Duration> {
        self.next().map(|time| time.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_in_order_of_time_and_then_of_insertion() {
        let mut timers = Timers::default();
        let now = Instant::now();
        timers.at(now + Duration::from_secs(1), "late");
        timers.at(now, "first");
        timers.at(now, "second");
        assert_eq!(timers.due(now), Some("first"));
        assert_eq!(timers.due(now), Some("second"));
        assert_eq!(timers.due(now), None);
        assert_eq!(timers.wait(now), Some(Duration::from_secs(1)));
        timers.after(Duration::MAX, "never");
    }
}
