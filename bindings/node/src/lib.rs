//! The native part of the Node package `switchwire`.
//!
//! In scope: converting types, one I/O thread for all connections of the process ([`io`]), one mailbox for each
//! JavaScript thread ([`hub`]), batches of events whose headers become JavaScript strings when they are read
//! ([`batch`]). Out of scope: every rule of the protocol (they live in `switchwire`), and how things look to programs
//! (`node/lib`).
#![allow(unsafe_code, reason = "Node's C interface: napi's macros; `text` and `wake` say what they rely on")]
#![allow(
    missing_debug_implementations,
    unreachable_pub,
    missing_docs,
    reason = "seen by JavaScript only; described in node/index.d.ts"
)]
#![allow(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    reason = "napi's macros give arguments by value"
)]
// What is exported to JavaScript is exported in the real build only.
#![cfg_attr(test, allow(dead_code, reason = "napi exports nothing in test builds"))]

mod batch;
mod columns;
mod command;
mod connect;
mod connection;
mod decoder;
mod error;
mod hub;
mod io;
mod memory;
mod options;
mod server;
mod shelf;
mod sim;
mod text;
mod wake;
