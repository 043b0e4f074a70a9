//! Control FreeSWITCH from your own programs over its event socket: blocking, thread-safe, fast.
//!
//! In scope:
//! - [`Connection`]: the classic ESLconnection in snake_case, inbound (we connect to the server: [`Builder`]) and
//!   outbound (the server connects to us for a call: [`Listener`]), for any number of threads at once.
//! - Typed answers ([`Reply`]), background jobs ([`Job`]), applications waited for
//!   ([`Connection::execute_and_wait`]), log lines and notices ([`Incoming`]), subscriptions that can be applied again
//!   ([`Subscription`]).
//! - [`Event`] and the rest of the protocol, re-exported from `switchwire-proto`.
//!
//! Out of scope: async runtimes ([`Connection::pump`], [`Connection::submit_with`] and the descriptor are what one
//! needs to build on), reconnecting by itself (a [`Subscription`] is applied again by whoever reconnects), media.
//!
//! ```no_run
//! use switchwire::{Connection, EventFormat};
//!
//! let connection = Connection::connect("127.0.0.1", 8021, "ClueCon")?;
//! println!("{}", connection.api("status", "")?.text());
//! connection.events(EventFormat::Plain, "CHANNEL_ANSWER CHANNEL_HANGUP_COMPLETE BACKGROUND_JOB")?;
//! let job = connection.bgapi("originate", "user/1000 &park()")?;
//! while let Ok(event) = connection.recv_event() {
//!     println!("{} {}", event.name(), event.unique_id().unwrap_or_default());
//! }
//! # Ok::<(), switchwire::Error>(())
//! ```
#![forbid(unsafe_code)]
// A peer's input must never panic us, and a library does not write to the terminal.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

mod answer;
mod builder;
mod call;
mod connection;
mod deadline;
mod dial;
mod engine;
mod error;
mod inbox;
mod job;
mod listener;
#[cfg(all(test, switchwire_model))]
mod model;
mod options;
mod pending;
mod process;
mod sight;
mod socket;
mod subscribed;
mod sync;
mod waiting;
mod waits;
mod watch;

pub use builder::Builder;
pub use connection::{Connection, Executed, Execution, Incoming, Opening};
pub use dial::{bare_host, prepare_socket};
pub use engine::Pumped;
pub use error::{Error, ErrorKind, Phase, Result};
pub use inbox::Stats;
pub use job::{Job, job_output};
pub use listener::{Bind, Failure, Handled, Listener, Server, ServerStats, activated_fds};
pub use options::{Options, Overflow, QueueLimits};
pub use pending::{PendingReply, Submitted};
pub use process::forked_child;
pub use switchwire_proto as proto;
pub use switchwire_proto::{
    BuildError, Command, ContentType, DisconnectNotice, Disposition, Event, EventFormat, EventType, Execute,
    Header, Limits, LogLevel, LogRecord, Login, Message, ParseError, Permissions, Priority, Refusal, Reply,
    Subscription, Unicast,
};
pub use waiting::Waiting;

/// The programs in the project's README compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
