//! One server: where it is, how to log in, how long to wait for it.

use std::time::Duration;

use switchwire::{Builder, ManagedBuilder, ManagedConnection, Options};
use switchwire_sim::Simulator;

use super::DEFAULT_PORT;
use crate::failure::{Failure, Result};
use crate::secret::Secret;

/// A server and the way to it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Destination {
    /// What it is called where several are watched.
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Secret>,
    /// `Some(0)` is no limit, as in `fs_cli`.
    pub(crate) timeout: Option<Duration>,
    pub(crate) connect_timeout: Option<Duration>,
}

impl Destination {
    /// A simulator of this program.
    pub(crate) fn of(simulator: &Simulator) -> Self {
        Self {
            name: "sim".to_owned(),
            host: simulator.addr().ip().to_string(),
            port: simulator.port(),
            password: Some(simulator.password().into()),
            ..Self::default()
        }
    }

    /// `HOST[:PORT[:PASSWORD]]`; the password may hold colons.
    pub(crate) fn read(text: &str) -> Result<Self> {
        // What is wrong is not shown: the password is part of it.
        let wrong = || Failure::usage("--server must be HOST:PORT:PASSWORD (an IPv6 address in brackets)");
        let bracket = if text.starts_with('[') { text.find(']').ok_or_else(wrong)? + 1 } else { 0 };
        let colon = text[bracket..].find(':').map_or(text.len(), |at| bracket + at);
        let (host, rest) = text.split_at(colon);
        let mut rest = rest.get(1..).into_iter().flat_map(|rest| rest.splitn(2, ':'));
        let port = rest.next().map_or(Ok(DEFAULT_PORT), str::parse).map_err(|_| wrong())?;
        if host.is_empty() {
            return Err(wrong());
        }
        let password = rest.next().map(Secret::from);
        Ok(Self { host: host.to_owned(), port, password, ..Self::default() })
    }

    /// `HOST:PORT`
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// What connects to it.
    pub(crate) fn builder(&self) -> Builder {
        let builder = Builder::new(self.host.clone(), self.port)
            .user(self.user.clone().unwrap_or_default())
            .options(self.options());
        match &self.password {
            Some(password) => builder.password(password.reveal()),
            None => builder,
        }
    }

    /// What connects to it, and again when the connection is lost.
    pub(crate) fn managed(&self) -> ManagedBuilder {
        let builder = ManagedConnection::builder(self.host.clone(), self.port)
            .user(self.user.clone().unwrap_or_default())
            .options(self.options());
        match &self.password {
            Some(password) => builder.password(password.reveal()),
            None => builder,
        }
    }

    /// How long connecting may take.
    pub(crate) fn connect_patience(&self) -> Duration {
        self.options().connect_timeout
    }

    fn options(&self) -> Options {
        let mut options = Options::inbound();
        if let Some(time) = self.timeout {
            options.command_timeout = Some(time).filter(|time| !time.is_zero());
        }
        if let Some(time) = self.connect_timeout.or(self.timeout).filter(|time| !time.is_zero()) {
            options.connect_timeout = time;
            options.login_timeout = time;
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_three_parts_are_read() {
        let read = |text| {
            let server = Destination::read(text).ok()?;
            Some((server.host, server.port, server.password.map(|password| password.reveal().to_owned())))
        };
        let some = |host: &str, port, password: Option<&str>| {
            Some((host.to_owned(), port, password.map(str::to_owned)))
        };
        assert_eq!(read("pbx:8022:a:b"), some("pbx", 8022, Some("a:b")));
        assert_eq!(read("pbx:8022:"), some("pbx", 8022, Some("")));
        assert_eq!(read("pbx:8022"), some("pbx", 8022, None));
        assert_eq!(read("pbx"), some("pbx", 8021, None));
        assert_eq!(read("[::1]:8022:x"), some("[::1]", 8022, Some("x")));
        for wrong in ["", ":8021:x", "pbx:x:y", "pbx:99999:y", "[::1:8021"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_wrong_server_is_not_shown() {
        let failure =
            Destination::read("pbx:nonumber:keepsecret").err().map(|failure| format!("{failure:?}"));
        assert!(!failure.unwrap().contains("keepsecret"));
    }
}
