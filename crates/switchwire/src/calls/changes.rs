//! Changes as they come: a stream, and callbacks.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Weak};
use std::time::Duration;

use switchwire_proto::calls::Change;

use super::{Calls, State};
use crate::deadline::Deadline;
use crate::inbox::ReadyCallback;
use crate::sync::Mutex;
use crate::{Error, ErrorKind, Result};

/// What changes, in order: see [`Calls::changes`]. As an iterator it waits, and ends with the connection.
#[derive(Debug)]
pub struct Changes {
    calls: Calls,
    queue: Arc<Mutex<Queue>>,
    number: u64,
}

/// A callback for changes: see [`Calls::on_change`]. Dropping it ends the calls.
#[derive(Debug)]
#[must_use = "dropping it ends the calls"]
pub struct ChangeWatch {
    state: Weak<Mutex<State>>,
    number: u64,
}

#[derive(Default)]
pub(super) struct Watchers {
    queues: BTreeMap<u64, Arc<Mutex<Queue>>>,
    next: u64,
}

#[derive(Default)]
struct Queue {
    changes: VecDeque<Result<Change>>,
    missed: u64,
    /// For callbacks: taken while it runs.
    callback: Option<Callback>,
    calls_back: bool,
}

type Callback = Box<dyn FnMut(Result<Change>) + Send>;

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("changes", &self.changes.len()).finish_non_exhaustive()
    }
}

impl Watchers {
    fn add(&mut self, queue: Arc<Mutex<Queue>>) -> u64 {
        self.next += 1;
        self.queues.insert(self.next, queue);
        self.next
    }

    pub(super) fn report(&mut self, change: &Change, ready: &mut Vec<ReadyCallback>) {
        for queue in self.queues.values() {
            Queue::put(queue, Ok(change.clone()), ready);
        }
    }

    pub(super) fn end(&mut self, reason: &Error, ready: &mut Vec<ReadyCallback>) {
        for queue in self.queues.values() {
            Queue::put(queue, Err(reason.clone()), ready);
        }
    }
}

impl Queue {
    fn put(this: &Arc<Mutex<Self>>, change: Result<Change>, ready: &mut Vec<ReadyCallback>) {
        let mut queue = this.lock();
        if queue.changes.len() >= MOST_CHANGES && !queue.calls_back {
            // All of them: a part of the story would be taken for the whole.
            queue.missed += queue.changes.len() as u64;
            let missed = queue.missed;
            queue.changes.clear();
            let detail = format!("{missed} changes were not taken in time and were dropped: see legs()");
            queue.changes.push_back(Err(Error::new(ErrorKind::LimitExceeded, detail)));
        }
        queue.changes.push_back(change);
        if queue.calls_back {
            let this = this.clone();
            ready.push(Box::new(move || Self::call_back(&this)));
        }
    }

    /// Calls back for each change in order; by one thread at a time.
    fn call_back(this: &Mutex<Self>) {
        loop {
            let mut queue = this.lock();
            if queue.callback.is_none() {
                // It runs further up, or on another thread, which goes on.
                return;
            }
            let Some(change) = queue.changes.pop_front() else { return };
            let callback = queue.callback.take();
            drop(queue);
            if let Some(mut callback) = callback {
                callback(change);
                let mut queue = this.lock();
                if queue.calls_back {
                    queue.callback = Some(callback);
                }
            }
        }
    }
}

impl Calls {
    /// Changes as a stream. It begins with the legs that are up, as [`Change::Added`], so that nothing falls between a
    /// look at [`legs`](Self::legs) and the first change.
    ///
    /// It keeps up to 10,000 changes that nothing takes; then all of them are dropped, and an error of kind
    /// `LimitExceeded` is in their place.
    #[must_use]
    pub fn changes(&self) -> Changes {
        let queue = Arc::new(Mutex::new(Queue::default()));
        drop(self.connection().engine().look());
        let mut state = self.0.state.lock();
        queue.lock().changes.extend(state.tracker.legs().map(|leg| Ok(Change::Added(leg.clone()))));
        if let Some(ended) = &state.ended {
            queue.lock().changes.push_back(Err(ended.clone()));
        }
        let number = state.watchers.add(queue.clone());
        drop(state);
        Changes { calls: self.clone(), queue, number }
    }

    /// Calls back for each change from now on, in order, on the thread that reads the connection, which must not be held
    /// up. At the connection's end it gets the error; after [`move_to`](Self::move_to) it goes on.
    pub fn on_change(&self, callback: impl FnMut(Result<Change>) + Send + 'static) -> ChangeWatch {
        let queue = Queue { callback: Some(Box::new(callback)), calls_back: true, ..Queue::default() };
        let number = self.0.state.lock().watchers.add(Arc::new(Mutex::new(queue)));
        ChangeWatch { state: Arc::downgrade(&self.0.state), number }
    }
}

impl Changes {
    /// Waits for the next change.
    ///
    /// # Errors
    /// `Disconnected` at the connection's end, in order among the changes (after [`Calls::move_to`] more come);
    /// `LimitExceeded` in the place of changes that were dropped.
    pub fn recv(&mut self) -> Result<Change> {
        let change = self.recv_until(Deadline::NEVER)?;
        change.ok_or_else(|| Error::disconnected("no more changes will come"))
    }

    /// As [`recv`](Self::recv), for at most `timeout`; `Ok(None)` when the timeout expired.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn recv_timeout(&mut self, timeout: Duration) -> Result<Option<Change>> {
        self.recv_until(Deadline::after(timeout))
    }

    /// The next change if one has arrived; never waits.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn try_recv(&mut self) -> Result<Option<Change>> {
        self.recv_until(Deadline::after(Duration::ZERO))
    }

    fn recv_until(&self, deadline: Deadline) -> Result<Option<Change>> {
        let connection = self.calls.connection();
        connection.engine().wait(deadline, |_| self.queue.lock().changes.pop_front())?.transpose()
    }
}

impl Iterator for Changes {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        loop {
            match self.recv() {
                Ok(change) => return Some(change),
                Err(error) if error.kind() == ErrorKind::LimitExceeded && !error.is_disconnected() => {}
                Err(_) => return None,
            }
        }
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        self.calls.0.state.lock().watchers.queues.remove(&self.number);
    }
}

impl Drop for ChangeWatch {
    fn drop(&mut self) {
        let Some(state) = self.state.upgrade() else { return };
        let queue = state.lock().watchers.queues.remove(&self.number);
        let callback = queue.and_then(|queue| {
            let mut queue = queue.lock();
            queue.calls_back = false;
            queue.callback.take()
        });
        drop(callback);
    }
}

/// How many changes a stream keeps.
const MOST_CHANGES: usize = 10_000;
