//! Which server, or servers, and how to log in: the options that every connecting command has.

mod destination;
mod several;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use switchwire::{Builder, Connection, Error};
use switchwire_sim::Simulator;

pub(crate) use self::destination::Destination;
pub(crate) use self::several::Several;
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

    /// Host, port and password in one; an IPv6 address in brackets. Commands that watch several servers take several
    #[arg(long, value_name = "HOST:PORT:PASSWORD", conflicts_with_all = ["host", "port", "password"])]
    server: Vec<Secret>,

    /// The servers of several profiles at once, for commands that watch several
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', conflicts_with_all = ["host", "port", "password"])]
    profiles: Vec<String>,

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
    destination: Destination,
    _simulator: Option<Simulator>,
}

impl Opener {
    /// Connects and logs in.
    pub(crate) fn connect(&self) -> Result<Connection, Error> {
        self.builder.connect()
    }

    /// Where to.
    pub(crate) fn destination(&self) -> &Destination {
        &self.destination
    }
}

impl Session {
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl ServerArgs {
    /// Whether any of them was given.
    pub(crate) fn is_given(&self) -> bool {
        self.names_server() || self.sim || self.timeout.is_some() || self.connect_timeout.is_some()
    }

    /// Whether a server was named, rather than left to the defaults.
    pub(crate) fn names_server(&self) -> bool {
        let Self { host, port, password, password_file, ask_password, user, server, profiles, .. } = self;
        let secret = password.is_some() || password_file.is_some() || *ask_password;
        let several = !server.is_empty() || !profiles.is_empty();
        host.is_some() || port.is_some() || secret || user.is_some() || several
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
            server: if self.server.is_empty() { outer.server } else { self.server },
            profiles: if self.profiles.is_empty() { outer.profiles } else { self.profiles },
            sim: self.sim || outer.sim,
        };
        let Self { host, port, password, server, .. } = &whole;
        if whole.sim && whole.names_server() {
            return Err(Failure::usage("--sim cannot be combined with a server's options"));
        }
        if !server.is_empty() && (host.is_some() || port.is_some() || password.is_some()) {
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
        let simulator = self.simulator()?;
        let destination = self.destination(simulator.as_ref())?;
        Ok(Opener { builder: destination.builder(), destination, _simulator: simulator })
    }

    /// The one server that the options name; more than one is a wrong command line.
    pub(crate) fn destination(&self, simulator: Option<&Simulator>) -> Result<Destination> {
        if !self.profiles.is_empty() {
            return Err(Failure::usage("this command takes one server: leave --profiles out"));
        }
        let mut all = self.server.iter();
        let mut destination = match (simulator, all.next()) {
            (Some(simulator), _) => Destination::of(simulator),
            (None, Some(server)) => Destination::read(server.reveal())?,
            (None, None) => Destination {
                host: self.host.clone().unwrap_or_else(|| DEFAULT_HOST.to_owned()),
                port: self.port.unwrap_or(DEFAULT_PORT),
                password: self.secret()?,
                ..Destination::default()
            },
        };
        if all.next().is_some() {
            return Err(Failure::usage("this command takes one server: give --server once"));
        }
        if simulator.is_none() {
            destination.user.clone_from(&self.user);
            destination.password = destination.password.or_else(|| environment_password().map(Secret::from));
        }
        destination.timeout = self.timeout;
        destination.connect_timeout = self.connect_timeout;
        Ok(destination)
    }

    fn simulator(&self) -> Result<Option<Simulator>> {
        self.sim.then(start_simulator).transpose()
    }

    /// These options, completed by a profile's; the environment's password comes before the profile's.
    pub(crate) fn under(mut self, profile: &Profile) -> Self {
        if self.sim || !self.server.is_empty() || !self.profiles.is_empty() {
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
        quiet.destination(None).map(|server| (server.host, server.port))
    }

    /// The password from where the options say.
    fn secret(&self) -> Result<Option<Secret>> {
        if let Some(file) = &self.password_file {
            return Secret::from_file(file).map(Some);
        }
        if self.ask_password { Secret::ask().map(Some) } else { Ok(self.password.clone()) }
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
    fn a_password_is_not_shown() {
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

    #[test]
    fn one_server_and_several_are_told_apart() {
        let server = vec!["a:1:x".into(), "b:2:y".into()];
        let two = ServerArgs { server, ..ServerArgs::default() };
        assert!(two.destination(None).is_err());
        let names: Vec<_> = two.several().unwrap().servers.into_iter().map(|server| server.name).collect();
        assert_eq!(names, ["a:1", "b:2"]);
        let same = ServerArgs { server: vec!["a:1:x".into(), "a:1:x".into()], ..ServerArgs::default() };
        assert!(same.several().is_err());
    }
}
