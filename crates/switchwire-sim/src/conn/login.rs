//! `auth` and `userauth`.

use super::commands::{NOT_FOUND, Reply};
use super::{ConnId, Phase};
use crate::user::User;
use crate::wire::command::Command;
use crate::world::World;

impl World {
    /// The commands known before login; any other is unknown, and the connection stays.
    pub(super) fn log_in(&mut self, id: ConnId, command: &Command) -> Reply {
        if command.starts_with("auth ") {
            if command.after("auth ".len()) != self.config.password.as_bytes() {
                return Reply::Last(REFUSED);
            }
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.phase = Phase::Open;
            }
            "+OK accepted".into()
        } else if command.starts_with("userauth ") {
            let credentials = String::from_utf8_lossy(command.after("userauth ".len())).into_owned();
            let Some(user) = find(&self.config.users, &credentials) else {
                return Reply::Last(REFUSED);
            };
            let permissions = user.permissions.clone();
            let welcome = permissions.welcome();
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.phase = Phase::Open;
                conn.permissions = permissions;
            }
            welcome.into()
        } else {
            NOT_FOUND.into()
        }
    }
}

const REFUSED: &str = "-ERR invalid";

/// The account of `user@domain:password` or `user:password@domain`.
fn find<'a>(users: &'a [User], credentials: &str) -> Option<&'a User> {
    let (who, secret) = credentials.split_once(':')?;
    let (name, domain, password) = match who.split_once('@') {
        Some((name, domain)) => (name, domain, secret),
        None => {
            let (password, domain) = secret.rsplit_once('@')?;
            (who, domain, password)
        }
    };
    users
        .iter()
        .find(|user| user.name == name && user.domain == domain && user.password.as_deref() == Some(password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_find_an_account_and_nothing_else_does() {
        let users = [
            User::new("1000", "d.test", "1234"),
            User::new("1002", "d.test", "12:34"),
            User::without_password("1003", "d.test"),
        ];
        for (credentials, found) in [
            ("1000@d.test:1234", true),
            ("1000:1234@d.test", true),
            ("1002@d.test:12:34", true),
            ("1002:12:34@d.test", true),
            ("1000@d.test:bad", false),
            ("1000@other.test:1234", false),
            ("1000:1234", false),
            ("1000@d.test", false),
            ("1003@d.test:", false),
            ("7777@d.test:1234", false),
            ("", false),
        ] {
            assert_eq!(find(&users, credentials).is_some(), found, "{credentials}");
        }
    }
}
