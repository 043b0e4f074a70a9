//! Supervised connections: what `switchwire.ManagedConnection` and its twin in `switchwire.aio` are built on.

mod connection;
mod item;
mod lease;
mod target;

pub(crate) use connection::{Managed, Tries};
pub(crate) use item::python as item;
pub(crate) use lease::Lease;
pub(crate) use target::{Target, backoff, liveness};
