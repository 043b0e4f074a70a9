//! The calls that are up, as a bucket of JetStream's key-value store: a key a leg, `NODE.UUID`, gone when the leg is.
//!
//! `follow` keeps what is to be written, from the switches' side; `store` writes it, anew after each connection to the broker.
//! It is a state, not a stream: a leg that changes often is written as it is when its turn comes, and what was missed while
//! a switch or the broker was away is put right by a comparison of the whole.

mod follow;
mod store;

use serde::Deserialize;

pub(crate) use follow::LiveCalls;
pub(crate) use store::serve;

/// A bucket with the calls that are up.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CallsConfig {
    /// The bucket, which is made if it is not there: in the broker's memory, since each bridge writes it anew.
    pub bucket: String,
    /// How many servers of a cluster keep it.
    #[serde(default = "one")]
    pub replicas: usize,
}

fn one() -> usize {
    1
}
