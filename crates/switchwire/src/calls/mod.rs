//! Which calls are up on a server: a tracker that follows a connection.
//!
//! The rules are [`Tracker`]'s in `switchwire-proto`; here it is subscribed, synchronised and fed. Nothing here has a
//! thread: events are taken as they pass, by whatever reads the connection.
//!
//! A binding for an event loop starts it with [`EventLoop::start_calls`](crate::EventLoop::start_calls) (`on_ready` once
//! the snapshot is in), reads [`Calls::legs`] and [`Calls::leg`] at any time (they look at no socket then), and gets
//! changes by [`Calls::on_change`]. [`Calls::resync_with`] and [`Calls::move_to_with`] are the forms that never wait.

mod changes;
mod sync;

use std::sync::Arc;

use switchwire_proto::EventFormat;
pub use switchwire_proto::calls::{Bridge, CallLeg, Change, Snapshot, SnapshotError, Tracker};

pub use self::changes::{ChangeWatch, Changes};
use crate::feed::Feeds;
use crate::inbox::{Passing, ReadyCallback};
use crate::sync::Mutex;
use crate::{Connection, Error, EventLoop, PendingValue, Result};

/// The legs that are up on a server: which are bridged to which, since when, in what state; and what changes.
///
/// Made by [`Connection::calls`]. Cloning gives another handle; when the last one is dropped, the tracker is over (the
/// subscription of the connection stays).
///
/// **Reading.** Something must read the connection: a thread that waits in any of its methods or in
/// [`Changes::recv`], a [`channel`](Connection::channel), or an event loop. [`legs`](Self::legs) and the like look at
/// what has arrived, and never wait.
///
/// **Missed events.** Events that the server or the network loses are not told. [`resync`](Self::resync) takes a new
/// snapshot and reports the differences as changes; [`move_to`](Self::move_to) goes on with another connection (after a
/// reconnect). A restart of the server (another `Core-UUID`) is noticed by itself.
///
/// ```no_run
/// use switchwire::{Connection, calls::{CallsOptions, Change}};
/// let connection = Connection::connect("127.0.0.1", 8021, "ClueCon")?;
/// let calls = connection.calls(&CallsOptions::new())?;
/// for leg in calls.legs() {
///     println!("{} {} since {:?}, with {:?}", leg.uuid, leg.name, leg.created, leg.bridged_to());
/// }
/// for change in calls.changes() {
///     if let Change::HungUp(leg) = change {
///         println!("{} {:?}", leg.uuid, leg.hangup_cause);
///     }
/// }
/// # Ok::<(), switchwire::Error>(())
/// ```
#[derive(Clone)]
pub struct Calls(Arc<Handle>);

/// How a tracker follows its connection.
#[derive(Debug, Clone, Default)]
pub struct CallsOptions {
    keep_events: bool,
    format: EventFormat,
}

struct Handle {
    state: Arc<Mutex<State>>,
    options: CallsOptions,
    /// What it follows, and the number of its tap there.
    followed: Mutex<(Connection, u64)>,
}

/// What the tap, the synchronisation and the program share.
struct State {
    tracker: Tracker,
    watchers: Feeds<Change>,
    /// Counts the connections: what one reports that is no longer followed does not count.
    moves: u64,
    ended: Option<Error>,
}

impl CallsOptions {
    /// The connection is the tracker's: it takes the events that it needs, and
    /// [`recv_event`](Connection::recv_event) gets the others.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The events stay in the connection's queue as well, for a program that takes them there.
    #[must_use]
    pub fn keep_events(mut self, keep: bool) -> Self {
        self.keep_events = keep;
        self
    }

    /// The format of the subscription; a connection has one for all its events.
    #[must_use]
    pub fn format(mut self, format: EventFormat) -> Self {
        self.format = format;
        self
    }
}

impl Connection {
    /// Begins to track the calls of the server, and waits until those that are up are known: subscribes to
    /// [`Tracker::EVENTS`], asks for `show channels as json` and `show calls as json`, and for each leg for `uuid_exists`
    /// (the server's list lags behind).
    ///
    /// # Errors
    /// `Refused` when the connection may not do that, `Timeout` after the command timeout, `Disconnected`.
    pub fn calls(&self, options: &CallsOptions) -> Result<Calls> {
        let mut calls = None;
        let pending = PendingValue::start(self.engine(), |on_done| {
            calls = Some(self.event_loop().start_calls(options, on_done)?);
            Ok(())
        })?;
        pending.wait_for(self.options().command_timeout)?;
        calls.ok_or_else(|| Error::disconnected("nothing was sent"))
    }
}

impl EventLoop<'_> {
    /// [`Connection::calls`], without waiting: `on_ready` is called once the calls that are up are known.
    ///
    /// # Errors
    /// `Disconnected`, `LimitExceeded`; the callback is not called then.
    pub fn start_calls(
        self,
        options: &CallsOptions,
        on_ready: impl FnOnce(Result<()>) + Send + 'static,
    ) -> Result<Calls> {
        let state = State { tracker: Tracker::new(), watchers: Feeds::default(), moves: 0, ended: None };
        let state = Arc::new(Mutex::new(state));
        let tap = follow(&state, self.connection, options)?;
        let followed = Mutex::new((self.connection.clone(), tap));
        let calls = Calls(Arc::new(Handle { state, options: options.clone(), followed }));
        calls.sync(self.connection, true, Box::new(on_ready))?;
        Ok(calls)
    }
}

/// From now on the tracker sees the events of the connection.
fn follow(state: &Arc<Mutex<State>>, connection: &Connection, options: &CallsOptions) -> Result<u64> {
    let keep = options.keep_events;
    let shared = Arc::clone(state);
    let mut inbox = connection.engine().inbox_here().ok_or_else(Error::forked)?;
    if let Some(reason) = &inbox.closed {
        return Err(reason.clone());
    }
    let moves = {
        let mut state = state.lock();
        state.moves += 1;
        state.ended = None;
        // What comes from now on goes before the snapshot that is asked for next.
        state.tracker.begin_sync();
        state.moves
    };
    let tap = move |passing: Passing<'_>, ready: &mut Vec<ReadyCallback>| {
        let mut state = shared.lock();
        if state.moves != moves {
            return false;
        }
        match passing {
            Passing::Event(event) => {
                let changes = state.tracker.event(event);
                state.report(changes, ready);
                !keep && Tracker::EVENTS.contains(&event.event_type())
            }
            Passing::Closed(reason) => {
                state.ended = Some(reason.clone());
                state.watchers.put(&Err(reason.clone()), ready);
                false
            }
        }
    };
    Ok(inbox.taps.add(Box::new(tap)))
}

impl State {
    fn report(&mut self, changes: Vec<Change>, ready: &mut Vec<ReadyCallback>) {
        for change in changes {
            self.watchers.put(&Ok(change), ready);
        }
    }
}

impl Calls {
    /// The legs that are up, the oldest first. One that is [hung up](CallLeg::is_hung_up) stays until the server has
    /// cleared up.
    #[must_use]
    pub fn legs(&self) -> Vec<CallLeg> {
        let mut legs: Vec<_> = self.look(|tracker| tracker.legs().cloned().collect());
        legs.sort_by(|a, b| a.created.cmp(&b.created).then_with(|| a.uuid.cmp(&b.uuid)));
        legs
    }

    /// The leg with that uuid.
    #[must_use]
    pub fn leg(&self, uuid: &str) -> Option<CallLeg> {
        self.look(|tracker| tracker.leg(uuid).cloned())
    }

    /// How many legs there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.look(Tracker::len)
    }

    /// The legs that talk to each other, each pair once.
    #[must_use]
    pub fn bridged(&self) -> Vec<(CallLeg, CallLeg)> {
        let legs = self.legs();
        let pair = |leg: &CallLeg| {
            let other = legs.iter().find(|other| leg.bridged_to() == Some(&other.uuid))?;
            let mutual = other.bridged_to() == Some(&leg.uuid);
            (mutual && leg.uuid < other.uuid).then(|| (leg.clone(), other.clone()))
        };
        legs.iter().filter_map(pair).collect()
    }

    /// The server's `Core-UUID`: another one after a restart.
    #[must_use]
    pub fn core_uuid(&self) -> Option<String> {
        self.look(|tracker| tracker.core_uuid().map(str::to_owned))
    }

    /// The connection that it follows.
    #[must_use]
    pub fn connection(&self) -> Connection {
        self.0.followed.lock().0.clone()
    }

    /// Why nothing is heard any more: the connection has ended. What is known stays; [`move_to`](Self::move_to) goes on.
    #[must_use]
    pub fn ended(&self) -> Option<Error> {
        self.look(|_| ());
        self.0.state.lock().ended.clone()
    }

    /// Takes a new snapshot and waits until it is merged: what was missed is reported as changes.
    ///
    /// # Errors
    /// As [`Connection::calls`].
    pub fn resync(&self) -> Result<()> {
        self.wait(&self.connection(), |on_done| self.resync_with(on_done))
    }

    /// [`resync`](Self::resync), without waiting.
    ///
    /// # Errors
    /// `Disconnected`, `LimitExceeded`; the callback is not called then.
    pub fn resync_with(&self, on_done: impl FnOnce(Result<()>) + Send + 'static) -> Result<()> {
        self.0.state.lock().tracker.begin_sync();
        self.sync(&self.connection(), false, Box::new(on_done))
    }

    /// Follows another connection from now on (to the same server, after a reconnect), and waits until what has changed
    /// meanwhile is known; it is reported as changes. Watchers stay.
    ///
    /// # Errors
    /// As [`Connection::calls`].
    pub fn move_to(&self, connection: &Connection) -> Result<()> {
        self.wait(connection, |on_done| self.move_to_with(connection, on_done))
    }

    /// [`move_to`](Self::move_to), without waiting.
    ///
    /// # Errors
    /// `Disconnected`, `LimitExceeded`; the callback is not called then.
    pub fn move_to_with(
        &self,
        connection: &Connection,
        on_done: impl FnOnce(Result<()>) + Send + 'static,
    ) -> Result<()> {
        let tap = follow(&self.0.state, connection, &self.0.options)?;
        let (old, old_tap) = std::mem::replace(&mut *self.0.followed.lock(), (connection.clone(), tap));
        unfollow(&old, old_tap);
        self.sync(connection, true, Box::new(on_done))
    }

    fn sync(&self, connection: &Connection, subscribe: bool, on_done: sync::OnDone) -> Result<()> {
        let format = subscribe.then_some(self.0.options.format);
        sync::start(self.0.state.clone(), connection.engine(), format, on_done)
    }

    fn wait(
        &self,
        connection: &Connection,
        start: impl FnOnce(Box<dyn FnOnce(Result<()>) + Send>) -> Result<()>,
    ) -> Result<()> {
        PendingValue::start(connection.engine(), start)?.wait_for(connection.options().command_timeout)
    }

    fn look<T>(&self, ask: impl FnOnce(&Tracker) -> T) -> T {
        let connection = self.connection();
        drop(connection.engine().look());
        ask(&self.0.state.lock().tracker)
    }
}

fn unfollow(connection: &Connection, tap: u64) {
    drop(connection.engine().change(|inbox| inbox.taps.remove(tap)));
}

impl Drop for Handle {
    fn drop(&mut self) {
        let (connection, tap) = &*self.followed.lock();
        unfollow(connection, *tap);
    }
}

impl std::fmt::Debug for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calls").field("legs", &self.0.state.lock().tracker.len()).finish_non_exhaustive()
    }
}
