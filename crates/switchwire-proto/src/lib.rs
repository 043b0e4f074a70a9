//! FreeSWITCH's event socket protocol with no I/O: bytes in, values out.
//!
//! In scope:
//! - [`Decoder`]: received bytes to [`Frame`]s and [`Message`]s, at any fragmentation, within [`Limits`].
//! - [`Event`]: the classic ESLevent model (ordered headers, duplicates, arrays, body), read lazily from one
//!   buffer, edited in an arena; [`EventType`], the table of event names.
//! - [`adding`]: libesl's rules for adding headers, over whatever holds them (these events, C's structs).
//! - Serialising and parsing events as plain, JSON and XML ([`mod@format`]), percent-coding ([`percent`]).
//! - [`Command`]: one builder for every command of the protocol, each refusing what would start a second one.
//! - The words of calls as tables, and typed readers of events ([`vocabulary`]); dial strings ([`dial`]) and the arguments
//!   of applications ([`application`]) as values.
//! - [`Login`]: the handshake as data; [`Reply`], [`LogRecord`], [`DisconnectNotice`]: typed views of messages.
//!
//! Out of scope: sockets, threads, clocks, timeouts, queues and reconnecting (crate `switchwire`); playing the
//! server's part (crate `switchwire-sim`).
//!
//! ```
//! use switchwire_proto::{Decoder, EventType};
//! let mut decoder = Decoder::default();
//! decoder.feed(b"Content-Length: 38\nContent-Type: text/event-plain\n\nEvent-Name: DTMF\n");
//! assert!(decoder.next_message().unwrap().is_none()); // more bytes are needed
//! decoder.feed(b"DTMF-Digit: %23\nX: 1\n");
//! let event = decoder.next_message().unwrap().unwrap().into_event();
//! assert_eq!(event.event_type(), EventType::Dtmf);
//! assert_eq!(event.header("dtmf-digit").unwrap(), "#");
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

#[doc(hidden)]
pub mod adding;
pub mod application;
#[doc(hidden)]
pub mod array;
pub mod calls;
mod command;
pub mod conference;
mod content;
mod decoder;
pub mod dial;
mod duplicates;
mod error;
mod event;
mod event_type;
pub mod format;
mod limits;
mod lines;
mod log;
mod login;
mod message;
mod notice;
mod pace;
pub mod percent;
#[doc(hidden)]
pub mod raw;
mod receiver;
mod reply;
mod simd;
mod subscription;
mod text;
pub mod vocabulary;

pub use command::{BuildError, Command, Execute, Unicast};
pub use content::ContentType;
pub use decoder::{Decoder, Frame};
pub use duplicates::Duplicates;
pub use error::{DecodeError, DecodeErrorKind, ParseError};
pub use event::{Elements, Event, Header, Headers, Priority};
pub use event_type::EventType;
pub use limits::Limits;
pub use lines::{EventLines, HeaderLines, split_line};
pub use log::{LogLevel, LogRecord};
pub use login::{Login, LoginError, LoginStep, Permissions};
pub use message::Message;
pub use notice::{DisconnectNotice, Disposition};
pub use reply::{Refusal, Reply};
pub use subscription::{EventFormat, Subscription};
pub use vocabulary::{AnswerState, CallDirection, CallState, CallerProfile, ChannelState, HangupCause};

/// The program in the README runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
