use std::sync::Arc;

use crate::engine::{Engine, Watch};
use crate::inbox::Above;

/// What takes the streams of several supervised connections ([`ManagedConnection::move_to`]), and reads their sockets itself
/// while a thread receives: a fleet.
///
/// It is notified when there may be something to take, or to read ([`Engine::read_once`]).
///
/// [`ManagedConnection::move_to`]: super::ManagedConnection::move_to
pub(crate) trait Taker: Above {
    /// A connection is up: from now on its socket may be read.
    fn connected(&self, engine: &Arc<Engine>);
    /// It is over.
    fn disconnected(&self, engine: &Engine);
    /// What the supervisor is to do beside it.
    fn watch(&self) -> Watch;
}
