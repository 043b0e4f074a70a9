//! Time that passes only when a scenario says so.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use super::waiter::{Waiter, Woken};

/// A moment, in the time since the schedule began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(Duration);

thread_local! {
    // A schedule runs on one thread of the system, whatever threads it models.
    static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static ALARMS: RefCell<Vec<(Instant, Waiter)>> = const { RefCell::new(Vec::new()) };
}

impl Instant {
    pub(crate) fn now() -> Self {
        Self(NOW.get())
    }

    pub(crate) fn checked_add(self, time: Duration) -> Option<Self> {
        self.0.checked_add(time).map(Self)
    }

    pub(crate) fn saturating_duration_since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// Time begins anew.
pub(super) fn begin() {
    NOW.set(Duration::ZERO);
    ALARMS.with_borrow_mut(Vec::clear);
}

/// Lets time pass: who waited for no longer than that wakes up.
pub(super) fn pass(time: Duration) {
    NOW.set(NOW.get() + time);
    let now = Instant::now();
    let due = ALARMS.with_borrow_mut(|alarms| {
        let (due, later): (Vec<_>, Vec<_>) = alarms.drain(..).partition(|(at, _)| *at <= now);
        *alarms = later;
        due
    });
    due.iter().for_each(|(_, waiter)| waiter.wake(Woken::Time));
}

/// Wakes the waiter at that time, at once when it has passed. No step lies between looking at the clock and being noted.
pub(super) fn alarm(at: Instant, waiter: &Waiter) {
    if at <= Instant::now() {
        waiter.wake(Woken::Time);
    } else {
        ALARMS.with_borrow_mut(|alarms| alarms.push((at, waiter.clone())));
    }
}

pub(super) fn forget(waiter: &Waiter) {
    ALARMS.with_borrow_mut(|alarms| alarms.retain(|(_, other)| !other.is(waiter)));
}
