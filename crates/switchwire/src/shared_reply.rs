//! The reply to a command in flight, shared by the threads that wait for it.

use std::sync::Arc;

use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::inbox::{Concern, ReplySlot};
use crate::pending::PendingReply;
use crate::sync::Mutex;
use crate::{Reply, Result};

/// Keeps the reply once it has come, so that every waiting thread gets it.
pub(crate) struct SharedReply {
    state: Mutex<State>,
    slot: Arc<ReplySlot>,
}

enum State {
    Awaited(PendingReply),
    Received(Reply),
}

impl SharedReply {
    pub(crate) fn to(pending: PendingReply) -> Self {
        Self { slot: pending.slot(), state: Mutex::new(State::Awaited(pending)) }
    }

    /// `None` when the deadline has passed.
    pub(crate) fn wait(&self, engine: &Engine, deadline: Deadline) -> Result<Option<Reply>> {
        match self.received() {
            Some(reply) => Ok(Some(reply)),
            None => engine.wait_reply(deadline, &Concern::Reply(&self.slot), |_| self.received()),
        }
    }

    fn received(&self) -> Option<Reply> {
        let mut state = self.state.lock();
        let reply = match &*state {
            State::Received(reply) => return Some(reply.clone()),
            State::Awaited(pending) => pending.received()?,
        };
        *state = State::Received(reply.clone());
        Some(reply)
    }
}
