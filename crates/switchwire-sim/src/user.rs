//! Accounts for `userauth`, and what a connection may do.

use crate::wire::command::split_word;

/// An account of the directory that may log in with `userauth`.
///
/// A new account may do everything; each `allow_*` method narrows one thing to a list.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct User {
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) password: Option<String>,
    pub(crate) permissions: Permissions,
}

impl User {
    /// An account with its `esl-password`.
    pub fn new(name: &str, domain: &str, password: &str) -> Self {
        Self {
            name: name.into(),
            domain: domain.into(),
            password: Some(password.into()),
            permissions: Permissions::default(),
        }
    }

    /// An account without an `esl-password`: it cannot log in.
    pub fn without_password(name: &str, domain: &str) -> Self {
        Self { password: None, ..Self::new(name, domain, "") }
    }

    /// Allows these events alone: comma-separated names, and subclasses after `CUSTOM`; `all` for all.
    pub fn allow_events(mut self, names: &str) -> Self {
        self.permissions.events = allow_list(names);
        self.permissions.events_text = names.into();
        self
    }

    /// Allows these api commands alone: comma- or blank-separated; `all` for all.
    pub fn allow_api(mut self, names: &str) -> Self {
        self.permissions.api = allow_list(names);
        self.permissions.api_text = names.into();
        self
    }

    /// Whether the account may request log lines.
    pub fn allow_log(mut self, allowed: bool) -> Self {
        self.permissions.log = allowed;
        self
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, domain, permissions, .. } = self;
        f.debug_struct("User").field("name", name).field("domain", domain).field("may", permissions).finish()
    }
}

/// What a connection may do. `None` means everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Permissions {
    events: Option<Vec<String>>,
    events_text: String,
    api: Option<Vec<String>>,
    api_text: String,
    log: bool,
}

impl Default for Permissions {
    fn default() -> Self {
        Self { events: None, events_text: "all".into(), api: None, api_text: "all".into(), log: true }
    }
}

impl Permissions {
    /// Whether an event or a subclass (the server keeps them in one list) may be subscribed to.
    pub(crate) fn event(&self, name: &str) -> bool {
        self.events.as_ref().is_none_or(|list| list.iter().any(|n| n.eq_ignore_ascii_case(name)))
    }

    /// Whether an api command may be run; commands that run another one are looked through.
    pub(crate) fn api(&self, command: &[u8]) -> bool {
        let Some(list) = &self.api else { return true };
        let mut rest = command;
        loop {
            let (name, arg) = split_word(rest);
            let name = String::from_utf8_lossy(name);
            if !list.iter().any(|n| n.eq_ignore_ascii_case(&name)) {
                return false;
            }
            let nested = WRAPPERS.iter().any(|w| w.eq_ignore_ascii_case(&name));
            match arg.filter(|arg| nested && !arg.is_empty()) {
                Some(arg) => rest = arg,
                None => return true,
            }
        }
    }

    pub(crate) fn log(&self) -> bool {
        self.log
    }

    /// The reply to a good `userauth`: raw headers, each permission its own line.
    pub(crate) fn welcome(&self) -> String {
        let Self { events_text, api_text, log, .. } = self;
        format!(
            "~Reply-Text: +OK accepted\nAllowed-Events: {events_text}\nAllowed-API: {api_text}\n\
             Allowed-LOG: {log}\n\n"
        )
    }
}

fn allow_list(names: &str) -> Option<Vec<String>> {
    let list: Vec<String> = (names.split([',', ' ']).filter(|n| !n.is_empty())).map(str::to_owned).collect();
    (!list.iter().any(|n| n.eq_ignore_ascii_case("all"))).then_some(list)
}

/// Api commands whose argument is a command itself.
const WRAPPERS: [&str; 5] = ["bgapi", "eval", "expand", "sched_api", "xml_wrap"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_commands_are_looked_through() {
        let may = User::new("1001", "d", "x").allow_api("status,version,show,bgapi,eval").permissions;
        for (command, allowed) in [
            ("status", true),
            ("show channels", true),
            ("reloadxml", false),
            ("bgapi status", true),
            ("bgapi reloadxml", false),
            ("bgapi bgapi version", true),
            ("eval ${domain}", false),
            ("eval", true),
            ("nosuch", false),
        ] {
            assert_eq!(may.api(command.as_bytes()), allowed, "{command}");
        }
        assert!(Permissions::default().api(b"anything"));
    }

    #[test]
    fn a_password_is_not_printed() {
        assert!(!format!("{:?}", User::new("1000", "d", "s3cret")).contains("s3cret"));
    }
}
