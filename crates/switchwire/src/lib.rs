//! Control FreeSWITCH from your own programs over its event socket: blocking, thread-safe, fast.
//!
//! In scope:
//! - [`Connection`]: the classic ESLconnection in snake_case, inbound (we connect to the server: [`Builder`]) and
//!   outbound (the server connects to us for a call: [`Listener`]), for any number of threads at once.
//! - Typed replies ([`Reply`]), background jobs ([`Job`]), applications waited for
//!   ([`Connection::execute_and_wait`]), log lines and notices ([`Incoming`]), subscriptions as values
//!   ([`Subscription`]).
//! - A half that never waits, for event loops ([`Connection::event_loop`]), and an event loop for thousands of calls that the
//!   server connects to us ([`Listener::serve_loops`], [`SessionHandler`]).
//! - Staying connected: [`ManagedConnection`] connects again, subscribes again and reports every outage, above
//!   [`Connection`], which itself never reconnects.
//! - Many servers as one: [`Fleet`] merges their streams, knows their health, sends to one, any or all of them.
//! - [`Event`] and the rest of the protocol, re-exported from `switchwire-proto`.
//!
//! Out of scope: async runtimes (`switchwire-tokio` is built on [`EventLoop`], as others can be), media.
//!
//! ```no_run
//! use switchwire::{Connection, EventType, Subscription};
//!
//! let connection = Connection::connect("127.0.0.1", 8021, "ClueCon")?;
//! println!("{}", connection.api("status", "")?.text());
//! connection.subscribe(&Subscription::new().events([EventType::ChannelAnswer, EventType::BackgroundJob]))?;
//! let job = connection.bgapi("originate", "user/1000 &park()")?;
//! for event in &connection {
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

mod access;
mod announcer;
mod builder;
mod call;
pub mod calls;
pub mod conference;
mod connection;
mod deadline;
mod engine;
mod error;
mod event_wait;
mod feed;
mod fleet;
mod inbox;
mod job;
mod listener;
mod managed;
#[cfg(all(test, switchwire_model))]
mod model;
mod options;
mod originate;
mod pending;
mod pending_value;
mod poller;
mod process;
mod shared_reply;
mod socket;
mod sync;
mod tcp;
mod telemetry;

pub use builder::Builder;
pub use call::{Call, CallWait, DigitsReceived, DtmfEvents, DtmfWatch, Run, Running};
pub use connection::{Connection, EventLoop, Events, Executed, Execution, Incoming, Opening};
/// The channels of [`Connection::channel`] are crossbeam's: `select!` over them with this.
pub use crossbeam_channel;
pub use engine::Pumped;
pub use error::{Error, ErrorKind, Phase, Result};
pub use fleet::{
    Choice, Fleet, FleetBuilder, FleetItem, FleetReplies, FleetServer, FleetUpdate, Health, HealthLimits,
    HealthState, Pick, ServerOutcome, ServerResult,
};
pub use inbox::{CallStatus, Dtmf, State, Stats};
pub use job::{Job, job_output};
pub use listener::{
    Bind, Failure, Handled, Listener, Remote, Server, ServerStats, Session, SessionHandler, SessionTimer,
    activated_fds,
};
pub use managed::{
    Backoff, Lease, Liveness, Lost, ManagedBuilder, ManagedConnection, ManagedState, ManagedStatus, Restored,
    ServerInfo, ServerRun, StreamItem, StreamItems, Tries, WhileDown,
};
pub use options::{Options, Overflow, QueueLimits};
pub use originate::{OriginateHandle, Originating};
pub use pending::{PendingReply, Submitted};
pub use pending_value::PendingValue;
pub use process::forked_child;
pub use switchwire_proto as proto;
pub use switchwire_proto::{
    AnswerState, BuildError, CallDirection, CallState, ChannelState, Command, ContentType, DisconnectNotice,
    Disposition, Duplicates, Event, EventFormat, EventType, Execute, HangupCause, Header, Limits, LogLevel,
    LogRecord, Login, Message, ParseError, Permissions, Priority, Refusal, Reply, Subscription, Unicast,
    application, dial, vocabulary,
};
pub use tcp::{bare_host, prepare_socket};

/// The programs in the project's README compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
