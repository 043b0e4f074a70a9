//! One originate: its job, and what has come of it.

use std::sync::Arc;

use switchwire_proto::application::one_word;
use switchwire_proto::dial::{Originate, Originated};
use switchwire_proto::{Command, Event, Reply};

use crate::engine::Engine;
use crate::inbox::{Awaited, Bell, Waiter};
use crate::sync::Mutex;
use crate::{Error, EventLoop, Result};

pub(super) struct Run {
    pub(super) engine: Arc<Engine>,
    /// Those of the legs.
    pub(super) uuids: Vec<String>,
    /// Of these, those that may become several legs on the server (a user with two phones).
    pub(super) may_fork: Vec<String>,
    pub(super) job: String,
    pub(super) state: Mutex<State>,
    /// Rung at the end.
    pub(super) bell: Bell,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) cancelled: bool,
    pub(super) ended: Option<Result<String>>,
    /// The program knows the end.
    pub(super) reported: bool,
    on_done: Option<OnDone>,
    /// Called when there is something to look at.
    on_end: Option<Box<dyn FnOnce() + Send>>,
}

pub(super) type OnDone = Box<dyn FnOnce(Result<String>) + Send>;

impl Run {
    /// Sends it. Without `on_done` the end is kept for [`look`](Self::look).
    pub(super) fn start(
        event_loop: EventLoop<'_>,
        originate: &Originate,
        job_uuid: Option<&str>,
        on_done: Option<OnDone>,
        on_end: Option<Box<dyn FnOnce() + Send>>,
    ) -> Result<Arc<Self>> {
        let new = || uuid::Uuid::new_v4().to_string();
        let mut originate = originate.clone();
        let uuids = originate.identify_legs(new);
        for uuid in &uuids {
            // (A cancelled originate hangs them up.)
            one_word("uuid", uuid)?;
        }
        let job = job_uuid.map_or_else(new, str::to_owned);
        let command = Command::bgapi("originate", &originate.to_text()?, Some(&job))?;
        event_loop.check_jobs_are_heard()?;
        let engine = event_loop.connection.engine().clone();
        let run = Arc::new(Self {
            engine: engine.clone(),
            may_fork: super::cancel::may_fork(&originate.dial, &uuids),
            uuids,
            job,
            state: Mutex::new(State { on_done, on_end, ..State::default() }),
            bell: Bell::default(),
        });
        let (replied, ended) = (run.clone(), run.clone());
        engine.try_submit_awaited(&command, Box::new(move |reply| replied.replied(reply)), |inbox| {
            let waiter = Waiter::Callback(Box::new(move |event| ended.job_ended(event)));
            inbox.waits.begin(&run.job, Awaited::Job, waiter)
        })?;
        Ok(run)
    }

    /// The end, if it has come: from now on the program knows it.
    pub(super) fn look(&self) -> Option<Result<String>> {
        let mut state = self.state.lock();
        let ended = state.ended.clone()?;
        state.reported = true;
        Some(ended)
    }

    fn replied(&self, reply: Result<Reply>) {
        match reply {
            Ok(reply) if reply.is_ok() => {}
            Ok(reply) => {
                if let Some(mut inbox) = self.engine.inbox_here() {
                    inbox.waits.cancel(&self.job);
                }
                self.end(Err(Error::refused("originate", &reply.text())));
            }
            // The job's wait fails as well.
            Err(error) => self.end(Err(error)),
        }
    }

    fn job_ended(&self, event: Result<Event>) {
        let text = match event {
            Ok(event) => String::from_utf8_lossy(event.body().unwrap_or_default()).into_owned(),
            Err(error) => return self.end(Err(error)),
        };
        self.end(match Originated::read(&text) {
            Originated::Up { uuid } => Ok(uuid),
            Originated::Failed { cause } => {
                let cancelled = self.state.lock().cancelled;
                let what = if cancelled { "the call was cancelled" } else { "the call was not answered" };
                Err(Error::not_answered(what, &cause, &text))
            }
            _ => Err(Error::refused("originate", &text)),
        });
    }

    fn end(&self, ended: Result<String>) {
        let mut state = self.state.lock();
        if state.ended.is_some() {
            return;
        }
        let ended = match ended {
            Ok(uuid) if state.cancelled => Err(self.too_late(&uuid)),
            ended => ended,
        };
        state.ended = Some(ended.clone());
        let on_done = state.on_done.take();
        state.reported = on_done.is_some();
        let on_end = state.on_end.take();
        drop(state);
        self.bell.ring(&self.engine);
        if let Some(on_done) = on_done {
            on_done(ended);
        }
        if let Some(on_end) = on_end {
            on_end();
        }
    }
}
