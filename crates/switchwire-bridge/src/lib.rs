//! Carries the events of FreeSWITCH servers to a broker or to files, and says what it guarantees.
//!
//! - From a switch to the bridge: at most once. The event socket keeps nothing for a client that is not connected.
//! - From the bridge on: at least once. A record counts as delivered when the sink has acknowledged it; until then it is kept,
//!   in memory or on disk. Each event has an identity (`Core-UUID:Event-Sequence`), the same in every bridge, by which a
//!   broker that can drops what it has already.
//! - Order within a call, as the switch sent it.
//! - Every break is a record of its own, followed by a list of the switch's channels.
//!
//! By task: `config`; `source` reads the switches (a [`Fleet`](switchwire::Fleet)) and never waits for a sink; an `outlet` for
//! each sink puts records into its `outbox`, which keeps them in memory or in the `spool`; a `delivery` for each takes them from
//! there to the `sink`. `marker` and `record` are what is delivered, `template` says where to.

mod bridge;
#[cfg(feature = "nats")]
mod calls;
#[cfg(feature = "nats")]
mod commands;
pub mod config;
mod delivery;
mod http;
mod marker;
mod outbox;
mod outlet;
mod record;
mod reload;
mod sink;
mod source;
mod spool;
pub mod template;

pub use bridge::{Bridge, BridgeError};
#[cfg(feature = "nats")]
pub use calls::CallsConfig;
pub use config::{Config, ConfigError};
pub use marker::Break;
pub use record::{BREAK, Record, SNAPSHOT};
#[cfg(feature = "amqp")]
pub use sink::amqp::AmqpConfig;
pub use sink::lines::LinesConfig;
#[cfg(feature = "nats")]
pub use sink::nats::{CommandsConfig, NatsConfig, StreamConfig};
#[cfg(feature = "redis")]
pub use sink::redis::RedisConfig;
pub use sink::segments::SegmentsConfig;
pub use spool::Fsync;
