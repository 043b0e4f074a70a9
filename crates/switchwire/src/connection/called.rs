//! The longer calls for event loops: started without waiting, ended by a callback.
//!
//! Callbacks are run once, by the thread that reads (see [`Connection::pump`]) or by the one that closes the
//! connection; they must not be held up. No time-outs are kept here: the loop has its own timers.

use std::net::TcpStream;
use std::sync::{Arc, OnceLock};

use switchwire_proto::{Command, Execute, Permissions, Reply};

use super::outcome::Outcome;
use super::{Connection, Executed, Parts};
use crate::sync::Mutex;
use crate::waits::{Awaited, Taker};
use crate::{Error, ErrorKind, Event, Options, Result};

impl Connection {
    /// Whether bytes wait for room in the socket: then [`pump`](Self::pump) when it can be written to.
    #[must_use]
    pub fn wants_write(&self) -> bool {
        self.engine.wants_write()
    }

    /// `bgapi`: `on_reply` gets the reply, `on_done` the job's `BACKGROUND_JOB` event (see [`job_output`](crate::job_output)),
    /// or why none will come (`NotSubscribed` when these events are taken back meanwhile). After a
    /// refusal only `on_reply` is called, with `Refused`. Gives the Job-UUID: the one given, or a new one.
    ///
    /// # Errors
    /// `InvalidArgument` (also when a job of that id is under way), `Disconnected`; no callback is called then.
    pub fn bgapi_with(
        &self,
        command: &str,
        arguments: &str,
        job_uuid: Option<&str>,
        on_reply: impl FnOnce(Result<Reply>) + Send + 'static,
        on_done: impl FnOnce(Result<Event>) + Send + 'static,
    ) -> Result<String> {
        let id = job_uuid.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
        let command = Command::bgapi(command, arguments, Some(&id))?;
        let (engine, job) = (self.engine.clone(), id.clone());
        let replied = move |reply: Result<Reply>| {
            on_reply(reply.and_then(|reply| match reply.is_ok() {
                true => Ok(reply),
                false => {
                    engine.inbox().waits.cancel(&job);
                    Err(Error::refused("bgapi", &reply.text()))
                }
            }));
        };
        self.engine.try_submit_awaited(&command, Box::new(replied), |inbox| {
            inbox.waits.begin(&id, Awaited::Job, Taker::Call(Box::new(on_done)))
        })?;
        Ok(id)
    }

    /// Whether jobs can be waited for.
    ///
    /// # Errors
    /// `NotSubscribed` when no `BACKGROUND_JOB` event will come: none were asked for, or not any more.
    pub fn check_jobs_are_heard(&self) -> Result<()> {
        crate::job::check_subscribed(&self.engine)
    }

    /// [`execute_and_wait`](Self::execute_and_wait), its end reported by a callback. `execution` is how it is run (see
    /// [`execution`](Self::execution)); its Event-UUID is the one given there, or a new one. Gives the Event-UUID.
    ///
    /// # Errors
    /// As [`start_execution`](Self::start_execution); the callback is not called then.
    pub fn execute_and_wait_with(
        &self,
        execution: Execute,
        on_done: impl FnOnce(Result<Executed>) + Send + 'static,
    ) -> Result<String> {
        let outcome = Arc::new(Outcome::of(self, &execution)?);
        let (id, command) = outcome.command(execution)?;
        let run = Arc::new(Mutex::new(Run { on_done: Some(Box::new(on_done)), ..Run::default() }));
        let (ended, how) = (run.clone(), outcome.clone());
        let on_event = move |event| finish(&ended, &how, |run| run.complete = Some(event));
        let (engine, own, how) = (self.engine.clone(), id.clone(), outcome.clone());
        let replied = move |reply: Result<Reply>| {
            let reply = how.reply(reply);
            if reply.is_err()
                || how.answer_is_end && engine.inbox().subscribed().check(&how.awaited()).is_err()
            {
                // Nothing more is waited for.
                engine.inbox().waits.cancel(&own);
                finish(&run, &how, |run| (run.reply, run.last) = (Some(reply), true));
            } else {
                finish(&run, &how, |run| run.reply = Some(reply));
            }
        };
        let submitted = self.engine.try_submit_awaited(&command, Box::new(replied), |inbox| {
            inbox.waits.begin(&id, outcome.awaited(), Taker::Call(Box::new(on_event)))
        });
        submitted.map_err(|error| outcome.of_error(error))?;
        Ok(id)
    }

    /// Takes a call's socket that has been accepted, and sends nothing yet: see
    /// [`shake_hands_with`](Self::shake_hands_with).
    ///
    /// # Errors
    /// `Io` when the socket cannot be set up.
    pub fn accepted(stream: TcpStream, options: &Options) -> Result<Self> {
        let engine = crate::listener::engine(stream, options)?;
        Ok(Self::from_parts(engine, Parts { info: OnceLock::new(), permissions: Permissions::default() }))
    }

    /// Sends `connect` on a connection made by [`accepted`](Self::accepted); its answer becomes the
    /// [`info`](Self::info).
    ///
    /// # Errors
    /// `Disconnected`; the callback is not called then. The callback gets `Disconnected`, `Protocol`, or `Refused`
    /// when the peer has no call on this socket.
    pub fn shake_hands_with(&self, on_done: impl FnOnce(Result<()>) + Send + 'static) -> Result<()> {
        let parts = self.parts.clone();
        let sent = self.try_submit_with(&Command::connect(), move |reply| {
            on_done(reply.and_then(|reply| match reply.error() {
                Some(refusal) => Err(Error::refused("connect", &refusal)),
                None => {
                    let _ = parts.info.set(reply.into_message());
                    Ok(())
                }
            }));
        });
        sent.map(|_| ())
    }
}

/// An application that is being run: reply and end may come in any order.
#[derive(Default)]
struct Run {
    reply: Option<Result<Reply>>,
    complete: Option<Result<Event>>,
    /// No event is waited for.
    last: bool,
    on_done: Option<Box<dyn FnOnce(Result<Executed>) + Send>>,
}

/// Notes what has come, and calls back once all that decides has.
fn finish(run: &Mutex<Run>, outcome: &Outcome, note: impl FnOnce(&mut Run)) {
    let mut run = run.lock();
    note(&mut run);
    let ended = match (run.reply.take(), run.complete.take()) {
        (Some(Ok(reply)), Some(Ok(event))) => Ok((reply, Some(event))),
        (Some(Ok(reply)), None) if run.last => Ok((reply, None)),
        // The events of a sync socket have been taken back: the reply says enough.
        (Some(Ok(reply)), Some(Err(error)))
            if outcome.answer_is_end && error.kind() == ErrorKind::NotSubscribed =>
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
