//! The I/O thread: one per process, for the connections and servers of all its JavaScript threads.
//!
//! It waits for the sockets, has the core read and dispatch what came (`EventLoop::pump`), and notifies the mailbox of
//! the owning JavaScript thread. Events stay in the core's bounded queue until JavaScript takes them. When that is a
//! quarter full and no reply is pending, reading pauses: the server's own queue holds the rest, and what neither can
//! hold is counted.
//!
//! `inline_read` lets a JavaScript thread read a socket itself for a moment; `housekeeping` says what is due when
//! nothing happens; `server` is what accepts.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use polling::{Event, Events, PollMode};
use switchwire::{Connection, QueueLimits};

use crate::entry::{Accepted, Entry, Mailbox, Notice};
use crate::housekeeping::Housekeeping;
use crate::memory;
use crate::state::Flag;

pub(crate) struct Poller {
    poller: polling::Poller,
    watched: Mutex<HashMap<usize, Watched>>,
    next: AtomicU32,
    /// Bytes that JavaScript has taken since the thread last looked.
    taken: AtomicUsize,
    /// Handshakes that JavaScript has begun.
    handshakes: Mutex<Vec<Box<dyn Handshake>>>,
}

#[derive(Clone)]
enum Watched {
    Connection(Arc<Entry>),
    Listener(Arc<dyn Accept>),
}

/// A server whose listening socket is watched.
pub(crate) trait Accept: Send + Sync {
    /// Accepts one call and begins its handshake.
    fn accept(self: Arc<Self>, poller: &Poller) -> Option<Box<dyn Handshake>>;
    fn belongs_to(&self, mailbox: &Arc<Mailbox>) -> bool;
    /// Stops listening.
    fn close(&self, poller: &Poller);
}

/// A handshake that has a deadline.
pub(crate) trait Handshake: Send {
    /// Whether it is still pending at `now`; past its deadline it is ended.
    fn check(&self, now: Instant) -> bool;
}

static POLLER: OnceLock<std::io::Result<Poller>> = OnceLock::new();

impl Poller {
    /// The thread; the first call starts it.
    pub(crate) fn get() -> std::io::Result<&'static Self> {
        let poller = POLLER.get_or_init(|| {
            let poller = polling::Poller::new()?;
            let thread = std::thread::Builder::new().name("switchwire-io".into()).stack_size(STACK);
            thread.spawn(|| {
                // Set before anything can be watched.
                while let Ok(poller) = Self::wait_for_start() {
                    poller.run();
                }
            })?;
            Ok(Self {
                poller,
                watched: Mutex::default(),
                next: AtomicU32::new(1),
                taken: AtomicUsize::new(0),
                handshakes: Mutex::default(),
            })
        });
        poller.as_ref().map_err(|error| std::io::Error::new(error.kind(), error.to_string()))
    }

    fn wait_for_start() -> std::io::Result<&'static Self> {
        loop {
            match POLLER.get() {
                Some(Ok(poller)) => return Ok(poller),
                Some(Err(error)) => return Err(error.kind().into()),
                None => std::thread::yield_now(),
            }
        }
    }

    /// A number that no other connection or server of the process has.
    pub(crate) fn next_id(&self) -> u32 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Registers a connection: it is watched from now on.
    pub(crate) fn add(
        &self,
        connection: Connection,
        mailbox: Arc<Mailbox>,
        limits: QueueLimits,
        acceptor: Option<Arc<dyn Accepted>>,
    ) -> std::io::Result<Arc<Entry>> {
        let entry = Arc::new(Entry::new(self.next_id(), connection, mailbox, limits, acceptor));
        let key = entry.id as usize;
        self.watched.lock().insert(key, Watched::Connection(entry.clone()));
        // SAFETY: the map keeps the entry, and with it the descriptor, until `forget` has taken it out of the poller.
        let added =
            unsafe { self.poller.add_with_mode(&entry.connection, Event::readable(key), PollMode::Level) };
        if let Err(error) = added {
            self.watched.lock().remove(&key);
            return Err(error);
        }
        // What came along with the login has been read already: the socket will not report it.
        entry.announce();
        Ok(entry)
    }

    /// Registers a server; without `listener` only so that it is closed along with its JavaScript thread.
    pub(crate) fn add_listener(
        &self,
        id: u32,
        server: Arc<dyn Accept>,
        listener: Option<&TcpListener>,
    ) -> std::io::Result<()> {
        let key = id as usize;
        self.watched.lock().insert(key, Watched::Listener(server));
        let added = match listener {
            // SAFETY: `remove_listener` takes it out before it is closed.
            Some(listener) => unsafe {
                self.poller.add_with_mode(listener, Event::readable(key), PollMode::Level)
            },
            None => Ok(()),
        };
        if added.is_err() {
            self.watched.lock().remove(&key);
        }
        added
    }

    pub(crate) fn remove_listener(&self, id: u32, listener: Option<&TcpListener>) {
        self.watched.lock().remove(&(id as usize));
        if let Some(listener) = listener {
            let _ = self.poller.delete(listener);
        }
    }

    /// Whether further calls are accepted now.
    pub(crate) fn set_accepting(&self, id: u32, listener: &TcpListener, on: bool) {
        let key = id as usize;
        let interest = if on { Event::readable(key) } else { Event::none(key) };
        // Fails when it has been taken out already.
        let _ = self.poller.modify_with_mode(listener, interest, PollMode::Level);
    }

    /// Ends a handshake that takes too long; for one that this thread has not begun itself.
    pub(crate) fn watch_handshake(&self, handshake: Box<dyn Handshake>) {
        self.handshakes.lock().push(handshake);
        // The thread may wait without a limit.
        let _ = self.poller.notify();
    }

    /// To be called after a command was sent: reads its reply, and watches for room if some of it was not written.
    pub(crate) fn sent(&self, entry: &Arc<Entry>) {
        if entry.supervised {
            self.write_held(entry);
            return;
        }
        if entry.connection.event_loop().wants_write() {
            self.set(entry, Flag::WRITING, true);
        }
        if entry.state.has(Flag::PAUSED) {
            self.set(entry, Flag::PAUSED, false);
        }
    }

    /// To be called after messages of that size were taken: reads on if there is room again.
    pub(crate) fn taken(&self, entry: &Entry, bytes: usize) {
        let before = self.taken.fetch_add(bytes, Ordering::Relaxed);
        if before <= FLOOD && before + bytes > FLOOD {
            // Memory is to be freed later: the thread may be waiting, if JavaScript's thread did the reading.
            let _ = self.poller.notify();
        }
        self.resume(entry);
    }

    /// Of a supervised connection: watches for room while something is held back.
    fn write_held(&self, entry: &Arc<Entry>) {
        if !entry.connection.event_loop().wants_write() || entry.state.replace(Flag::WRITING, true) {
            return;
        }
        let key = entry.id as usize;
        self.watched.lock().insert(key, Watched::Connection(entry.clone()));
        // SAFETY: the map keeps the entry, and with it the descriptor, until `room` has taken it out of the poller.
        let added =
            unsafe { self.poller.add_with_mode(&entry.connection, Event::writable(key), PollMode::Level) };
        if added.is_err() {
            // The connection has just ended.
            self.watched.lock().remove(&key);
            entry.state.replace(Flag::WRITING, false);
        }
    }

    /// There is room to write, or the connection has ended.
    fn room(&self, entry: &Arc<Entry>) {
        let held = entry.connection.event_loop().flush_writes();
        if held && entry.connection.is_open() {
            return;
        }
        self.watched.lock().remove(&(entry.id as usize));
        let _ = self.poller.delete(&entry.connection);
        entry.state.replace(Flag::WRITING, false);
        // More may have been held back meanwhile.
        if entry.connection.is_open() {
            self.write_held(entry);
        }
    }

    fn resume(&self, entry: &Entry) {
        if entry.state.has(Flag::PAUSED) && !entry.is_filled(&entry.connection.stats(), PAUSED_ABOVE * 2) {
            self.set(entry, Flag::PAUSED, false);
        }
    }

    /// Closes all that belongs to a JavaScript thread that is gone.
    pub(crate) fn abandon(mailbox: &Arc<Mailbox>) {
        let Some(Ok(poller)) = POLLER.get() else { return };
        let watched: Vec<_> = poller.watched.lock().values().cloned().collect();
        for watched in watched {
            match watched {
                Watched::Connection(entry) if Arc::ptr_eq(&entry.mailbox, mailbox) => {
                    entry.connection.disconnect();
                }
                Watched::Listener(server) if server.belongs_to(mailbox) => server.close(poller),
                _ => {}
            }
        }
    }

    fn run(&self) {
        let mut events = Events::new();
        let mut housekeeping = Housekeeping::new();
        loop {
            events.clear();
            if self.poller.wait(&mut events, housekeeping.timeout()).is_err() {
                // Nothing but a lack of memory makes it fail.
                std::thread::sleep(PAUSE);
            }
            for event in events.iter() {
                let watched = self.watched.lock().get(&event.key).cloned();
                match watched {
                    Some(Watched::Connection(entry)) if entry.supervised => self.room(&entry),
                    Some(Watched::Connection(entry)) => {
                        if !self.is_left_to_inline_read(&entry) {
                            self.serve(&entry);
                        }
                        housekeeping.note_read(event.key);
                    }
                    Some(Watched::Listener(server)) => {
                        housekeeping.handshakes.extend(server.accept(self));
                    }
                    None => {}
                }
            }
            housekeeping.handshakes.append(&mut self.handshakes.lock());
            self.keep_house(&mut housekeeping);
        }
    }

    /// Reads and dispatches what there is on that connection.
    pub(crate) fn serve(&self, entry: &Arc<Entry>) {
        let pumped = entry.connection.event_loop().pump();
        if !pumped.connected {
            self.forget(entry);
            return;
        }
        self.set(entry, Flag::WRITING, pumped.wants_write);
        let stats = entry.announce();
        if stats.unanswered == 0 && entry.is_filled(&stats, PAUSED_ABOVE) {
            self.set(entry, Flag::PAUSED, true);
            // JavaScript may have emptied the queue meanwhile, and a command may have been sent.
            if entry.connection.stats().unanswered > 0 {
                self.sent(entry);
            }
            self.resume(entry);
        }
    }

    fn keep_house(&self, housekeeping: &mut Housekeeping<Box<dyn Handshake>>) {
        let now = Instant::now();
        let flooded = || self.taken.swap(0, Ordering::Relaxed) > FLOOD;
        let Some(due) = housekeeping.due(now, flooded) else { return };
        for key in due.idle {
            if let Some(Watched::Connection(entry)) = self.watched.lock().get(&key) {
                self.reclaim(entry);
                entry.connection.event_loop().release_buffers();
            }
        }
        if due.trim {
            self.release_memory();
        }
        housekeeping.handshakes.retain(|handshake| handshake.check(now));
    }

    /// After a flood: frees buffers, also of connections that JavaScript's threads have read, and has those threads look
    /// for what can be freed.
    fn release_memory(&self) {
        let mut mailboxes: Vec<Arc<Mailbox>> = Vec::new();
        for watched in self.watched.lock().values() {
            let Watched::Connection(entry) = watched else { continue };
            entry.connection.event_loop().release_buffers();
            if !mailboxes.iter().any(|mailbox| Arc::ptr_eq(mailbox, &entry.mailbox)) {
                mailboxes.push(entry.mailbox.clone());
            }
        }
        for mailbox in mailboxes {
            mailbox.push(Notice::Calm);
        }
        memory::trim();
    }

    fn forget(&self, entry: &Arc<Entry>) {
        if self.watched.lock().remove(&(entry.id as usize)).is_some() {
            let _ = self.poller.delete(&entry.connection);
            entry.ended();
        }
    }

    /// Sets or clears a flag of the entry's; if that changes it, the poller watches for what the flags now say.
    pub(crate) fn set(&self, entry: &Entry, flag: Flag, on: bool) {
        if entry.state.replace(flag, on) != on {
            let mut interest = Event::none(entry.id as usize);
            (interest.readable, interest.writable) = entry.state.interest();
            // Fails when the connection has been taken out already.
            let _ = self.poller.modify_with_mode(&entry.connection, interest, PollMode::Level);
        }
    }
}

/// Reading pauses when more than this part of the queue is in use.
const PAUSED_ABOVE: usize = 4;
const STACK: usize = 256 * 1024;
/// More than this taken between two looks is a flood.
const FLOOD: usize = 256 * 1024;
const PAUSE: Duration = Duration::from_millis(10);
