//! Where records go.
//!
//! Each sink connects anew after a failure, with nothing left of the connection before: what that one still had to send could
//! otherwise arrive behind what is sent again.

#[cfg(feature = "amqp")]
pub(crate) mod amqp;
pub(crate) mod lines;
#[cfg(feature = "nats")]
pub(crate) mod nats;
#[cfg(feature = "redis")]
pub(crate) mod redis;
pub(crate) mod segments;

use std::future::Future;
use std::sync::Arc;

use crate::record::Record;
use crate::template::{Alphabet, Template};

/// A broker, or files.
pub(crate) trait Sink: Send + 'static {
    /// Its name: of its folder in the spool, in markers and metrics.
    fn name(&self) -> &'static str;

    /// Where records go, and what such a place may be called.
    fn route(&self) -> (Template, Alphabet);

    /// Connects, anew.
    fn connect(&mut self) -> impl Future<Output = Result<(), String>> + Send;

    /// Delivers records, in their order. It may leave some unacknowledged and return; with no records it waits until at least
    /// the oldest of these has been acknowledged.
    fn deliver(&mut self, records: &[Arc<Record>]) -> impl Future<Output = Delivery> + Send;

    /// Ends the connection; what was acknowledged stays.
    fn close(&mut self) -> impl Future<Output = ()> + Send;
}

/// What became of some records.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// So many more have been acknowledged, of all that are out, from the oldest on.
    pub(crate) delivered: usize,
    /// What became of the next one, if that is known.
    pub(crate) stopped: Option<Stopped>,
}

/// Why a record was not delivered.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The sink will never take this record (it is too large …).
    #[cfg_attr(not(feature = "nats"), allow(dead_code, reason = "the others take everything"))]
    Refused(String),
    /// The sink is away.
    Away(String),
}

impl Delivery {
    pub(crate) fn all(records: &[Arc<Record>]) -> Self {
        Self { delivered: records.len(), stopped: None }
    }

    pub(crate) fn away(delivered: usize, why: impl std::fmt::Display) -> Self {
        Self { delivered, stopped: Some(Stopped::Away(why.to_string())) }
    }
}
