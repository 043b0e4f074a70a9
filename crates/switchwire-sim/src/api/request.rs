//! An api command that is to run.

use std::collections::VecDeque;

use switchwire_proto::Event;

use crate::conn::ConnId;
use crate::event::origin::Origin;

/// An api command and where its reply goes. It cannot be cloned, and the reply consumes it: one reply per command.
#[derive(Debug)]
pub(crate) struct ApiRequest {
    pub(super) reply_to: ReplyTo,
    pub(super) command: String,
    pub(super) arg: String,
    /// The rest of the console line that it is part of.
    pub(super) console: Option<Box<Console>>,
}

impl ApiRequest {
    /// One whose reply no connection waits for: its output is taken by what runs it.
    pub(super) fn inside(command: &str, arg: &str) -> Self {
        let reply_to =
            ReplyTo::Job { uuid: String::new(), owner: None, origin: crate::event::origin::API_BGAPI };
        Self { reply_to, command: command.to_owned(), arg: arg.to_owned(), console: None }
    }

    pub(crate) fn name(&self) -> &str {
        &self.command
    }

    pub(crate) fn argument(&self) -> &str {
        &self.arg
    }
}

#[derive(Debug)]
pub(super) enum ReplyTo {
    /// A connection that waits for the api/response.
    Conn(ConnId),
    /// A background job: the reply is an event.
    Job { uuid: String, owner: Option<String>, origin: Origin },
    /// A channel's hook: the output is dropped. Its API event may be about the channel.
    Dropped(Option<Box<Event>>),
}

/// A console's line that is being run.
#[derive(Debug)]
pub(super) struct Console {
    pub(super) line: String,
    pub(super) rest: VecDeque<String>,
    pub(super) output: String,
    pub(super) aliases: usize,
}
