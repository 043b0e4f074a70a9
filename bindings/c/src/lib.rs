//! libesl for C: the functions, structs and values that programs written for FreeSWITCH's C library expect.
//!
//! In scope: the C ABI (`include/*.h`), its public structs and who owns what. Out of scope: the protocol itself, which is
//! `switchwire-proto`'s; nothing is parsed or encoded here by rules of its own.
//!
//! One file per object or task:
//! - a connection: [`connect`], [`listen`], [`handle`] (sending, receiving, closing), [`command`] (commands built from
//!   arguments), `trace` (what is logged);
//! - below these: `session` (a handle in use by one call), `held` (its fields, while this thread holds its mutex), `link` (the
//!   receiver state, and which thread reads the socket), `race_queue` (messages queued while a command waits for its reply),
//!   `socket`;
//! - an event: [`event`], `headers` and `arrays` (its list), `received` (a received event in one allocation), [`serialize`];
//! - [`buffer`], [`config`], [`threadmutex`], [`strings`];
//! - `guard`, `memory`, [`types`]: the boundary to C.
//!
//! The cJSON API is a crate of its own, `bindings/cjson`, linked in by the feature `cjson`.
//!
//! Every function is guarded: a panic never crosses into C, the caller gets the function's failure value.
//! Safety, for all of them: pointers are NULL (then the function fails or does nothing) or point to what the header says;
//! objects may be used from several threads only as the header says.
#![allow(
    clippy::missing_safety_doc,
    reason = "the safety rules of all functions are the ones above and in include/*.h"
)]

// The linker keeps the exported functions of a crate only when something names the crate.
#[cfg(feature = "cjson")]
use cjson as _;

mod arrays;
pub mod buffer;
pub mod command;
pub mod config;
pub mod connect;
pub mod event;
mod guard;
pub mod handle;
mod headers;
mod held;
mod lines;
mod link;
pub mod listen;
mod memory;
mod race_queue;
mod received;
pub mod serialize;
mod session;
mod socket;
pub mod strings;
pub mod threadmutex;
mod trace;
pub mod types;
