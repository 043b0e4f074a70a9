//! One stream of all servers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use switchwire_proto::Duplicates;

use super::channels::Channels;
use super::servers::Server;
use super::{Fleet, Health};
use crate::announcer::{Announcer, Notify};
use crate::deadline::Deadline;
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
#[derive(Default)]
pub(super) struct Merged {
    state: Mutex<State>,
    changed: Condvar,
    announcer: Announcer,
    pub(super) channels: Mutex<Channels>,
    /// What finds events that come on two ways, where that is wanted.
    duplicates: Option<Mutex<Duplicates>>,
    dropped_duplicates: AtomicU64,
}

#[derive(Default)]
struct State {
    taken: VecDeque<FleetItem>,
    /// Servers that have something.
    ready: VecDeque<Arc<Server>>,
    closed: bool,
}

impl Merged {
    /// Remembers that many events to drop those that come again.
    pub(super) fn dropping_duplicates(events: Option<usize>) -> Self {
        Self { duplicates: events.map(|events| Mutex::new(Duplicates::new(events))), ..Self::default() }
    }

    pub(super) fn is_duplicate(&self, item: &StreamItem) -> bool {
        let (Some(duplicates), StreamItem::Event(event)) = (&self.duplicates, item) else { return false };
        let again = duplicates.lock().seen_before(event);
        self.dropped_duplicates.fetch_add(u64::from(again), Ordering::Relaxed);
        again
    }

    /// The server has something that has not been taken.
    pub(super) fn ready(&self, server: Arc<Server>) {
        self.state.lock().ready.push_back(server);
        self.changed.notify_one();
        self.announcer.announce();
    }

    pub(super) fn push(&self, items: impl IntoIterator<Item = FleetItem>) {
        self.state.lock().taken.extend(items);
        self.changed.notify_all();
        self.announcer.announce();
    }

    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
        self.announcer.announce();
    }

    fn set_notify(&self, notify: Notify) {
        self.announcer.set(notify);
        let any = {
            let state = self.state.lock();
            state.closed || !state.taken.is_empty() || !state.ready.is_empty()
        };
        if any {
            self.announcer.announce();
        }
    }

    fn take(&self, max: usize) -> Vec<FleetItem> {
        self.announcer.take(|| {
            let mut state = self.state.lock();
            while state.taken.len() < max
                && let Some(server) = state.ready.pop_front()
            {
                self.take_from(&mut state, server);
            }
            let count = state.taken.len().min(max);
            state.taken.drain(..count).collect()
        })
    }

    fn ended(&self) -> Option<Error> {
        let state = self.state.lock();
        let over = state.closed && state.taken.is_empty() && state.ready.is_empty();
        over.then(closed_here)
    }

    fn recv(&self, deadline: Deadline) -> Result<Option<FleetItem>> {
        let mut state = self.state.lock();
        loop {
            if let Some(item) = state.taken.pop_front() {
                return Ok(Some(item));
            }
            if let Some(server) = state.ready.pop_front() {
                self.take_from(&mut state, server);
                continue;
            }
            if state.closed {
                return Err(closed_here());
            }
            match deadline.left() {
                Some(left) => {
                    let passed = self.changed.wait_for(&mut state, left).timed_out();
                    if passed && state.taken.is_empty() && state.ready.is_empty() {
                        return Ok(None);
                    }
                }
                None => self.changed.wait(&mut state),
            }
        }
    }

    /// Takes a batch of that server; it queues again behind the others unless there was nothing.
    fn take_from(&self, state: &mut State, server: Arc<Server>) {
        let items = server.connection().map_or_else(Vec::new, |connection| connection.take(BATCH));
        if items.is_empty() {
            return;
        }
        let mut channels = self.channels.lock();
        for item in items.into_iter().filter(|item| !self.is_duplicate(item)) {
            channels.learn(&server.name, &item);
            let up = match item {
                StreamItem::Connected(_) | StreamItem::Restored(_) => Some(true),
                StreamItem::Lost(_) | StreamItem::GaveUp(_) => Some(false),
                _ => None,
            };
            state
                .taken
                .push_back(FleetItem { server: server.name.clone(), update: FleetUpdate::Stream(item) });
            if let Some(health) = up.and_then(|up| server.health_at(up)) {
                state.taken.push_back(FleetItem {
                    server: server.name.clone(),
                    update: FleetUpdate::Health(health),
                });
            }
        }
        drop(channels);
        state.ready.push_back(server);
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
    /// for the first item), on any thread; it must not wait or take items itself. A second call replaces the callback.
    pub fn on_ready(&self, notify: impl Fn() + Send + Sync + 'static) {
        self.merged().set_notify(Arc::new(notify));
    }
}

fn closed_here() -> Error {
    Error::disconnected("the fleet was closed on this side")
}

/// How many items of one server are taken at once.
const BATCH: usize = 64;
