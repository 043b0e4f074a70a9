//! The commands: one table of prefixes, in the order that they are tried.

use super::{ConnId, Phase};
use crate::channel::{Call, ChannelId, Message};
use crate::wire::command::{Command, split_word, trim_blanks};
use crate::wire::frame;
use crate::world::{Timer, World};

/// What a handler returns: the reply, or what the reply waits for. There is no variant without a reply, so every command
/// gets one.
pub(crate) enum Reply {
    Text(String),
    /// A bare value, whatever bytes it holds.
    Bytes(Vec<u8>),
    /// A frame that is not the usual one.
    Frame(Vec<u8>),
    /// The last reply: the disconnect notice and the close follow.
    Last(&'static str),
    /// The reply, then the message is carried out: the reply comes before the events that it causes.
    Before(&'static str, ChannelId, Message),
    /// The output of an api command.
    Api {
        command: String,
        arg: String,
    },
    /// The output of a console line.
    Console(String),
    /// `+OK` at the end of an application; the connection is blocked until then.
    AtEnd(ChannelId, Call),
}

impl From<&str> for Reply {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Reply {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// Which connections know a command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Every one that is logged in.
    Any,
    /// Those that control a session.
    Session,
    /// Not an outbound session without `full`.
    Full,
}

type Handler = fn(&mut World, ConnId, &Command) -> Reply;

/// Commands are known by prefix, in any case; what follows is theirs.
const TABLE: &[(&str, Scope, Handler)] = &[
    ("filter ", Scope::Any, World::cmd_filter),
    ("resume", Scope::Session, World::cmd_resume),
    ("connect", Scope::Session, World::cmd_connect),
    ("getvar", Scope::Session, World::cmd_getvar),
    ("myevents", Scope::Any, World::cmd_myevents),
    ("divert_events", Scope::Any, World::cmd_divert),
    ("sendmsg", Scope::Any, World::cmd_sendmsg),
    ("sendevent", Scope::Full, World::cmd_sendevent),
    ("api ", Scope::Full, World::cmd_api),
    ("bgapi ", Scope::Full, World::cmd_bgapi),
    ("log", Scope::Full, World::cmd_log),
    ("nolog", Scope::Full, World::cmd_nolog),
    ("linger", Scope::Full, World::cmd_linger),
    ("nolinger", Scope::Full, World::cmd_nolinger),
    ("event", Scope::Full, World::cmd_event),
    ("nixevent", Scope::Full, World::cmd_nixevent),
    ("noevents", Scope::Full, World::cmd_noevents),
];

impl World {
    /// Runs one command and replies.
    pub(crate) fn handle(&mut self, id: ConnId, command: Command) {
        self.saw_command(id, &command);
        if command.starts_with("connect") {
            // Any other first command of a session gets no reply.
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.swallow = false;
            }
        }
        match self.run_command(id, &command) {
            Reply::Text(text) => self.reply(id, text.as_bytes()),
            Reply::Bytes(bytes) => self.reply(id, &bytes),
            Reply::Frame(frame) => self.reply_frame(id, frame),
            Reply::Last(text) => {
                self.reply(id, text.as_bytes());
                self.close_with(id, frame::GOODBYE);
            }
            Reply::Before(text, channel, message) => {
                self.reply(id, text.as_bytes());
                self.run_message(channel, message);
            }
            Reply::Api { command, arg } => {
                self.block(id);
                self.run_api_for(id, command, arg);
            }
            Reply::Console(line) => {
                self.block(id);
                self.run_console_for(id, line);
            }
            Reply::AtEnd(channel, call) => {
                self.block(id);
                self.execute(channel, Call { reply_to: Some(id), ..call });
            }
        }
    }

    /// No replies, no events, no reading until the command at work has its reply.
    fn block(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.blocked = true;
        }
    }

    fn run_command(&mut self, id: ConnId, command: &Command) -> Reply {
        if command.starts_with("exit") || command.starts_with("...") {
            return Reply::Last("+OK bye");
        }
        let Some(conn) = self.conns.get(&id) else { return NOT_FOUND.into() };
        if conn.phase == Phase::Login {
            return self.log_in(id, command);
        }
        for word in ["unload", "reload"] {
            if command.text_contains(word) && command.text_contains("mod_event_socket") {
                return Reply::Api { command: "bgapi".into(), arg: format!("{word} mod_event_socket") };
            }
        }
        let Some(conn) = self.conns.get(&id) else { return NOT_FOUND.into() };
        let (session, full) = (conn.session.is_some(), conn.session.as_ref().is_none_or(|s| s.full));
        let found = TABLE.iter().find(|(prefix, scope, _)| {
            command.starts_with(prefix)
                && match scope {
                    Scope::Any => true,
                    Scope::Session => session,
                    Scope::Full => full,
                }
        });
        match found {
            Some((_, _, handler)) => handler(self, id, command),
            None => NOT_FOUND.into(),
        }
    }

    /// Writes a command/reply.
    pub(crate) fn reply(&mut self, id: ConnId, text: &[u8]) {
        self.reply_frame(id, frame::reply(text));
    }

    /// Writes a frame that is the reply to a command.
    pub(crate) fn reply_frame(&mut self, id: ConnId, frame: Vec<u8>) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if !std::mem::take(&mut conn.swallow) && conn.phase != Phase::Closing {
            conn.replies += 1;
            if conn.faults.duplicate_reply == Some(conn.replies) {
                self.send_reply(id, frame.clone());
            }
            self.send_reply(id, frame);
        }
        self.dirty.push(id);
    }

    /// Sends a reply, or holds it back as the faults say.
    fn send_reply(&mut self, id: ConnId, frame: Vec<u8>) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        match conn.faults.late_replies {
            Some(by) => self.timer_for_socket(by, Timer::LateReply(id, frame)),
            None => conn.out.push(frame),
        }
    }

    fn cmd_api(&mut self, id: ConnId, command: &Command) -> Reply {
        let text = command.after("api ".len());
        if !self.conns.get(&id).is_some_and(|conn| conn.permissions.api(text)) {
            return DENIED.into();
        }
        if command.header("console_execute").is_some_and(|v| v.eq_ignore_ascii_case(b"true")) {
            return Reply::Console(String::from_utf8_lossy(text).into_owned());
        }
        let (name, arg) = split_word(text);
        Reply::Api {
            command: String::from_utf8_lossy(name).into_owned(),
            arg: String::from_utf8_lossy(arg.unwrap_or_default()).into_owned(),
        }
    }

    fn cmd_bgapi(&mut self, id: ConnId, command: &Command) -> Reply {
        let text = command.after("bgapi ".len());
        let Some(conn) = self.conns.get(&id) else { return NOT_FOUND.into() };
        if !conn.permissions.api(text) {
            return DENIED.into();
        }
        let (name, arg) = split_word(text);
        let uuid = match command.header("job-uuid") {
            Some(own) if !own.is_empty() => String::from_utf8_lossy(own).into_owned(),
            _ => crate::api::new_uuid(),
        };
        let owner = conn.session.as_ref().map(|session| session.uuid.clone());
        self.background(
            uuid.clone(),
            owner,
            String::from_utf8_lossy(name).into_owned(),
            String::from_utf8_lossy(arg.unwrap_or_default()).into_owned(),
        );
        format!("+OK Job-UUID: {uuid}\nJob-UUID: {uuid}").into()
    }

    fn cmd_log(&mut self, id: ConnId, command: &Command) -> Reply {
        let word = split_word(trim_blanks(command.after("log".len()))).0;
        let word = String::from_utf8_lossy(word).into_owned();
        let Some(conn) = self.conns.get_mut(&id) else { return NOT_FOUND.into() };
        if !conn.permissions.log() {
            return DENIED.into();
        }
        // A prefix is all the server compares: `logout` is `log` with the level `out`.
        match log_level(&word) {
            Some(level) => {
                conn.log_level = Some(level);
                format!("+OK log level {word} [{level}]").into()
            }
            None => "-ERR invalid log level".into(),
        }
    }

    fn cmd_nolog(&mut self, id: ConnId, _: &Command) -> Reply {
        let Some(conn) = self.conns.get_mut(&id) else { return NOT_FOUND.into() };
        conn.logs.clear();
        match conn.log_level.take() {
            Some(_) => "+OK no longer logging".into(),
            None => "-ERR not loging".into(), // [sic]
        }
    }
}

fn log_level(word: &str) -> Option<u8> {
    const NAMES: [&str; 8] = ["console", "alert", "crit", "err", "warning", "notice", "info", "debug"];
    if word.is_empty() {
        return Some(7);
    }
    if let Some(at) = NAMES.iter().position(|name| name.eq_ignore_ascii_case(word)) {
        return u8::try_from(at).ok();
    }
    word.parse::<i64>().ok().and_then(|n| u8::try_from(n.clamp(0, 63)).ok())
}

pub(super) const NOT_FOUND: &str = "-ERR command not found";
pub(super) const DENIED: &str = "-ERR permission denied";
pub(super) const NO_SESSION: &str = "-ERR not controlling a session";

#[cfg(test)]
mod tests {
    use super::log_level;

    #[test]
    fn levels_are_names_or_bounded_numbers() {
        for (word, level) in [
            ("", Some(7)),
            ("7", Some(7)),
            ("debug", Some(7)),
            ("ERR", Some(3)),
            ("99", Some(63)),
            ("-1", Some(0)),
            ("8", Some(8)),
            ("bogus", None),
            ("out", None),
        ] {
            assert_eq!(log_level(word), level, "{word}");
        }
    }
}
