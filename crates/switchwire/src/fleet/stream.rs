//! One stream of all servers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex, MutexGuard};
use switchwire_proto::Duplicates;

use super::channels::Channels;
use super::gatherer::{Gatherer, Sockets};
use super::inlet::Inlet;
use super::servers::Server;
use super::{Fleet, Health};
use crate::announcer::{Announcer, Notify};
use crate::deadline::Deadline;
use crate::process::Origin;
use crate::{Error, Result, StreamItem};

/// An item of a fleet's stream.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FleetItem {
    /// The server's name in the fleet.
    pub server: Arc<str>,
    /// What it is.
    pub update: FleetUpdate,
}

/// What an item of a fleet's stream is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum FleetUpdate {
    /// An item of the server's own stream, in its order.
    Stream(StreamItem),
    /// The server's health has changed: it went up, became degraded, went down, began or ended to drain.
    Health(Health),
    /// The server was removed from the fleet: its last item.
    Removed,
}

impl FleetItem {
    /// The event, where it is one.
    #[must_use]
    pub fn event(&self) -> Option<&crate::Event> {
        match &self.update {
            FleetUpdate::Stream(item) => item.event(),
            _ => None,
        }
    }
}

/// What the servers have sent and the user has not taken.
///
/// One of the threads that receive, at a time, takes the [`Gatherer`] out and waits on all sockets at once; it reads those
/// on which something has come, so that nothing is handed from thread to thread. The supervisors' threads read only while
/// no thread receives, or when what comes is announced ([`Fleet::on_ready`]).
pub(super) struct Merged {
    state: Mutex<State>,
    changed: Condvar,
    announcer: Announcer,
    pub(super) sockets: Sockets,
    origin: Origin,
    pub(super) channels: Mutex<Channels>,
    /// What finds events that come on two ways, where that is wanted.
    duplicates: Option<Mutex<Duplicates>>,
    dropped_duplicates: AtomicU64,
}

struct State {
    taken: VecDeque<FleetItem>,
    /// `None` while a thread gathers.
    gatherer: Option<Gatherer>,
    /// How many threads wait for what that thread gathers, or to be the next.
    waiting: usize,
    /// How many want it to put the gatherer back.
    calling: usize,
    closed: bool,
}

impl Merged {
    /// Remembers that many events to drop those that come again.
    pub(super) fn new(duplicates: Option<usize>) -> Result<Self> {
        let state = State {
            taken: VecDeque::new(),
            gatherer: Some(Gatherer::default()),
            waiting: 0,
            calling: 0,
            closed: false,
        };
        Ok(Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            announcer: Announcer::default(),
            sockets: Sockets::new()?,
            origin: Origin::here(),
            channels: Mutex::default(),
            duplicates: duplicates.map(|events| Mutex::new(Duplicates::new(events))),
            dropped_duplicates: AtomicU64::new(0),
        })
    }

    pub(super) fn is_announced(&self) -> bool {
        self.announcer.is_set()
    }

    pub(super) fn is_duplicate(&self, item: &StreamItem) -> bool {
        let (Some(duplicates), StreamItem::Event(event)) = (&self.duplicates, item) else { return false };
        let again = duplicates.lock().seen_before(event);
        self.dropped_duplicates.fetch_add(u64::from(again), Ordering::Relaxed);
        again
    }

    /// The server may have something that has not been taken.
    pub(super) fn notify(&self, inlet: &Arc<Inlet>) {
        if inlet.begin_to_wait() {
            self.sockets.notify(inlet.clone());
            self.announcer.announce();
        }
    }

    pub(super) fn push(&self, items: impl IntoIterator<Item = FleetItem>) {
        self.state.lock().taken.extend(items);
        self.announce();
    }

    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.announce();
    }

    /// Takes all that a server has sent which is closed, and adds `last`.
    pub(super) fn drain(&self, server: &Server, last: Option<FleetUpdate>) {
        let mut state = self.state.lock();
        while state.gatherer.is_none() {
            state.calling += 1;
            self.sockets.poke();
            self.changed.wait(&mut state);
            state.calling -= 1;
        }
        let mut left = Vec::new();
        if let Some(connection) = server.connection() {
            connection.move_to(&mut left, usize::MAX / 2);
        }
        let left = left.into_iter().filter(|one| !self.is_duplicate(one)).map(FleetUpdate::Stream);
        let item = |update| FleetItem { server: server.name.clone(), update };
        state.taken.extend(left.chain(last).map(item));
        drop(state);
        self.announce();
    }

    /// `None` in a process that the fleet does not belong to.
    fn state_here(&self) -> Option<MutexGuard<'_, State>> {
        if self.origin.is_known_foreign() {
            return None;
        }
        match self.state.try_lock() {
            Some(state) => Some(state),
            // Its holder may be a thread of the process before `fork`.
            None if self.origin.is_foreign() => None,
            None => Some(self.state.lock()),
        }
    }

    fn announce(&self) {
        self.changed.notify_all();
        self.sockets.poke();
        self.announcer.announce();
    }

    fn set_notify(&self, notify: Notify) {
        self.announcer.set(notify);
        let any = {
            let state = self.state.lock();
            state.closed || !state.taken.is_empty() || self.sockets.is_any_notified()
        };
        if any {
            self.announcer.announce();
        }
    }

    fn take(&self, max: usize) -> Vec<FleetItem> {
        if !self.is_announced() {
            return self.take_some(max, true);
        }
        self.announcer.take(|| self.take_some(max, false))
    }

    /// Up to `max` items; also what has not been read, if `reads`.
    fn take_some(&self, max: usize, reads: bool) -> Vec<FleetItem> {
        let Some(mut state) = self.state_here() else { return Vec::new() };
        while state.taken.len() < max
            && !self.origin.is_foreign()
            && let Some(mut gatherer) = state.gatherer.take()
        {
            drop(state);
            if reads {
                gatherer.look(&self.sockets, Deadline::after(Duration::ZERO));
            } else {
                gatherer.take_notified(&self.sockets);
            }
            let any = gatherer.gather_any(self, reads);
            state = self.put_back(gatherer);
            if !any {
                break;
            }
        }
        let count = state.taken.len().min(max);
        state.taken.drain(..count).collect()
    }

    fn ended(&self) -> Option<Error> {
        let state = self.state.lock();
        (state.closed && state.taken.is_empty()).then(closed_here)
    }

    fn recv(&self, deadline: Deadline) -> Result<Option<FleetItem>> {
        let mut state = self.state_here().ok_or_else(Error::forked)?;
        let mut looked = false;
        loop {
            if let Some(item) = state.taken.pop_front() {
                self.wake_next(&state);
                return Ok(Some(item));
            }
            if state.closed {
                return Err(closed_here());
            }
            let passed = deadline.passed();
            if passed && looked {
                self.wake_next(&state);
                return Ok(None);
            }
            looked = true;
            let gatherer = if state.calling == 0 { state.gatherer.take() } else { None };
            if let Some(mut gatherer) = gatherer {
                drop(state);
                let gathered = self.origin.check().map(|()| {
                    gatherer.look(&self.sockets, deadline);
                    gatherer.gather_any(self, true);
                });
                state = self.put_back(gatherer);
                gathered?;
                continue;
            }
            state.waiting += 1;
            match deadline.left() {
                Some(left) => drop(self.changed.wait_for(&mut state, left)),
                None => self.changed.wait(&mut state),
            }
            state.waiting -= 1;
        }
    }

    /// The gatherer is free again, and what it has gathered can be taken.
    fn put_back(&self, mut gatherer: Gatherer) -> MutexGuard<'_, State> {
        let mut state = self.state.lock();
        state.taken.extend(gatherer.gathered.drain(..));
        state.gatherer = Some(gatherer);
        if state.calling > 0 {
            self.changed.notify_all();
        }
        state
    }

    /// A thread goes with what it waited for: another one that waits takes the next item, or gathers.
    fn wake_next(&self, state: &State) {
        if state.waiting > 0 {
            self.changed.notify_one();
        }
    }

    /// Tags the items with their server, and puts what they say of its health behind them.
    pub(super) fn learn(&self, server: &Server, items: &mut Vec<StreamItem>, gathered: &mut Vec<FleetItem>) {
        let mut channels = self.channels.lock();
        for item in items.drain(..).filter(|item| !self.is_duplicate(item)) {
            channels.learn(&server.name, &item);
            let up = match item {
                StreamItem::Connected(_) | StreamItem::Restored(_) => Some(true),
                StreamItem::Lost(_) | StreamItem::GaveUp(_) => Some(false),
                _ => None,
            };
            let tagged = |update| FleetItem { server: server.name.clone(), update };
            gathered.push(tagged(FleetUpdate::Stream(item)));
            if let Some(health) = up.and_then(|up| server.health_at(up)) {
                gathered.push(tagged(FleetUpdate::Health(health)));
            }
        }
    }
}

impl Fleet {
    /// Waits for the next item of any server, without a time limit. The items of one server come in its order; servers with
    /// much to say do not keep others waiting.
    ///
    /// # Errors
    /// `Disconnected` after [`close`](Self::close), once all has been taken.
    pub fn recv(&self) -> Result<FleetItem> {
        let item = self.merged().recv(Deadline::NEVER)?;
        item.ok_or_else(closed_here)
    }

    /// As [`recv`](Self::recv), for at most `timeout`; `Ok(None)` means that nothing has come.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<FleetItem>> {
        self.merged().recv(Deadline::after(timeout))
    }

    /// How many events have been dropped since they had come from another server of the fleet
    /// ([`FleetBuilder::drop_duplicates`](super::FleetBuilder::drop_duplicates)).
    #[must_use]
    pub fn dropped_duplicates(&self) -> u64 {
        self.merged().dropped_duplicates.load(Ordering::Relaxed)
    }

    /// The next item if there is one; never waits.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn try_recv(&self) -> Result<Option<FleetItem>> {
        self.recv_timeout(Duration::ZERO)
    }

    /// Up to `max` items that have come, in order; never waits. None means that the callback of [`on_ready`](Self::on_ready)
    /// will be called when there is something again. See [`ended`](Self::ended).
    #[must_use]
    pub fn take(&self, max: usize) -> Vec<FleetItem> {
        if max == 0 { Vec::new() } else { self.merged().take(max) }
    }

    /// Why nothing more will come; `None` while something may come, or waits to be taken.
    #[must_use]
    pub fn ended(&self) -> Option<Error> {
        self.merged().ended()
    }

    /// For event loops: `notify` is called once when something has come after [`take`](Self::take) found nothing (and
    /// for the first item), on any thread; it must not wait or take items itself. From now on the servers' threads read all
    /// the time, and [`take`](Self::take) takes what they have read. A second call replaces the callback.
    pub fn on_ready(&self, notify: impl Fn() + Send + Sync + 'static) {
        self.merged().set_notify(Arc::new(notify));
        self.server_connections().iter().for_each(|(_, connection)| connection.wake_supervisor());
    }
}

fn closed_here() -> Error {
    Error::disconnected("the fleet was closed on this side")
}
