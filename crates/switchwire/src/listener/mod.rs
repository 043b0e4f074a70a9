//! Outbound mode: FreeSWITCH connects to us for a call (`socket` application).

mod bind;
mod handled;
mod lobby;
mod loops;
mod server;
mod threads;

use std::collections::VecDeque;
use std::fmt;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

pub use bind::{Bind, activated_fds};
pub use handled::{Failure, Handled};
pub use loops::{Remote, Session, SessionHandler, SessionTimer};
pub use server::{Server, ServerStats};

use parking_lot::Mutex;

use self::lobby::{Ended, Lobby};
use self::threads::Threads;
use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::options::Options;
use crate::sync::Socket;
use crate::tcp::prepare_socket;
use crate::{Connection, Error, ErrorKind, Result};

/// Waits for calls that the server connects to us, with the dialplan's
/// `<action application="socket" data="host:port async full"/>`.
///
/// Either take calls one by one with [`accept`](Self::accept), or let [`serve`](Self::serve) run a handler for each on
/// a thread of its own, or [`serve_loops`](Self::serve_loops) run thousands of them by callbacks.
///
/// ```no_run
/// use std::time::Duration;
/// let server = switchwire::Listener::bind("0.0.0.0:8084")?.max_sessions(500).serve(|call| {
///     let _ = call.linger(Some(10));
///     let _ = call.execute("answer", "", None);
///     let _ = call.execute("playback", "ivr/ivr-welcome.wav", None);
/// })?;
/// std::thread::sleep(Duration::from_secs(3600));
/// server.stop(Duration::from_secs(30)); // no new calls; up to 30 s for those that are on
/// # Ok::<(), switchwire::Error>(())
/// ```
pub struct Listener {
    listener: TcpListener,
    address: SocketAddr,
    lobby: Mutex<Waiting>,
    options: Options,
    max_sessions: usize,
    stack_size: usize,
    on_error: Option<ErrorHandler>,
    failure_cause: String,
}

/// What [`Listener::accept`] goes on with.
struct Waiting {
    lobby: Lobby,
    ended: VecDeque<Ended>,
}

pub(crate) type ErrorHandler = Arc<dyn Fn(&Error) + Send + Sync>;

impl Listener {
    /// The default of [`max_sessions`](Self::max_sessions).
    pub const MAX_SESSIONS: usize = 1000;
    /// The default of [`failure_cause`](Self::failure_cause).
    pub const FAILURE_CAUSE: &str = "NORMAL_TEMPORARY_FAILURE";
    /// How long accepting pauses after it failed (when the process is out of descriptors, say).
    pub const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
    /// How long the server may take to hang up a call whose handler failed before its connection is closed.
    pub const HANGUP_TIMEOUT: Duration = Duration::from_secs(2);

    /// Binds an address; port 0 takes any free one (see [`local_addr`](Self::local_addr)). [`Bind`] has more options.
    ///
    /// # Errors
    /// `Connect` when it cannot be bound, `Resolve` when the host is not known.
    pub fn bind(address: impl ToSocketAddrs) -> Result<Self> {
        let failed = |error| Error::with_source(ErrorKind::Resolve, "cannot resolve the address", error);
        Self::from_listener(bind::first_of(address.to_socket_addrs().map_err(failed)?)?)
    }

    /// Listens on a socket that the program has already: made by [`Bind`], inherited, or bound by other means. Whether it
    /// blocks is set as is needed here, also for other users of that socket.
    ///
    /// # Errors
    /// `InvalidArgument` when it is no socket that listens.
    pub fn from_listener(listener: TcpListener) -> Result<Self> {
        let failed = |error| {
            Error::with_source(
                ErrorKind::InvalidArgument,
                "the descriptor is no TCP socket that listens",
                error,
            )
        };
        let address = listener.local_addr().map_err(failed)?;
        // (Apple's systems do not say: there accepting fails.)
        #[cfg(not(target_vendor = "apple"))]
        if !socket2::SockRef::from(&listener).is_listener().map_err(failed)? {
            let detail = format!("the socket bound to {address} does not listen");
            return Err(Error::new(ErrorKind::InvalidArgument, detail));
        }
        Ok(Self {
            listener,
            address,
            lobby: Mutex::new(Waiting { lobby: Lobby::new(), ended: VecDeque::new() }),
            options: Options::outbound(),
            max_sessions: Self::MAX_SESSIONS,
            stack_size: STACK_SIZE,
            on_error: None,
            failure_cause: Self::FAILURE_CAUSE.to_owned(),
        })
    }

    /// As [`from_listener`](Self::from_listener), from a descriptor, e.g. one of [`activated_fds`].
    ///
    /// # Errors
    /// As [`from_listener`](Self::from_listener).
    pub fn from_fd(socket: OwnedFd) -> Result<Self> {
        Self::from_listener(socket.into())
    }

    /// The options of every call's connection. Default [`Options::outbound`].
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// How many calls [`serve`](Self::serve) and [`serve_loops`](Self::serve_loops) handle at once; further ones wait unaccepted in the system's backlog (a few
    /// that shook hands at that moment wait beside it).
    /// Default 1,000.
    #[must_use]
    pub fn max_sessions(mut self, sessions: usize) -> Self {
        self.max_sessions = sessions.max(1);
        self
    }

    /// The stack of each call's thread ([`serve`](Self::serve)) in bytes. Default 512 KiB.
    #[must_use]
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = bytes;
        self
    }

    /// What to do with a call whose handshake fails and with a failing accept, beside counting it in
    /// [`ServerStats`]. Called on the thread where it happens.
    #[must_use]
    pub fn on_error(mut self, handler: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Arc::new(handler));
        self
    }

    /// The address that it is bound to.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Time for the handshake with a call, the reply to `connect`: the `login_timeout` of the
    /// [`options`](Self::options), so set it after those. Default 5 s. A peer that stays silent holds up no other meanwhile,
    /// and takes none of the [`max_sessions`](Self::max_sessions).
    #[must_use]
    pub fn handshake_timeout(mut self, time: Duration) -> Self {
        self.options.login_timeout = time;
        self
    }

    /// Waits indefinitely for a call with which the handshake is done. Further ones shake hands meanwhile, a silent one
    /// holds up none; those that are not fetched wait with what they have sent.
    ///
    /// # Errors
    /// As [`Connection::outbound`] for a handshake that failed, also that of a peer that only connected and closed; the
    /// listener stays good.
    pub fn accept(&self) -> Result<Connection> {
        loop {
            if let Some(call) = self.accept_by(Deadline::NEVER)? {
                return Ok(call);
            }
        }
    }

    /// As [`accept`](Self::accept), for at most `timeout`; `Ok(None)` when it has passed. A `timeout` of zero looks at
    /// what has arrived.
    ///
    /// # Errors
    /// As [`accept`](Self::accept).
    pub fn accept_timeout(&self, timeout: Duration) -> Result<Option<Connection>> {
        self.accept_by(Deadline::after(timeout))
    }

    /// Iterates over the calls as [`accept`](Self::accept) returns them; never ends.
    pub fn incoming(&self) -> impl Iterator<Item = Result<Connection>> + '_ {
        std::iter::from_fn(|| Some(self.accept()))
    }

    fn accept_by(&self, deadline: Deadline) -> Result<Option<Connection>> {
        let failed = |error| Error::with_source(ErrorKind::Io, "cannot accept a call", error);
        let locked = match deadline.left() {
            None => Some(self.lobby.lock()),
            Some(left) => self.lobby.try_lock_for(left),
        };
        // Another thread waits for a call all the time.
        let Some(mut waiting) = locked else { return Ok(None) };
        self.listener.set_nonblocking(true).map_err(failed)?;
        let waiting = &mut *waiting;
        let mut looked = false;
        loop {
            match waiting.ended.pop_front() {
                Some(Ended::Call(call)) => return Ok(Some(call)),
                Some(Ended::Failed(error) | Ended::Probe(error)) => return Err(error),
                None if looked && deadline.passed() => return Ok(None),
                None => {}
            }
            looked = true;
            let listener = waiting.lobby.has_room().then_some(&self.listener);
            let found = waiting.lobby.wait(listener, None, deadline).map_err(failed)?;
            waiting.ended.extend(found.ended);
            if found.call {
                match waiting.lobby.accept(&self.listener, &self.options, || ()) {
                    Ok(ended) => waiting.ended.extend(ended),
                    // Another process was faster.
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                    Err(error) => return Err(failed(error)),
                }
            }
        }
    }

    /// The cause with which the call of a failed handler is hung up. Default `NORMAL_TEMPORARY_FAILURE`.
    #[must_use]
    pub fn failure_cause(mut self, cause: impl Into<String>) -> Self {
        self.failure_cause = cause.into();
        self
    }

    /// Starts serving: a thread that accepts, and a thread for each call that shakes hands and runs `handler`. A slow
    /// or silent peer holds up no other thread. A call's connection is closed when its handler returns and no clone of it is
    /// left.
    ///
    /// A handler may return `()` or a `Result<(), E>`. When it fails (an error, a panic) while the call is up, the
    /// call is hung up ([`failure_cause`](Self::failure_cause)) before the connection is closed, so that the caller is
    /// not left in silence; the program's `resume` keeps it from that. The error is counted and reported to
    /// [`on_error`](Self::on_error). A `Hangup` or `Disconnected` error that a handler lets through after its call has
    /// ended is a normal end. The same is done to calls that [`Server::stop`] ends.
    ///
    /// # Errors
    /// `Io` when no thread can be started.
    pub fn serve<R: Handled>(
        self,
        handler: impl Fn(Connection) -> R + Send + Sync + 'static,
    ) -> Result<Server> {
        let stack_size = self.stack_size;
        self.start(Box::new(Threads { handler: Arc::new(move |call| handler(call).failure()), stack_size }))
    }

    /// Starts serving without a thread for each call: `threads` event loops (at least one) run all of them, each call with
    /// a handler of its own that `handler` makes. For many calls at once: 10,000 of them take a few kilobytes each. The
    /// price is that nothing may wait in a callback: see [`SessionHandler`].
    ///
    /// The rules are those of [`serve`](Self::serve): a call whose handler fails (an error, a panic) is hung up, counted
    /// and reported; others go on. A thread more accepts and shakes hands.
    ///
    /// # Errors
    /// `Io` when no thread can be started, or the system has no descriptors left.
    pub fn serve_loops<H: SessionHandler>(
        self,
        threads: usize,
        handler: impl Fn() -> H + Send + Sync + 'static,
    ) -> Result<Server> {
        let loops = loops::Loops::start(threads, Arc::new(handler));
        let loops =
            loops.map_err(|error| Error::with_source(ErrorKind::Io, "cannot start an event loop", error))?;
        self.start(Box::new(loops))
    }

    fn start(self, runner: Box<dyn server::Runner>) -> Result<Server> {
        let set = self.listener.set_nonblocking(true);
        set.map_err(|error| Error::with_source(ErrorKind::Io, "cannot set up the listener", error))?;
        Server::start(self, runner)
    }
}

pub(crate) fn engine(stream: TcpStream, options: &Options) -> Result<Arc<Engine>> {
    prepare_socket(&stream, options)?;
    Ok(Arc::new(Engine::new(Socket::new(stream.into()), options.clone())))
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("address", &self.address)
            .field("max_sessions", &self.max_sessions)
            .finish_non_exhaustive()
    }
}

const STACK_SIZE: usize = 512 * 1024;
