//! A leg as an object: the verbs of [`switchwire::Call`] as futures.

mod actions;
mod digits;
mod run;
mod state;
mod variables;
mod verbs;

use std::time::Duration;

pub use digits::DtmfStream;
pub use run::Running;
use switchwire::{CallStatus, Result};

use crate::Connection;

/// A leg: a channel that this connection controls.
///
/// From [`Connection::own_call`] on an outbound connection, and from [`Connection::call`] for the channel of any uuid.
///
/// Every verb waits for the end of its own run. It ends with the call, at once, with
/// [`ErrorKind::Hangup`](switchwire::ErrorKind::Hangup); with the connection; or after [`timeout`](Self::timeout), where
/// one is set. What the connection must be subscribed to says [`switchwire::Call`]: `myevents`, or
/// `CHANNEL_EXECUTE_COMPLETE` and `CHANNEL_HANGUP_COMPLETE`.
///
/// Dropping the future of a verb gives its outcome up: the application goes on
/// ([`stop_playback`](Self::stop_playback) ends one that plays), and the event of its end comes to
/// [`Connection::recv_event`] as any other.
///
/// Any number of tasks may use one call. Each clone is another handle, and keeps the connection open.
///
/// ```no_run
/// use switchwire_tokio::application::PlayAndGetDigits;
/// # async fn handle(connection: switchwire_tokio::Connection) -> switchwire_tokio::Result<()> {
/// connection.myevents(None).await?;
/// let call = connection.own_call()?;
/// call.answer().await?;
/// let pin = call.play_and_get_digits(PlayAndGetDigits::new(4, 4, "ivr/enter-pin.wav").tries(3)).await?;
/// println!("{:?}, {:?}", pin.digits, pin.end);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Call {
    core: switchwire::Call,
    connection: Connection,
    timeout: Option<Duration>,
}

impl Connection {
    /// The connection's own call: of an outbound connection, or of one that `myevents UUID` has bound.
    ///
    /// # Errors
    /// `InvalidArgument` on a connection that belongs to no call.
    pub fn own_call(&self) -> Result<Call> {
        Ok(Call::new(self, self.core().own_call()?))
    }

    /// The call of that channel. Sends nothing: whether there is such a channel is known once something is done with it.
    ///
    /// # Errors
    /// `InvalidArgument` for an empty uuid.
    pub fn call(&self, uuid: impl Into<String>) -> Result<Call> {
        Ok(Call::new(self, self.core().call(uuid)?))
    }
}

impl Call {
    fn new(connection: &Connection, core: switchwire::Call) -> Self {
        Self { core, connection: connection.clone(), timeout: None }
    }

    /// The channel's uuid.
    #[must_use]
    pub fn uuid(&self) -> &str {
        self.core.uuid()
    }

    /// The connection that controls it.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The same call, whose verbs wait for at most that long: `Timeout` then, and the application goes on. `None`, the
    /// default, waits until the application or the call ends.
    #[must_use]
    pub fn timeout(&self, timeout: impl Into<Option<Duration>>) -> Self {
        Self { timeout: timeout.into(), ..self.clone() }
    }

    /// What is known of the call, from the events that have been read. An outbound call's state is known from the
    /// start; that of another once an event has reported it, or after [`refresh`](Self::refresh).
    #[must_use]
    pub fn status(&self) -> CallStatus {
        self.core.status()
    }

    /// Whether the call is known to have ended.
    #[must_use]
    pub fn hung_up(&self) -> bool {
        self.core.hung_up()
    }

    /// The time for what is one command.
    fn command_timeout(&self) -> Option<Duration> {
        self.timeout.or(self.connection.options().command_timeout)
    }
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("uuid", &self.uuid()).finish_non_exhaustive()
    }
}
