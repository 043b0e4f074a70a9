//! Numbers that the simulator's thread publishes to its handle.

use std::sync::atomic::AtomicUsize;

/// How many there are now.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) connections: AtomicUsize,
    pub(crate) channels: AtomicUsize,
}
