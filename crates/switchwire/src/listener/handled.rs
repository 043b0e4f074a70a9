//! How the handler of a call ends, and what becomes of the call then.

use std::any::Any;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::engine::Engine;
use crate::{Connection, Error, ErrorKind};

/// What a handler of calls gives back: nothing, or a `Result` whose error hangs the call up (see
/// [`Listener::serve`](super::Listener::serve)).
pub trait Handled {
    /// The failure, if it is one.
    fn failure(self) -> Option<Failure>;
}

impl Handled for () {
    fn failure(self) -> Option<Failure> {
        None
    }
}

impl<E: Display + 'static> Handled for Result<(), E> {
    fn failure(self) -> Option<Failure> {
        let error = self.err()?;
        let any: &dyn Any = &error;
        let boxed = || any.downcast_ref::<Box<dyn std::error::Error>>()?.downcast_ref::<Error>();
        let sent = || any.downcast_ref::<Box<dyn std::error::Error + Send + Sync>>()?.downcast_ref::<Error>();
        let own = any.downcast_ref::<Error>().or_else(boxed).or_else(sent).cloned();
        Some(Failure(
            own.unwrap_or_else(|| {
                Error::new(ErrorKind::Io, format!("the handler of a call failed: {error}"))
            }),
        ))
    }
}

/// Why a handler failed.
#[derive(Debug)]
pub struct Failure(Error);

impl Failure {
    /// Judges what a call's handler gave back as [`Listener::serve`](super::Listener::serve) does, for servers that run
    /// handlers themselves: the error to report, where the call is to be hung up ([`Connection::abandon`]). `None`
    /// when the handler has done its work, or its error reports nothing but that the call is over.
    pub fn judge(handled: impl Handled, call: &Connection) -> Option<Error> {
        handled.failure().and_then(|failure| failure.of_call(call.engine()))
    }

    pub(super) fn of_call(self, engine: &Arc<Engine>) -> Option<Error> {
        let Self(error) = self;
        (!is_end(&error, engine)).then_some(error)
    }
}

/// How a call ended for its handler.
pub(super) enum Ended {
    /// The handler has done its work, or the call was over.
    Well,
    Panicked,
    Failed(Error),
}

impl Ended {
    /// A stable word for it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Panicked => "panicked",
            Self::Failed(_) => "failed",
        }
    }
}

/// Runs the handler of a call. The connection stays open until it has ended, so that a failed one's call can be hung up.
pub(super) fn run(
    connection: Connection,
    handler: &(dyn Fn(Connection) -> Option<Failure> + Send + Sync),
) -> (Ended, Connection) {
    let kept = connection.clone();
    let ended = match catch_unwind(AssertUnwindSafe(|| handler(connection))) {
        Err(_) => Ended::Panicked,
        Ok(failure) => match failure.and_then(|failure| failure.of_call(kept.engine())) {
            Some(error) => Ended::Failed(error),
            None => Ended::Well,
        },
    };
    (ended, kept)
}

/// Whether the error reports nothing but that the call is over.
fn is_end(error: &Error, engine: &Arc<Engine>) -> bool {
    let over =
        || engine.look().is_none_or(|inbox| inbox.closed.is_some() || inbox.waits.end_of(None).is_some());
    (error.kind() == ErrorKind::Hangup || error.is_disconnected()) && over()
}
