//! Callback variants of the calls that take more than one step.

use std::sync::Arc;

use switchwire_proto::{Command, Execute, Reply};

use super::Executed;
use super::event_loop::EventLoop;
use super::outcome::Outcome;
use crate::inbox::{Awaited, Waiter};
use crate::sync::Mutex;
use crate::{Error, ErrorKind, Event, Result};

impl EventLoop<'_> {
    /// `bgapi`: `on_reply` gets the reply, `on_done` the job's `BACKGROUND_JOB` event (see [`job_output`](crate::job_output)),
    /// or why none will come (`NotSubscribed` when the subscription to these events ends meanwhile). After a refusal only
    /// `on_reply` is called, with `Refused`. Returns the Job-UUID: the one given, or a new one.
    ///
    /// # Errors
    /// `InvalidArgument` (also when a job with that id is running), `Disconnected`; no callback is called then.
    pub fn bgapi_with(
        self,
        command: &str,
        arguments: &str,
        job_uuid: Option<&str>,
        on_reply: impl FnOnce(Result<Reply>) + Send + 'static,
        on_done: impl FnOnce(Result<Event>) + Send + 'static,
    ) -> Result<String> {
        let id = job_uuid.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
        let command = Command::bgapi(command, arguments, Some(&id))?;
        let (engine, job) = (self.connection.engine.clone(), id.clone());
        let replied = move |reply: Result<Reply>| {
            on_reply(reply.and_then(|reply| match reply.is_ok() {
                true => Ok(reply),
                false => {
                    engine.inbox().waits.cancel(&job);
                    Err(Error::refused("bgapi", &reply.text()))
                }
            }));
        };
        self.connection.engine.try_submit_awaited(&command, Box::new(replied), |inbox| {
            inbox.waits.begin(&id, Awaited::Job, Waiter::Callback(Box::new(on_done)))
        })?;
        Ok(id)
    }

    /// [`execute_and_wait`](super::Connection::execute_and_wait), its end reported by a callback. `execute` comes from
    /// [`prepare_execute`](super::Connection::prepare_execute). Returns the Event-UUID: the one given there, or a new one.
    ///
    /// # Errors
    /// As [`start_execute`](Self::start_execute); the callback is not called then.
    pub fn execute_and_wait_with(
        self,
        execute: Execute,
        on_done: impl FnOnce(Result<Executed>) + Send + 'static,
    ) -> Result<String> {
        let outcome = Arc::new(Outcome::of(self.connection, &execute)?);
        let (id, command) = outcome.command(execute)?;
        let run = Arc::new(Mutex::new(Run { on_done: Some(Box::new(on_done)), ..Run::default() }));
        let (ended, how) = (run.clone(), outcome.clone());
        let on_event = move |event| finish(&ended, &how, |run| run.complete = Some(event));
        let (engine, own, how) = (self.connection.engine.clone(), id.clone(), outcome.clone());
        let replied = move |reply: Result<Reply>| {
            let reply = how.reply(reply);
            if reply.is_err()
                || how.reply_is_end && engine.inbox().subscribed().check(&how.awaited()).is_err()
            {
                // No event will follow.
                engine.inbox().waits.cancel(&own);
                finish(&run, &how, |run| (run.reply, run.last) = (Some(reply), true));
            } else {
                finish(&run, &how, |run| run.reply = Some(reply));
            }
        };
        let submitted = self.connection.engine.try_submit_awaited(&command, Box::new(replied), |inbox| {
            inbox.waits.begin(&id, outcome.awaited(), Waiter::Callback(Box::new(on_event)))
        });
        submitted.map_err(|error| outcome.of_error(error))?;
        Ok(id)
    }

    /// Gives up the wait that [`bgapi_with`](Self::bgapi_with) or
    /// [`execute_and_wait_with`](Self::execute_and_wait_with) has begun under that id: the callback for the end will not be
    /// called with it, and the event of the end is queued as any other. The job or application goes on. Says whether it was
    /// still awaited.
    pub fn give_up(self, id: &str) -> bool {
        let engine = &self.connection.engine;
        engine.change(|inbox| inbox.waits.give_up(id, &mut inbox.ready_callbacks)).unwrap_or(false)
    }

    /// Sends `connect` on a connection made by [`accepted`](super::Connection::accepted); the reply becomes its
    /// [`info`](super::Connection::info).
    ///
    /// # Errors
    /// `Disconnected`; the callback is not called then. The callback gets `Disconnected`, `Protocol`, or `Refused`
    /// when the peer has no call on this socket.
    pub fn handshake_with(self, on_done: impl FnOnce(Result<()>) + Send + 'static) -> Result<()> {
        let handshake = self.connection.handshake.clone();
        let sent = self.try_submit_with(&Command::connect(), move |reply| {
            on_done(reply.and_then(|reply| match reply.error() {
                Some(refusal) => Err(Error::refused("connect", &refusal)),
                None => {
                    let _ = handshake.info.set(reply.into_message());
                    Ok(())
                }
            }));
        });
        sent.map(|_| ())
    }
}

/// An application that runs: its reply and its end may come in any order.
#[derive(Default)]
struct Run {
    reply: Option<Result<Reply>>,
    complete: Option<Result<Event>>,
    /// No event will follow.
    last: bool,
    on_done: Option<Box<dyn FnOnce(Result<Executed>) + Send>>,
}

/// Records what has come, and runs the callback once reply and end are both known.
fn finish(run: &Mutex<Run>, outcome: &Outcome, record: impl FnOnce(&mut Run)) {
    let mut run = run.lock();
    record(&mut run);
    let ended = match (run.reply.take(), run.complete.take()) {
        (Some(Ok(reply)), Some(Ok(event))) => Ok((reply, Some(event))),
        (Some(Ok(reply)), None) if run.last => Ok((reply, None)),
        // Sync socket, subscription gone: the reply alone reports the end.
        (Some(Ok(reply)), Some(Err(error)))
            if outcome.reply_is_end && error.kind() == ErrorKind::NotSubscribed =>
        {
            Ok((reply, None))
        }
        (Some(Ok(_)), Some(Err(error))) | (Some(Err(error)), _) => Err(error),
        (reply, complete) => {
            (run.reply, run.complete) = (reply, complete);
            return;
        }
    };
    let on_done = run.on_done.take();
    drop(run);
    if let Some(on_done) = on_done {
        on_done(ended.and_then(|(reply, event)| outcome.ended(reply, event)));
    }
}
