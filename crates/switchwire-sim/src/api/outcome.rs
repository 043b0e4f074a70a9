//! What a command's handler gives.

use std::time::Duration;

use crate::channel::{CallerId, Dial, Then};

/// The reply to a command, or what the reply waits for. A handler cannot keep the request, so every command gets its
/// reply.
#[derive(Debug)]
pub(crate) enum Outcome {
    Reply(String),
    /// This reply, after that time.
    After(Duration, String),
    /// The reply is what becomes of a call.
    Call(Box<NewCall>),
}

/// A call to be made for a command.
#[derive(Debug)]
pub(crate) struct NewCall {
    pub(crate) dial: Dial,
    pub(crate) caller: CallerId,
    pub(crate) then: Then,
    pub(crate) ignore_early: bool,
    pub(crate) timeout: Duration,
}

impl From<String> for Outcome {
    fn from(text: String) -> Self {
        Self::Reply(text)
    }
}

impl From<&str> for Outcome {
    fn from(text: &str) -> Self {
        Self::Reply(text.to_owned())
    }
}
