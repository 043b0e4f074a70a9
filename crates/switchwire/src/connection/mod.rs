//! The connection, for any number of threads.
//!
//! By task: `opening` (login, `connect`), `commands` (send and wait for the reply), `subscribe` and `receive` (events),
//! `execute` and `outcome` (applications), `variable`, `session` (the connection's own call), `abandon` (ending a failed
//! call), `event_loop` and `callbacks` (the half that never waits).

mod abandon;
mod callbacks;
mod commands;
mod event_loop;
mod execute;
mod opening;
mod outcome;
mod receive;
mod session;
mod subscribe;
mod variable;

pub use event_loop::EventLoop;
pub use execute::{Executed, Execution};
pub use opening::Opening;
pub use receive::{Events, Incoming};

use std::fmt;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use switchwire_proto::{Command, Message, Permissions};

use crate::engine::Engine;
use crate::inbox::Stats;
use crate::telemetry::Side;
use crate::{Builder, Error, ErrorKind, Event, Result};

/// A connection to FreeSWITCH's event socket: inbound (we connected, see [`Builder`]) or outbound (the server
/// connected to us for a call, see [`Listener`](crate::Listener)).
///
/// **Threads.** Every method takes `&self`, and any number of threads may use one connection at once: one may sit in
/// [`recv_event`](Self::recv_event) while ten call [`api`](Self::api). Cloning gives another handle to the same
/// connection; it is closed when the last handle is dropped.
///
/// **Blocking.** Only a thread that waits in one of these methods reads the socket (and the thread that
/// [`channel`](Self::channel) starts), so [`as_raw_fd`](AsRawFd::as_raw_fd) may be used in your own poll loop together
/// with [`try_recv_event`](Self::try_recv_event) or [`EventLoop::pump`]. Commands wait for their reply for at most the
/// command timeout. What never waits is in [`event_loop`](Self::event_loop).
///
/// **Processes.** A connection belongs to the process that made it. In a child made by `fork` every call fails with
/// [`ErrorKind::Forked`], and dropping the connection there closes the child's descriptor and nothing else: the parent's
/// connection goes on. (See [`forked_child`](crate::forked_child) for languages with a hook.)
///
/// **Order.** The server replies to commands in the order in which they were sent. Events come in the order in which the
/// server sent them, each to one receiver.
#[derive(Clone)]
pub struct Connection {
    engine: Arc<Engine>,
    handshake: Arc<Handshake>,
    /// Closes the connection with the last handle, even while something else holds the engine.
    _last: Arc<CloseOnDrop>,
    execute_defaults: Arc<ExecuteDefaults>,
}

/// What the login or `connect` replied.
struct Handshake {
    /// Set from the start, except where a callback reports the handshake.
    info: OnceLock<Message>,
    permissions: Permissions,
}

/// Options that every later `execute` carries.
#[derive(Default)]
struct ExecuteDefaults {
    async_execute: AtomicBool,
    event_lock: AtomicBool,
}

/// A handle that does not keep the connection open.
pub(crate) struct WeakConnection {
    engine: Weak<Engine>,
    handshake: Arc<Handshake>,
    last: Weak<CloseOnDrop>,
    execute_defaults: Arc<ExecuteDefaults>,
}

impl WeakConnection {
    /// The connection, while another handle keeps it open.
    pub(crate) fn upgrade(&self) -> Option<Connection> {
        Some(Connection {
            engine: self.engine.upgrade()?,
            handshake: self.handshake.clone(),
            _last: self.last.upgrade()?,
            execute_defaults: self.execute_defaults.clone(),
        })
    }
}

struct CloseOnDrop(Arc<Engine>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close(Error::disconnected("the connection was closed on this side"));
    }
}

impl Connection {
    /// Connects and logs in with the default options; [`Builder`] has them all.
    ///
    /// # Errors
    /// As [`Builder::connect`].
    pub fn connect(host: &str, port: u16, password: &str) -> Result<Self> {
        Builder::new(host, port).password(password).connect()
    }

    fn from_handshake(engine: Arc<Engine>, handshake: Handshake, side: Side) -> Self {
        engine.inbox().telemetry.opened(side, engine.socket.raw());
        // Many connections wait for long before anything comes: the buffer of the handshake is not kept.
        engine.release();
        let last = Arc::new(CloseOnDrop(engine.clone()));
        Self { engine, handshake: Arc::new(handshake), _last: last, execute_defaults: Arc::default() }
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    pub(crate) fn downgrade(&self) -> WeakConnection {
        WeakConnection {
            engine: Arc::downgrade(&self.engine),
            handshake: self.handshake.clone(),
            last: Arc::downgrade(&self._last),
            execute_defaults: self.execute_defaults.clone(),
        }
    }

    /// Whether the connection is up. The server's close counts even before it has been read (all that came before it is
    /// queued then). Never waits. A peer that vanished silently is noticed by the next read or write.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.engine.is_up()
    }

    /// Whether the end of the connection has not been read yet; never looks at the socket. For loops that take events
    /// for as long as there may be some.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.engine.inbox_here().is_some_and(|inbox| inbox.closed.is_none())
    }

    /// Whether both are handles to one connection.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.engine, &other.engine)
    }

    /// Whether the peer has not sent a single byte so far: a connection that ends so was a probe (a load balancer that
    /// checks the port), not a failed call.
    #[must_use]
    pub fn heard_nothing(&self) -> bool {
        self.engine.heard_nothing()
    }

    /// Why the connection is over; `None` while it is up.
    #[must_use]
    pub fn disconnect_reason(&self) -> Option<Error> {
        self.engine.inbox_here().map_or_else(|| Some(Error::forked()), |inbox| inbox.closed.clone())
    }

    /// The address of the other end; `None` once the connection is over, and on a socket that is not TCP.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        // (The system still reports it after this side has shut down, until the peer has closed too.)
        self.is_open().then(|| rustix::net::getpeername(self).ok()??.try_into().ok())?
    }

    /// The socket's descriptor for your own select or poll, -1 when the connection is over.
    #[must_use]
    pub fn socket_descriptor(&self) -> i32 {
        if self.is_open() { self.engine.socket.raw() } else { -1 }
    }

    /// Outbound: the `CHANNEL_DATA` event that replied to `connect`, with the call's variables. `None` inbound.
    #[must_use]
    pub fn info(&self) -> Option<Event> {
        self.handshake.info.get().map(Message::head_event)
    }

    /// Outbound: the message that replied to `connect`, as received.
    #[must_use]
    pub fn info_message(&self) -> Option<&Message> {
        self.handshake.info.get()
    }

    /// Takes that message out of a connection that has no other handle yet.
    pub(crate) fn take_info(&mut self) -> Option<Message> {
        Arc::get_mut(&mut self.handshake)?.info.take()
    }

    /// Inbound: what the server allows, as reported when we logged in as a user.
    #[must_use]
    pub fn permissions(&self) -> &Permissions {
        &self.handshake.permissions
    }

    /// The options that it was opened with.
    #[must_use]
    pub fn options(&self) -> &crate::Options {
        &self.engine.options
    }

    /// The counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.engine.inbox_here().map(|inbox| inbox.stats()).unwrap_or_default()
    }

    /// Closes the connection; threads that wait on it return with `Disconnected`. Does not send `exit`. A second call
    /// does nothing.
    pub fn disconnect(&self) {
        let _ = self.engine.write_held();
        self.engine.close(Error::disconnected("the connection was closed on this side"));
    }

    /// Sends `exit`, then closes.
    ///
    /// # Errors
    /// `Timeout`; the connection is closed all the same.
    pub fn exit(&self) -> Result<()> {
        let said = self.request(&Command::exit());
        self.disconnect();
        match said {
            Err(error) if error.kind() != ErrorKind::Disconnected => Err(error),
            _ => Ok(()),
        }
    }
}

impl AsRawFd for Connection {
    fn as_raw_fd(&self) -> RawFd {
        self.engine.socket.raw()
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.engine.socket.as_fd()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("fd", &self.engine.socket.raw())
            .field("outbound", &self.handshake.info.get().is_some())
            .field("connected", &self.is_open())
            .finish_non_exhaustive()
    }
}

impl ExecuteDefaults {
    fn set(flag: &AtomicBool, on: bool) -> bool {
        flag.store(on, Ordering::Relaxed);
        on
    }
}
