//! The call's state, and waiting for one.

use std::sync::{Arc, Weak};
use std::time::Duration;

use switchwire_proto::{AnswerState, CallState, ChannelState, Command, Event, HangupCause, Reply};

use super::Call;
use crate::engine::Engine;
use crate::inbox::{Inbox, Seen};
use crate::{CallStatus, Error, ErrorKind, PendingValue, Phase, Result, State};

/// Something of a call that is waited for with a callback. Dropping it changes nothing.
#[derive(Clone)]
pub struct CallWait {
    engine: Weak<Engine>,
    uuid: Arc<str>,
    number: u64,
}

impl CallWait {
    pub(super) fn new(call: &Call, number: u64) -> Self {
        Self { engine: Arc::downgrade(call.connection.engine()), uuid: call.uuid().into(), number }
    }

    /// The timeout has expired: the callback is called now, with `Timeout` or what has come so far. Says whether it was
    /// still awaited.
    pub fn expire(&self) -> bool {
        self.take(|mut watcher, inbox| {
            watcher(Seen::Expired, &mut inbox.ready_callbacks);
            inbox.ready_callbacks.push(Box::new(move || drop(watcher)));
        })
    }

    /// Gives it up: the callback will not be called any more. Says whether it was still awaited.
    pub fn abandon(&self) -> bool {
        self.take(|watcher, inbox| inbox.ready_callbacks.push(Box::new(move || drop(watcher))))
    }

    fn take(&self, then: impl FnOnce(crate::inbox::Watcher, &mut Inbox)) -> bool {
        let Some(engine) = self.engine.upgrade() else { return false };
        let taken = engine.change(|inbox| {
            let watcher = inbox.followed.unwatch(&self.uuid, self.number);
            watcher.map(|watcher| then(watcher, inbox)).is_some()
        });
        taken.unwrap_or(false)
    }
}

impl std::fmt::Debug for CallWait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallWait").field("uuid", &self.uuid).finish_non_exhaustive()
    }
}

impl Call {
    /// What is known of the call, from the events that have come (looks at what has arrived, without waiting). An
    /// outbound call's state is known from the start; that of another once an event has reported it, or after
    /// [`refresh`](Self::refresh).
    #[must_use]
    pub fn status(&self) -> CallStatus {
        let Some(inbox) = self.connection.engine().look() else { return CallStatus::default() };
        inbox.followed.status(self.uuid()).cloned().unwrap_or_default()
    }

    /// The state of the call; `None` while it is not known.
    #[must_use]
    pub fn state(&self) -> Option<CallState> {
        self.status().call
    }

    /// The state of the channel's state machine; `None` while it is not known.
    #[must_use]
    pub fn channel_state(&self) -> Option<ChannelState> {
        self.status().channel
    }

    /// Whether the call is answered, and up.
    #[must_use]
    pub fn answered(&self) -> bool {
        self.status().answer == Some(AnswerState::Answered)
    }

    /// Whether the call is known to have ended.
    #[must_use]
    pub fn hung_up(&self) -> bool {
        self.status().hung_up()
    }

    /// Why the call was hung up; `None` before that, and where no event has said.
    #[must_use]
    pub fn hangup_cause(&self) -> Option<HangupCause> {
        self.status().hangup_cause
    }

    /// Asks the server (`api uuid_dump`) for the state and all variables of the channel.
    ///
    /// # Errors
    /// `Hangup` when the call has ended, `Refused` when there is no such channel, `Timeout`, `Disconnected`.
    pub fn refresh(&self) -> Result<Event> {
        let pending = PendingValue::start(self.connection.engine(), |on_done| self.refresh_with(on_done))?;
        pending.wait_for(self.timeout.or(self.connection.options().command_timeout))
    }

    /// As [`refresh`](Self::refresh), with a callback; never waits.
    ///
    /// # Errors
    /// As [`refresh`](Self::refresh), but no `Timeout`; the callback is not called then.
    pub fn refresh_with(&self, on_done: impl FnOnce(Result<Event>) + Send + 'static) -> Result<()> {
        self.check_up()?;
        let (weak, uuid) = (self.connection.downgrade(), self.uuid().to_owned());
        let replied = move |reply: Result<Reply>| {
            on_done(reply.and_then(|reply| {
                let body = reply.body().unwrap_or_default();
                // The output has no `+OK` before it.
                if Reply::is_refusal(body) {
                    return Err(Error::refused("refresh", &reply.text()));
                }
                let event = Event::from_plain(body).map_err(|error| {
                    Error::with_source(
                        ErrorKind::Protocol,
                        "the server's dump of the channel cannot be read",
                        error,
                    )
                })?;
                if let Some(connection) = weak.upgrade() {
                    connection.engine().change(|inbox| {
                        let mut ready = std::mem::take(&mut inbox.ready_callbacks);
                        inbox.followed.note(&uuid, &event, &mut ready);
                        inbox.ready_callbacks = ready;
                    });
                }
                Ok(event)
            }));
        };
        let dump = Command::api("uuid_dump", self.uuid())?;
        self.connection.event_loop().try_submit_with(&dump, replied).map(drop)
    }

    /// Waits until the call is in that state (an answer state: at least so far), for at most `timeout`.
    ///
    /// # Errors
    /// `Hangup` when the call ends first (waiting for [`AnswerState::Hangup`] succeeds then), `Timeout`, `NotSubscribed`
    /// when no event would report it, `Disconnected`.
    pub fn wait_for(&self, state: impl Into<State>, timeout: Duration) -> Result<()> {
        let mut wait = None;
        let pending = PendingValue::start(self.connection.engine(), |on_done| {
            wait = self.wait_for_with(state, on_done)?;
            Ok(())
        })?;
        if let Some(done) = pending.take_timeout(timeout)? {
            return Ok(done);
        }
        if let Some(wait) = wait {
            wait.expire();
        }
        pending.take_timeout(Duration::ZERO)?.ok_or_else(|| Error::timeout(Phase::State))
    }

    /// As [`wait_for`](Self::wait_for), with a callback; never waits. `None` when the callback has been called already.
    ///
    /// # Errors
    /// As [`wait_for`](Self::wait_for), but no `Timeout`; the callback is not called then.
    pub fn wait_for_with(
        &self,
        state: impl Into<State>,
        on_done: impl FnOnce(Result<()>) + Send + 'static,
    ) -> Result<Option<CallWait>> {
        let (state, own) = (state.into(), self.is_own());
        let mut on_done = Some(on_done);
        let engine = self.connection.engine();
        let mut inbox = engine.inbox_here().ok_or_else(Error::forked)?;
        let status = inbox.followed.status(self.uuid()).cloned().unwrap_or_default();
        if status.is(&state) {
            drop(inbox);
            if let Some(on_done) = on_done.take() {
                on_done(Ok(()));
            }
            return Ok(None);
        }
        if let Some(end) = status.end_error().or_else(|| inbox.closed.clone()) {
            return Err(end);
        }
        if !inbox.will_hear(|heard| heard.reports(&state, own)) {
            let detail = "no event would report that state: subscribe to CHANNEL_ANSWER, CHANNEL_CALLSTATE or \
                          CHANNEL_STATE events first, and to CHANNEL_HANGUP_COMPLETE";
            return Err(Error::new(ErrorKind::NotSubscribed, detail));
        }
        let watcher = move |seen: Seen<'_>, ready: &mut Vec<_>| {
            let result = match seen {
                Seen::Status(status) if status.is(&state) => Ok(()),
                Seen::Status(_) | Seen::Digit(_) => return false,
                Seen::Ended(reason) => Err(reason.clone()),
                Seen::Expired => Err(Error::timeout(Phase::State)),
            };
            if let Some(on_done) = on_done.take() {
                ready.push(Box::new(move || on_done(result)) as Box<dyn FnOnce() + Send>);
            }
            true
        };
        let number = inbox.followed.watch(self.uuid(), Box::new(watcher));
        drop(inbox);
        Ok(number.map(|number| CallWait::new(self, number)))
    }
}
