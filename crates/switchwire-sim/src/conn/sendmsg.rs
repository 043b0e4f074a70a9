//! `sendmsg`: a message to a channel.

use super::ConnId;
use super::commands::Reply;
use crate::channel::{ChannelId, Message};
use crate::faults::Completion;
use crate::wire::command::{Command, trim_blanks};
use crate::world::World;

impl World {
    pub(super) fn cmd_sendmsg(&mut self, id: ConnId, command: &Command) -> Reply {
        let arg = trim_blanks(command.after("sendmsg".len()));
        let named = if arg.is_empty() { command.header("session-id").unwrap_or_default() } else { arg };
        let named = String::from_utf8_lossy(named).trim().to_owned();
        let own = self.conns.get(&id).and_then(|conn| conn.session.as_ref());
        let own_channel = own.map(|session| session.channel);
        let synchronous = own.is_some_and(|session| session.outbound && !session.asynchronous);
        let target = if named.is_empty() {
            own_channel
        } else {
            own.filter(|session| session.uuid == named)
                .map(|s| s.channel)
                .or_else(|| self.channels.by_uuid(&named))
        };
        let Some(channel) = target else { return format!("-ERR invalid session id [{named}]").into() };
        let message = Message::from_command(command);
        let asked_async = command.header("async").is_some_and(|v| v.eq_ignore_ascii_case(b"true"));
        if synchronous && own_channel == Some(channel) && !asked_async {
            return self.run_at_once(channel, message);
        }
        if self.channels.get(channel).is_some_and(crate::channel::Channel::is_up) {
            self.send_message(channel, message);
        }
        "+OK".into()
    }

    /// A synchronous session: the reply to `execute` is sent when the application has ended.
    fn run_at_once(&self, channel: ChannelId, message: Message) -> Reply {
        let up = self.channels.get(channel).is_some_and(crate::channel::Channel::is_up);
        match message {
            Message::Execute { call, .. } if up => Reply::AtEnd(channel, call),
            Message::Execute { .. } => "+OK".into(),
            other => Reply::Before("+OK", channel, other),
        }
    }

    /// A synchronous application has ended: its `sendmsg` gets the reply.
    pub(crate) fn application_done(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.blocked = false;
            if conn.faults.completion == Completion::BeforeReply {
                self.flush_events(id);
            }
            self.reply(id, b"+OK");
        }
    }
}
