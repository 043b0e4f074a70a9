//! Outbound mode: FreeSWITCH connects to us for a call (`socket` application).

mod server;
mod session;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub use server::Server;
use switchwire::{Bind, Error, ErrorKind, Options, Phase, Result};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::Connection;
use crate::pending::{Pending, within};

/// Waits for calls that the server connects to us, with the dialplan's
/// `<action application="socket" data="host:port async full"/>`.
///
/// Either take calls one by one with [`accept`](Self::accept), or let [`serve`](Self::serve) run a handler for each in a
/// task of its own.
///
/// ```no_run
/// # async fn example() -> switchwire_tokio::Result<()> {
/// use std::time::Duration;
/// use switchwire_tokio::{Connection, Listener, Result};
///
/// async fn welcome(connection: Connection) -> Result<()> {
///     connection.myevents(None).await?;
///     let call = connection.own_call()?;
///     call.answer().await?;
///     call.playback("ivr/ivr-welcome.wav").await.map(drop)
/// }
/// let server = Listener::bind("0.0.0.0:8084").await?.max_sessions(500).serve(welcome);
/// tokio::time::sleep(Duration::from_secs(3600)).await;
/// server.stop(Duration::from_secs(30)).await; // no new calls; up to 30 s for those that are on
/// # Ok(())
/// # }
/// ```
pub struct Listener {
    listener: TcpListener,
    address: SocketAddr,
    /// Calls that shake hands, each apart, so that a silent one holds up no other.
    lobby: Mutex<JoinSet<Shaken>>,
    options: Options,
    max_sessions: usize,
    on_error: Option<OnError>,
    failure_cause: String,
}

pub(crate) type OnError = Arc<dyn Fn(&Error) + Send + Sync>;

/// How a handshake ended.
enum Shaken {
    Call(Connection),
    Failed(Error),
    /// The peer closed without having sent anything: a check that the port is open.
    Probe(Error),
}

impl Listener {
    /// Binds the first of the addresses that can be bound; port 0 takes any free one (see [`local_addr`](Self::local_addr)).
    /// [`switchwire::Bind`] has more options, for [`from_std`](Self::from_std).
    ///
    /// # Errors
    /// `Connect` when it cannot be bound, `Resolve` when the host is not known.
    pub async fn bind(address: impl ToSocketAddrs) -> Result<Self> {
        let resolved = tokio::net::lookup_host(address).await;
        let addresses = resolved.map_err(|error| Error::from_io("cannot resolve the address", error))?;
        let mut last = Err(Error::from_io("the host has no address", std::io::ErrorKind::NotFound.into()));
        for address in addresses {
            last = Bind::new(address.ip().to_string(), address.port()).bind();
            if last.is_ok() {
                break;
            }
        }
        Self::from_std(last?)
    }

    /// Listens on a socket that the program has already: made by [`switchwire::Bind`], inherited, or bound by other means.
    ///
    /// # Errors
    /// `InvalidArgument` when it is no socket that listens, `Io`.
    pub fn from_std(listener: std::net::TcpListener) -> Result<Self> {
        let failed = |error| Error::from_io("cannot watch the socket", error);
        let copy = listener.try_clone().map_err(failed)?;
        let address = switchwire::Listener::from_listener(copy)?.local_addr();
        listener.set_nonblocking(true).map_err(failed)?;
        Ok(Self {
            listener: TcpListener::from_std(listener).map_err(failed)?,
            address,
            lobby: Mutex::default(),
            options: Options::outbound(),
            max_sessions: switchwire::Listener::MAX_SESSIONS,
            on_error: None,
            failure_cause: switchwire::Listener::FAILURE_CAUSE.to_owned(),
        })
    }

    /// The options of every call's connection. Default [`Options::outbound`].
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Time for the handshake with a call, the reply to `connect`: the `login_timeout` of the
    /// [`options`](Self::options), so set it after those. Default 5 s.
    #[must_use]
    pub fn handshake_timeout(mut self, time: Duration) -> Self {
        self.options.login_timeout = time;
        self
    }

    /// How many calls [`serve`](Self::serve) handles at once; further ones wait unaccepted in the system's backlog (a few
    /// that shook hands at that moment wait beside it). Default 1,000.
    #[must_use]
    pub fn max_sessions(mut self, sessions: usize) -> Self {
        self.max_sessions = sessions.clamp(1, tokio::sync::Semaphore::MAX_PERMITS);
        self
    }

    /// What to do with the error of a call whose handshake or handler failed and of a failing accept, beside counting
    /// it in [`ServerStats`](switchwire::ServerStats). Must not block.
    #[must_use]
    pub fn on_error(mut self, handler: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Arc::new(handler));
        self
    }

    /// The cause with which a call is hung up whose handler failed, or that [`Server::stop`] ends. Default
    /// `NORMAL_TEMPORARY_FAILURE`.
    #[must_use]
    pub fn failure_cause(mut self, cause: impl Into<String>) -> Self {
        self.failure_cause = cause.into();
        self
    }

    /// The address that it is bound to.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Waits for a call with which the handshake is done. Further ones shake hands meanwhile. Dropping the future loses no
    /// call: those that shake hands, and those that have, are given to the next one.
    ///
    /// # Errors
    /// `Timeout`, `Disconnected`, `Protocol` or `Refused` for a handshake that failed, also that of a peer that only
    /// connected and closed; `Io` when accepting fails. The listener stays good.
    pub async fn accept(&self) -> Result<Connection> {
        let mut lobby = self.lobby.lock().await;
        match self.next(&mut lobby, true, || {}).await? {
            Shaken::Call(call) => Ok(call),
            Shaken::Failed(error) | Shaken::Probe(error) => Err(error),
        }
    }

    /// The next handshake that has ended. Further calls are accepted meanwhile, if `open`; `accepted` is called for each.
    async fn next(&self, lobby: &mut JoinSet<Shaken>, open: bool, accepted: impl Fn()) -> Result<Shaken> {
        loop {
            let open = open && lobby.len() < MOST_HANDSHAKES;
            tokio::select! {
                biased;
                Some(shaken) = lobby.join_next() => return Ok(shaken.unwrap_or_else(|error| {
                    Shaken::Failed(Error::from_io("the handshake was given up", error.into()))
                })),
                found = self.listener.accept(), if open => {
                    let (stream, _) = found.map_err(|error| Error::from_io("cannot accept a call", error))?;
                    accepted();
                    lobby.spawn(shake_hands(stream, self.options.clone()));
                }
            }
        }
    }
}

async fn shake_hands(stream: TcpStream, options: Options) -> Shaken {
    let call = match begin(stream, &options) {
        Ok(call) => call,
        Err(error) => return Shaken::Failed(error),
    };
    let done = Pending::<(), ()>::start(|done| call.send(|event_loop| event_loop.handshake_with(done)));
    let done = match done {
        Ok(done) => within(Some(options.login_timeout), Phase::Login, done).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Shaken::Call(call),
        Err(error) if error.kind() == ErrorKind::Disconnected && call.core().heard_nothing() => {
            Shaken::Probe(error)
        }
        Err(error) => Shaken::Failed(error),
    }
}

fn begin(stream: TcpStream, options: &Options) -> Result<Connection> {
    let stream = stream.into_std().map_err(|error| Error::from_io("cannot set up the socket", error))?;
    Connection::drive(switchwire::Connection::accepted(stream, options)?)
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener")
            .field("address", &self.address)
            .field("max_sessions", &self.max_sessions)
            .finish_non_exhaustive()
    }
}

/// How many calls may shake hands at once; further ones wait unaccepted.
const MOST_HANDSHAKES: usize = 512;
