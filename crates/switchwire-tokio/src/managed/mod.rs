//! A connection that comes back: [`switchwire::ManagedConnection`] for tasks.

mod commands;
mod stream;

use std::fmt;
use std::sync::Arc;

pub use stream::StreamItems;
use switchwire::{
    Error, Event, Lease, ManagedBuilder, ManagedStatus, Result, Stats, StreamItem, Subscription,
};

use crate::Connection;
use crate::feed::Feed;
use crate::pending::Pending;

/// A connection to a server that comes back when it is lost: described by [`ManagedBuilder`], started by
/// [`start`](Self::start).
///
/// **The stream.** [`recv`](Self::recv) and [`stream`](Self::stream) give, in order: `Connected`, the events and log lines, `Lost`
/// once all that was received before has been taken, `Restored` when the connection is back and subscribed again, and so
/// on, at last `GaveUp`. Each item goes to one receiver.
///
/// **Commands** go out on the present connection. Nothing is ever sent twice: a command whose reply was lost with the
/// connection fails with [`ErrorKind::OutcomeUnknown`](switchwire::ErrorKind::OutcomeUnknown), and so do jobs and
/// applications under way. While there is no connection, commands fail at once, or wait
/// ([`ManagedBuilder::while_down`]): they have not been sent then.
///
/// **Threads.** A thread of the library's own connects, reads and reconnects; it needs no runtime and holds up none. It ends with
/// [`close`](Self::close), or with the last handle.
///
/// ```no_run
/// use switchwire_tokio::{EventType, ManagedBuilder, ManagedConnection, StreamItem, Subscription};
/// # async fn example() -> switchwire_tokio::Result<()> {
/// let builder = ManagedConnection::builder("pbx.example.net", 8021)
///     .password("ClueCon")
///     .subscription(Subscription::new().events([EventType::ChannelAnswer, EventType::ChannelHangupComplete]));
/// let connection = ManagedConnection::start(builder)?;
/// while let Ok(item) = connection.recv().await {
///     match item {
///         StreamItem::Event(event) => println!("{}", event.name()),
///         StreamItem::Lost(lost) => println!("lost: {}", lost.reason),
///         StreamItem::Restored(back) => println!("back after {:?}: {:?}", back.outage, back.run),
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ManagedConnection {
    inner: Arc<Inner>,
}

struct Inner {
    core: switchwire::ManagedConnection,
    /// `None` where a [`Fleet`](crate::Fleet) receives, and ends it.
    feed: Option<Arc<Feed<StreamItem>>>,
}

impl ManagedConnection {
    /// Describes a supervised connection to that host and TCP port.
    #[must_use]
    pub fn builder(host: impl Into<String>, port: u16) -> ManagedBuilder {
        switchwire::ManagedConnection::builder(host, port)
    }

    /// Starts to connect, and returns at once: the stream begins with `Connected`, or ends with `GaveUp`.
    /// [`wait_up`](Self::wait_up) waits for the first connection. (Not by the builder's own `start`, which gives the blocking one.)
    ///
    /// # Errors
    /// `InvalidArgument` for a subscription, user or password that cannot be sent; `Io` when no thread can be started.
    pub fn start(builder: ManagedBuilder) -> Result<Self> {
        let core = builder.start()?;
        let feed = Arc::<Feed<StreamItem>>::default();
        let filled = feed.clone();
        core.on_ready(move || filled.wake_all());
        Ok(Self { inner: Arc::new(Inner { core, feed: Some(feed) }) })
    }

    /// A connection that its fleet receives from.
    pub(crate) fn of_fleet(core: switchwire::ManagedConnection) -> Self {
        Self { inner: Arc::new(Inner { core, feed: None }) }
    }

    fn core(&self) -> &switchwire::ManagedConnection {
        &self.inner.core
    }

    /// The present connection: for all that it offers. It will not come back once it is over: ask again. It ends with
    /// its supervisor, not with its last handle, and its events come in the supervisor's stream alone.
    ///
    /// # Errors
    /// `Disconnected` while there is none; the reason when there will be none.
    pub fn connection(&self) -> Result<Connection> {
        self.core().connection().map(Connection::supervised)
    }

    /// Waits for a connection.
    ///
    /// # Errors
    /// The reason when there will be none (a wrong password …).
    pub async fn wait_up(&self) -> Result<Connection> {
        let up = Pending::<switchwire::Connection, ()>::start(|ready| {
            self.core().on_up(ready);
            Ok(())
        })?;
        up.await.map(Connection::supervised)
    }

    /// How things stand.
    #[must_use]
    pub fn status(&self) -> ManagedStatus {
        self.core().status()
    }

    /// The counters, over all connections so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.core().stats()
    }

    /// The last HEARTBEAT of the present connection, where they are kept ([`ManagedBuilder::heartbeats`]).
    #[must_use]
    pub fn heartbeat(&self) -> Option<Event> {
        self.core().heartbeat()
    }

    /// Ends the present connection and makes a new one, as after a loss.
    pub fn reconnect(&self) {
        self.core().reconnect();
    }

    /// Adds to what the connections are subscribed to, now and after each reconnect, for as long as the lease lives, as
    /// [`switchwire::ManagedConnection::subscribe`] says. Dropping the future takes it back.
    ///
    /// # Errors
    /// `InvalidArgument`, `Refused`, `Timeout`; nothing has changed then.
    pub async fn subscribe(&self, subscription: &Subscription) -> Result<Lease> {
        let (core, subscription) = (self.core().clone(), subscription.clone());
        // (It waits for the server's reply.)
        let subscribed = tokio::task::spawn_blocking(move || core.subscribe(&subscription)).await;
        subscribed.unwrap_or_else(|error| Err(Error::from_io("cannot subscribe", error.into())))
    }

    /// Ends it: closes the connection, wakes every waiter, joins the thread. What has been received can still be taken. A
    /// second call does nothing.
    pub async fn close(&self) {
        let core = self.core().clone();
        // (The thread may be looking up a name, for some 50 ms more.)
        let _ = tokio::task::spawn_blocking(move || core.close()).await;
    }
}

impl Drop for Inner {
    /// Not here: dropping the last handle joins the supervisor's thread.
    fn drop(&mut self) {
        if self.feed.is_none() {
            return;
        }
        let core = self.core.clone();
        let _ = std::thread::Builder::new().name("switchwire-close".into()).spawn(move || core.close());
    }
}

impl fmt::Debug for ManagedConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ManagedConnection").field(self.core()).finish()
    }
}
