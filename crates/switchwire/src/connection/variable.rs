//! Reading channel variables: which commands, and what their replies mean.

use std::sync::Arc;

use switchwire_proto::application::{ApiCommand, one_word};
use switchwire_proto::{Command, Reply, split_line};

use super::{Connection, EventLoop};
use crate::engine::Engine;
use crate::sync::Mutex;
use crate::{Error, Result};

impl Connection {
    /// A variable of this connection's call; `None` when it is not set. By way of `api uuid_getvar` where the
    /// connection may use `api` and the call is up; else, also while the connection lingers after the call's end, by
    /// the raw `getvar`: it cuts the value at 511 bytes and cannot carry line breaks.
    ///
    /// # Errors
    /// `InvalidArgument` (also inbound: see [`variable_of`](Self::variable_of)), `Timeout`, `Disconnected`.
    pub fn variable(&self, name: &str) -> Result<Option<String>> {
        self.event_loop().start_variable(None, name)?.wait_for(self.options().command_timeout)
    }

    /// A variable of that channel; `None` when it is not set.
    ///
    /// # Errors
    /// `Refused` when there is no such channel, `InvalidArgument`, `Timeout`, `Disconnected`.
    pub fn variable_of(&self, uuid: &str, name: &str) -> Result<Option<String>> {
        self.event_loop().start_variable(Some(uuid), name)?.wait_for(self.options().command_timeout)
    }
}

impl EventLoop<'_> {
    /// As [`start_variable`](Self::start_variable); the callback gets the value.
    ///
    /// # Errors
    /// As [`start_variable`](Self::start_variable); the callback is not called then.
    pub fn variable_with(
        self,
        uuid: Option<&str>,
        name: &str,
        on_done: impl FnOnce(Result<Option<String>>) + Send + 'static,
    ) -> Result<()> {
        self.connection.check_channel("variable", uuid)?;
        // `getvar` would take a blank in it, `uuid_getvar` would end it there.
        let getvar = Command::getvar(one_word("variable's name", name)?)?;
        let (own, uuid, ended) = {
            let inbox = self.connection.engine.inbox_here().ok_or_else(Error::forked)?;
            let own = uuid.is_none_or(|uuid| inbox.call.is_own(uuid));
            let ended = own && inbox.waits.end_of(None).is_some();
            (own, uuid.map(str::to_owned).or_else(|| inbox.call.uuid.clone()), ended)
        };
        let query = Query {
            engine: self.connection.engine.clone(),
            name: name.to_owned(),
            getvar: own.then_some(getvar),
        };
        match uuid {
            Some(uuid) if !ended => {
                let command = ApiCommand::variable(&uuid, name)?.command()?;
                let engine = self.connection.engine.clone();
                let replied = move |reply: Result<Reply>| match reply {
                    Ok(reply) => query.replied(&uuid, &reply, Box::new(on_done)),
                    Err(error) => on_done(Err(error)),
                };
                engine.try_submit_with(&command, Box::new(replied)).map(drop)
            }
            _ => {
                let command = Command::getvar(name)?;
                let replied = move |reply: Result<Reply>| on_done(reply.map(|reply| value(&reply)));
                self.connection.engine.try_submit_with(&command, Box::new(replied)).map(drop)
            }
        }
    }
}

type OnDone = Box<dyn FnOnce(Result<Option<String>>) + Send>;

struct Query {
    engine: Arc<Engine>,
    name: String,
    /// On a connection that is bound to the channel.
    getvar: Option<Command>,
}

impl Query {
    /// `uuid_getvar` has been replied to. A value comes as it is; what the server says itself ends in a line feed.
    fn replied(self, uuid: &str, reply: &Reply, on_done: OnDone) {
        match (reply.body(), &self.getvar) {
            // Not set, or set to just that.
            (Some(UNSET), Some(getvar)) => {
                self.query(getvar, on_done, |reply| value(reply).filter(|value| value.as_bytes() == UNSET));
            }
            (Some(UNSET), None) => match Command::api("uuid_dump", uuid) {
                Ok(dump) => {
                    let name = format!("variable_{}", self.name);
                    self.query(&dump, on_done, move |reply| literally_unset(reply, &name));
                }
                Err(error) => on_done(Err(error.into())),
            },
            (Some(b"-ERR no reply\n"), _) => on_done(Ok(None)),
            (Some(text), _) if !(Reply::is_refusal(text) && text.ends_with(b"\n")) => {
                on_done(Ok(Some(reply.text().into_owned())));
            }
            // The call has ended, or the connection may not use `api`.
            (_, Some(getvar)) => self.query(getvar, on_done, value),
            (_, None) => on_done(Err(Error::refused("variable", &reply.text()))),
        }
    }

    fn query(
        &self,
        command: &Command,
        on_done: OnDone,
        read: impl FnOnce(&Reply) -> Option<String> + Send + 'static,
    ) {
        let once = Arc::new(Mutex::new(Some(on_done)));
        let deliver = move |result| {
            let on_done = once.lock().take();
            if let Some(on_done) = on_done {
                on_done(result);
            }
        };
        let replied = deliver.clone();
        let sent = self
            .engine
            .try_submit_with(command, Box::new(move |reply| replied(reply.map(|reply| read(&reply)))));
        if let Err(error) = sent {
            deliver(Err(error));
        }
    }
}

/// What `getvar` replied; a variable that is not set is none of its values.
fn value(reply: &Reply) -> Option<String> {
    let text = String::from_utf8_lossy(reply.raw_text()).into_owned();
    (text != "-ERR command not found").then_some(text)
}

/// Whether the dump of a channel has the variable: `uuid_getvar` shows one that is not set as `_undef_`.
fn literally_unset(dump: &Reply, name: &str) -> Option<String> {
    let mut lines = dump.body().unwrap_or_default().split(|byte| *byte == b'\n');
    let set = lines.any(|line| {
        split_line(line)
            .is_some_and(|(found, value)| found.eq_ignore_ascii_case(name.as_bytes()) && value == UNSET)
    });
    set.then(|| String::from_utf8_lossy(UNSET).into_owned())
}

/// What `uuid_getvar` shows for a variable that is not set.
const UNSET: &[u8] = b"_undef_";
