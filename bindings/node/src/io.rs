//! The I/O thread: one for all connections of the process, whatever JavaScript thread they belong to.
//!
//! It waits for the sockets, lets the core read and sort what came ([`Connection::pump`]), and tells the connection's
//! mailbox. Events stay in the core's bounded queue until JavaScript takes them. When that is a quarter full and no
//! answer is awaited, reading pauses: the server's own queue holds the rest, and what neither can hold is counted.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use polling::{Event, Events, PollMode, Poller};
use switchwire::{Connection, Error, QueueLimits, Stats};

use crate::hub::{Mailbox, Notice};
use crate::memory;
use crate::server::{Accepted, Acceptor};

/// A connection and whom it belongs to.
pub(crate) struct Entry {
    pub(crate) id: u32,
    pub(crate) connection: Connection,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) peer: Option<SocketAddr>,
    /// JavaScript was told that there are messages and has not looked since.
    told: AtomicBool,
    /// The poll waits for room to write.
    writing: AtomicBool,
    /// Reading pauses until JavaScript has taken messages.
    paused: AtomicBool,
    /// JavaScript itself reads, for a moment: an answer is about to come, and two threads' wake-ups are saved.
    looking: AtomicBool,
    /// JavaScript gathers commands and has not looked since.
    gathering: AtomicBool,
    /// Whether JavaScript has been told of it, and whether it is over: its end is told after its beginning.
    life: AtomicU8,
    limits: QueueLimits,
    /// The server that accepted it, whose place it takes.
    pub(crate) server: Option<Accepted>,
}

pub(crate) struct Io {
    poller: Poller,
    watched: Mutex<HashMap<usize, Watched>>,
    next: AtomicU32,
    /// Bytes that JavaScript took since the thread looked.
    taken: AtomicUsize,
    /// Handshakes that JavaScript has begun.
    hand_shakes: Mutex<Vec<HandShake>>,
}

#[derive(Clone)]
enum Watched {
    Connection(Arc<Entry>),
    Server(Arc<Acceptor>),
}

static IO: OnceLock<std::io::Result<Io>> = OnceLock::new();

impl Io {
    /// The thread, started by whoever asks first.
    pub(crate) fn get() -> std::io::Result<&'static Self> {
        let io = IO.get_or_init(|| {
            let poller = Poller::new()?;
            let thread = std::thread::Builder::new().name("switchwire-io".into()).stack_size(STACK);
            thread.spawn(|| {
                // Set before anything can be watched.
                while let Ok(io) = Self::wait_for_start() {
                    io.run();
                }
            })?;
            Ok(Self {
                poller,
                watched: Mutex::default(),
                next: AtomicU32::new(1),
                taken: AtomicUsize::new(0),
                hand_shakes: Mutex::default(),
            })
        });
        io.as_ref().map_err(|error| std::io::Error::new(error.kind(), error.to_string()))
    }

    fn wait_for_start() -> std::io::Result<&'static Self> {
        loop {
            match IO.get() {
                Some(Ok(io)) => return Ok(io),
                Some(Err(error)) => return Err(error.kind().into()),
                None => std::thread::yield_now(),
            }
        }
    }

    /// Watches a connection from now on.
    pub(crate) fn add(
        &self,
        connection: Connection,
        mailbox: Arc<Mailbox>,
        limits: QueueLimits,
        server: Option<Accepted>,
    ) -> std::io::Result<Arc<Entry>> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let entry = Arc::new(Entry {
            id,
            peer: connection.peer_addr(),
            connection,
            mailbox,
            told: AtomicBool::new(false),
            writing: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            looking: AtomicBool::new(false),
            gathering: AtomicBool::new(false),
            life: AtomicU8::new(0),
            limits,
            server,
        });
        let key = id as usize;
        self.watched.lock().insert(key, Watched::Connection(entry.clone()));
        // SAFETY: the map keeps the entry, and with it the descriptor, until `forget` has taken it out of the poller.
        let added =
            unsafe { self.poller.add_with_mode(&entry.connection, Event::readable(key), PollMode::Level) };
        if let Err(error) = added {
            self.watched.lock().remove(&key);
            return Err(error);
        }
        // What the login has read already is announced by nobody else.
        self.announce(&entry);
        Ok(entry)
    }

    pub(crate) fn add_server(&self, make: impl FnOnce(u32) -> Acceptor) -> std::io::Result<Arc<Acceptor>> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let server = Arc::new(make(id));
        let key = id as usize;
        self.watched.lock().insert(key, Watched::Server(server.clone()));
        let added = match server.listener.lock().as_ref() {
            // SAFETY: as in `add`; taken out by `remove_server`.
            Some(listener) => unsafe {
                self.poller.add_with_mode(listener, Event::readable(key), PollMode::Level)
            },
            None => Ok(()),
        };
        if let Err(error) = added {
            self.watched.lock().remove(&key);
            return Err(error);
        }
        Ok(server)
    }

    /// No more calls come.
    pub(crate) fn remove_server(&self, server: &Acceptor) {
        self.watched.lock().remove(&(server.id as usize));
        if let Some(listener) = server.listener.lock().take() {
            let _ = self.poller.delete(&listener);
        }
    }

    /// Says whether a server may accept further calls now.
    pub(crate) fn open_server(&self, id: u32, listener: &TcpListener, open: bool) {
        let key = id as usize;
        let interest = if open { Event::readable(key) } else { Event::none(key) };
        // Fails when it has been taken out already.
        let _ = self.poller.modify_with_mode(listener, interest, PollMode::Level);
    }

    /// Ends a handshake that takes too long; for one that the thread has not begun itself.
    pub(crate) fn watch_handshake(&self, handshake: HandShake) {
        self.hand_shakes.lock().push(handshake);
        // The thread may sleep without end.
        let _ = self.poller.notify();
    }

    /// After something was sent: reads its answer, and waits for room to write if some of it found none.
    pub(crate) fn sent(&self, entry: &Entry) {
        if entry.connection.event_loop().wants_write() {
            self.set(&entry.writing, true, entry);
        }
        if entry.paused.load(Ordering::Acquire) {
            self.set(&entry.paused, false, entry);
        }
    }

    /// JavaScript reads the connection now; the thread does not until `look_no_more`.
    pub(crate) fn look(&self, entry: &Arc<Entry>) {
        entry.gathering.store(false, Ordering::Release);
        self.set(&entry.looking, true, entry);
        self.serve(entry);
    }

    pub(crate) fn look_no_more(&self, entry: &Entry) {
        self.set(&entry.looking, false, entry);
    }

    /// While JavaScript gathers commands the thread leaves the connection to it, which is about to look: a read here would
    /// also send what there is, and every further command would go out alone. Says whether it is left.
    fn leave(&self, entry: &Entry) -> bool {
        if !entry.gathering.load(Ordering::Acquire) {
            return false;
        }
        self.set(&entry.looking, true, entry);
        let left = entry.gathering.load(Ordering::Acquire);
        if !left {
            // It has looked meanwhile, and may look no more.
            self.set(&entry.looking, false, entry);
        }
        left
    }

    /// JavaScript is busy with something else.
    fn take_over(&self, entry: &Entry) {
        if entry.gathering.swap(false, Ordering::AcqRel) {
            self.set(&entry.looking, false, entry);
        }
    }

    /// After messages of that size were taken: reads on if there is room again.
    pub(crate) fn taken(&self, entry: &Entry, bytes: usize) {
        let before = self.taken.fetch_add(bytes, Ordering::Relaxed);
        if before <= FLOOD && before + bytes > FLOOD {
            // Memory is to be given back later: the thread may be asleep, when JavaScript has read on its own.
            let _ = self.poller.notify();
        }
        self.resume(entry);
    }

    fn resume(&self, entry: &Entry) {
        if entry.paused.load(Ordering::Acquire)
            && !entry.is_filled(&entry.connection.stats(), PAUSED_ABOVE * 2)
        {
            self.set(&entry.paused, false, entry);
        }
    }

    /// Closes all that belongs to a JavaScript thread that is gone.
    pub(crate) fn abandon(mailbox: &Arc<Mailbox>) {
        let Some(Ok(io)) = IO.get() else { return };
        let watched: Vec<_> = io.watched.lock().values().cloned().collect();
        for watched in watched {
            match watched {
                Watched::Connection(entry) if Arc::ptr_eq(&entry.mailbox, mailbox) => {
                    entry.connection.disconnect();
                }
                Watched::Server(server) if Arc::ptr_eq(&server.mailbox, mailbox) => io.remove_server(&server),
                _ => {}
            }
        }
    }

    fn run(&self) {
        let mut events = Events::new();
        let mut busy = Busy::default();
        loop {
            events.clear();
            if self.poller.wait(&mut events, busy.timeout()).is_err() {
                // Nothing but a lack of memory makes it fail.
                std::thread::sleep(PAUSE);
            }
            for event in events.iter() {
                let watched = self.watched.lock().get(&event.key).cloned();
                match watched {
                    Some(Watched::Connection(entry)) => {
                        if !self.leave(&entry) {
                            self.serve(&entry);
                        }
                        busy.note(event.key);
                    }
                    Some(Watched::Server(server)) => {
                        if let Some(deadline) = server.accept(self) {
                            busy.hand_shakes.push(deadline);
                        }
                    }
                    None => {}
                }
            }
            busy.hand_shakes.append(&mut self.hand_shakes.lock());
            busy.tidy(self);
        }
    }

    fn serve(&self, entry: &Arc<Entry>) {
        let pumped = entry.connection.event_loop().pump();
        if !pumped.connected {
            self.forget(entry);
            return;
        }
        self.set(&entry.writing, pumped.wants_write, entry);
        let stats = self.announce(entry);
        if stats.unanswered == 0 && entry.is_filled(&stats, PAUSED_ABOVE) {
            self.set(&entry.paused, true, entry);
            // JavaScript may have emptied the queue meanwhile, and a command may have been sent.
            if entry.connection.stats().unanswered > 0 {
                self.sent(entry);
            }
            self.resume(entry);
        }
    }

    /// Tells JavaScript once that there are messages to be taken.
    fn announce(&self, entry: &Entry) -> Stats {
        let stats = entry.connection.stats();
        if stats.queued > 0 && !entry.told.swap(true, Ordering::AcqRel) {
            entry.mailbox.push(Notice::Ready(entry.id));
        }
        stats
    }

    /// After a flood: buffers go, also those of connections that JavaScript has read on its own, and JavaScript's threads
    /// look for what can be freed.
    fn calm(&self) {
        let mut told: Vec<Arc<Mailbox>> = Vec::new();
        for watched in self.watched.lock().values() {
            let Watched::Connection(entry) = watched else { continue };
            entry.connection.event_loop().release_buffers();
            if !told.iter().any(|mailbox| Arc::ptr_eq(mailbox, &entry.mailbox)) {
                told.push(entry.mailbox.clone());
            }
        }
        for mailbox in told {
            mailbox.push(Notice::Calm);
        }
    }

    fn forget(&self, entry: &Arc<Entry>) {
        if self.watched.lock().remove(&(entry.id as usize)).is_none() {
            return;
        }
        let _ = self.poller.delete(&entry.connection);
        if entry.life.fetch_or(OVER, Ordering::AcqRel) & KNOWN != 0 {
            entry.tell_end();
        }
        if let Some(server) = &entry.server {
            server.ended(self);
        }
    }

    /// Sets one of the entry's flags and waits for what they tell together.
    fn set(&self, flag: &AtomicBool, on: bool, entry: &Entry) {
        if flag.swap(on, Ordering::AcqRel) != on {
            let key = entry.id as usize;
            let mut interest = Event::none(key);
            interest.readable =
                !entry.paused.load(Ordering::Acquire) && !entry.looking.load(Ordering::Acquire);
            interest.writable = entry.writing.load(Ordering::Acquire);
            // Fails when the connection has been taken out already.
            let _ = self.poller.modify_with_mode(&entry.connection, interest, PollMode::Level);
        }
    }
}

impl Entry {
    /// JavaScript has been told of it, or is about to be before it hears anything else.
    pub(crate) fn introduced(&self) {
        if self.life.fetch_or(KNOWN, Ordering::AcqRel) & OVER != 0 {
            self.tell_end();
        }
    }

    fn tell_end(&self) {
        if let Some(reason) = self.connection.disconnect_reason() {
            self.mailbox.push(Notice::Closed(self.id, reason));
        }
    }

    /// Commands that follow go out together at the next look.
    pub(crate) fn gather(&self) {
        self.connection.event_loop().gather_writes();
        self.gathering.store(true, Ordering::Release);
    }

    /// To be called before looking for messages, so that those behind the look are announced.
    pub(crate) fn looked(&self) {
        self.told.store(false, Ordering::Release);
    }

    /// Whether more than a `part`th of the queue is in use.
    fn is_filled(&self, stats: &Stats, part: usize) -> bool {
        stats.queued > self.limits.events / part || stats.queued_bytes > self.limits.bytes / part
    }
}

/// A call that must have shaken hands by then.
pub(crate) struct HandShake {
    pub(crate) deadline: Instant,
    pub(crate) entry: Arc<Entry>,
}

/// What the thread has to come back to.
#[derive(Default)]
struct Busy {
    /// Connections that may hold buffers worth giving back, and when they were read last.
    read: HashMap<usize, Instant>,
    hand_shakes: Vec<HandShake>,
    tidied: Option<Instant>,
    /// When the allocator is to give back what a flood has left: JavaScript frees its part a little later.
    trims: Vec<Instant>,
}

impl Busy {
    fn timeout(&self) -> Option<Duration> {
        let idle = self.read.is_empty() && self.hand_shakes.is_empty() && self.trims.is_empty();
        (!idle).then_some(SILENT)
    }

    fn note(&mut self, key: usize) {
        self.read.insert(key, Instant::now());
    }

    fn tidy(&mut self, io: &Io) {
        let now = Instant::now();
        if self.tidied.is_some_and(|last| now.duration_since(last) < SILENT) {
            return;
        }
        self.tidied = Some(now);
        self.read.retain(|key, last| {
            if now.duration_since(*last) < SILENT {
                return true;
            }
            if let Some(Watched::Connection(entry)) = io.watched.lock().get(key) {
                io.take_over(entry);
                entry.connection.event_loop().release_buffers();
            }
            false
        });
        if io.taken.swap(0, Ordering::Relaxed) > FLOOD {
            self.trims = TRIMS.iter().map(|after| now + *after).collect();
        }
        let due = self.trims.len();
        self.trims.retain(|at| *at > now);
        if self.trims.len() < due {
            io.calm();
            memory::trim();
        }
        self.hand_shakes.retain(|HandShake { deadline, entry }| {
            let pending = entry.connection.info_message().is_none() && entry.connection.connected();
            if let Some(accepted) = entry.server.as_ref().filter(|_| pending && *deadline <= now) {
                accepted.expire(&entry.connection);
            }
            pending && *deadline > now
        });
    }
}

/// Tells a request's end, whichever way it went.
pub(crate) fn told<T>(id: u32, result: Result<T, Error>, done: impl FnOnce(u32, T) -> Notice) -> Notice {
    match result {
        Ok(value) => done(id, value),
        Err(error) => Notice::Failed(id, error),
    }
}

const KNOWN: u8 = 1;
const OVER: u8 = 2;
/// Reading pauses when more than this part of the queue is in use.
const PAUSED_ABOVE: usize = 4;
const STACK: usize = 256 * 1024;
const SILENT: Duration = Duration::from_millis(100);
/// More than this in one look at it is a flood.
const FLOOD: usize = 256 * 1024;
/// How long after a flood the allocator gives memory back.
const TRIMS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];
const PAUSE: Duration = Duration::from_millis(10);
