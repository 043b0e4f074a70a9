//! The longer calls for event loops: started without waiting, ended by a callback.
//!
//! Callbacks are run once, by the thread that reads (see [`Connection::pump`]) or by the one that closes the
//! connection; they must not be held up. No time-outs are kept here: the loop has its own timers.

use std::net::TcpStream;
use std::sync::{Arc, OnceLock};

use switchwire_proto::{Command, EventType, Execute, Permissions, Reply};

use super::{Connection, Executed, Parts};
use crate::inbox::{EventCallback, Inbox, Watch};
use crate::sync::Mutex;
use crate::{Error, ErrorKind, Event, Options, Result};

impl Connection {
    /// Whether bytes wait for room in the socket: then [`pump`](Self::pump) when it can be written to.
    #[must_use]
    pub fn wants_write(&self) -> bool {
        self.engine.wants_write()
    }

    /// `bgapi`: `on_reply` gets the answer, `on_done` the job's `BACKGROUND_JOB` event, or why none will come. After a
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
                    engine.inbox().watched.remove(&job);
                    Err(Error::refused("bgapi", &reply.text()))
                }
            }));
        };
        self.engine.try_submit_watched(&command, Box::new(replied), |inbox| {
            watch(inbox, &id, EventType::BackgroundJob, None, Box::new(on_done))
        })?;
        Ok(id)
    }

    /// Whether jobs can be waited for.
    ///
    /// # Errors
    /// `NotSubscribed` when the connection never asked for `BACKGROUND_JOB` (or `ALL`) events.
    pub fn check_jobs_are_heard(&self) -> Result<()> {
        crate::job::check_subscribed(&self.engine)
    }

    /// [`execute_and_wait`](Self::execute_and_wait), its end told by a callback. `execution` is how it is run (see
    /// [`execution`](Self::execution)), on the channel `uuid` unless it is this connection's own; its Event-UUID is
    /// `event_uuid`, or a new one. Gives the Event-UUID.
    ///
    /// # Errors
    /// `NotSubscribed`, `InvalidArgument`, `Disconnected`; the callback is not called then.
    pub fn execute_and_wait_with(
        &self,
        application: &str,
        execution: Execute,
        uuid: Option<&str>,
        event_uuid: Option<&str>,
        on_done: impl FnOnce(Result<Executed>) + Send + 'static,
    ) -> Result<String> {
        let answer_is_end = self.check_execute_is_heard()?;
        let id = event_uuid.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
        let command = execution.event_uuid(&id).build()?;
        let channel = uuid.map(str::to_owned).or_else(|| self.channel_uuid());
        let run = Arc::new(Mutex::new(Run { on_done: Some(Box::new(on_done)), ..Run::default() }));
        let ended = run.clone();
        let on_event = move |event| finish(&ended, |run| run.complete = Some(event), answer_is_end);
        let (engine, own, application) = (self.engine.clone(), id.clone(), application.to_owned());
        let replied = move |reply: Result<Reply>| {
            let reply = reply.and_then(|reply| match reply.error() {
                Some(refusal) => Err(Error::refused(&application, &refusal)),
                None => Ok(reply),
            });
            if answer_is_end || reply.is_err() {
                engine.inbox().watched.remove(&own);
            }
            finish(&run, |run| run.reply = Some(reply), answer_is_end);
        };
        self.engine.try_submit_watched(&command, Box::new(replied), |inbox| {
            watch(inbox, &id, EventType::ChannelExecuteComplete, channel, Box::new(on_event))
        })?;
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

/// An application that is being run: answer and end may come in any order.
#[derive(Default)]
struct Run {
    reply: Option<Result<Reply>>,
    complete: Option<Result<Event>>,
    on_done: Option<Box<dyn FnOnce(Result<Executed>) + Send>>,
}

/// Notes what has come, and calls back once all that decides has.
fn finish(run: &Mutex<Run>, note: impl FnOnce(&mut Run), answer_is_end: bool) {
    let mut run = run.lock();
    note(&mut run);
    let outcome = match (run.reply.take(), run.complete.take()) {
        (Some(Ok(reply)), Some(complete)) => match complete {
            Ok(event) => Ok(Executed { reply, complete: Some(event) }),
            Err(_) if answer_is_end => Ok(Executed { reply, complete: None }),
            Err(error) => Err(error),
        },
        (Some(Ok(reply)), None) if answer_is_end => Ok(Executed { reply, complete: None }),
        (Some(Err(error)), _) => Err(error),
        (reply, complete) => {
            (run.reply, run.complete) = (reply, complete);
            return;
        }
    };
    let on_done = run.on_done.take();
    drop(run);
    if let Some(on_done) = on_done {
        on_done(outcome);
    }
}

fn watch(
    inbox: &mut Inbox,
    id: &str,
    event_type: EventType,
    channel: Option<String>,
    callback: EventCallback,
) -> Result<()> {
    if inbox.watched.contains_key(id) {
        let detail = format!("somebody on this connection waits for {id:?} already");
        return Err(Error::new(ErrorKind::InvalidArgument, detail));
    }
    inbox.watched.insert(id.to_owned(), Watch::Call { event_type, channel, callback });
    Ok(())
}
