//! How many attempts to connect may be under way at once, over several connections.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// Shared by the connections of a fleet.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Inner>);

struct Inner {
    free: Mutex<usize>,
    changed: Condvar,
}

/// Permission for one attempt.
pub(super) struct Permit(Arc<Inner>);

impl Gate {
    pub(crate) fn new(at_once: usize) -> Self {
        Self(Arc::new(Inner { free: Mutex::new(at_once.max(1)), changed: Condvar::new() }))
    }

    /// Waits for its turn; `None` once `stopped` says so, which is asked a few times a second.
    pub(super) fn enter(&self, stopped: impl Fn() -> bool) -> Option<Permit> {
        let mut free = self.0.free.lock();
        while *free == 0 {
            if stopped() {
                return None;
            }
            self.0.changed.wait_for(&mut free, Duration::from_millis(50));
        }
        *free -= 1;
        Some(Permit(self.0.clone()))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *self.0.free.lock() += 1;
        self.0.changed.notify_one();
    }
}
