//! Events a second, by type, over the last minute.

use std::collections::HashMap;
use std::time::Instant;

use switchwire::{Event, EventType};

/// The counters.
#[derive(Debug)]
pub(crate) struct Rates {
    since: Instant,
    /// The second that is being counted.
    second: u64,
    types: HashMap<EventType, Counts>,
    all: Counts,
}

/// The last seconds of one type, and its total.
#[derive(Debug, Clone)]
struct Counts {
    /// A ring: second `s` is at `s % SECONDS`.
    ring: [u32; SECONDS],
    total: u64,
}

/// One type, for a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) name: &'static str,
    /// In the last whole second.
    pub(crate) now: u32,
    pub(crate) total: u64,
    /// The last whole seconds, the oldest first.
    pub(crate) history: Vec<u64>,
}

impl Counts {
    const NONE: Self = Self { ring: [0; SECONDS], total: 0 };
}

impl Rates {
    /// Nothing counted yet.
    pub(crate) fn new(now: Instant) -> Self {
        Self { since: now, second: 0, types: HashMap::new(), all: Counts::NONE }
    }

    /// Counts an event.
    pub(crate) fn count(&mut self, event: &Event, now: Instant) {
        self.count_type(event.event_type(), now);
    }

    /// Counts an event of that type.
    pub(crate) fn count_type(&mut self, event_type: EventType, now: Instant) {
        self.turn(now);
        let at = slot(self.second);
        for counts in [self.types.entry(event_type).or_insert(Counts::NONE), &mut self.all] {
            counts.ring[at] += 1;
            counts.total += 1;
        }
    }

    /// Clears the seconds that have begun since.
    pub(crate) fn turn(&mut self, now: Instant) {
        let second = now.saturating_duration_since(self.since).as_secs();
        for begun in (self.second + 1..=second).take(SECONDS) {
            let at = slot(begun);
            self.types.values_mut().for_each(|counts| counts.ring[at] = 0);
            self.all.ring[at] = 0;
        }
        // What was longer ago than the ring has been cleared whole.
        self.second = self.second.max(second);
    }

    /// All events together.
    pub(crate) fn all(&self, seconds: usize) -> Rate {
        self.rate("all", &self.all, seconds)
    }

    /// The types, those that come most often first.
    pub(crate) fn by_type(&self, seconds: usize) -> Vec<Rate> {
        let mut rates: Vec<_> =
            self.types.iter().map(|(event, counts)| self.rate(event.name(), counts, seconds)).collect();
        let recent = |rate: &Rate| rate.history.iter().sum::<u64>();
        rates.sort_by(|a, b| {
            recent(b).cmp(&recent(a)).then_with(|| b.total.cmp(&a.total)).then(a.name.cmp(b.name))
        });
        rates
    }

    fn rate(&self, name: &'static str, counts: &Counts, seconds: usize) -> Rate {
        let seconds = (seconds.min(SECONDS - 1) as u64).min(self.second);
        let history = (self.second - seconds..self.second).map(|second| u64::from(counts.ring[slot(second)]));
        let now = self.second.checked_sub(1).map_or(0, |last| counts.ring[slot(last)]);
        Rate { name, now, total: counts.total, history: history.collect() }
    }
}

fn slot(second: u64) -> usize {
    usize::try_from(second % SECONDS as u64).unwrap_or_default()
}

/// A minute, and the second that is being counted.
const SECONDS: usize = 61;

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn whole_seconds_are_shown_and_old_ones_forgotten() {
        let start = Instant::now();
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        let mut rates = Rates::new(start);
        for time in [0.1, 0.2, 1.5] {
            rates.count_type(EventType::ChannelAnswer, at(time));
        }
        rates.count_type(EventType::Heartbeat, at(2.0));
        let by_type = rates.by_type(60);
        assert_eq!((by_type[0].name, by_type[0].now, by_type[0].total), ("CHANNEL_ANSWER", 1, 3));
        assert_eq!(by_type[0].history, [2, 1]);
        assert_eq!(rates.all(1).history, [1]);
        rates.turn(at(500.0));
        let old = rates.by_type(60);
        assert!(old.iter().all(|rate| rate.now == 0 && rate.history.iter().all(|count| *count == 0)));
        assert_eq!((rates.all(60).total, old.len()), (4, 2));
    }
}
