//! The wire side: commands in, frames out. Nothing here knows what a command means.

pub(crate) mod command;
pub(crate) mod frame;
pub(crate) mod outbox;
pub(crate) mod reader;
