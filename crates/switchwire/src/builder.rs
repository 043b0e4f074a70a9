use std::fmt;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use switchwire_proto::{Limits, Login};

use crate::deadline::Deadline;
use crate::options::{Options, QueueLimits};
use crate::tcp::dial_interruptible;
use crate::{Connection, Opening, Result};

/// Makes an inbound connection: we connect to the server's event socket.
///
/// ```no_run
/// use std::time::Duration;
/// let connection = switchwire::Builder::new("pbx.example.net", 8021)
///     .password("ClueCon")
///     .command_timeout(Some(Duration::from_secs(5)))
///     .connect()?;
/// # Ok::<(), switchwire::Error>(())
/// ```
#[derive(Clone)]
pub struct Builder {
    host: String,
    port: u16,
    user: Option<String>,
    password: String,
    timeout: Option<Duration>,
    options: Options,
}

impl Builder {
    /// A connection to that host (name, IPv4 or IPv6 address) and TCP port (8021 unless the server says otherwise).
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            user: None,
            password: DEFAULT_PASSWORD.to_owned(),
            timeout: None,
            options: Options::inbound(),
        }
    }

    /// The event socket's password, or the user's. Default `ClueCon`, the server's own default.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = password.into();
        self
    }

    /// Logs in as that directory user (`user@domain`) with `userauth` instead of `auth`. An empty name is none.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into()).filter(|user| !user.is_empty());
        self
    }

    /// Time for resolving, connecting and the login together; the times of the phases hold beside it. Default none.
    #[must_use]
    pub fn timeout(mut self, time: Option<Duration>) -> Self {
        self.timeout = time;
        self
    }

    /// Time for resolving and connecting, over all addresses of the host.
    #[must_use]
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.options.connect_timeout = time;
        self
    }

    /// Time for the login.
    #[must_use]
    pub fn login_timeout(mut self, time: Duration) -> Self {
        self.options.login_timeout = time;
        self
    }

    /// Time for the reply to each command; `None` waits indefinitely.
    #[must_use]
    pub fn command_timeout(mut self, time: Option<Duration>) -> Self {
        self.options.command_timeout = time;
        self
    }

    /// How long the line may be silent before the kernel asks whether the peer is alive; `None` never asks.
    #[must_use]
    pub fn keepalive(mut self, idle: Option<Duration>) -> Self {
        self.options.keepalive = idle;
        self
    }

    /// Limits of a single message.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// Bounds of the queue of events that have not been taken yet.
    #[must_use]
    pub fn queue(mut self, limits: QueueLimits) -> Self {
        self.options.queue = limits;
        self
    }

    /// All options at once.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Resolves, connects (every address of the host in turn) and logs in. Blocks for at most the connect timeout and
    /// the login timeout.
    ///
    /// # Errors
    /// `Resolve`, `Connect`, `Timeout` with its phase, `RejectedByAcl`, `Authentication`, `NotFreeSwitch`,
    /// `Disconnected`, `Protocol`, and `InvalidArgument` when user or password hold a line break (nothing is sent then).
    pub fn connect(&self) -> Result<Connection> {
        self.open(None)?.finish()
    }

    /// As [`connect`](Self::connect) as far as the TCP connection, for event loops: gives the login as an [`Opening`],
    /// which goes on without blocking. Blocks for at most the connect timeout; ends early, with `Disconnected`, when there is
    /// something to read from `interrupt` or its other end is closed.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn open(&self, interrupt: Option<&UnixStream>) -> Result<Opening> {
        let login = match &self.user {
            Some(user) => Login::user(user, &self.password),
            None => Login::password(&self.password),
        }?;
        let deadline = Deadline::after_option(self.timeout);
        let bounded = |time: Duration| deadline.left().map_or(time, |left| left.min(time));
        let mut options = self.options.clone();
        options.connect_timeout = bounded(options.connect_timeout);
        let stream = dial_interruptible(&self.host, self.port, &options, interrupt)?;
        options.login_timeout = bounded(options.login_timeout);
        Ok(Opening::login(stream.into(), login, options))
    }
}

/// Shows everything but the password.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("user", &self.user)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

const DEFAULT_PASSWORD: &str = "ClueCon";
