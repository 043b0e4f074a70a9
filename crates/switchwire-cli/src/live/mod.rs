//! Servers watched together: one stream of all their events, and which calls are up on each.
//!
//! `calls`, `top` and `exporter` are views of this. Nothing here waits for a server: trackers are started without waiting,
//! and a lost connection comes back by itself.

mod rates;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use switchwire::calls::{CallLeg, Calls, CallsOptions, Change, Changes};
use switchwire::{
    Error, ErrorKind, Fleet, FleetItem, FleetServer, FleetUpdate, ManagedState, StreamItem, Subscription,
};
use switchwire_sim::Simulator;

pub(crate) use self::rates::{Rate, Rates};
use crate::failure::{Failure, Result};
use crate::server::Several;

/// The servers.
pub(crate) struct Live {
    fleet: Fleet,
    trackers: BTreeMap<Arc<str>, Tracked>,
    keep_events: bool,
    changes: bool,
    /// Servers that have said which calls are up, or why they do not.
    known: Arc<Mutex<BTreeMap<Arc<str>, Option<String>>>>,
    _simulator: Option<Simulator>,
}

struct Tracked {
    calls: Calls,
    changes: Option<Changes>,
}

/// What is watched of each server beside its calls.
#[derive(Default)]
pub(crate) struct Watching {
    pub(crate) subscription: Subscription,
    /// The events that the trackers need come in the stream as well.
    pub(crate) keep_events: bool,
    /// The changes of the calls are kept for [`Live::changes`].
    pub(crate) changes: bool,
}

/// Connections to all of them, each with that subscription.
pub(crate) fn fleet(several: &Several, subscription: &Subscription) -> Result<Fleet> {
    let fleet = several.servers.iter().fold(Fleet::builder(), |fleet, server| {
        let connection = server.managed().subscription(subscription.clone());
        fleet.server(FleetServer::new(server.name.clone(), connection))
    });
    Ok(fleet.start()?)
}

impl Live {
    /// Starts to connect to all of them.
    pub(crate) fn start(several: Several, watching: Watching) -> Result<Self> {
        Ok(Self {
            fleet: fleet(&several, &watching.subscription)?,
            trackers: BTreeMap::new(),
            keep_events: watching.keep_events,
            changes: watching.changes,
            known: Arc::default(),
            _simulator: several.simulator,
        })
    }

    /// The fleet, for commands and health.
    pub(crate) fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// The next item of any server; `None` when nothing has come within that time. Trackers follow their connections by
    /// it: it must be called on and on.
    pub(crate) fn next(&mut self, timeout: Duration) -> Result<Option<FleetItem>> {
        let item = self.fleet.recv_timeout(timeout)?;
        if let Some(FleetItem { server, update: FleetUpdate::Stream(item), .. }) = &item
            && matches!(item, StreamItem::Connected(_) | StreamItem::Restored(_))
        {
            self.follow(server);
        }
        Ok(item)
    }

    /// Takes what comes until `until` says that it is enough; it is asked every so often.
    pub(crate) fn pump(&mut self, mut seen: impl FnMut(&FleetItem), enough: impl Fn() -> bool) -> Result {
        while !enough() {
            let slice = Instant::now() + SLICE;
            while let Some(left) = slice.checked_duration_since(Instant::now()) {
                if let Some(item) = self.next(left)? {
                    seen(&item);
                }
            }
        }
        Ok(())
    }

    /// The legs that are up, of all servers: those of each server the oldest first.
    pub(crate) fn legs(&self) -> Vec<(Arc<str>, CallLeg)> {
        let of = |(server, tracked): (&Arc<str>, &Tracked)| {
            let server = Arc::clone(server);
            tracked.calls.legs().into_iter().map(move |leg| (Arc::clone(&server), leg))
        };
        self.trackers.iter().flat_map(of).collect()
    }

    /// What has changed since it was last asked, in the order of each server; an error of kind `LimitExceeded` stands for
    /// changes that were too many.
    pub(crate) fn changes(&mut self) -> Vec<(Arc<str>, Result<Change, Error>)> {
        let mut all = Vec::new();
        for (server, tracked) in &mut self.trackers {
            let Some(changes) = &mut tracked.changes else { continue };
            loop {
                match changes.try_recv() {
                    Ok(Some(change)) => all.push((Arc::clone(server), Ok(change))),
                    Err(error) if error.kind() == ErrorKind::LimitExceeded && !error.is_disconnected() => {
                        all.push((Arc::clone(server), Err(error)));
                    }
                    // Nothing for now, or until the connection is back.
                    Ok(None) | Err(_) => break,
                }
            }
        }
        all
    }

    /// Why a server does not say which calls are up.
    pub(crate) fn refusals(&self) -> Vec<String> {
        let known = self.known.lock();
        known.iter().filter_map(|(server, why)| Some(format!("{server}: {}", why.as_ref()?))).collect()
    }

    /// Waits until each server is connected and its calls are known, or an attempt to connect has failed. Items that come
    /// meanwhile are given to `seen`.
    ///
    /// # Errors
    /// When none of them is connected: the last failure.
    pub(crate) fn wait_ready(&mut self, mut seen: impl FnMut(&FleetItem)) -> Result {
        let names = self.fleet.servers();
        let deadline = Instant::now() + READY;
        loop {
            if let Some(item) = self.next(LOOK)? {
                seen(&item);
            }
            let mut up = 0;
            let mut failed = None;
            for name in &names {
                let status = self.fleet.connection(name)?.status();
                if status.state == ManagedState::Up {
                    up += usize::from(self.is_known(name));
                } else if status.failures > 0 || status.state == ManagedState::GaveUp {
                    failed = status.last_error.or(failed);
                    up += 1;
                }
            }
            if up == names.len() || Instant::now() >= deadline {
                let connected = |name| {
                    let status = self.fleet.connection(name).map(|connection| connection.status());
                    status.is_ok_and(|status| status.state == ManagedState::Up)
                };
                return match failed {
                    Some(error) if !names.iter().any(|name| connected(name)) => Err(Failure::from(error)),
                    _ => Ok(()),
                };
            }
        }
    }

    /// Why nothing more will come from any server, if that is so: a wrong password, say.
    pub(crate) fn gave_up(&self) -> Option<Error> {
        let mut reason = None;
        for name in self.fleet.servers() {
            let status = self.fleet.connection(&name).ok()?.status();
            if status.state != ManagedState::GaveUp {
                return None;
            }
            reason = status.last_error;
        }
        reason
    }

    fn is_known(&self, server: &str) -> bool {
        self.known.lock().contains_key(server)
    }

    /// Tracks the calls on the present connection of that server.
    fn follow(&mut self, server: &Arc<str>) {
        // Lost again already: that is the next item.
        let connection = self.fleet.connection(server).and_then(|managed| managed.connection());
        let Ok(connection) = connection else { return };
        self.known.lock().remove(server);
        let (known, name) = (Arc::clone(&self.known), Arc::clone(server));
        let on_done = move |result: Result<(), Error>| {
            let why = match result {
                Ok(()) => None,
                Err(error) if error.kind() == ErrorKind::Refused => Some(error.to_string()),
                // The connection is lost, and comes back.
                Err(_) => return,
            };
            known.lock().insert(name, why);
        };
        if let Some(tracked) = self.trackers.get(server) {
            let _ = tracked.calls.move_to_with(&connection, on_done);
            return;
        }
        let options = CallsOptions::new().keep_events(self.keep_events);
        let Ok(calls) = connection.event_loop().start_calls(&options, on_done) else { return };
        // It begins with the legs that are up, whether they are known already or not.
        let changes = self.changes.then(|| calls.changes());
        self.trackers.insert(Arc::clone(server), Tracked { calls, changes });
    }
}

/// Between two looks at keys and clocks.
const SLICE: Duration = Duration::from_millis(50);
const LOOK: Duration = Duration::from_millis(20);
/// How long a server may take to say which calls are up.
const READY: Duration = Duration::from_secs(30);
