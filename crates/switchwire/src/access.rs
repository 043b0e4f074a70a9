//! How a server lets us in and how connections to it behave: what [`Builder`](crate::Builder) and
//! [`ManagedBuilder`](crate::ManagedBuilder) have in common.

use switchwire_proto::Login;

use crate::Result;
use crate::options::Options;

#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) user: Option<String>,
    pub(crate) password: String,
    pub(crate) options: Options,
}

impl Access {
    pub(crate) fn login(&self) -> Result<Login> {
        let login = match &self.user {
            Some(user) => Login::user(user, &self.password),
            None => Login::password(&self.password),
        };
        Ok(login?)
    }
}

impl Default for Access {
    fn default() -> Self {
        Self { user: None, password: DEFAULT_PASSWORD.to_owned(), options: Options::inbound() }
    }
}

/// The methods of a builder that set what its field `access` holds.
macro_rules! access_setters {
    () => {
        /// The event socket's password, or the user's. Default `ClueCon`, the server's own default.
        #[must_use]
        pub fn password(mut self, password: impl Into<String>) -> Self {
            self.access.password = password.into();
            self
        }

        /// Logs in as that directory user (`user@domain`) with `userauth` instead of `auth`. An empty name is none.
        #[must_use]
        pub fn user(mut self, user: impl Into<String>) -> Self {
            self.access.user = Some(user.into()).filter(|user| !user.is_empty());
            self
        }

        /// Time for resolving and connecting, over all addresses of the host.
        #[must_use]
        pub fn connect_timeout(mut self, time: Duration) -> Self {
            self.access.options.connect_timeout = time;
            self
        }

        /// Time for the login.
        #[must_use]
        pub fn login_timeout(mut self, time: Duration) -> Self {
            self.access.options.login_timeout = time;
            self
        }

        /// Time for the reply to each command; `None` waits indefinitely (for as long as the connection is up).
        #[must_use]
        pub fn command_timeout(mut self, time: Option<Duration>) -> Self {
            self.access.options.command_timeout = time;
            self
        }

        /// How long the line may be silent before the kernel asks whether the peer is alive; `None` never asks.
        #[must_use]
        pub fn keepalive(mut self, idle: Option<Duration>) -> Self {
            self.access.options.keepalive = idle;
            self
        }

        /// Limits of a single message.
        #[must_use]
        pub fn limits(mut self, limits: crate::Limits) -> Self {
            self.access.options.limits = limits;
            self
        }

        /// Bounds of the queue of events that have not been taken yet. (On a connection that comes back, what earlier
        /// connections have left in it counts.)
        #[must_use]
        pub fn queue(mut self, limits: crate::QueueLimits) -> Self {
            self.access.options.queue = limits;
            self
        }

        /// All options at once.
        #[must_use]
        pub fn options(mut self, options: crate::Options) -> Self {
            self.access.options = options;
            self
        }
    };
}
pub(crate) use access_setters;

const DEFAULT_PASSWORD: &str = "ClueCon";
