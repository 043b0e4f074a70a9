//! A connection that comes back: reconnects, subscribes again, and tells its user of every outage, in one ordered stream.
//!
//! A layer above [`Connection`], which itself never reconnects. By task: `builder` and `policy` say how; `supervisor` is
//! the thread, `attempt` one try to connect, `pulse` finds out whether the peer lives; `stream` is what the user receives;
//! `wanted` is what the connections are subscribed to, `change` a change of that; `shared` is what threads share.
//!
//! **Who reads.** One thread per supervised connection, which sleeps while all is well: a thread in
//! [`recv`](ManagedConnection::recv) reads the socket itself, as on a bare connection, and costs no hand-over. Only while
//! no thread receives does the supervisor read (into the queue, by its policy), so that the server is never held up.
//!
//! **For bindings and event loops** nothing needs to wait, and there is no descriptor to watch (it changes with each
//! connection):
//! - [`ManagedConnection::on_ready`] sets a callback, which the supervisor's thread calls once when something has come after
//!   [`take`](ManagedConnection::take) found nothing. It is to wake the loop (`loop.call_soon_threadsafe`, a
//!   thread-safe function of Node), which then calls `take(max)` until that returns nothing. From then on the supervisor is the
//!   thread that reads; one announcement covers any number of items.
//! - [`ManagedConnection::connection`] is the present connection, without waiting; its
//!   [`event_loop`](Connection::event_loop) has the non-blocking forms of all commands. Their callbacks run on the
//!   supervisor's thread. What a full socket held back is written by the next command, or by
//!   [`flush_timeout`](Connection::flush_timeout).
//! - [`ManagedConnection::on_next_read`] calls back once when something has been read: for handles that are asked whether
//!   their end has come ([`Job::try_take`](crate::Job::try_take)).
//! - [`ManagedConnection::on_up`] calls back once when there is a connection: for commands that wait while it is down, for as
//!   long and as often as [`ManagedConnection::tries`] says.

mod attempt;
mod builder;
mod change;
mod connection;
mod gate;
mod item;
mod lease;
mod next_read;
mod policy;
mod pulse;
mod shared;
mod status;
mod stream;
mod supervisor;
mod taker;
mod tries;
mod wanted;

pub use builder::ManagedBuilder;
pub use connection::{ManagedConnection, StreamItems};
pub(crate) use gate::Gate;
pub use item::{Lost, Restored, ServerInfo, ServerRun, StreamItem};
pub use lease::Lease;
pub use policy::{Backoff, Liveness, WhileDown};
pub use status::{ManagedState, ManagedStatus};
pub(crate) use taker::Taker;
pub use tries::Tries;

#[allow(unused_imports, reason = "named in the text above")]
use crate::Connection;
