//! Many servers as one: a stream tagged with the server, their health, commands to one, any or all of them.
//!
//! A layer above [`ManagedConnection`](crate::ManagedConnection), one per server, each with the one thread that it has anyway.
//! By task: `servers` holds them, `stream` merges what they send (`gatherer` waits on the sockets and reads, `inlet` is the end of one of them), `health` judges them, `pick` chooses one for a call,
//! `commands` sends (`callbacks` without waiting), `channels` knows which server a channel is on.
//!
//! A binding for an event loop is woken by [`Fleet::on_ready`], then calls [`Fleet::take`] until that finds nothing; the
//! `…_with` forms of the commands never wait.

mod callbacks;
mod channels;
mod commands;
mod gatherer;
mod health;
mod inlet;
mod pick;
mod servers;
mod stream;

pub use callbacks::FleetReplies;
pub use commands::{ServerOutcome, ServerResult};
pub use health::{Health, HealthLimits, HealthState};
pub use pick::{Choice, Pick};
pub use servers::{Fleet, FleetBuilder, FleetServer};
pub use stream::{FleetItem, FleetUpdate};
