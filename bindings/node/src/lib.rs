//! The native part of the Node package `switchwire`.
//!
//! In scope: converting types, one I/O thread per process ([`poller`]), one mailbox per JavaScript thread ([`mailbox`];
//! [`hub`] is JavaScript's end of it), batches of events whose headers become JavaScript strings when they are read
//! ([`batch`]). Out of scope: the rules of the protocol (`switchwire`), and the API that programs see (`node/lib`).
//! Files that are the two halves of one thing have the same stem here and in `node/lib`.
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
mod batch_table;
mod call;
mod calls;
mod command;
mod conference;
mod connect;
mod connection;
mod connection_table;
mod decoder;
mod dial;
mod entry;
mod error;
mod error_object;
mod fleet;
mod housekeeping;
mod hub;
mod inline_read;
mod mailbox;
mod managed;
mod managed_options;
mod memory;
mod options;
mod plain;
mod poller;
mod prefetch;
mod readers;
mod received;
mod replies;
mod reply;
mod server;
mod sim;
mod sim_handlers;
mod slot;
mod state;
mod stream;
mod table;
mod text;
mod verb;
mod wake;
