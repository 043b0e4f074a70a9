//! A leg as an object: applications with typed outcomes, actions, variables, state and digits.
//!
//! By task: `run` (the one route of every application), `verbs` (an application each), `actions` (what is done at once, by
//! an api command where the connection may use it), `variables`, `state`, `digits`.
//!
//! For event loops and other languages, nothing of this is needed twice: [`Call::run_with`] takes any
//! [`Application`](switchwire_proto::application::Application) and reports its [`Outcome`](switchwire_proto::application::Outcome),
//! [`Call::act_with`] any [`Action`](switchwire_proto::application::Action), [`Call::wait_for_with`],
//! [`Call::digits_with`] and [`Call::on_dtmf`] the rest. None of them waits; each callback is called once, from the
//! thread that reads the connection or closes it.

mod actions;
mod digits;
mod run;
mod state;
mod variables;
mod verbs;

use std::sync::Arc;
use std::time::Duration;

pub use digits::{DigitsReceived, DtmfEvents, DtmfWatch};
pub use run::{Run, Running};
pub use state::CallWait;

use switchwire_proto::application::one_word;

use crate::{Connection, Error, ErrorKind, Result};

/// A leg: a channel that this connection controls.
///
/// From [`Connection::own_call`] on an outbound connection, and from [`Connection::call`] for the channel of any uuid.
///
/// **Blocking.** Every verb waits for its end: for that of its own run, by an Event-UUID, never by the application's
/// name. It ends with the call, at once, with [`ErrorKind::Hangup`]; with the connection; or after
/// [`timeout`](Self::timeout), where one is set. `bridge` and `record` have their outcome also when the call was hung up
/// meanwhile.
///
/// **Events.** The connection must be subscribed to `CHANNEL_EXECUTE_COMPLETE`, and for a channel not its own to
/// `CHANNEL_HANGUP_COMPLETE`: `myevents`, or a [`Subscription`](crate::Subscription). Without them a verb fails at once
/// with [`ErrorKind::NotSubscribed`]. On a sync socket no events are needed: the reply reports the end, and the outcome is
/// read from the channel's variables. All events stay in the connection's queue as well.
///
/// **Threads.** Any number of threads may use one call, and any number of calls one connection. Cloning gives another
/// handle; each keeps the connection open.
///
/// ```no_run
/// use switchwire::application::PlayAndGetDigits;
/// # fn handle(connection: switchwire::Connection) -> Result<(), switchwire::Error> {
/// connection.myevents(None)?;
/// let call = connection.own_call()?;
/// call.answer()?;
/// let pin = call.play_and_get_digits(&PlayAndGetDigits::new(4, 4, "ivr/enter-pin.wav").tries(3))?;
/// println!("{:?}, {:?}", pin.digits, pin.end);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Call {
    connection: Connection,
    followed: Arc<Following>,
    timeout: Option<Duration>,
}

/// That the channel is followed: until the last call on it is gone.
struct Following {
    connection: Connection,
    uuid: Box<str>,
    /// The connection's own.
    own: bool,
}

impl Drop for Following {
    fn drop(&mut self) {
        self.connection.engine().change(|inbox| {
            let mut ready = std::mem::take(&mut inbox.ready_callbacks);
            inbox.followed.unfollow(&self.uuid, &mut ready);
            inbox.ready_callbacks = ready;
        });
    }
}

impl Connection {
    /// The connection's own call: of an outbound connection, or of one that `myevents UUID` has bound.
    ///
    /// # Errors
    /// `InvalidArgument` on a connection that belongs to no call.
    pub fn own_call(&self) -> Result<Call> {
        self.check_channel("own_call", None)?;
        let uuid = self.engine().inbox_here().ok_or_else(Error::forked)?.call.uuid.clone();
        let uuid = uuid.ok_or_else(|| invalid("own_call: the server has not said which call it is"))?;
        Call::new(self, uuid)
    }

    /// The call of that channel. Sends nothing: whether there is such a channel is known once something is done with it.
    ///
    /// # Errors
    /// `InvalidArgument` for a uuid that is empty or not one word.
    pub fn call(&self, uuid: impl Into<String>) -> Result<Call> {
        let uuid = uuid.into();
        one_word("uuid", &uuid)?;
        Call::new(self, uuid)
    }
}

impl Call {
    fn new(connection: &Connection, uuid: String) -> Result<Self> {
        let info = connection.info();
        let mut inbox = connection.engine().inbox_here().ok_or_else(Error::forked)?;
        let own = inbox.call.is_own(&uuid);
        inbox.followed.follow(&uuid, info.as_ref().filter(|_| own));
        drop(inbox);
        let following = Following { connection: connection.clone(), uuid: uuid.into(), own };
        Ok(Self { connection: connection.clone(), followed: Arc::new(following), timeout: None })
    }

    /// The channel's uuid.
    #[must_use]
    pub fn uuid(&self) -> &str {
        &self.followed.uuid
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

    fn is_own(&self) -> bool {
        self.followed.own
    }

    /// The uuid as commands take it: none for the connection's own call, so that a connection without `full` may send
    /// them.
    fn addressed(&self) -> Option<&str> {
        (!self.is_own()).then(|| self.uuid())
    }

    /// Fails when the call is known to have ended.
    fn check_up(&self) -> Result<()> {
        let inbox = self.connection.engine().inbox_here().ok_or_else(Error::forked)?;
        let end = inbox.followed.status(self.uuid()).and_then(crate::CallStatus::end_error);
        end.or_else(|| Some(inbox.waits.end_of(self.addressed())?.error())).map_or(Ok(()), Err)
    }
}

fn invalid(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, detail)
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("uuid", &self.uuid()).finish_non_exhaustive()
    }
}
