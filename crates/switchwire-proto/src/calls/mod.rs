//! Which calls are up on a server: a state machine fed with events and snapshots.
//!
//! In scope: [`Tracker`] keeps the legs of a server ([`CallLeg`]) and says what each event or [`Snapshot`] has changed
//! ([`Change`]). Its memory is that of the legs that are up and a bounded rest. Out of scope: subscribing, asking for
//! snapshots and waiting (`Calls` in the crate `switchwire`).
//!
//! What it is built on, recorded from a 1.11.2: `CHANNEL_DESTROY` is the last event of a leg except for `CHANNEL_STATE`
//! `CS_DESTROY`; `CHANNEL_UUID` renames a leg that has been given a uuid; `CHANNEL_UNBRIDGE` ends every bridge, also when
//! a leg is transferred, picked by `uuid_bridge` or a loopback pair bows out (then a second `CHANNEL_BRIDGE` follows); in
//! an attended transfer a leg is in two bridges at once; `CHANNEL_CREATE` may come after `CHANNEL_ANSWER` or even
//! `CHANNEL_HANGUP`.

mod leg;
mod snapshot;
mod tracker;

pub use leg::{Bridge, CallLeg};
pub use snapshot::{Snapshot, SnapshotError};
pub use tracker::{Change, Tracker};
