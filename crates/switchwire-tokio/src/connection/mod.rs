//! The connection, for any number of tasks.
//!
//! By task: `opening` (connecting, login), `commands`, `subscribe`, `execute`, `session` (the connection's own call), `receive` (events).

mod commands;
mod execute;
mod opening;
mod receive;
mod session;
mod subscribe;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

pub use receive::{EventStream, IncomingStream};
use switchwire::{Command, ErrorKind, Event, Options, Permissions, Reply, Result, Stats, Submitted};

use crate::driver::{Driver, Link};

/// A connection to FreeSWITCH's event socket: inbound (we connected, see [`connect`](Self::connect)) or outbound (the
/// server connected to us for a call, see [`Listener`](crate::Listener)).
///
/// **Tasks.** Every method takes `&self`, and any number of tasks may use one connection at once. Cloning gives
/// another handle to the same connection; it is closed when the last handle is dropped (the streams and calls made from it
/// are handles, too).
///
/// **Runtime.** One task per connection reads its socket, on the runtime that the connection was opened on, which needs I/O
/// and time (`enable_all`); current-thread and multi-thread do alike. Nothing here blocks a runtime thread. The connection
/// is over when that runtime ends.
///
/// **Cancelling.** Every future may be dropped at any await. A command that has been sent stays sent: dropping its future
/// abandons the slot of its reply, not the order; no other command gets that reply. A future that was not polled has
/// sent nothing. No event is lost with a future that waited for one.
///
/// **Timeouts.** Commands wait for their reply for at most the command timeout
/// ([`Builder::command_timeout`](switchwire::Builder::command_timeout)). All other waits have no time limit of their own: wrap them in
/// [`tokio::time::timeout`].
///
/// **Backpressure.** Events wait in a bounded queue ([`QueueLimits`](switchwire::QueueLimits)) until they are taken; at its
/// bound its policy holds: drop and count, fail, or pause reading ([`Overflow::Block`](switchwire::Overflow::Block)).
///
/// **Order.** The server replies to commands in the order in which they were sent. Events come in the order in which the
/// server sent them, each to one receiver.
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
}

struct Inner {
    core: switchwire::Connection,
    /// `None` where the supervisor of a [`ManagedConnection`](crate::ManagedConnection) reads and ends it.
    link: Option<Arc<Link>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.link.is_some() {
            self.core.disconnect();
        }
    }
}

impl Connection {
    /// Begins to read.
    pub(crate) fn drive(core: switchwire::Connection) -> Result<Self> {
        let (driver, link) = Driver::new(core.clone())?;
        tokio::spawn(driver);
        Ok(Self { inner: Arc::new(Inner { core, link: Some(link) }) })
    }

    /// A connection that its supervisor reads.
    pub(crate) fn supervised(core: switchwire::Connection) -> Self {
        Self { inner: Arc::new(Inner { core, link: None }) }
    }

    pub(crate) fn core(&self) -> &switchwire::Connection {
        &self.inner.core
    }

    fn link(&self) -> Option<&Arc<Link>> {
        self.inner.link.as_ref()
    }

    /// Runs what sends a command. While others are in flight it is gathered with those that are sent in the same turn of the
    /// runtime, and written with them in one go.
    pub(crate) fn send<T>(&self, send: impl FnOnce(switchwire::EventLoop<'_>) -> Result<T>) -> Result<T> {
        let event_loop = self.core().event_loop();
        let Some(link) = self.link() else {
            let sent = send(event_loop)?;
            if event_loop.wants_write() {
                self.flush_supervised();
            }
            return Ok(sent);
        };
        let gathers = self.core().stats().unanswered > 0;
        if gathers {
            event_loop.gather_writes();
        }
        let sent = send(event_loop);
        link.awaits_reply();
        if gathers || event_loop.wants_write() {
            link.wake_driver();
        }
        sent
    }

    /// What a full socket held back: no event loop watches for room.
    fn flush_supervised(&self) {
        let core = self.core().clone();
        tokio::task::spawn_blocking(move || {
            let time = core.options().command_timeout.unwrap_or(core.options().login_timeout);
            // A failure is the connection's end, which is reported to all that wait.
            let _ = core.flush_timeout(time);
        });
    }

    /// Whether the end of the connection has not been read yet. A peer that vanished silently is noticed by the next
    /// write.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.core().is_open()
    }

    /// Why the connection is over; `None` while it is up.
    #[must_use]
    pub fn disconnect_reason(&self) -> Option<switchwire::Error> {
        self.core().disconnect_reason()
    }

    /// The address of the other end; `None` once the connection is over.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.core().peer_addr()
    }

    /// Outbound: the `CHANNEL_DATA` event that replied to `connect`, with the call's variables. `None` inbound.
    #[must_use]
    pub fn info(&self) -> Option<Event> {
        self.core().info()
    }

    /// Inbound: what the server allows, as reported when we logged in as a user.
    #[must_use]
    pub fn permissions(&self) -> &Permissions {
        self.core().permissions()
    }

    /// The options that it was opened with.
    #[must_use]
    pub fn options(&self) -> &Options {
        self.core().options()
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.core().stats()
    }

    /// Closes the connection; tasks that wait on it get `Disconnected`. Does not send `exit`. A second call does nothing.
    pub fn disconnect(&self) {
        self.core().disconnect();
    }

    /// Sends `exit`, waits for the reply, then closes.
    ///
    /// # Errors
    /// `Timeout`; the connection is closed all the same.
    pub async fn exit(&self) -> Result<()> {
        let closes = Closes(self);
        let said = self.request(&Command::exit()).await;
        drop(closes);
        match said {
            Err(error) if error.kind() != ErrorKind::Disconnected => Err(error),
            _ => Ok(()),
        }
    }

    pub(crate) fn submit_with(
        &self,
        command: &Command,
        callback: impl FnOnce(Result<Reply>) + Send + 'static,
    ) -> Result<Submitted> {
        self.send(|event_loop| event_loop.try_submit_with(command, callback))
    }
}

/// Closes the connection also when the future is dropped.
struct Closes<'a>(&'a Connection);

impl Drop for Closes<'_> {
    fn drop(&mut self) {
        self.0.disconnect();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connection").field(self.core()).finish()
    }
}
