use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

/// What is to be called once after the next read.
#[derive(Default)]
pub(super) struct NextRead {
    /// Looked at for each read.
    any: AtomicBool,
    calls: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
}

impl NextRead {
    pub(super) fn add(&self, call: Box<dyn FnOnce() + Send>) {
        self.calls.lock().push(call);
        self.any.store(true, Ordering::Release);
    }

    pub(super) fn is_awaited(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    pub(super) fn call(&self) {
        if self.any.swap(false, Ordering::AcqRel) {
            let calls = std::mem::take(&mut *self.calls.lock());
            calls.into_iter().for_each(|call| call());
        }
    }
}
