//! Tasks that wait for the same thing.

use std::task::{Context, Waker};

use parking_lot::Mutex;

/// All of them are woken when something has come; each looks for itself, and registers again.
#[derive(Default)]
pub(crate) struct Wakers(Mutex<State>);

#[derive(Default)]
struct State {
    wakers: Vec<(u64, Waker)>,
    next: u64,
}

/// One task's place among them; empty before it has waited.
#[derive(Debug, Default)]
pub(crate) struct Place(Option<u64>);

impl Wakers {
    /// The task is to be woken. (It then looks once more: something may have come meanwhile.)
    pub(crate) fn register(&self, place: &mut Place, context: &Context<'_>) {
        let mut state = self.0.lock();
        let State { wakers, next } = &mut *state;
        let number = *place.0.get_or_insert_with(|| {
            *next += 1;
            *next
        });
        match wakers.iter_mut().find(|(other, _)| *other == number) {
            Some((_, waker)) => waker.clone_from(context.waker()),
            None => wakers.push((number, context.waker().clone())),
        }
    }

    /// The task waits no more.
    pub(crate) fn forget(&self, place: &Place) {
        if let Some(number) = place.0 {
            self.0.lock().wakers.retain(|(other, _)| *other != number);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().wakers.is_empty()
    }

    pub(crate) fn wake_all(&self) {
        let wakers = std::mem::take(&mut self.0.lock().wakers);
        for (_, waker) in wakers {
            waker.wake();
        }
    }
}
