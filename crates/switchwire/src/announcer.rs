//! Tells an event loop that something can be taken: once for whatever comes after it found nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

pub(crate) type Notify = Arc<dyn Fn() + Send + Sync>;

#[derive(Default)]
pub(crate) struct Announcer {
    /// Whether the next thing that comes is to be announced.
    armed: AtomicBool,
    notify: Mutex<Option<Notify>>,
}

impl Announcer {
    pub(crate) fn set(&self, notify: Notify) {
        *self.notify.lock() = Some(notify);
        self.armed.store(true, Ordering::Release);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.notify.lock().is_some()
    }

    /// Whether what has come is to be announced now; so it is once.
    pub(crate) fn is_due(&self) -> bool {
        self.armed.load(Ordering::Relaxed) && self.armed.swap(false, Ordering::AcqRel)
    }

    /// Something has come.
    pub(crate) fn announce(&self) {
        if self.is_due() {
            self.notify();
        }
    }

    pub(crate) fn notify(&self) {
        let notify = self.notify.lock().clone();
        if let Some(notify) = notify {
            notify();
        }
    }

    /// What `take` finds; when that is nothing, the next thing that comes is announced.
    pub(crate) fn take<T>(&self, mut take: impl FnMut() -> Vec<T>) -> Vec<T> {
        let taken = take();
        if !taken.is_empty() {
            return taken;
        }
        self.armed.store(true, Ordering::Release);
        // What came between the look and the note.
        let taken = take();
        if !taken.is_empty() {
            self.armed.store(false, Ordering::Release);
        }
        taken
    }
}
