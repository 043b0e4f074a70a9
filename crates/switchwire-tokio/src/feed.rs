//! From the queues of the core, which announce what comes after they were found empty, to the tasks that wait.

use std::collections::VecDeque;
use std::task::{Context, Poll, ready};

use parking_lot::Mutex;
use switchwire::{Error, FleetItem, Result, StreamItem};

use crate::wakers::{Place, Wakers};

/// What is taken from: a supervised connection, a fleet.
pub(crate) trait Source {
    type Item;

    /// Up to so many items that have come. None means that the next one will be announced.
    fn take(&self, max: usize) -> Vec<Self::Item>;

    /// Why nothing more will come, once all has been taken.
    fn ended(&self) -> Option<Error>;
}

impl Source for switchwire::ManagedConnection {
    type Item = StreamItem;

    fn take(&self, max: usize) -> Vec<StreamItem> {
        Self::take(self, max)
    }

    fn ended(&self) -> Option<Error> {
        Self::ended(self)
    }
}

impl Source for switchwire::Fleet {
    type Item = FleetItem;

    fn take(&self, max: usize) -> Vec<FleetItem> {
        Self::take(self, max)
    }

    fn ended(&self) -> Option<Error> {
        Self::ended(self)
    }
}

/// Items on their way to the tasks that wait.
pub(crate) struct Feed<T> {
    /// A few, taken in one go; here and not with a receiver, so that none is lost with one.
    taken: Mutex<VecDeque<T>>,
    receivers: Wakers,
}

impl<T> Default for Feed<T> {
    fn default() -> Self {
        Self { taken: Mutex::default(), receivers: Wakers::default() }
    }
}

impl<T> Feed<T> {
    /// Something has come.
    pub(crate) fn wake_all(&self) {
        self.receivers.wake_all();
    }

    /// The task of that place waits no more.
    pub(crate) fn forget(&self, place: &Place) {
        self.receivers.forget(place);
    }

    /// The next item for the task of that place; an error once all has been taken and nothing more will come.
    pub(crate) fn poll(
        &self,
        source: &impl Source<Item = T>,
        place: &mut Place,
        context: &mut Context<'_>,
    ) -> Poll<Result<T>> {
        // A full queue must not keep other tasks waiting.
        let turn = ready!(tokio::task::coop::poll_proceed(context));
        let mut found = self.next(source);
        if found.is_none() {
            self.receivers.register(place, context);
            found = self.next(source);
        }
        let found = match found {
            Some(item) => Ok(item),
            None => match source.ended() {
                // What came before the end is here by now.
                Some(reason) => self.next(source).ok_or(reason),
                None => return Poll::Pending,
            },
        };
        turn.made_progress();
        Poll::Ready(found)
    }

    /// The next item. None means that the receivers will be woken when there is something again.
    fn next(&self, source: &impl Source<Item = T>) -> Option<T> {
        let mut taken = self.taken.lock();
        if taken.is_empty() {
            taken.extend(source.take(BATCH));
            // The core announces only what comes after none was left.
            if taken.len() > 1 {
                self.receivers.wake_all();
            }
        }
        taken.pop_front()
    }
}

/// How many items are taken in one go.
const BATCH: usize = 64;
