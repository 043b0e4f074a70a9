//! Waiting for an event by its id.

use std::sync::Arc;

use switchwire_proto::Event;

use crate::deadline::Deadline;
use crate::engine::Engine;
use crate::inbox::{Inbox, Watch};
use crate::{Error, ErrorKind, Result};

/// A registered wait; registered before the command is sent, so the event cannot be missed.
pub(crate) struct Watcher {
    engine: Arc<Engine>,
    id: String,
}

impl Watcher {
    pub(crate) fn new(engine: Arc<Engine>, id: String, watch: Watch) -> Result<Self> {
        let mut inbox = engine.inbox_here().ok_or_else(Error::forked)?;
        if inbox.watched.contains_key(&id) {
            let detail = format!("somebody on this connection waits for {id:?} already");
            return Err(Error::new(ErrorKind::InvalidArgument, detail));
        }
        inbox.watched.insert(id.clone(), watch);
        drop(inbox);
        Ok(Self { engine, id })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// `None` when time has passed; `Hangup` when the channel has ended without the event.
    pub(crate) fn wait(&self, deadline: Deadline) -> Result<Option<Event>> {
        self.engine.wait(deadline, |inbox| self.take(inbox)).and_then(Option::transpose)
    }

    fn take(&self, inbox: &mut Inbox) -> Option<Result<Event>> {
        match inbox.watched.get_mut(&self.id)? {
            Watch::Job(message) => message.take().map(|message| Ok(message.into_event())),
            Watch::Execute { complete, hung_up, .. } => match complete.take() {
                Some(message) => Some(Ok(message.into_event())),
                None => hung_up.then(|| Err(Error::hung_up())),
            },
            // Told by its callback alone.
            Watch::Call { .. } => None,
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let Some(mut inbox) = self.engine.inbox_here() else { return };
        let message = match inbox.watched.remove(&self.id) {
            Some(Watch::Job(message) | Watch::Execute { complete: message, .. }) => message,
            Some(Watch::Call { .. }) | None => None,
        };
        if let Some(message) = message {
            // It came and nobody took it: everybody may have it. (Who waits on the socket sees it when more comes.)
            inbox.put_back(message);
            self.engine.wake(&inbox);
        }
    }
}
