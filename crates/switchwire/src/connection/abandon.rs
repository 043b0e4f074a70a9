//! Ending a call whose program has failed, so that the caller is not left in silence.

use std::sync::Arc;
use std::time::Duration;

use switchwire_proto::application::ApiCommand;
use switchwire_proto::{Command, HangupCause};

use super::{Connection, EventLoop};
use crate::engine::Engine;
use crate::inbox::ReadyCallback;
use crate::sync::Mutex;
use crate::{Error, PendingValue, Result};

impl Connection {
    /// Ends the call and closes the connection, as is done for a call whose handler has failed: hangs up with `cause`
    /// (by `api uuid_kill` where the connection may use `api`, else by `sendmsg` `hangup`), waits for at most `patience`
    /// until the server has done so, and closes. Only closes when the call has ended already, the program said
    /// `resume`, or the connection belongs to no call.
    pub fn abandon(&self, cause: &str, patience: Duration) {
        self.engine.abandon(cause).wait(patience);
        self.engine.close(Error::disconnected(ABANDONED));
    }
}

impl EventLoop<'_> {
    /// [`Connection::abandon`], with a callback: `on_done` is called once the connection has been closed, perhaps at
    /// once. The loop's own timer limits it: [`disconnect`](Connection::disconnect) ends it early.
    pub fn abandon_with(self, cause: &str, on_done: impl FnOnce() + Send + 'static) {
        let engine = Arc::downgrade(&self.connection.engine);
        self.connection.engine.abandon_with(
            cause,
            Box::new(move || {
                if let Some(engine) = engine.upgrade() {
                    engine.close(Error::disconnected(ABANDONED));
                }
                on_done();
            }),
        );
    }
}

/// A call that is being ended.
pub(crate) struct Abandoned(Option<PendingValue<()>>);

impl Abandoned {
    pub(crate) fn wait(self, patience: Duration) {
        if let Some(waiting) = self.0 {
            // Whatever comes of it, the connection is closed next.
            let _ = waiting.take_timeout(patience);
        }
    }
}

impl Engine {
    /// Begins to end the call, without waiting.
    pub(crate) fn abandon(self: &Arc<Self>, cause: &str) -> Abandoned {
        let started = PendingValue::start(self, |done: Box<dyn FnOnce(Result<()>) + Send>| {
            self.abandon_with(cause, Box::new(move || done(Ok(()))));
            Ok(())
        });
        Abandoned(started.ok())
    }

    /// `done` is called once: when the call has ended, or there is nothing that could be done about it (any more).
    fn abandon_with(self: &Arc<Self>, cause: &str, done: ReadyCallback) {
        let once = Arc::new(Mutex::new(Some(done)));
        let done = move || {
            let done = once.lock().take();
            if let Some(done) = done {
                done();
            }
        };
        let command = {
            let Some(mut inbox) = self.inbox_here() else { return done() };
            let call = &inbox.call;
            let up = call.outbound && !call.resumed && !call.exited && inbox.waits.end_of(None).is_none();
            let kill =
                call.uuid.as_ref().filter(|_| call.full).and_then(|uuid| {
                    ApiCommand::hangup(uuid, &HangupCause::from(cause)).ok()?.command().ok()
                });
            let command = up.then(|| kill.map_or_else(|| Command::hangup(None, Some(cause)), Ok));
            if command.is_some() {
                let done = done.clone();
                inbox.at_end.push(Box::new(done));
            }
            command
        };
        let Some(Ok(command)) = command else { return done() };
        let by_api = command.as_bytes().starts_with(b"api ");
        let replied = done.clone();
        // A channel that was killed has ended with the reply. One that was sent a message ends when it has read it.
        let sent = self.try_submit_with(
            &command,
            Box::new(move |reply| {
                if by_api || !reply.is_ok_and(|reply| reply.is_ok()) {
                    replied();
                }
            }),
        );
        if sent.is_err() {
            done();
        }
    }
}

const ABANDONED: &str = "the call was given up on this side";
