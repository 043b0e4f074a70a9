//! What the fleet knows of one server's connection: whether there is something to take from it, or to read.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::gatherer::Sockets;
use super::servers::Server;
use super::stream::Merged;
use crate::engine::{Engine, Once, Watch};
use crate::inbox::Above;
use crate::managed::Taker;

pub(super) struct Inlet {
    /// Its number in the fleet, by which its socket is known.
    pub(super) number: u64,
    server: Weak<Server>,
    merged: Weak<Merged>,
    /// It waits to be looked at.
    notified: AtomicBool,
    /// The present connection, and what is known of its socket.
    socket: Mutex<Option<Socket>>,
    /// How often the fleet had looked at its sockets, and when that was found.
    seen: Mutex<Option<(u64, Instant)>>,
}

struct Socket {
    engine: Arc<Engine>,
    /// Something has come and has not been read to its end.
    readable: bool,
    /// The stream's end has come.
    ended: bool,
}

impl Inlet {
    pub(super) fn new(number: u64, server: Weak<Server>, merged: &Arc<Merged>) -> Self {
        Self {
            number,
            server,
            merged: Arc::downgrade(merged),
            notified: AtomicBool::new(false),
            socket: Mutex::default(),
            seen: Mutex::default(),
        }
    }

    pub(super) fn server(&self) -> Option<Arc<Server>> {
        self.server.upgrade()
    }

    /// It is to be looked at; whether it was not before.
    pub(super) fn begin_to_wait(&self) -> bool {
        !self.notified.swap(true, Ordering::AcqRel)
    }

    /// It is about to be looked at: what comes from now on is notified of.
    pub(super) fn end_to_wait(&self) {
        self.notified.store(false, Ordering::Release);
    }

    /// Something has come on its socket.
    pub(super) fn has_come(&self, ended: bool) {
        if let Some(socket) = &mut *self.socket.lock() {
            socket.readable = true;
            socket.ended |= ended;
        }
    }

    /// Whether something has come that has not been read to its end.
    pub(super) fn is_readable(&self) -> bool {
        self.socket.lock().as_ref().is_some_and(|socket| socket.readable)
    }

    /// Reads what has come, once; whether there is more to read. `None` when nothing was known to have come.
    pub(super) fn read(&self, sockets: &Sockets) -> Option<bool> {
        let (engine, ended) = {
            let socket = self.socket.lock();
            let socket = socket.as_ref().filter(|socket| socket.readable)?;
            (socket.engine.clone(), socket.ended)
        };
        let more = match engine.read_once() {
            // An end is not reported again: it is read for.
            Once::More | Once::HeldUp => true,
            Once::All if ended => true,
            Once::All | Once::Over => false,
            // It is looked at again after that thread.
            Once::Busy => return Some(false),
        };
        if !more && let Some(socket) = &mut *self.socket.lock() {
            socket.readable &= !Arc::ptr_eq(&socket.engine, &engine);
            sockets.poller.is_read(self.number);
        }
        Some(more)
    }
}

impl Above for Inlet {
    fn is_notified(&self) -> bool {
        self.notified.load(Ordering::Acquire)
    }

    fn notify(&self) {
        if let (Some(merged), Some(server)) = (self.merged.upgrade(), self.server()) {
            merged.notify(server.inlet());
        }
    }
}

impl Taker for Inlet {
    fn connected(&self, engine: &Arc<Engine>) {
        let Some(merged) = self.merged.upgrade() else { return };
        // Before it is added: what is there already is reported at once.
        *self.socket.lock() = Some(Socket { engine: engine.clone(), readable: false, ended: false });
        if merged.sockets.poller.add(engine.socket.as_fd(), self.number).is_err() {
            // The supervisor reads, as if no thread received.
            *self.socket.lock() = None;
        }
    }

    fn disconnected(&self, engine: &Engine) {
        *self.socket.lock() = None;
        if let Some(merged) = self.merged.upgrade() {
            merged.sockets.poller.remove(engine.socket.as_fd(), self.number);
        }
    }

    fn watch(&self) -> Watch {
        let Some(merged) = self.merged.upgrade() else { return Watch::Eager };
        if merged.is_announced() || self.socket.lock().is_none() {
            return Watch::Eager;
        }
        let Some(looks) = merged.sockets.looks() else { return Watch::Aside };
        let now = Instant::now();
        let mut seen = self.seen.lock();
        match *seen {
            Some((before, at)) if before == looks => {
                if now - at < AWAY {
                    Watch::Aside
                } else {
                    Watch::Eager
                }
            }
            None if looks == 0 => Watch::Eager,
            _ => {
                *seen = Some((looks, now));
                Watch::Aside
            }
        }
    }
}

/// A thread that has not come back to receive for that long is doing something else.
const AWAY: Duration = Duration::from_millis(90);
