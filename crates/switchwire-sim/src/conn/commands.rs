//! The commands: one table of prefixes, in the order that they are tried.

use super::{ConnId, Phase};
use crate::wire::command::{Command, split_word, trim_blanks};
use crate::wire::frame;
use crate::world::World;

/// What a handler says to the client.
pub(crate) enum Reply {
    Text(String),
    /// A bare value, whatever bytes it holds.
    Bytes(Vec<u8>),
    /// Answered already, or later, or never.
    None,
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
        if command.starts_with("connect") {
            // Only another first command of a session goes unanswered.
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.swallow = false;
            }
        }
        let reply = self.run_command(id, &command);
        match reply {
            Reply::Text(text) => self.reply(id, text.as_bytes()),
            Reply::Bytes(bytes) => self.reply(id, &bytes),
            Reply::None => {}
        }
        if command.starts_with("exit") || command.starts_with("...") {
            self.close_with(id, frame::GOODBYE);
        }
    }

    fn run_command(&mut self, id: ConnId, command: &Command) -> Reply {
        if command.starts_with("exit") || command.starts_with("...") {
            return "+OK bye".into();
        }
        let Some(conn) = self.conns.get(&id) else { return Reply::None };
        if conn.phase == Phase::Login {
            return self.log_in(id, command);
        }
        for word in ["unload", "reload"] {
            if command.text_contains(word) && command.text_contains("mod_event_socket") {
                let arg = format!("{word} mod_event_socket");
                self.ask_api(id, "bgapi", &arg);
                return Reply::None;
            }
        }
        let Some(conn) = self.conns.get(&id) else { return Reply::None };
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

    /// Writes a frame that answers a command.
    pub(crate) fn reply_frame(&mut self, id: ConnId, frame: Vec<u8>) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if !std::mem::take(&mut conn.swallow) && conn.phase != Phase::Closing {
            conn.out.push(frame);
        }
        self.dirty.push(id);
    }

    fn cmd_api(&mut self, id: ConnId, command: &Command) -> Reply {
        let text = command.after("api ".len());
        if !self.conns.get(&id).is_some_and(|conn| conn.permissions.api(text)) {
            return DENIED.into();
        }
        let (name, arg) = split_word(text);
        let name = String::from_utf8_lossy(name).into_owned();
        let arg = String::from_utf8_lossy(arg.unwrap_or_default()).into_owned();
        // On the console an unknown command is named with its arguments.
        let console = command.header("console_execute").is_some_and(|v| v.eq_ignore_ascii_case(b"true"));
        if console && !crate::api::exists(&name) {
            let text = format!("-ERR {} Command not found!\n", format!("{name} {arg}").trim_end());
            self.reply_frame(id, frame::api_response(text.as_bytes()));
            return Reply::None;
        }
        self.ask_api(id, &name, &arg);
        Reply::None
    }

    /// Runs an api command for a connection, which waits for its answer.
    fn ask_api(&mut self, id: ConnId, name: &str, arg: &str) {
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.blocked = true;
            self.run_api_for(id, name, arg);
        }
    }

    fn cmd_bgapi(&mut self, id: ConnId, command: &Command) -> Reply {
        let text = command.after("bgapi ".len());
        let Some(conn) = self.conns.get(&id) else { return Reply::None };
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
        let Some(conn) = self.conns.get_mut(&id) else { return Reply::None };
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
        let Some(conn) = self.conns.get_mut(&id) else { return Reply::None };
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
