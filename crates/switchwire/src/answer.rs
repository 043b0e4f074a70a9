//! The answer to a command that has been sent, for several threads to look at.

use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::pending::PendingReply;
use crate::sync::Mutex;
use crate::{Reply, Result};

/// Kept once it has come, so that everybody who waits sees it.
pub(crate) struct Answer(Mutex<State>);

enum State {
    Awaited(PendingReply),
    Here(Reply),
}

impl Answer {
    pub(crate) fn to(pending: PendingReply) -> Self {
        Self(Mutex::new(State::Awaited(pending)))
    }

    /// `None` when time has passed.
    pub(crate) fn wait(&self, engine: &Engine, deadline: Deadline) -> Result<Option<Reply>> {
        match self.received() {
            Some(reply) => Ok(Some(reply)),
            None => engine.wait(deadline, |_| self.received()),
        }
    }

    fn received(&self) -> Option<Reply> {
        let mut state = self.0.lock();
        let reply = match &*state {
            State::Here(reply) => return Some(reply.clone()),
            State::Awaited(pending) => pending.received()?,
        };
        *state = State::Here(reply.clone());
        Some(reply)
    }
}
