//! One thread that sleeps until it is woken.

use std::sync::Arc;

use shuttle::sync::{Condvar, Mutex};

/// Shared between the sleeper and who may wake it.
#[derive(Clone)]
pub(super) struct Waiter(Arc<(Mutex<Option<Woken>>, Condvar)>);

/// By what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    Call,
    Time,
}

impl Waiter {
    pub(super) fn new() -> Self {
        Self(Arc::new((Mutex::new(None), Condvar::new())))
    }

    /// Wakes it, now or as soon as it falls asleep. The first reason counts.
    pub(super) fn wake(&self, by: Woken) {
        self.0.0.lock().unwrap().get_or_insert(by);
        self.0.1.notify_one();
    }

    /// Sleeps until woken.
    pub(super) fn sleep(&self) -> Woken {
        let mut woken = self.0.0.lock().unwrap();
        loop {
            if let Some(by) = *woken {
                return by;
            }
            woken = self.0.1.wait(woken).unwrap();
        }
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
