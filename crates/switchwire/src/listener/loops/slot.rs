//! A session between its callbacks.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{SessionHandler, SessionTimer};
use crate::engine::without_waits;
use crate::listener::handled::Ended;
use crate::listener::server::Place;
use crate::{Connection, Error};

pub(super) struct Slot<H: SessionHandler> {
    pub(super) connection: Connection,
    pub(super) place: Place,
    /// `None` after a panic.
    pub(super) handler: Option<H>,
    pub(super) own: Own,
    /// A callback has failed: no further one runs, the call is being hung up.
    pub(super) failed: Option<Ended>,
    /// In the list of those that may have buffers.
    pub(super) warm: bool,
    /// In which round of the loop's releasing it was read last.
    pub(super) touched: u32,
}

/// What callbacks change.
#[derive(Default)]
pub(super) struct Own {
    pub(super) timers: Vec<SessionTimer>,
    pub(super) closes: bool,
}

impl<H: SessionHandler> Slot<H> {
    pub(super) fn new(connection: Connection, place: Place, handler: H) -> Self {
        Self {
            connection,
            place,
            handler: Some(handler),
            own: Own::default(),
            failed: None,
            warm: false,
            touched: 0,
        }
    }

    /// The session is over: the last callback, and the counts.
    pub(super) fn finish(self) {
        let Self { connection, place, handler, failed, .. } = self;
        let reason = match &failed {
            Some(Ended::Failed(error)) => Some(error.clone()),
            _ => connection.disconnect_reason(),
        };
        let reason = reason.unwrap_or_else(|| Error::disconnected("the session is over"));
        let last = handler.map_or(Ok(()), |handler| run(move || handler.ended(&reason)));
        // A panic that was met first is not counted twice.
        place.ended(match (last, failed) {
            (Err(_), None) => Ended::Panicked,
            (_, failed) => failed.unwrap_or(Ended::Well),
        });
    }
}

/// Runs a callback, which may panic and must not wait.
pub(super) fn run<T>(callback: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    without_waits(|| catch_unwind(AssertUnwindSafe(callback)))
}
