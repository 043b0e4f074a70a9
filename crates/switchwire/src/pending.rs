use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::inbox::{Concern, Inbox, ReplySlot};
use crate::process::Origin;
use crate::{Error, Phase, Reply, Result};

/// A command in flight: its reply may not have come yet.
///
/// Many may be in flight at once; each gets its own reply, in whatever order they are waited for. Dropping it drops the
/// reply when that comes, and no other.
#[must_use = "the reply comes to this handle"]
pub struct PendingReply {
    engine: Arc<Engine>,
    slot: Arc<ReplySlot>,
    /// The reply has been taken: there is nothing to give up.
    taken: AtomicBool,
}

impl PendingReply {
    pub(crate) fn new(engine: Arc<Engine>, slot: Arc<ReplySlot>) -> Self {
        Self { engine, slot, taken: AtomicBool::new(false) }
    }

    /// Waits for the reply, for at most the connection's command timeout.
    ///
    /// # Errors
    /// `Timeout` (the late reply will be dropped when it comes) or `Disconnected`.
    pub fn wait(self) -> Result<Reply> {
        let timeout = self.engine.options.command_timeout;
        self.wait_for(timeout)
    }

    /// Waits for the reply for at most `timeout`.
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub fn wait_timeout(self, timeout: Duration) -> Result<Reply> {
        self.wait_for(Some(timeout))
    }

    pub(crate) fn wait_for(self, timeout: Option<Duration>) -> Result<Reply> {
        self.take(Deadline::after_option(timeout))?.ok_or_else(|| Error::timeout(Phase::Reply))
    }

    /// As [`wait_for`](Self::wait_for), by the call that has just sent the command: whose process this is was checked then.
    pub(crate) fn wait_for_sent(self, timeout: Option<Duration>) -> Result<Reply> {
        let deadline = Deadline::after_option(timeout);
        let take = |_: &mut Inbox| self.slot.take();
        let reply = self.engine.wait_sent(deadline, &Concern::Reply(&self.slot), take)?;
        self.taken.store(reply.is_some(), Ordering::Relaxed);
        reply.ok_or_else(|| Error::timeout(Phase::Reply))
    }

    /// Waits for the reply for at most `timeout`; `Ok(None)` when it has not come yet: you may ask again. For
    /// callers that must look after other things between (signals, a cancelled task).
    ///
    /// # Errors
    /// `Disconnected`.
    pub fn take_timeout(&self, timeout: Duration) -> Result<Option<Reply>> {
        self.take(Deadline::after(timeout))
    }

    fn take(&self, deadline: Deadline) -> Result<Option<Reply>> {
        let reply = self.engine.wait_reply(deadline, &Concern::Reply(&self.slot), |_| self.slot.take())?;
        self.taken.store(reply.is_some(), Ordering::Relaxed);
        Ok(reply)
    }

    /// The reply if it is here; reads what has arrived, without waiting.
    ///
    /// # Errors
    /// `Disconnected`.
    pub fn try_take(&self) -> Result<Option<Reply>> {
        self.take_timeout(Duration::ZERO)
    }

    /// Where the reply comes.
    pub(crate) fn slot(&self) -> Arc<ReplySlot> {
        self.slot.clone()
    }

    /// The reply if it has been received already; never looks at the socket.
    pub(crate) fn received(&self) -> Option<Reply> {
        self.slot.take()
    }
}

impl Drop for PendingReply {
    fn drop(&mut self) {
        // (Whose process this is costs a system call.)
        if !self.taken.load(Ordering::Relaxed) && !self.engine.origin.is_foreign() {
            self.slot.give_up();
        }
    }
}

/// A command whose reply goes to a callback. Dropping it changes nothing.
#[derive(Clone)]
pub struct Submitted {
    origin: Origin,
    slot: Arc<ReplySlot>,
}

impl Submitted {
    pub(crate) fn new(origin: Origin, slot: Arc<ReplySlot>) -> Self {
        Self { origin, slot }
    }

    /// Gives the reply up: the callback will not be called any more, and the reply is dropped when it comes and counted
    /// in [`Stats::late_replies`](crate::Stats::late_replies). Says whether it was still awaited (if not, the callback
    /// has been called, or is about to be).
    pub fn abandon(&self) -> bool {
        !self.origin.is_foreign() && self.slot.abandon()
    }
}

impl std::fmt::Debug for Submitted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Submitted").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for PendingReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PendingReply").finish_non_exhaustive()
    }
}
