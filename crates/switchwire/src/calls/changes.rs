//! Changes as they come: a stream, and callbacks.

use std::sync::{Arc, Weak};
use std::time::Duration;

use switchwire_proto::calls::Change;

use super::{Calls, State};
use crate::deadline::Deadline;
use crate::feed::Queue;
use crate::sync::Mutex;
use crate::{Error, ErrorKind, Result};

/// What changes, in order: see [`Calls::changes`]. As an iterator it waits, and ends with the connection.
pub struct Changes {
    calls: Calls,
    queue: Queue<Change>,
    number: u64,
}

/// A callback for changes: see [`Calls::on_change`]. Dropping it ends the calls.
#[must_use = "dropping it ends the calls"]
pub struct ChangeWatch {
    state: Weak<Mutex<State>>,
    number: u64,
}

impl Calls {
    /// Changes as a stream. It begins with the legs that are up, as [`Change::Added`], so that nothing falls between a
    /// look at [`legs`](Self::legs) and the first change.
    ///
    /// It keeps up to 10,000 changes that nothing takes; then all of them are dropped, and an error of kind
    /// `LimitExceeded` is in their place.
    #[must_use]
    pub fn changes(&self) -> Changes {
        drop(self.connection().engine().look());
        let mut state = self.0.state.lock();
        let up = state.tracker.legs().map(|leg| Ok(Change::Added(leg.clone())));
        let queue = Queue::stream(up.chain(state.ended.clone().map(Err)));
        let number = state.watchers.add(queue.clone());
        drop(state);
        Changes { calls: self.clone(), queue, number }
    }

    /// As [`changes`](Self::changes), by a callback: it begins, here, with the legs that are up, as [`Change::Added`].
    /// Then it is called for each change, in order, on the thread that reads the connection, which must not be held up.
    /// At the connection's end it gets the error; after [`move_to`](Self::move_to) it goes on.
    ///
    /// Whenever it begins, also while the snapshot is still asked for, nothing falls between [`legs`](Self::legs) and the
    /// first change: legs and callback are taken in one step.
    pub fn on_change(&self, callback: impl FnMut(Result<Change>) + Send + 'static) -> ChangeWatch {
        let queue = Queue::callback(callback);
        let mut ready = Vec::new();
        let number = {
            let mut state = self.0.state.lock();
            for leg in state.tracker.legs() {
                queue.put(Ok(Change::Added(leg.clone())), &mut ready);
            }
            if let Some(reason) = &state.ended {
                queue.put(Err(reason.clone()), &mut ready);
            }
            state.watchers.add(queue)
        };
        ready.into_iter().for_each(|callback| callback());
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
        connection.engine().wait(deadline, |_| self.queue.take())?.transpose()
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
        self.calls.0.state.lock().watchers.remove(self.number);
    }
}

impl Drop for ChangeWatch {
    fn drop(&mut self) {
        let Some(state) = self.state.upgrade() else { return };
        let queue = state.lock().watchers.remove(self.number);
        if let Some(queue) = queue {
            queue.close();
        }
    }
}

impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Changes").field("calls", &self.calls).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ChangeWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChangeWatch").finish_non_exhaustive()
    }
}
