//! Gathering items from the servers, in turn: waiting on all sockets at once, and reading those on which something has come.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use super::inlet::Inlet;
use super::stream::{FleetItem, Merged};
use crate::deadline::Deadline;
use crate::poller::{Found, Poller};
use crate::{Error, Result, StreamItem};

/// The sockets of all servers, for one thread at a time to wait on, and what ends that wait.
pub(super) struct Sockets {
    pub(super) poller: Poller,
    inlets: Mutex<HashMap<u64, Arc<Inlet>>>,
    /// What is to be looked at, beside what the poller finds.
    notified: Mutex<Vec<Arc<Inlet>>>,
    /// Something has happened that ends the wait on the sockets, or keeps one from beginning.
    poked: AtomicBool,
    /// A thread waits on the sockets.
    sitting: AtomicBool,
    /// How often a thread has looked at the sockets.
    looks: AtomicU64,
}

impl Sockets {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            poller: Poller::new().map_err(|error| Error::from_io("cannot wait for many sockets", error))?,
            inlets: Mutex::default(),
            notified: Mutex::default(),
            poked: AtomicBool::new(false),
            sitting: AtomicBool::new(false),
            looks: AtomicU64::new(0),
        })
    }

    pub(super) fn add(&self, inlet: Arc<Inlet>) {
        self.inlets.lock().insert(inlet.number, inlet);
    }

    pub(super) fn remove(&self, inlet: &Inlet) {
        self.inlets.lock().remove(&inlet.number);
    }

    /// It is to be looked at.
    pub(super) fn notify(&self, inlet: Arc<Inlet>) {
        self.notified.lock().push(inlet);
        self.poke();
    }

    pub(super) fn is_any_notified(&self) -> bool {
        !self.notified.lock().is_empty()
    }

    /// Ends the wait on the sockets that is under way, or keeps the next one from beginning.
    pub(super) fn poke(&self) {
        self.poked.store(true, Ordering::SeqCst);
        if self.sitting.load(Ordering::SeqCst) {
            self.poller.wake();
        }
    }

    /// How often a thread has looked at the sockets; `None` while one waits on them.
    pub(super) fn looks(&self) -> Option<u64> {
        (!self.sitting.load(Ordering::SeqCst)).then(|| self.looks.load(Ordering::Relaxed))
    }
}

/// What gathers items from the servers, in turn. There is one, and the thread that has it gathers.
#[derive(Default)]
pub(super) struct Gatherer {
    /// Servers that have something, or may have.
    ready: VecDeque<Arc<Inlet>>,
    found: Vec<Found>,
    items: Vec<StreamItem>,
    pub(super) gathered: Vec<FleetItem>,
    /// How many servers are to be looked at before the sockets are asked again.
    turns: usize,
}

impl Gatherer {
    /// Learns which servers have something, without the sockets.
    pub(super) fn take_notified(&mut self, sockets: &Sockets) {
        self.ready.extend(sockets.notified.lock().drain(..));
    }

    /// Looks at the sockets, when it is time to: waits on them where no server is known to have something.
    pub(super) fn look(&mut self, sockets: &Sockets, deadline: Deadline) {
        self.take_notified(sockets);
        if self.turns > 0 && !self.ready.is_empty() {
            return;
        }
        let waits = self.ready.is_empty() && !deadline.passed();
        let until = if waits { deadline } else { Deadline::after(Duration::ZERO) };
        sockets.looks.fetch_add(1, Ordering::Relaxed);
        sockets.sitting.store(waits, Ordering::SeqCst);
        if !(waits && sockets.poked.swap(false, Ordering::SeqCst)) {
            // (It can fail only for want of memory: then the supervisors find that no thread reads.)
            let _ = sockets.poller.wait(&mut self.found, until);
        }
        sockets.sitting.store(false, Ordering::SeqCst);
        {
            let inlets = sockets.inlets.lock();
            for found in self.found.drain(..) {
                let Some(inlet) = inlets.get(&found.key) else { continue };
                inlet.has_come(found.ended);
                if inlet.begin_to_wait() {
                    self.ready.push_back(inlet.clone());
                }
            }
        }
        self.take_notified(sockets);
        self.turns = self.ready.len();
    }

    /// Gathers a batch of the next server that has one; whether there was any.
    pub(super) fn gather_any(&mut self, merged: &Merged, reads: bool) -> bool {
        loop {
            if self.gather(merged, reads) {
                return true;
            }
            if self.ready.is_empty() {
                return false;
            }
        }
    }

    /// Gathers a batch of the server whose turn it is; whether there was anything. It queues again behind the others when
    /// there may be more.
    fn gather(&mut self, merged: &Merged, reads: bool) -> bool {
        let Some(inlet) = self.ready.pop_front() else { return false };
        self.turns = self.turns.saturating_sub(1);
        inlet.end_to_wait();
        let Some(server) = inlet.server() else { return false };
        let Some(connection) = server.connection() else { return false };
        connection.move_to(&mut self.items, BATCH);
        let mut more = self.items.len() == BATCH;
        if self.items.is_empty() && reads {
            more = inlet.read(&merged.sockets) == Some(true);
            connection.move_to(&mut self.items, BATCH);
            more |= self.items.len() == BATCH;
        } else if reads {
            // What has come on the socket is read in its next turn.
            more |= inlet.is_readable();
        }
        if !self.items.is_empty() {
            merged.learn(&server, &mut self.items, &mut self.gathered);
        }
        if more && inlet.begin_to_wait() {
            self.ready.push_back(inlet);
        }
        !self.gathered.is_empty()
    }
}

/// How many items of one server are taken at once.
const BATCH: usize = 64;
