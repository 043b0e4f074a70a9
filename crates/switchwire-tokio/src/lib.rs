//! Control FreeSWITCH from tokio over its event socket.
//!
//! In scope: what `switchwire` offers to threads, for tasks, over the same engine:
//! - [`Connection`]: connecting and logging in, commands as futures, events as a [`Stream`](futures_core::Stream), [`Job`]s and
//!   [`Execution`]s.
//! - [`Call`]: a leg as an object, its verbs as futures with typed outcomes; [`Connection::originate`].
//! - [`conference::Conference`]: its members, what is done to them, what happens in it.
//! - [`Listener`] and [`Server`]: calls that the server connects to us, a task each.
//! - [`ManagedConnection`]: connects again, subscribes again and reports every outage; [`Fleet`]: many of them as one.
//! - The values of `switchwire` (events, commands, subscriptions, errors …), re-exported.
//!
//! Out of scope: everything about the protocol and its rules: that is `switchwire`'s, and the same in every language.
//!
//! Every future may be dropped at any await: see [`Connection`] for what that means for a command that was sent. Nothing
//! blocks a thread of the runtime.
//!
//! ```no_run
//! use switchwire_tokio::{Connection, EventType, Subscription};
//!
//! #[tokio::main]
//! async fn main() -> switchwire_tokio::Result<()> {
//!     let connection = Connection::connect("127.0.0.1", 8021, "ClueCon").await?;
//!     println!("{}", connection.api("status", "").await?.text());
//!     connection.subscribe(&Subscription::new().events([EventType::ChannelAnswer, EventType::BackgroundJob])).await?;
//!     let job = connection.bgapi("originate", "user/1000 &park()").await?;
//!     println!("{}", job.output().await?);
//!     while let Ok(event) = connection.recv_event().await {
//!         println!("{} {}", event.name(), event.unique_id().unwrap_or_default());
//!     }
//!     Ok(())
//! }
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

mod call;
pub mod conference;
mod connection;
mod driver;
mod execution;
mod feed;
mod fleet;
mod job;
mod listener;
mod managed;
mod originate;
mod pending;
mod wakers;

pub use call::{Call, DtmfStream, Running};
pub use connection::{Connection, EventStream, IncomingStream};
pub use execution::Execution;
pub use fleet::{Fleet, FleetItems};
pub use job::Job;
pub use listener::{Listener, Server};
pub use managed::{ManagedConnection, StreamItems};
pub use originate::Originating;
pub use pending::PendingReply;
pub use switchwire;
pub use switchwire::{
    AnswerState, Backoff, Bind, Builder, CallDirection, CallState, CallStatus, ChannelState, Choice, Command,
    DigitsReceived, DisconnectNotice, Dtmf, Error, ErrorKind, Event, EventFormat, EventType, Execute,
    Executed, FleetBuilder, FleetItem, FleetServer, FleetUpdate, Handled, HangupCause, Health, HealthLimits,
    HealthState, Incoming, Lease, Limits, Liveness, LogLevel, LogRecord, Login, Lost, ManagedBuilder,
    ManagedState, ManagedStatus, Message, Options, Overflow, Permissions, Phase, Pick, QueueLimits, Reply,
    Restored, Result, ServerInfo, ServerOutcome, ServerResult, ServerRun, ServerStats, State, Stats,
    StreamItem, Subscription, WhileDown, application, dial, job_output, vocabulary,
};

/// The programs in the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
