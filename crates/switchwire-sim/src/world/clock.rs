//! The simulator's clock: the machine's, or one that only moves when it is told to.
//!
//! A simulator has a thread of its own, so its clock is that thread's: whatever runs in the world reads it with
//! [`now`] and [`Moment::now`](crate::event::clock::Moment::now). What belongs to the sockets (a fault's pauses, the
//! wait for a client to close) keeps the machine's time.

use std::cell::Cell;
use std::time::{Duration, Instant};

thread_local! {
    static CLOCK: Cell<Clock> = const { Cell::new(Clock::Machine) };
}

#[derive(Debug, Clone, Copy)]
enum Clock {
    Machine,
    /// Stands at that moment, so long after the simulator started.
    Virtual {
        now: Instant,
        passed: Duration,
        began: jiff::Timestamp,
    },
}

/// The present, for timers.
pub(crate) fn now() -> Instant {
    match CLOCK.get() {
        Clock::Machine => Instant::now(),
        Clock::Virtual { now, .. } => now,
    }
}

/// How long ago that was.
pub(crate) fn since(then: Instant) -> Duration {
    now().saturating_duration_since(then)
}

/// The present, for dates.
pub(crate) fn timestamp() -> jiff::Timestamp {
    match CLOCK.get() {
        Clock::Machine => jiff::Timestamp::now(),
        Clock::Virtual { passed, began, .. } => {
            let passed = i64::try_from(passed.as_micros()).unwrap_or(i64::MAX);
            began.checked_add(jiff::SignedDuration::from_micros(passed)).unwrap_or(jiff::Timestamp::MAX)
        }
    }
}

/// Makes this thread's clock stand still at the present.
pub(super) fn stop() {
    let (now, began) = (Instant::now(), jiff::Timestamp::now());
    CLOCK.set(Clock::Virtual { now, passed: Duration::ZERO, began });
}

/// Whether this thread's clock is a virtual one.
pub(super) fn is_virtual() -> bool {
    matches!(CLOCK.get(), Clock::Virtual { .. })
}

/// Moves a virtual clock forward to that moment; the machine's moves by itself.
pub(super) fn move_to(moment: Instant) {
    if let Clock::Virtual { now, passed, began } = CLOCK.get()
        && let Some(step) = moment.checked_duration_since(now)
    {
        CLOCK.set(Clock::Virtual { now: moment, passed: passed + step, began });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_clock_moves_only_when_it_is_told_to() {
        std::thread::spawn(|| {
            stop();
            let (start, date) = (now(), timestamp());
            std::thread::sleep(Duration::from_millis(2));
            assert_eq!((now(), timestamp()), (start, date));
            move_to(start + Duration::from_secs(3600));
            assert_eq!(since(start), Duration::from_secs(3600));
            assert_eq!(timestamp().duration_since(date).as_secs(), 3600);
            move_to(start);
            assert_eq!(since(start), Duration::from_secs(3600), "never back");
        })
        .join()
        .unwrap();
    }
}
