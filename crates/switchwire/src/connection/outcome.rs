//! How an execution ended: one rule, for threads and for callbacks.

use std::sync::Arc;

use switchwire_proto::{Command, Event, Execute, Reply};

use super::{Connection, Executed};
use crate::engine::Engine;
use crate::inbox::{Awaited, End};
use crate::{Error, ErrorKind, Result};

/// An application that is to be waited for.
pub(super) struct Outcome {
    engine: Arc<Engine>,
    /// `None`: the connection's own.
    channel: Option<String>,
    /// The call that was made, for errors.
    call: String,
    /// A sync socket: the reply comes at the end.
    pub(super) reply_is_end: bool,
}

impl Outcome {
    /// Fails when the wait would not end, or the channel has ended.
    pub(super) fn of(connection: &Connection, execute: &Execute) -> Result<Self> {
        let call = call_of(execute);
        connection.check_channel_of(&call, execute.get_uuid())?;
        let engine = connection.engine().clone();
        let uuid = execute.get_uuid().map(|uuid| String::from_utf8_lossy(uuid).into_owned());
        let own = |uuid: &String| engine.inbox_here().is_some_and(|inbox| inbox.call.is_own(uuid));
        let channel = uuid.filter(|uuid| !own(uuid));
        let reply_is_end = channel.is_none() && connection.is_sync();
        if reply_is_end && execute.is_asynchronous() {
            let detail = format!(
                "{call}: on a sync socket an asynchronous application runs inside the next one that is not, it cannot \
                 be waited for"
            );
            return Err(Error::new(ErrorKind::InvalidArgument, detail));
        }
        let outcome = Self { engine, channel, call, reply_is_end };
        let inbox = outcome.engine.inbox_here().ok_or_else(Error::forked)?;
        if let Some(reason) = &inbox.closed {
            let reason = reason.clone();
            drop(inbox);
            return Err(outcome.of_error(reason));
        }
        if let Some(end) = inbox.waits.end_of(outcome.channel.as_deref()) {
            return Err(end.error());
        }
        if !reply_is_end {
            inbox.check(&outcome.awaited())?;
        }
        drop(inbox);
        Ok(outcome)
    }

    pub(super) fn awaited(&self) -> Awaited {
        Awaited::Execution { channel: self.channel.clone() }
    }

    /// The Event-UUID (a new one where none is given), and the command that carries it.
    pub(super) fn command(&self, execute: Execute) -> Result<(String, Command)> {
        let given = execute.get_event_uuid().map(|id| String::from_utf8_lossy(id).into_owned());
        let id = given.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let command = execute.event_uuid(&id).build()?;
        Ok((id, command))
    }

    /// Judges the reply, or the reason why there is none.
    pub(super) fn reply(&self, reply: Result<Reply>) -> Result<Reply> {
        let reply = reply.map_err(|error| self.of_error(error))?;
        match reply.error() {
            None => Ok(reply),
            Some(refusal) => Err(self.refused(&refusal)),
        }
    }

    /// The application has ended, on a sync socket perhaps without an event: is the call still up?
    pub(super) fn ended(&self, reply: Reply, complete: Option<Event>) -> Result<Executed> {
        if let Some(event) = &complete
            && is_hung_up(event)
        {
            let end = End::of(event);
            if let Some(mut inbox) = self.engine.inbox_here() {
                inbox.note_end(self.channel.as_deref(), end.clone());
            }
            return Err(Error::hung_up(end.cause, complete));
        }
        match (complete, self.end()) {
            (None, Some(end)) => Err(end.error()),
            (complete, _) => Ok(Executed { reply, complete }),
        }
    }

    /// The connection's end is the call's, where that is why it ended.
    pub(super) fn of_error(&self, error: Error) -> Error {
        match self.end() {
            Some(end) if self.channel.is_none() && error.is_disconnected() => {
                let hung_up = end.error();
                hung_up.mark_over();
                hung_up
            }
            _ => error,
        }
    }

    fn refused(&self, refusal: &str) -> Error {
        if refusal.starts_with("-ERR invalid session id") {
            let channel = self.channel.as_deref();
            // It was there when something ran on it, or is the connection's own: so it has ended.
            if channel.is_none() || self.engine.inbox_here().is_some_and(|inbox| inbox.waits.ran_on(channel))
            {
                return self.end().unwrap_or_default().error();
            }
        }
        Error::refused(&self.call, refusal)
    }

    fn end(&self) -> Option<End> {
        self.engine.inbox_here()?.waits.end_of(self.channel.as_deref()).cloned()
    }
}

/// The call that runs it, for errors.
pub(super) fn call_of(execute: &Execute) -> String {
    format!("execute {}", String::from_utf8_lossy(execute.get_application().unwrap_or_default()))
}

/// Whether the call was being hung up when the application ended.
fn is_hung_up(complete: &Event) -> bool {
    complete.header("Answer-State").as_deref() == Some("hangup")
        || complete.header("Hangup-Cause").is_some_and(|cause| !cause.is_empty())
}
