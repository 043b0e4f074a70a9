//! The console's connection: the one that is there now, and what brings it to the same state after a reconnect.

use std::sync::Arc;

use parking_lot::Mutex;
use switchwire::{Command, Connection, Error, Reply};

use crate::retry;

/// Connects and logs in.
pub(crate) type Connect = dyn Fn() -> Result<Connection, Error> + Send + Sync;

/// Shared by the thread that reads lines, the one that shows what comes, and completion.
pub(crate) struct Link {
    connect: Box<Connect>,
    state: Mutex<State>,
}

struct State {
    /// The connection; a lost one is replaced or taken away.
    current: Option<Arc<Connection>>,
    /// Subscriptions, filters and the log level, as typed and accepted, in order.
    standing: Vec<String>,
}

impl Link {
    pub(crate) fn new(connect: Box<Connect>) -> Self {
        Self { connect, state: Mutex::new(State { current: None, standing: Vec::new() }) }
    }

    /// The connection, if there is one.
    pub(crate) fn current(&self) -> Option<Arc<Connection>> {
        self.state.lock().current.clone()
    }

    /// Connects, in up to `tries` tries ([`retry::open`]). The standing commands are sent before the connection is shown to
    /// the others.
    ///
    /// # Errors
    /// That of the last try.
    pub(crate) fn connect(&self, tries: u32, failed: impl Fn(&Error)) -> Result<Arc<Connection>, Error> {
        retry::open(tries, || self.connect_once(), failed)
    }

    fn connect_once(&self) -> Result<Arc<Connection>, Error> {
        let connection = Arc::new((self.connect)()?);
        let standing = self.state.lock().standing.clone();
        for line in &standing {
            // Accepted before; what a restarted server refuses now is seen by its absence from `/filter` and the like.
            connection.send_recv(line)?;
        }
        self.state.lock().current = Some(Arc::clone(&connection));
        Ok(connection)
    }

    /// The connection is over.
    pub(crate) fn lost(&self) {
        self.state.lock().current = None;
    }

    /// Sends a command as typed and gives its reply. Accepted ones that last (`event`, `filter`, `log` …) are remembered.
    ///
    /// # Errors
    /// Of the connection, and `InvalidArgument` for a line that is no command.
    pub(crate) fn send(&self, line: &str) -> Result<Reply, Error> {
        let connection = self.current().ok_or_else(not_connected)?;
        let reply = connection.request(&Command::raw(line)?)?;
        if reply.is_ok() {
            self.state.lock().remember(line);
        }
        Ok(reply)
    }
}

impl State {
    fn remember(&mut self, line: &str) {
        let word = line.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        match word.as_str() {
            "log" | "nolog" => self.standing.retain(|old| !old.to_ascii_lowercase().starts_with("log")),
            "noevents" => self.standing.retain(|old| old.to_ascii_lowercase().starts_with("log")),
            _ => {}
        }
        if word != "nolog" && word != "noevents" {
            self.standing.push(line.to_owned());
        }
    }
}

/// Between two connections.
pub(crate) fn not_connected() -> Error {
    Error::from_io("not connected", std::io::ErrorKind::NotConnected.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_is_remembered_until_it_is_taken_back() {
        let mut state = State { current: None, standing: Vec::new() };
        for line in ["log 7", "event plain ALL", "filter A b", "log 3", "nixevent HEARTBEAT"] {
            state.remember(line);
        }
        assert_eq!(state.standing, ["event plain ALL", "filter A b", "log 3", "nixevent HEARTBEAT"]);
        state.remember("noevents");
        assert_eq!(state.standing, ["log 3"]);
        state.remember("nolog");
        assert!(state.standing.is_empty());
    }
}
