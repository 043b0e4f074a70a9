//! Which server, and how to log in: the options that every connecting command has.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use switchwire::{Builder, Connection, Error};
use switchwire_sim::Simulator;

use crate::console::Profile;
use crate::duration;
use crate::failure::{Failure, Result};
use crate::secret::Secret;

/// The options, as they were given. They may come before and after the subcommand.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct ServerArgs {
    /// The server's host [default: 127.0.0.1]
    #[arg(short = 'H', long)]
    host: Option<String>,

    /// The event socket's port [default: 8021]
    #[arg(short = 'P', long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,

    /// The password [default: the environment's SWITCHWIRE_PASSWORD, else ClueCon]
    #[arg(short, long)]
    password: Option<Secret>,

    /// A file whose first line is the password
    #[arg(long, value_name = "FILE", conflicts_with = "password")]
    password_file: Option<PathBuf>,

    /// Ask for the password on the terminal
    #[arg(long, conflicts_with_all = ["password", "password_file"])]
    ask_password: bool,

    /// Log in as that directory user (`userauth`) instead of with the event socket's own password
    #[arg(short, long, value_name = "USER@DOMAIN")]
    user: Option<String>,

    /// How long to wait for connecting, for the login and for each reply (milliseconds, or 2s, 1m …)
    /// [default: 10s, 10s, 60s]
    #[arg(short, long, value_name = "TIME", value_parser = duration::milliseconds)]
    timeout: Option<Duration>,

    /// How long to wait for connecting and for the login, where that differs
    #[arg(short = 'T', long, value_name = "TIME", value_parser = duration::milliseconds)]
    connect_timeout: Option<Duration>,

    /// Host, port and password in one; an IPv6 address in brackets
    #[arg(long, value_name = "HOST:PORT:PASSWORD", conflicts_with_all = ["host", "port", "password"])]
    server: Option<Secret>,

    /// Use a simulator inside this program instead of a server
    #[arg(long, conflicts_with_all = ["host", "port", "password", "user", "server"])]
    sim: bool,
}

/// A connection, and the simulator that it may be to.
pub(crate) struct Session {
    // Dropped first.
    connection: Connection,
    _opener: Opener,
}

/// What connects to the server that the options name.
pub(crate) struct Opener {
    builder: Builder,
    _simulator: Option<Simulator>,
}

impl Opener {
    /// Connects and logs in.
    pub(crate) fn connect(&self) -> Result<Connection, Error> {
        self.builder.connect()
    }
}

impl Session {
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// A server's address and password.
struct Address {
    host: String,
    port: u16,
    password: Option<String>,
}

impl ServerArgs {
    /// Whether any of them was given.
    pub(crate) fn is_given(&self) -> bool {
        self.names_server() || self.sim || self.timeout.is_some() || self.connect_timeout.is_some()
    }

    /// Whether a server was named, rather than left to the defaults.
    pub(crate) fn names_server(&self) -> bool {
        let Self { host, port, password, password_file, ask_password, user, server, .. } = self;
        let secret = password.is_some() || password_file.is_some() || *ask_password;
        host.is_some() || port.is_some() || secret || user.is_some() || server.is_some()
    }

    /// These options, completed with those that stood before the subcommand.
    pub(crate) fn over(self, outer: Self) -> Result<Self> {
        let whole = Self {
            host: self.host.or(outer.host),
            port: self.port.or(outer.port),
            password: self.password.or(outer.password),
            password_file: self.password_file.or(outer.password_file),
            ask_password: self.ask_password || outer.ask_password,
            user: self.user.or(outer.user),
            timeout: self.timeout.or(outer.timeout),
            connect_timeout: self.connect_timeout.or(outer.connect_timeout),
            server: self.server.or(outer.server),
            sim: self.sim || outer.sim,
        };
        let Self { host, port, password, server, .. } = &whole;
        if whole.sim && whole.names_server() {
            return Err(Failure::usage("--sim cannot be combined with a server's options"));
        }
        if server.is_some() && (host.is_some() || port.is_some() || password.is_some()) {
            return Err(Failure::usage("--server cannot be combined with --host, --port or --password"));
        }
        Ok(whole)
    }

    /// The simulator, when no server is named.
    pub(crate) fn or_sim(mut self) -> Self {
        self.sim |= !self.names_server();
        self
    }

    /// The server's address, for people to read.
    pub(crate) fn place(&self) -> Result<String> {
        if self.sim {
            return Ok("the embedded simulator".to_owned());
        }
        let (host, port) = self.host_and_port()?;
        Ok(format!("{host} port {port}"))
    }

    /// Connects and logs in.
    pub(crate) fn connect(&self) -> Result<Session> {
        let opener = self.opener()?;
        Ok(Session { connection: opener.connect()?, _opener: opener })
    }

    /// What connects, as often as it is asked; a simulator inside this program lives as long as it does.
    pub(crate) fn opener(&self) -> Result<Opener> {
        let simulator = self.sim.then(start_simulator).transpose()?;
        let builder = match &simulator {
            Some(sim) => Builder::new(sim.addr().ip().to_string(), sim.port()).password(sim.password()),
            None => self.builder()?,
        };
        // As in fs_cli, 0 is no limit.
        let builder = match self.timeout {
            Some(time) => builder.command_timeout(Some(time).filter(|time| !time.is_zero())),
            None => builder,
        };
        let builder = match self.connect_timeout.or(self.timeout).filter(|time| !time.is_zero()) {
            Some(time) => builder.connect_timeout(time).login_timeout(time),
            None => builder,
        };
        Ok(Opener { builder, _simulator: simulator })
    }

    /// These options, completed by a profile's; the environment's password comes before the profile's.
    pub(crate) fn under(mut self, profile: &Profile) -> Self {
        if self.sim || self.server.is_some() {
            return self;
        }
        self.host = self.host.or_else(|| profile.host.clone());
        self.port = self.port.or(profile.port);
        self.user = self.user.or_else(|| profile.user.clone());
        let given = self.password.is_some() || self.password_file.is_some() || self.ask_password;
        if !given && environment_password().is_none() {
            self.password = profile.password.clone();
        }
        self.timeout = self.timeout.or(profile.timeout);
        self.connect_timeout = self.connect_timeout.or(profile.connect_timeout);
        self
    }

    /// Where it connects to.
    pub(crate) fn host_and_port(&self) -> Result<(String, u16)> {
        if self.sim {
            return Ok(("the embedded simulator".to_owned(), 0));
        }
        let quiet = Self { password_file: None, ask_password: false, ..self.clone() };
        quiet.address().map(|address| (address.host, address.port))
    }

    fn builder(&self) -> Result<Builder> {
        let Address { host, port, password } = self.address()?;
        let builder = Builder::new(host, port).user(self.user.clone().unwrap_or_default());
        Ok(match password.or_else(environment_password) {
            Some(password) => builder.password(password),
            None => builder,
        })
    }

    /// The password from where the options say.
    fn secret(&self) -> Result<Option<Secret>> {
        if let Some(file) = &self.password_file {
            return Secret::from_file(file).map(Some);
        }
        if self.ask_password { Secret::ask().map(Some) } else { Ok(self.password.clone()) }
    }

    fn address(&self) -> Result<Address> {
        match &self.server {
            Some(server) => Address::read(server.reveal()),
            None => Ok(Address {
                host: self.host.clone().unwrap_or_else(|| DEFAULT_HOST.to_owned()),
                port: self.port.unwrap_or(DEFAULT_PORT),
                password: self.secret()?.map(|password| password.reveal().to_owned()),
            }),
        }
    }
}

impl Address {
    /// `HOST[:PORT[:PASSWORD]]`; the password may hold colons.
    fn read(text: &str) -> Result<Self> {
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
        Ok(Self { host: host.to_owned(), port, password: rest.next().map(str::to_owned) })
    }
}

/// The password that the environment gives; both a client's and a simulator's.
pub(crate) fn environment_password() -> Option<String> {
    std::env::var(PASSWORD_VARIABLE).ok()
}

fn start_simulator() -> Result<Simulator> {
    let started = Simulator::builder().heartbeat(Some(HEARTBEAT)).start();
    started.map_err(|error| Failure::failed(format!("cannot start the simulator: {error}")))
}

const DEFAULT_HOST: &str = "127.0.0.1";
const DEFAULT_PORT: u16 = 8021;
const PASSWORD_VARIABLE: &str = "SWITCHWIRE_PASSWORD";
/// The embedded simulator's, so that a tail of its events shows some.
const HEARTBEAT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_three_parts_are_read() {
        let read = |text| Address::read(text).map(|a| (a.host, a.port, a.password)).ok();
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
        let failure = Address::read("pbx:nonumber:keepsecret").err().map(|failure| format!("{failure:?}"));
        assert!(!failure.unwrap().contains("keepsecret"));
        let args = ServerArgs { password: Some("keepsecret".into()), ..ServerArgs::default() };
        assert!(!format!("{args:?}").contains("keepsecret"));
    }

    #[test]
    fn options_behind_the_subcommand_win() {
        let outer = ServerArgs { host: Some("a".into()), port: Some(1), ..ServerArgs::default() };
        let inner = ServerArgs { host: Some("b".into()), ..ServerArgs::default() };
        let whole = inner.clone().over(outer.clone()).unwrap();
        assert_eq!((whole.host.as_deref(), whole.port), (Some("b"), Some(1)));
        let sim = ServerArgs { sim: true, ..ServerArgs::default() };
        assert!(sim.over(outer).is_err());
    }
}
