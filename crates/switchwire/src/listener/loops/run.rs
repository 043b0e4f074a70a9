//! The loop: waits for all its sessions at once, reads those that have something, and runs their callbacks.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use switchwire_proto::Message;

use super::mailbox::{Mailbox, Post};
use super::slot::{Slot, run};
use super::timers::{Due, Timers};
use super::{Make, Session, SessionHandler};
use crate::engine::Until;
use crate::inbox::Lent;
use crate::listener::handled::{Ended, Handled};
use crate::listener::server::Place;
use crate::{Connection, Error, ErrorKind, Incoming, Listener};

pub(super) struct EventLoop<H: SessionHandler> {
    poll: Poll,
    mailbox: Arc<Mailbox<H>>,
    make: Make<H>,
    sessions: HashMap<u64, Box<Slot<H>>>,
    timers: Timers<H>,
    lent: Lent,
    /// What one read brought, kept for the next.
    messages: VecDeque<Message>,
    /// Those that are to be looked at.
    ready: Vec<(u64, Until)>,
    /// Those whose connections are over.
    over: Vec<u64>,
    warm: Warm,
    /// Ends with the last session.
    closing: bool,
}

/// The sessions that may have buffers: they free them when nothing has come for a while.
#[derive(Default)]
struct Warm {
    sessions: Vec<u64>,
    round: u32,
    next: Option<Instant>,
}

impl<H: SessionHandler> EventLoop<H> {
    pub(super) fn new(make: Make<H>) -> io::Result<(Arc<Mailbox<H>>, Self)> {
        let poll = Poll::new()?;
        let mailbox = Arc::new(Mailbox::new(Waker::new(poll.registry(), WAKER)?));
        let event_loop = Self {
            poll,
            mailbox: mailbox.clone(),
            make,
            sessions: HashMap::new(),
            timers: Timers::new(),
            lent: Lent::default(),
            messages: VecDeque::new(),
            ready: Vec::new(),
            over: Vec::new(),
            warm: Warm::default(),
            closing: false,
        };
        Ok((mailbox, event_loop))
    }

    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS);
        let mut posts = Vec::new();
        loop {
            self.deliver(&mut posts);
            if self.closing && self.sessions.is_empty() {
                return;
            }
            match self.wait(&mut events) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // (Of a poll that is sound there is no other; it must not turn into a loop at full speed.)
                Err(_) => std::thread::sleep(Listener::ACCEPT_PAUSE),
            }
            for event in events.iter().filter(|event| event.token() != WAKER) {
                let Token(id) = event.token();
                let id = id as u64;
                // (A socket mostly has room; that is news where something was held back.)
                let news = event.is_readable() || event.is_read_closed() || event.is_error();
                if news
                    || self.sessions.get(&id).is_some_and(|slot| slot.connection.event_loop().wants_write())
                {
                    let ended = event.is_read_closed() || event.is_error();
                    self.ready.push((id, if ended { Until::Nothing } else { Until::Short }));
                }
            }
            for (id, until) in std::mem::take(&mut self.ready) {
                self.look(id, until);
            }
            self.fire(&mut posts);
            self.cool_down();
        }
    }

    fn wait(&mut self, events: &mut Events) -> io::Result<()> {
        let next = self.timers.next_at().into_iter().chain(self.warm.next).min();
        let busy = !(self.ready.is_empty() && self.over.is_empty());
        self.mailbox.wait(|filled| {
            let time = match next {
                _ if filled || busy => Some(Duration::ZERO),
                // A poll counts milliseconds: it must not end before the time has come.
                next => {
                    next.map(|at| at.saturating_duration_since(Instant::now()) + Duration::from_millis(1))
                }
            };
            self.poll.poll(events, time)
        })
    }

    /// Does what has been posted, and ends the sessions that are over, until there is nothing left to do, or so much has been
    /// done that the sockets must be looked at.
    fn deliver(&mut self, posts: &mut Vec<Post<H>>) {
        for _ in 0..ROUNDS.max(self.over.len()) {
            self.mailbox.take(posts);
            if posts.is_empty() {
                // What was due before its end has run.
                let Some(id) = self.over.pop() else { return };
                self.finish(id);
                continue;
            }
            for post in posts.drain(..) {
                match post {
                    Post::Begin(connection, place) => self.begin(connection, place),
                    Post::Due(id, callback) => self.call(id, callback),
                    Post::Fail(id, error) => self.fails(id, Some(error)),
                    Post::Abandoned(id) => self.over.push(id),
                    Post::LookAtAll => {
                        self.ready.extend(self.sessions.keys().map(|id| (*id, Until::Nothing)));
                    }
                    Post::Close => self.closing = true,
                }
            }
        }
    }

    fn begin(&mut self, mut connection: Connection, place: Place) {
        let id = place.id;
        let fd = connection.as_raw_fd();
        place.begun();
        let interests = Interest::READABLE | Interest::WRITABLE;
        let watched = self.poll.registry().register(&mut SourceFd(&fd), token(id), interests);
        if let Err(error) = watched {
            let error = Error::with_source(ErrorKind::Io, "cannot watch the call's socket", error);
            return place.ended(Ended::Failed(error));
        }
        let info = connection.take_info();
        let make = self.make.clone();
        let Ok(handler) = run(move || make()) else {
            self.drop_watch(&connection);
            connection.event_loop().abandon_with(place.failure_cause(), || {});
            return place.ended(Ended::Panicked);
        };
        let slot = Box::new(Slot::new(connection, place, handler));
        // From now on nothing but this loop reads it.
        slot.connection.engine().inbox().pumped = true;
        self.sessions.insert(id, slot);
        if let Some(info) = info {
            self.call(id, move |handler, session| handler.connected(session, info.head_event()));
        }
        self.look(id, Until::Short);
    }

    /// Reads what has come for a session and hands it to its handler. When the poll has reported the end of the stream, which
    /// it does once, it is read up to there.
    fn look(&mut self, id: u64, until: Until) {
        let Some(slot) = self.sessions.get_mut(&id) else { return };
        self.warm.touch(id, slot);
        let engine = slot.connection.engine().clone();
        let pumped = engine.pump_lending(until, &mut self.lent);
        let mut messages = std::mem::take(&mut self.messages);
        loop {
            if let Some(mut inbox) = engine.inbox_here() {
                inbox.move_messages(&mut messages, AT_ONCE, usize::MAX);
            }
            if messages.is_empty() {
                break;
            }
            for message in messages.drain(..) {
                self.call(id, move |handler, session| handler.incoming(session, Incoming::from(message)));
            }
        }
        self.messages = messages;
        if !pumped.connected {
            self.over.push(id);
        } else if pumped.more || pumped.held_up {
            self.ready.push((id, until));
        }
    }

    /// Runs a callback of a session, unless one has failed.
    fn call(&mut self, id: u64, callback: impl FnOnce(&mut H, &mut Session<'_, H>) -> Result<(), H::Error>) {
        let Some(slot) = self.sessions.get_mut(&id).filter(|slot| slot.failed.is_none()) else {
            discard(callback);
            return;
        };
        let Slot { connection, own, handler: Some(handler), .. } = &mut **slot else { return };
        let (timers, mailbox) = (&mut self.timers, &self.mailbox);
        // What it sends goes out in one piece.
        connection.event_loop().gather_writes();
        let mut session = Session { id, connection, own, timers, mailbox };
        let ended = run(|| callback(handler, &mut session));
        // What finds no room goes out when the socket has some: the poll reports that.
        let _ = slot.connection.event_loop().flush_writes();
        match ended {
            Err(_) => self.fails(id, None),
            Ok(Ok(())) if slot.own.closes => self.close(id),
            Ok(Ok(())) => {}
            Ok(Err(error)) => match Err::<(), _>(error)
                .failure()
                .and_then(|failure| failure.of_call(slot.connection.engine()))
            {
                Some(error) => self.fails(id, Some(error)),
                // It reports nothing but that the call is over.
                None => self.close(id),
            },
        }
    }

    /// A callback has failed, by a panic or with an error: hangs the call up.
    fn fails(&mut self, id: u64, error: Option<Error>) {
        let Some(slot) = self.sessions.get_mut(&id) else { return };
        if slot.failed.is_some() {
            return;
        }
        slot.failed = Some(error.map_or(Ended::Panicked, Ended::Failed));
        if matches!(slot.failed, Some(Ended::Panicked)) {
            discard(slot.handler.take());
        }
        slot.own.timers.push(self.timers.set(Listener::HANGUP_TIMEOUT, Due::Close(id)));
        let mailbox = self.mailbox.clone();
        let done = move || mailbox.post(Post::Abandoned(id));
        slot.connection.event_loop().abandon_with(slot.place.failure_cause(), done);
    }

    fn close(&mut self, id: u64) {
        if let Some(slot) = self.sessions.get(&id) {
            slot.connection.disconnect();
            self.over.push(id);
        }
    }

    fn finish(&mut self, id: u64) {
        let Some(mut slot) = self.sessions.remove(&id) else { return };
        for timer in std::mem::take(&mut slot.own.timers) {
            discard(self.timers.cancel(timer));
        }
        self.drop_watch(&slot.connection);
        slot.finish();
        if self.sessions.is_empty() {
            self.sessions.shrink_to_fit();
        }
    }

    fn drop_watch(&self, connection: &Connection) {
        // (The descriptor is open until the connection is dropped, so the system knows it.)
        let _ = self.poll.registry().deregister(&mut SourceFd(&connection.as_raw_fd()));
    }

    /// Runs the timers that are due. What they bring about comes before the next one.
    fn fire(&mut self, posts: &mut Vec<Post<H>>) {
        let Some(first) = self.timers.next_at() else { return };
        let now = Instant::now();
        if first > now {
            return;
        }
        self.deliver(posts);
        while let Some((timer, due)) = self.timers.take_due(now) {
            match due {
                Due::Callback(id, callback) => {
                    if let Some(slot) = self.sessions.get_mut(&id) {
                        slot.own.timers.retain(|own| *own != timer);
                    }
                    self.call(id, callback);
                }
                Due::Close(id) => self.close(id),
            }
            self.deliver(posts);
        }
    }

    /// Frees the buffers of sessions that nothing has come for.
    fn cool_down(&mut self) {
        if self.warm.sessions.is_empty() {
            self.warm.next = None;
            return;
        }
        let now = Instant::now();
        if *self.warm.next.get_or_insert(now + INACTIVE) > now {
            return;
        }
        let Warm { sessions, round, next } = &mut self.warm;
        sessions.retain(|id| {
            let Some(slot) = self.sessions.get_mut(id) else { return false };
            slot.warm = slot.touched == *round;
            if !slot.warm {
                slot.connection.event_loop().release_buffers();
            }
            slot.warm
        });
        *round = round.wrapping_add(1);
        *next = (!sessions.is_empty()).then(|| now + INACTIVE);
    }
}

/// Drops what is the program's, which may panic at that.
fn discard<T>(of_program: T) {
    let _ = run(move || drop(of_program));
}

impl Warm {
    fn touch<H: SessionHandler>(&mut self, id: u64, slot: &mut Slot<H>) {
        slot.touched = self.round;
        if !std::mem::replace(&mut slot.warm, true) {
            self.sessions.push(id);
        }
    }
}

/// (Where a word has 32 bits, numbers come again after four thousand million calls.)
#[expect(clippy::cast_possible_truncation, reason = "see above")]
fn token(id: u64) -> Token {
    Token(id as usize)
}

/// No session has this number: the first one is 1.
const WAKER: Token = Token(0);
/// How much one wait reports at most; the rest comes with the next.
const EVENTS: usize = 1024;
/// How often posts are taken before the sockets are looked at: callbacks may post without an end.
const ROUNDS: usize = 64;
/// How many messages are taken from a connection at once.
const AT_ONCE: usize = 256;
/// How long nothing comes before a session's buffers are freed.
const INACTIVE: Duration = Duration::from_millis(100);
