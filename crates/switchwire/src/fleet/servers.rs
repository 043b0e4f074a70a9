//! The servers of a fleet.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;

use super::health::{Health, HealthLimits, HealthState};
use super::inlet::Inlet;
use super::pick::{Candidate, Pick, choose};
use super::stream::{FleetItem, FleetUpdate, Merged};
use crate::managed::Gate;
use crate::{Error, ErrorKind, ManagedBuilder, ManagedConnection, Result};

/// Many servers as one: see [`builder`](Self::builder).
///
/// Each server has a [`ManagedConnection`] with its thread; the fleet has none of its own. A thread that waits in
/// [`recv`](Self::recv) reads the sockets of all servers itself, so that nothing is handed from thread to thread; the
/// servers' threads read while no thread receives, within 100 ms, and always once an event loop has set
/// [`on_ready`](Self::on_ready): they hand over to it then. Clones are handles to the same fleet, for any number of
/// threads; the connections are closed with [`close`](Self::close), or with the last handle.
///
/// ```no_run
/// use switchwire::{EventType, Fleet, FleetServer, FleetUpdate, ManagedConnection, Pick, Subscription};
///
/// let wanted = Subscription::new().events([EventType::ChannelCreate, EventType::ChannelDestroy]);
/// let server = |host: &str| {
///     let connection = ManagedConnection::builder(host, 8021).subscription(wanted.clone()).snapshot(true);
///     FleetServer::new(host, connection)
/// };
/// let fleet = Fleet::builder().server(server("fs1.example.net")).server(server("fs2.example.net").weight(2)).start()?;
/// if let Some(best) = fleet.pick(&Pick::least_sessions()) {
///     fleet.connection(&best)?.bgapi("originate", "user/1000 &park()")?;
/// }
/// while let Ok(item) = fleet.recv() {
///     if let FleetUpdate::Health(health) = &item.update {
///         println!("{}: {}", item.server, health.state.name());
///     }
/// }
/// # Ok::<(), switchwire::Error>(())
/// ```
#[derive(Clone)]
pub struct Fleet {
    inner: Arc<Inner>,
}

struct Inner {
    merged: Arc<Merged>,
    /// How many servers have been added.
    added: AtomicU64,
    servers: Mutex<BTreeMap<Arc<str>, Arc<Server>>>,
    gate: Gate,
    limits: HealthLimits,
}

/// A handle for callbacks, which does not keep the fleet open.
pub(super) struct WeakFleet(Weak<Inner>);

impl WeakFleet {
    pub(super) fn upgrade(&self) -> Option<Fleet> {
        self.0.upgrade().map(|inner| Fleet { inner })
    }
}

/// A server as the fleet has it.
pub(super) struct Server {
    pub(super) name: Arc<str>,
    weight: u32,
    tags: Vec<String>,
    limits: HealthLimits,
    inlet: Arc<Inlet>,
    connection: OnceLock<ManagedConnection>,
    draining: AtomicBool,
    /// How often it was chosen, and how often since its last HEARTBEAT.
    chosen: AtomicU64,
    recent: Mutex<Recent>,
    reported: Mutex<Option<(HealthState, bool)>>,
}

#[derive(Default)]
struct Recent {
    heartbeats: u64,
    chosen: u64,
}

/// A server that is to be in a fleet.
#[derive(Debug, Clone)]
pub struct FleetServer {
    name: String,
    connection: ManagedBuilder,
    weight: u32,
    tags: Vec<String>,
}

impl FleetServer {
    /// A server under that name, and how to connect to it.
    #[must_use]
    pub fn new(name: impl Into<String>, connection: ManagedBuilder) -> Self {
        Self { name: name.into(), connection, weight: 1, tags: Vec::new() }
    }

    /// How many calls it takes in proportion to others. Default 1; 0 is never chosen.
    #[must_use]
    pub fn weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// Adds a tag (a region, a tenant, `video`) that calls may ask for: [`Pick::tag`].
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }
}

/// Makes a [`Fleet`].
#[derive(Debug, Clone)]
pub struct FleetBuilder {
    servers: Vec<FleetServer>,
    attempts_at_once: usize,
    limits: HealthLimits,
    duplicates: Option<usize>,
}

impl FleetBuilder {
    /// Adds a server.
    #[must_use]
    pub fn server(mut self, server: FleetServer) -> Self {
        self.servers.push(server);
        self
    }

    /// How many attempts to connect may be under way at once, over all servers: when fifty come back together, they do so
    /// in turn. Default 8.
    #[must_use]
    pub fn attempts_at_once(mut self, attempts: usize) -> Self {
        self.attempts_at_once = attempts.max(1);
        self
    }

    /// Beyond which a server counts as degraded.
    #[must_use]
    pub fn limits(mut self, limits: HealthLimits) -> Self {
        self.limits = limits;
        self
    }

    /// For fleets in which two entries lead to one FreeSWITCH (over two networks, so that its events go on when one is
    /// down): drops an event that has come from another entry already, by [`Duplicates`](crate::Duplicates), and counts it
    /// in [`Fleet::dropped_duplicates`]. `events` is how many of the last ones are remembered, about 70 bytes each. By
    /// default every event of every entry is delivered.
    #[must_use]
    pub fn drop_duplicates(mut self, events: usize) -> Self {
        self.duplicates = Some(events);
        self
    }

    /// Starts to connect to all of them, and returns at once.
    ///
    /// # Errors
    /// As [`Fleet::add`].
    pub fn start(self) -> Result<Fleet> {
        let fleet = Fleet {
            inner: Arc::new(Inner {
                merged: Arc::new(Merged::new(self.duplicates)?),
                added: AtomicU64::new(0),
                servers: Mutex::default(),
                gate: Gate::new(self.attempts_at_once),
                limits: self.limits,
            }),
        };
        self.servers.into_iter().try_for_each(|server| fleet.add(server))?;
        Ok(fleet)
    }
}

impl Fleet {
    /// Describes a fleet.
    #[must_use]
    pub fn builder() -> FleetBuilder {
        FleetBuilder {
            servers: Vec::new(),
            attempts_at_once: 8,
            limits: HealthLimits::default(),
            duplicates: None,
        }
    }

    pub(super) fn downgrade(&self) -> WeakFleet {
        WeakFleet(Arc::downgrade(&self.inner))
    }

    pub(super) fn merged(&self) -> &Arc<Merged> {
        &self.inner.merged
    }

    /// Adds a server to the running fleet, and starts to connect.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that the fleet has already; else as [`ManagedBuilder::start`].
    pub fn add(&self, server: FleetServer) -> Result<()> {
        let name: Arc<str> = server.name.into();
        let mut servers = self.inner.servers.lock();
        if servers.contains_key(&name) {
            let detail = format!("the fleet has a server {name:?} already");
            return Err(Error::new(ErrorKind::InvalidArgument, detail));
        }
        let number = self.inner.added.fetch_add(1, Ordering::Relaxed);
        let added = Arc::new_cyclic(|this| Server {
            inlet: Arc::new(Inlet::new(number, this.clone(), &self.inner.merged)),
            name: name.clone(),
            weight: server.weight,
            tags: server.tags,
            limits: self.inner.limits,
            connection: OnceLock::new(),
            draining: AtomicBool::new(false),
            chosen: AtomicU64::new(0),
            recent: Mutex::default(),
            reported: Mutex::new(None),
        });
        let builder = server.connection.heartbeats(true).gate(self.inner.gate.clone());
        self.inner.merged.sockets.add(added.inlet.clone());
        let started = builder.taker(added.inlet.clone()).start();
        let connection = started.inspect_err(|_| self.inner.merged.sockets.remove(&added.inlet))?;
        let (looked, told) = (Arc::downgrade(&added), Arc::downgrade(&self.inner.merged));
        let connection = added.connection.get_or_init(|| connection);
        connection.on_look(move || {
            let Some((server, merged)) = both(&looked, &told) else { return };
            if let Some(health) = server.health_if_changed() {
                merged.push([FleetItem { server: server.name.clone(), update: FleetUpdate::Health(health) }]);
            }
        });
        // What has come before the server had its connection could not be taken.
        self.inner.merged.notify(&added.inlet);
        servers.insert(name, added);
        Ok(())
    }

    /// Removes a server: closes its connection and joins its thread. What it had sent is still delivered, then
    /// [`FleetUpdate::Removed`].
    ///
    /// # Errors
    /// `InvalidArgument` for a name that the fleet does not have.
    pub fn remove(&self, name: &str) -> Result<()> {
        let removed = self.inner.servers.lock().remove(name);
        let Some((server, connection)) =
            removed.and_then(|server| Some((server.clone(), server.connection()?.clone())))
        else {
            return Err(unknown(name));
        };
        connection.close();
        self.merged().drain(&server, Some(FleetUpdate::Removed));
        self.merged().sockets.remove(&server.inlet);
        self.merged().channels.lock().forget(&server.name);
        Ok(())
    }

    /// Whether the server is to be chosen no more for new calls (or again). Its events go on; calls run to their ends.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that the fleet does not have.
    pub fn drain(&self, name: &str, on: bool) -> Result<()> {
        let server = self.inner.servers.lock().get(name).cloned().ok_or_else(|| unknown(name))?;
        server.draining.store(on, Ordering::Relaxed);
        if let Some(health) = server.health_if_changed() {
            self.merged()
                .push([FleetItem { server: server.name.clone(), update: FleetUpdate::Health(health) }]);
        }
        Ok(())
    }

    /// The names of the servers, sorted.
    #[must_use]
    pub fn servers(&self) -> Vec<Arc<str>> {
        self.inner.servers.lock().keys().cloned().collect()
    }

    /// The connection to that server.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that the fleet does not have.
    pub fn connection(&self, name: &str) -> Result<ManagedConnection> {
        let server = self.inner.servers.lock().get(name).cloned();
        server.and_then(|server| server.connection().cloned()).ok_or_else(|| unknown(name))
    }

    /// How that server is doing; `None` for a name that the fleet does not have.
    #[must_use]
    pub fn health(&self, name: &str) -> Option<Health> {
        let server = self.inner.servers.lock().get(name).cloned()?;
        server.health()
    }

    /// How all of them are doing, by name.
    #[must_use]
    pub fn health_of_all(&self) -> Vec<(Arc<str>, Health)> {
        let servers: Vec<_> = self.inner.servers.lock().values().cloned().collect();
        servers.iter().filter_map(|server| Some((server.name.clone(), server.health()?))).collect()
    }

    /// Chooses a server for a new call, and counts the call as its own until its next HEARTBEAT. `None` when no server will do.
    #[must_use]
    pub fn pick(&self, pick: &Pick) -> Option<Arc<str>> {
        self.pick_except(pick, &[])
    }

    pub(super) fn pick_except(&self, pick: &Pick, except: &[Arc<str>]) -> Option<Arc<str>> {
        let servers = self.inner.servers.lock();
        let candidates: Vec<_> = servers
            .values()
            .filter(|server| !except.contains(&server.name))
            .filter(|server| pick.tags.iter().all(|tag| server.tags.contains(tag)))
            .filter_map(|server| server.candidate())
            .collect();
        let name = choose(&pick.choice, &candidates)?;
        if let Some(server) = servers.get(&name) {
            server.chosen.fetch_add(1, Ordering::Relaxed);
            server.recent.lock().chosen += 1;
        }
        Some(name)
    }

    pub(super) fn server_connections(&self) -> Vec<(Arc<str>, ManagedConnection)> {
        let servers = self.inner.servers.lock();
        servers
            .values()
            .filter_map(|server| Some((server.name.clone(), server.connection()?.clone())))
            .collect()
    }

    /// Closes all connections and joins their threads. What has been received can still be taken. A second call does nothing.
    pub fn close(&self) {
        self.inner.close();
    }
}

impl Inner {
    fn close(&self) {
        let servers = std::mem::take(&mut *self.servers.lock());
        let connections: Vec<_> = servers.values().filter_map(|server| server.connection()).collect();
        // All are stopped before the first is waited for.
        connections.iter().for_each(|connection| connection.stop());
        connections.iter().for_each(|connection| connection.close());
        servers.values().for_each(|server| self.merged.drain(server, None));
        self.merged.close();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

impl Server {
    pub(super) fn connection(&self) -> Option<&ManagedConnection> {
        self.connection.get()
    }

    pub(super) fn inlet(&self) -> &Arc<Inlet> {
        &self.inlet
    }

    fn health(&self) -> Option<Health> {
        Some(Health::of(self.connection()?, self.draining.load(Ordering::Relaxed), &self.limits))
    }

    /// Its health, when its state is another than what was last reported.
    pub(super) fn health_if_changed(&self) -> Option<Health> {
        self.if_changed(self.health()?)
    }

    /// Likewise, where its stream says that it went up or down: the connection may be further by now.
    pub(super) fn health_at(&self, up: bool) -> Option<Health> {
        let mut health = self.health()?;
        match (up, health.state) {
            (false, _) => health.state = HealthState::Down,
            (true, HealthState::Down) => health.state = HealthState::Up,
            (true, _) => {}
        }
        self.if_changed(health)
    }

    fn if_changed(&self, health: Health) -> Option<Health> {
        let now = (health.state, health.draining);
        let before = self.reported.lock().replace(now);
        // (A server that has not been up yet is down, which is nothing new.)
        let changed = before.map_or(now != (HealthState::Down, false), |before| before != now);
        changed.then_some(health)
    }

    /// `None` when it cannot be chosen.
    fn candidate(&self) -> Option<Candidate> {
        let health = self.health()?;
        if health.draining || health.state == HealthState::Down {
            return None;
        }
        let mut recent = self.recent.lock();
        let heartbeats = self.connection()?.heartbeats_so_far();
        if recent.heartbeats != heartbeats {
            *recent = Recent { heartbeats, chosen: 0 };
        }
        Some(Candidate {
            name: self.name.clone(),
            weight: self.weight,
            degraded: health.state == HealthState::Degraded,
            sessions: health.sessions.unwrap_or(0) + recent.chosen,
            chosen: self.chosen.load(Ordering::Relaxed),
        })
    }
}

fn both<A, B>(one: &Weak<A>, other: &Weak<B>) -> Option<(Arc<A>, Arc<B>)> {
    Some((one.upgrade()?, other.upgrade()?))
}

fn unknown(name: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("the fleet has no server {name:?}"))
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet").field("servers", &self.servers()).finish_non_exhaustive()
    }
}
