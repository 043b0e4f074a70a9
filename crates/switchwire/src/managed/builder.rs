use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use switchwire_proto::Subscription;

use super::shared::Shared;
use super::{Backoff, Gate, Liveness, ManagedConnection, Taker, WhileDown};
use crate::access::{Access, access_setters};
use crate::{ErrorKind, Result};

/// Makes a [`ManagedConnection`].
///
/// ```no_run
/// use std::time::Duration;
/// use switchwire::{EventType, ManagedConnection, StreamItem, Subscription};
///
/// let connection = ManagedConnection::builder("pbx.example.net", 8021)
///     .password("ClueCon")
///     .subscription(Subscription::new().events([EventType::ChannelAnswer, EventType::ChannelHangupComplete]))
///     .snapshot(true)
///     .start()?;
/// for item in &connection {
///     match item {
///         StreamItem::Event(event) => println!("{}", event.name()),
///         StreamItem::Lost(lost) => println!("lost: {}", lost.reason),
///         StreamItem::Restored(back) => println!("back after {:?}: {:?}", back.outage, back.run),
///         _ => {}
///     }
/// }
/// # Ok::<(), switchwire::Error>(())
/// ```
#[derive(Clone)]
pub struct ManagedBuilder {
    pub(super) addresses: Vec<(String, u16)>,
    /// (The user timeout of its options is that of the liveness.)
    pub(super) access: Access,
    pub(super) subscription: Subscription,
    pub(super) backoff: Backoff,
    pub(super) liveness: Liveness,
    pub(super) while_down: WhileDown,
    pub(super) stop_on: Vec<ErrorKind>,
    pub(super) snapshot: bool,
    /// HEARTBEATs are wanted by a layer above.
    pub(super) heartbeats: bool,
    /// Attempts are made in turn with those of other connections.
    pub(super) gate: Option<Gate>,
    /// Takes the stream, beside those of other connections.
    pub(super) taker: Option<Arc<dyn Taker>>,
}

impl ManagedBuilder {
    pub(super) fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            addresses: vec![(host.into(), port)],
            access: Access::default(),
            subscription: Subscription::new(),
            backoff: Backoff::default(),
            liveness: Liveness::default(),
            while_down: WhileDown::default(),
            stop_on: vec![ErrorKind::Authentication, ErrorKind::RejectedByAcl, ErrorKind::Refused],
            snapshot: false,
            heartbeats: false,
            gate: None,
            taker: None,
        }
    }

    /// A further address of the same server (a second network, a standby that takes over), tried when the one before
    /// fails. An attempt that fails at one goes on with the next at once; waits are between rounds.
    #[must_use]
    pub fn address(mut self, host: impl Into<String>, port: u16) -> Self {
        self.addresses.push((host.into(), port));
        self
    }

    access_setters!();

    /// What each connection is subscribed to: events, their format, filters, log lines.
    #[must_use]
    pub fn subscription(mut self, subscription: Subscription) -> Self {
        self.subscription = subscription;
        self
    }

    /// When to try again, and when to give up.
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// How a dead peer is noticed. (Its user timeout takes the place of that of the [`options`](Self::options).)
    #[must_use]
    pub fn liveness(mut self, liveness: Liveness) -> Self {
        self.liveness = liveness;
        self
    }

    /// What becomes of commands while there is no connection. Default: they fail at once.
    #[must_use]
    pub fn while_down(mut self, policy: WhileDown) -> Self {
        self.while_down = policy;
        self
    }

    /// The kinds of errors after which there is no further attempt, since trying again does not help. Default: a wrong
    /// password or unknown user (`Authentication`), an access list that refuses our address (`RejectedByAcl`), a
    /// subscription that the server refuses (`Refused`).
    #[must_use]
    pub fn stop_on(mut self, kinds: impl IntoIterator<Item = ErrorKind>) -> Self {
        self.stop_on = kinds.into_iter().collect();
        self
    }

    /// Whether `Connected` and `Restored` carry the list of channels, taken once the subscription is live. Default no.
    #[must_use]
    pub fn snapshot(mut self, wanted: bool) -> Self {
        self.snapshot = wanted;
        self
    }

    /// Keeps the server's HEARTBEATs at hand ([`ManagedConnection::heartbeat`]); they do not come in the stream unless
    /// the subscription names them. Default no.
    #[must_use]
    pub fn heartbeats(mut self, wanted: bool) -> Self {
        self.heartbeats = wanted;
        self
    }

    pub(crate) fn gate(mut self, gate: Gate) -> Self {
        self.gate = Some(gate);
        self
    }

    pub(crate) fn taker(mut self, taker: Arc<dyn Taker>) -> Self {
        self.taker = Some(taker);
        self
    }

    /// Starts to connect, and returns at once: the stream begins with `Connected`, or ends with `GaveUp`.
    /// [`ManagedConnection::wait_up`] waits for the first connection.
    ///
    /// # Errors
    /// `InvalidArgument` for a subscription, user or password that cannot be sent; `Io` when no thread can be started.
    pub fn start(mut self) -> Result<ManagedConnection> {
        self.access.login()?;
        self.subscription.commands()?;
        self.heartbeats |= self.liveness.silence.is_some();
        self.access.options.user_timeout = self.liveness.user_timeout;
        ManagedConnection::start(Shared::new(self))
    }
}

/// Shows everything but the password.
impl fmt::Debug for ManagedBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagedBuilder")
            .field("addresses", &self.addresses)
            .field("user", &self.access.user)
            .field("options", &self.access.options)
            .field("subscription", &self.subscription)
            .field("backoff", &self.backoff)
            .field("liveness", &self.liveness)
            .field("while_down", &self.while_down)
            .field("stop_on", &self.stop_on)
            .finish_non_exhaustive()
    }
}
