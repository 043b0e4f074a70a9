//! An embedded simulator of FreeSWITCH's event socket: start one in a test, connect to it, and it replies as a
//! FreeSWITCH would, byte for byte where a client could see the difference.
//!
//! In scope:
//! - the server side of the event socket: login (password, users and their permissions, address refusal), every
//!   command, the frames and their header order, subscriptions, filters, log lines, notices ([`Simulator`], [`Builder`]);
//! - sessions: outbound (`socket`, sync or async, full or not) and inbound `myevents UUID`, linger, divert;
//! - channels that exist on paper: `originate` of loopback and null endpoints, a small dialplan
//!   ([`Builder::extension`]), the usual applications, the events of a call in a real server's order;
//! - the api commands that clients use most;
//! - faults: slow, cut, silent and reset connections ([`Faults`]).
//!
//! Out of scope: media, SIP, timing of real audio beyond how long a playback lasts and whether a conference hears it,
//! persistent configuration, scripting languages, security (the simulator is for tests, on the loopback interface).
//!
//! One thread runs a whole simulator, however many connections and channels it has, and several simulators may live
//! in one process. Dropping a [`Simulator`] ends its thread and frees its port.
//!
//! ```
//! use std::io::{Read, Write};
//! let sim = switchwire_sim::Simulator::builder().password("secret").start()?;
//! let mut socket = std::net::TcpStream::connect(sim.addr())?;
//! socket.write_all(b"auth secret\n\nexit\n\n")?;
//! let mut text = String::new();
//! socket.read_to_string(&mut text)?;
//! assert!(text.starts_with("Content-Type: auth/request\n\nContent-Type: command/reply\nReply-Text: +OK accepted\n\n"));
//! # Ok::<(), std::io::Error>(())
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

mod api;
mod builder;
mod channel;
mod conference;
mod config;
mod conn;
mod custom;
mod dialplan;
mod endpoint;
mod event;
mod faults;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod glob;
mod journal;
mod kit;
mod load;
mod scenario;
mod shared;
mod simulator;
mod user;
mod wire;
mod world;

pub use builder::Builder;
pub use config::Time;
pub use custom::{Asked, Done, Given, Respond};
pub use dialplan::Extension;
pub use endpoint::Endpoint;
pub use faults::{Completion, End, Faults, LastEvents, LingerNotice};
pub use journal::{Seen, What};
pub use load::Load;
pub use scenario::{Act, Expect, Scenario, ScenarioError, Step, Unmet, When};
pub use simulator::{Simulator, Verifier};
pub use user::User;

/// The program in the README runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
