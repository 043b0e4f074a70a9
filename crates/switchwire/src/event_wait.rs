//! Waiting for an event by its id.

use std::sync::Arc;

use switchwire_proto::Event;

use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::inbox::Inbox;
use crate::inbox::{Awaited, Concern, EventSlot, Waiter};
use crate::{Error, Result};

/// A registered wait; registered before the command is sent, so the event cannot be missed.
pub(crate) struct EventWait {
    engine: Arc<Engine>,
    id: String,
    awaited: Awaited,
}

impl EventWait {
    pub(crate) fn new(engine: Arc<Engine>, id: String, awaited: Awaited) -> Result<Self> {
        let waiter = Waiter::Thread(EventSlot::default());
        let mut inbox = engine.inbox_here().ok_or_else(Error::forked)?;
        inbox.waits.begin(&id, awaited.clone(), waiter)?;
        drop(inbox);
        Ok(Self { engine, id, awaited })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// `None` when the deadline has passed; an error when the event will not come: `Hangup`, `NotSubscribed`.
    pub(crate) fn wait(&self, deadline: Deadline) -> Result<Option<Event>> {
        self.engine
            .wait_for(deadline, &Concern::Event(&self.id), |inbox| self.take(inbox))
            .and_then(Option::transpose)
    }

    fn take(&self, inbox: &mut Inbox) -> Option<Result<Event>> {
        if let Some(found) = inbox.waits.look(&self.id) {
            return Some(found.map(switchwire_proto::Message::into_event));
        }
        inbox.check(&self.awaited).err().map(Err)
    }

    /// Whether the event will come, by the replies that are here.
    pub(crate) fn is_subscribed(&self) -> bool {
        self.engine.inbox_here().is_some_and(|inbox| inbox.subscribed().check(&self.awaited).is_ok())
    }
}

impl Drop for EventWait {
    fn drop(&mut self) {
        let Some(mut inbox) = self.engine.inbox_here() else { return };
        if let Some(message) = inbox.waits.cancel(&self.id) {
            // It came and was not taken: any receiver may have it. (The thread that reads sees it when more comes.)
            inbox.put_back(message);
            self.engine.wake(&mut inbox);
        }
    }
}
