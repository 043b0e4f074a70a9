//! parking_lot's locks as far as the engine uses them.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use shuttle::sync as model;

use super::clock::{self, Instant};
use super::waiter::{Waiter, Woken};

#[derive(Default)]
pub(crate) struct Mutex<T>(model::Mutex<T>);

impl<T> std::fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mutex").finish_non_exhaustive()
    }
}

/// Empty only while it is given up inside of one of the functions below.
pub(crate) struct MutexGuard<'a, T> {
    lock: &'a model::Mutex<T>,
    held: Option<model::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(model::Mutex::new(value))
    }

    /// In the model no thread waits for a lock in the wrong process.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        Some(self.lock())
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard { lock: &self.0, held: Some(self.0.lock().unwrap()) }
    }
}

impl<T> MutexGuard<'_, T> {
    pub(crate) fn unlocked<R>(guard: &mut Self, body: impl FnOnce() -> R) -> R {
        guard.held = None;
        let result = body();
        guard.held = Some(guard.lock.lock().unwrap());
        result
    }

    pub(crate) fn bump(guard: &mut Self) {
        Self::unlocked(guard, shuttle::thread::yield_now);
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.held.as_ref().unwrap()
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.held.as_mut().unwrap()
    }
}

/// Wakes exactly those that wait when it is called.
#[derive(Default)]
pub(crate) struct Condvar(Arc<model::Mutex<Vec<Waiter>>>);

/// Whether the time had passed.
pub(crate) struct Outcome(bool);

impl Outcome {
    pub(crate) fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        self.sleep(guard, None);
    }

    pub(crate) fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, at: Instant) -> Outcome {
        Outcome(self.sleep(guard, Some(at)) == Woken::Time)
    }

    pub(crate) fn notify_all(&self) {
        let woken = std::mem::take(&mut *self.0.lock().unwrap());
        woken.iter().for_each(|waiter| waiter.wake(Woken::Call));
    }

    fn sleep<T>(&self, guard: &mut MutexGuard<'_, T>, at: Option<Instant>) -> Woken {
        let waiter = Waiter::new();
        // With the guard held: who changes what it guards and then notifies, finds this waiter.
        self.0.lock().unwrap().push(waiter.clone());
        if let Some(at) = at {
            clock::alarm(at, &waiter);
        }
        let woken = MutexGuard::unlocked(guard, || waiter.sleep());
        clock::forget(&waiter);
        self.0.lock().unwrap().retain(|other| !other.is(&waiter));
        woken
    }
}
