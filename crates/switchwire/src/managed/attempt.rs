//! One attempt: from an address to a connection that is subscribed and known.

use switchwire_proto::{Command, Reply, Subscription};

use super::ServerInfo;
use super::shared::{Shared, keep_heartbeats, set_hidden};
use super::wanted::changes;
use crate::connection::Opening;
use crate::pending::PendingReply;
use crate::tcp::dial_interruptible;
use crate::{Connection, Result};

impl Shared {
    /// Connects, logs in, subscribes, asks who the server is, and makes the connection known. Events that come
    /// meanwhile are queued in it. Whoever reads of it in the stream can use it.
    pub(super) fn attempt(
        &self,
        address: &(String, u16),
        announce: impl FnOnce(&ServerInfo, &Connection),
    ) -> Result<Connection> {
        let _permit = match &self.plan.gate {
            Some(gate) => Some(gate.enter(|| self.is_stopped()).ok_or_else(super::shared::closed_here)?),
            None => None,
        };
        self.attempt_begins(address);
        let (host, port) = address;
        let mut options = self.plan.access.options.clone();
        let left = self.stream.stats();
        options.queue.events = options.queue.events.saturating_sub(left.queued).max(1);
        options.queue.bytes = options.queue.bytes.saturating_sub(left.queued_bytes).max(1);
        let interrupt = self.dialling()?.ok_or_else(super::shared::closed_here)?;
        let stream = dial_interruptible(host, *port, &options, Some(&interrupt))?;
        let opening = Opening::login(stream.into(), self.plan.access.login()?, options);
        self.logging_in(opening.engine_handle());
        let connection = opening.finish()?;
        let (mut applied, hidden) = self.effective(&self.wanted.lock());
        let engine = connection.engine();
        engine.inbox().supervised = true;
        if self.plan.heartbeats {
            keep_heartbeats(engine, hidden);
        }
        let server = self.subscribe_and_ask(&connection, &applied, format!("{host}:{port}"))?;
        loop {
            let wanted = self.wanted.lock();
            let (now, hidden) = self.effective(&wanted);
            set_hidden(engine, hidden);
            let missing = changes(&applied, &now)?;
            if missing.is_empty() {
                // With the lock held: whoever changes what is wanted from now on finds the connection.
                if !self.is_up(&connection, &server) {
                    engine.close(super::shared::closed_here());
                    return Err(super::shared::closed_here());
                }
                announce(&server, &connection);
                return Ok(connection);
            }
            drop(wanted);
            perform(&connection, &missing, submit(&connection, &missing)?)?;
            applied = now;
        }
    }

    /// All in one go: the subscription, then the questions. The list of channels comes last, when events flow already.
    fn subscribe_and_ask(
        &self,
        connection: &Connection,
        wanted: &Subscription,
        address: String,
    ) -> Result<ServerInfo> {
        let commands = wanted.commands()?;
        let subscribed = submit(connection, &commands)?;
        let ask = |command: &str, argument: &str| connection.submit(&Command::api(command, argument)?);
        let core_uuid = ask("global_getvar", "core_uuid")?;
        let switchname = ask("switchname", "")?;
        let version = ask("version", "")?;
        let snapshot = if self.plan.snapshot { Some(ask("show", "channels as json")?) } else { None };
        perform(connection, &commands, subscribed)?;
        let version = said(connection, version)?;
        Ok(ServerInfo {
            core_uuid: said(connection, core_uuid)?,
            switchname: said(connection, switchname)?,
            // `FreeSWITCH Version 1.10.12-release~64bit (…)`
            version: version.map(|text| match text.strip_prefix("FreeSWITCH Version ") {
                Some(rest) => rest.split_whitespace().next().unwrap_or_default().to_owned(),
                None => text,
            }),
            address,
            snapshot: snapshot.map(|pending| said(connection, pending)).transpose()?.flatten(),
        })
    }
}

fn submit(connection: &Connection, commands: &[Command]) -> Result<Vec<PendingReply>> {
    commands.iter().map(|command| connection.submit(command)).collect()
}

fn perform(connection: &Connection, commands: &[Command], pending: Vec<PendingReply>) -> Result<()> {
    for (pending, command) in pending.into_iter().zip(commands) {
        let reply = reply(connection, pending)?;
        Connection::performed(&command.summary(), command, reply)?;
    }
    Ok(())
}

/// What the server says of itself; `None` where the user may not ask.
fn said(connection: &Connection, pending: PendingReply) -> Result<Option<String>> {
    let reply = reply(connection, pending)?;
    let text = reply.text();
    let text = text.trim();
    Ok((reply.error().is_none() && !text.is_empty()).then(|| text.to_owned()))
}

/// A server that has let us in and does not reply is given as long as the login.
fn reply(connection: &Connection, pending: PendingReply) -> Result<Reply> {
    let time = connection.options().login_timeout;
    let reply = pending.wait_timeout(time);
    reply.map_err(|error| {
        // The reason, not what it means for the command.
        let reason = connection.disconnect_reason().unwrap_or(error);
        connection.engine().close(reason.clone());
        reason
    })
}
