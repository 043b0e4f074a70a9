//! What the supervisor's thread and the user's threads share.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use parking_lot::{Condvar, Mutex};
use switchwire_proto::{Command, EventType, Subscription};

use super::next_read::NextRead;
use super::stream::{Notify, Stream};
use super::wanted::{Wanted, changes};
use super::{ManagedBuilder, ManagedState, ManagedStatus, ServerInfo};
use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::inbox::{Above, Heartbeats};
use crate::{Connection, Error, Message, Phase, Result};

pub(super) struct Shared {
    pub(super) plan: ManagedBuilder,
    pub(super) stream: Stream,
    pub(super) wanted: Mutex<Wanted>,
    now: Mutex<Now>,
    /// Notified when `now` changes.
    changed: Condvar,
    stopped: AtomicBool,
    pub(super) on_look: Mutex<Option<Notify>>,
    pub(super) on_status: Mutex<Option<Notify>>,
    pub(super) next_read: NextRead,
}

/// How things stand.
struct Now {
    status: ManagedStatus,
    connection: Option<Connection>,
    /// What can be interrupted while there is no connection.
    busy: Busy,
    attempts: u64,
    /// The address of the last attempt.
    address: String,
    outages: u64,
    waiting: Vec<OnUp>,
}

pub(super) type OnUp = Box<dyn FnOnce(Result<Connection>) + Send>;

#[derive(Default)]
enum Busy {
    #[default]
    Nothing,
    /// A TCP connection is being made: the other end of what its poll watches.
    Dialling(UnixStream),
    /// A login is under way.
    LoggingIn(Arc<Engine>),
}

impl Shared {
    pub(super) fn new(plan: ManagedBuilder) -> Self {
        let wanted = Mutex::new(Wanted::new(plan.subscription.clone()));
        let status = ManagedStatus {
            state: ManagedState::Connecting,
            since: SystemTime::now(),
            last_error: None,
            failures: 0,
            server: None,
            round_trip: None,
            outages: 0,
            attempts: 0,
        };
        let now = Now {
            status,
            connection: None,
            busy: Busy::Nothing,
            attempts: 0,
            address: plan.addresses.first().map(shown).unwrap_or_default(),
            outages: 0,
            waiting: Vec::new(),
        };
        let above = plan.taker.clone().map(|taker| taker as Arc<dyn Above>);
        Self {
            plan,
            stream: Stream::new(above),
            wanted,
            now: Mutex::new(now),
            changed: Condvar::new(),
            stopped: AtomicBool::new(false),
            on_look: Mutex::new(None),
            on_status: Mutex::new(None),
            next_read: NextRead::default(),
        }
    }

    pub(super) fn status(&self) -> ManagedStatus {
        let now = self.now.lock();
        ManagedStatus { attempts: now.attempts, outages: now.outages, ..now.status.clone() }
    }

    pub(super) fn connection(&self) -> Option<Connection> {
        self.now.lock().connection.clone()
    }

    /// Waits for a connection; an error when there will be none, or the deadline has passed.
    pub(super) fn wait_connection(&self, deadline: Deadline) -> Result<Connection> {
        let mut now = self.now.lock();
        loop {
            if let Some(connection) = now.open_connection() {
                return Ok(connection.clone());
            }
            if let Some(error) = now.final_error() {
                return Err(error);
            }
            match deadline.left() {
                Some(left) => {
                    if self.changed.wait_for(&mut now, left).timed_out() && now.open_connection().is_none() {
                        return Err(now.final_error().unwrap_or_else(|| Error::timeout(Phase::Connect)));
                    }
                }
                None => self.changed.wait(&mut now),
            }
        }
    }

    /// Calls back with the connection, now or when there is one.
    pub(super) fn on_up(&self, ready: OnUp) {
        let mut now = self.now.lock();
        let result = match (now.open_connection(), now.final_error()) {
            (Some(connection), _) => Ok(connection.clone()),
            (None, Some(error)) => Err(error),
            (None, None) => return now.waiting.push(ready),
        };
        drop(now);
        ready(result);
    }

    /// The error of a call that needs a connection, and does not wait for one.
    pub(super) fn down(&self) -> Error {
        let now = self.now.lock();
        now.final_error().unwrap_or_else(|| match &now.status.last_error {
            Some(reason) => Error::disconnected(format!("there is no connection at present: {reason}")),
            None => Error::disconnected("there is no connection yet"),
        })
    }

    /// What the server is to be told, and whether its HEARTBEATs are for us alone.
    pub(super) fn effective(&self, wanted: &Wanted) -> (Subscription, bool) {
        let sum = wanted.sum();
        let heard = |kind: EventType| sum.event_names().any(|name| name == kind.name());
        let hidden = self.plan.heartbeats && !heard(EventType::Heartbeat) && !heard(EventType::All);
        (if hidden { sum.event(EventType::Heartbeat) } else { sum }, hidden)
    }

    /// Lets a change of the wanted subscriptions take effect: where there is a connection, `send` gets the commands for it,
    /// with the lock held, so that changes go out in their order.
    pub(super) fn rewant<T>(
        &self,
        change: impl FnOnce(&mut Wanted),
        send: impl FnOnce(&Connection, Vec<Command>) -> T,
    ) -> Result<Option<T>> {
        let mut wanted = self.wanted.lock();
        let before = self.effective(&wanted).0;
        change(&mut wanted);
        let (after, hidden) = self.effective(&wanted);
        let commands = changes(&before, &after)?;
        let Some(connection) = self.connection() else { return Ok(None) };
        set_hidden(connection.engine(), hidden);
        Ok(Some(send(&connection, commands)))
    }

    pub(super) fn attempt_begins(&self, address: &(String, u16)) {
        let mut now = self.now.lock();
        now.attempts += 1;
        now.address = shown(address);
    }

    pub(super) fn address(&self) -> String {
        self.now.lock().address.clone()
    }

    /// A TCP connection is being made; what to watch for being interrupted. `None` when the end has come.
    pub(super) fn dialling(&self) -> Result<Option<UnixStream>> {
        let (ours, theirs) =
            UnixStream::pair().map_err(|error| Error::from_io("cannot make a pair of sockets", error))?;
        let mut now = self.now.lock();
        now.busy = Busy::Dialling(theirs);
        Ok((!self.is_stopped()).then_some(ours))
    }

    pub(super) fn logging_in(&self, engine: Arc<Engine>) {
        self.now.lock().busy = Busy::LoggingIn(engine.clone());
        if self.is_stopped() {
            engine.close(closed_here());
        }
    }

    /// A connection is up, subscribed and known.
    pub(super) fn is_up(&self, connection: &Connection, server: &ServerInfo) -> bool {
        let mut now = self.now.lock();
        now.busy = Busy::Nothing;
        if self.is_stopped() {
            return false;
        }
        now.connection = Some(connection.clone());
        now.status.server = Some(server.clone());
        now.set(ManagedState::Up);
        now.status.failures = 0;
        self.changed.notify_all();
        let waiting = std::mem::take(&mut now.waiting);
        drop(now);
        self.tell_status();
        waiting.into_iter().for_each(|ready| ready(Ok(connection.clone())));
        true
    }

    pub(super) fn is_down(&self, reason: &Error) {
        let mut now = self.now.lock();
        now.connection = None;
        now.outages += 1;
        now.status.round_trip = None;
        now.status.last_error = Some(reason.clone());
        now.set(ManagedState::Down);
        self.changed.notify_all();
        drop(now);
        self.tell_status();
        self.next_read.call();
    }

    /// The state has changed; without locks.
    fn tell_status(&self) {
        let told = self.on_status.lock().clone();
        told.iter().for_each(|told| told());
    }

    pub(super) fn attempt_failed(&self, error: &Error) {
        let mut now = self.now.lock();
        now.busy = Busy::Nothing;
        now.status.last_error = Some(error.clone());
        now.status.failures += 1;
        self.changed.notify_all();
    }

    pub(super) fn gave_up(&self, error: &Error) {
        let mut now = self.now.lock();
        now.status.last_error = Some(error.clone());
        now.set(ManagedState::GaveUp);
        self.changed.notify_all();
        let waiting = std::mem::take(&mut now.waiting);
        drop(now);
        self.tell_status();
        waiting.into_iter().for_each(|ready| ready(Err(error.clone())));
    }

    pub(super) fn round_trip(&self, time: Duration) {
        self.now.lock().status.round_trip = Some(time);
    }

    /// Sleeps until the deadline; `false` when the end has come meanwhile.
    pub(super) fn sleep(&self, deadline: Deadline) -> bool {
        let mut now = self.now.lock();
        while !self.is_stopped() && !deadline.passed() {
            match deadline.left() {
                Some(left) => drop(self.changed.wait_for(&mut now, left)),
                None => self.changed.wait(&mut now),
            }
        }
        !self.is_stopped()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Ends the connection and all attempts.
    pub(super) fn stop(&self) {
        let (connection, busy, waiting) = {
            let mut now = self.now.lock();
            self.stopped.store(true, Ordering::Release);
            if now.final_error().is_none() {
                now.status.last_error = Some(closed_here());
                now.set(ManagedState::Closed);
            }
            (now.connection.take(), std::mem::take(&mut now.busy), std::mem::take(&mut now.waiting))
        };
        self.changed.notify_all();
        self.tell_status();
        waiting.into_iter().for_each(|ready| ready(Err(closed_here())));
        if let Some(connection) = connection {
            connection.engine().close(closed_here());
        }
        self.next_read.call();
        match busy {
            Busy::Nothing => {}
            Busy::Dialling(mut other) => drop(other.write(&[0])),
            Busy::LoggingIn(engine) => engine.close(closed_here()),
        }
    }

    /// The last HEARTBEAT of the present connection.
    pub(super) fn heartbeat(&self) -> Option<Message> {
        self.heartbeats(|kept| kept.last.clone())?
    }

    pub(super) fn heartbeats<T>(&self, read: impl FnOnce(&Heartbeats) -> T) -> Option<T> {
        let connection = self.connection()?;
        connection.engine().inbox().heartbeats.as_ref().map(read)
    }
}

impl Now {
    fn set(&mut self, state: ManagedState) {
        if self.status.state != state {
            self.status.state = state;
            self.status.since = SystemTime::now();
        }
    }

    /// The present connection, unless it has ended and its supervisor has yet to see that.
    fn open_connection(&self) -> Option<&Connection> {
        self.connection.as_ref().filter(|connection| connection.is_open())
    }

    fn final_error(&self) -> Option<Error> {
        let over = matches!(self.status.state, ManagedState::GaveUp | ManagedState::Closed);
        self.status.last_error.clone().filter(|_| over)
    }
}

pub(super) fn set_hidden(engine: &Engine, hidden: bool) {
    if let Some(kept) = &mut engine.inbox().heartbeats {
        kept.hidden = hidden;
    }
}

pub(super) fn keep_heartbeats(engine: &Engine, hidden: bool) {
    engine.inbox().heartbeats = Some(Heartbeats { hidden, ..Heartbeats::default() });
}

fn shown((host, port): &(String, u16)) -> String {
    format!("{host}:{port}")
}

pub(super) fn closed_here() -> Error {
    Error::disconnected("the connection was closed on this side")
}
