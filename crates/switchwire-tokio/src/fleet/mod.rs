//! Many servers as one: [`switchwire::Fleet`] for tasks.

mod commands;
mod stream;

use std::fmt;
use std::sync::Arc;

pub use stream::FleetItems;
use switchwire::{Error, FleetBuilder, FleetItem, FleetServer, Health, Pick, Result};

use crate::ManagedConnection;
use crate::feed::Feed;

/// Many servers as one, each with a [`ManagedConnection`]: described by [`FleetBuilder`], started by [`start`](Self::start).
///
/// **The stream.** [`recv`](Self::recv) and [`stream`](Self::stream) give the items of all servers, each with its server's name: those
/// of one server in its order, its health when that changes, and `Removed` as its last. Each item goes to one receiver.
///
/// **Commands** go to one server ([`connection`](Self::connection), [`api_on`](Self::api_on)), to one that the fleet chooses
/// ([`pick`](Self::pick), [`api_any`](Self::api_any)), or to all ([`api_all`](Self::api_all)). Nothing is ever sent twice.
///
/// **Threads.** Each server has a thread of the library's own, which connects, reads and reconnects, and hands what it has read
/// to the tasks (only the blocking fleet's receivers read the sockets themselves); they need no runtime and hold up none. They end with [`close`](Self::close), or with the last handle; clones are handles to the same fleet.
///
/// ```no_run
/// use switchwire_tokio::{EventType, Fleet, FleetServer, FleetUpdate, ManagedConnection, Pick, Subscription};
/// # async fn example() -> switchwire_tokio::Result<()> {
/// let wanted = Subscription::new().events([EventType::ChannelCreate, EventType::ChannelDestroy]);
/// let server = |host: &str| {
///     let connection = ManagedConnection::builder(host, 8021).subscription(wanted.clone()).snapshot(true);
///     FleetServer::new(host, connection)
/// };
/// let builder = Fleet::builder().server(server("fs1.example.net")).server(server("fs2.example.net").weight(2));
/// let fleet = Fleet::start(builder)?;
/// if let Some(best) = fleet.pick(&Pick::least_sessions()) {
///     fleet.connection(&best)?.bgapi("originate", "user/1000 &park()").await?;
/// }
/// while let Ok(item) = fleet.recv().await {
///     if let FleetUpdate::Health(health) = &item.update {
///         println!("{}: {}", item.server, health.state.name());
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Fleet {
    inner: Arc<Inner>,
}

struct Inner {
    core: switchwire::Fleet,
    feed: Arc<Feed<FleetItem>>,
}

impl Fleet {
    /// Describes a fleet.
    #[must_use]
    pub fn builder() -> FleetBuilder {
        switchwire::Fleet::builder()
    }

    /// Starts to connect to all servers, and returns at once. (Not by the builder's own `start`, which gives the blocking one.)
    ///
    /// # Errors
    /// `InvalidArgument` for two servers of one name, and for what cannot be sent; `Io` when no thread can be started.
    pub fn start(builder: FleetBuilder) -> Result<Self> {
        let core = builder.start()?;
        let feed = Arc::<Feed<FleetItem>>::default();
        let filled = feed.clone();
        core.on_ready(move || filled.wake_all());
        Ok(Self { inner: Arc::new(Inner { core, feed }) })
    }

    fn core(&self) -> &switchwire::Fleet {
        &self.inner.core
    }

    /// Adds a server to the running fleet, and starts to connect; returns at once.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that the fleet has already; else as [`start`](Self::start).
    pub fn add(&self, server: FleetServer) -> Result<()> {
        self.core().add(server)
    }

    /// Removes a server: closes its connection and joins its thread. What it had sent is still delivered, then
    /// [`FleetUpdate::Removed`](switchwire::FleetUpdate::Removed). Dropping the future takes nothing back.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that the fleet does not have.
    pub async fn remove(&self, name: &str) -> Result<()> {
        let (core, name) = (self.core().clone(), name.to_owned());
        let removed = tokio::task::spawn_blocking(move || core.remove(&name)).await;
        removed.unwrap_or_else(|error| Err(Error::from_io("cannot remove the server", error.into())))
    }

    /// Whether the server is to be chosen no more for new calls (or again). Its events go on; calls run to their ends.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that the fleet does not have.
    pub fn drain(&self, name: &str, on: bool) -> Result<()> {
        self.core().drain(name, on)
    }

    /// The names of the servers, sorted.
    #[must_use]
    pub fn servers(&self) -> Vec<Arc<str>> {
        self.core().servers()
    }

    /// The connection to that server, for all that it offers but receiving: its items come in the fleet's stream alone.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that the fleet does not have.
    pub fn connection(&self, name: &str) -> Result<ManagedConnection> {
        self.core().connection(name).map(ManagedConnection::of_fleet)
    }

    /// How that server is doing; `None` for a name that the fleet does not have.
    #[must_use]
    pub fn health(&self, name: &str) -> Option<Health> {
        self.core().health(name)
    }

    /// How all of them are doing, by name.
    #[must_use]
    pub fn health_of_all(&self) -> Vec<(Arc<str>, Health)> {
        self.core().health_of_all()
    }

    /// Chooses a server for a new call, and counts the call as its own until its next HEARTBEAT. `None` when no server will do.
    #[must_use]
    pub fn pick(&self, pick: &Pick) -> Option<Arc<str>> {
        self.core().pick(pick)
    }

    /// How many events have been dropped since they had come from another server of the fleet
    /// ([`FleetBuilder::drop_duplicates`]).
    #[must_use]
    pub fn dropped_duplicates(&self) -> u64 {
        self.core().dropped_duplicates()
    }

    /// Closes all connections and joins their threads. What has been received can still be taken. A second call does nothing.
    pub async fn close(&self) {
        let core = self.core().clone();
        // (A thread may be looking up a name, for some 50 ms more.)
        let _ = tokio::task::spawn_blocking(move || core.close()).await;
    }
}

impl Drop for Inner {
    /// Not here: dropping the last handle joins the servers' threads.
    fn drop(&mut self) {
        let core = self.core.clone();
        let _ = std::thread::Builder::new().name("switchwire-close".into()).spawn(move || core.close());
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fleet").field(self.core()).finish()
    }
}
