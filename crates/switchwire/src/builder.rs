use std::fmt;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::access::{Access, access_setters};
use crate::deadline::Deadline;
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
    timeout: Option<Duration>,
    access: Access,
}

impl Builder {
    /// A connection to that host (name, IPv4 or IPv6 address) and TCP port (8021 unless the server says otherwise).
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port, timeout: None, access: Access::default() }
    }

    access_setters!();

    /// Time for resolving, connecting and the login together; the times of the phases hold beside it. Default none.
    #[must_use]
    pub fn timeout(mut self, time: Option<Duration>) -> Self {
        self.timeout = time;
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
        let login = self.access.login()?;
        let deadline = Deadline::after_option(self.timeout);
        let bounded = |time: Duration| deadline.left().map_or(time, |left| left.min(time));
        let mut options = self.access.options.clone();
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
            .field("user", &self.access.user)
            .field("options", &self.access.options)
            .finish_non_exhaustive()
    }
}
