//! The console's connection: the one that is there now, and what brings it to the same state after a reconnect.

use parking_lot::Mutex;
use switchwire::{Command, Connection, Error, ManagedConnection, Reply};

/// Shared by the thread that reads lines, the one that shows what comes, and completion.
pub(crate) struct Link {
    way: Way,
    standing: Mutex<Standing>,
}

/// What connects.
pub(crate) enum Way {
    /// One connection; the console ends with it.
    Once(Connection),
    /// It comes back.
    Supervised(ManagedConnection),
}

/// Subscriptions, filters and the log level, as typed and accepted, in order.
#[derive(Default)]
struct Standing(Vec<String>);

impl Link {
    pub(crate) fn new(way: Way) -> Self {
        Self { way, standing: Mutex::default() }
    }

    pub(crate) fn way(&self) -> &Way {
        &self.way
    }

    /// The connection.
    ///
    /// # Errors
    /// While there is none.
    pub(crate) fn current(&self) -> Result<Connection, Error> {
        match &self.way {
            Way::Once(connection) => Ok(connection.clone()),
            Way::Supervised(connection) => connection.connection(),
        }
    }

    /// Sends a command as typed and gives its reply. Accepted ones that last (`event`, `filter`, `log` …) are remembered.
    ///
    /// # Errors
    /// Of the connection, and `InvalidArgument` for a line that is no command.
    pub(crate) fn send(&self, line: &str) -> Result<Reply, Error> {
        let reply = self.current()?.request(&Command::raw(line)?)?;
        if reply.is_ok() {
            self.standing.lock().remember(line);
        }
        Ok(reply)
    }

    /// Sends all that lasts on a connection that is back; `refused` gets what the server does not take any more.
    ///
    /// # Errors
    /// Of the connection: it may be over again.
    pub(crate) fn restore(&self, mut refused: impl FnMut(&str, &Reply)) -> Result<(), Error> {
        let connection = self.current()?;
        let lines = self.standing.lock().0.clone();
        for line in lines {
            let reply = connection.send_recv(&line)?;
            if !reply.is_ok() {
                refused(&line, &reply);
            }
        }
        Ok(())
    }
}

impl Standing {
    fn remember(&mut self, line: &str) {
        let word = line.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        match word.as_str() {
            "log" | "nolog" => self.0.retain(|old| !old.to_ascii_lowercase().starts_with("log")),
            "noevents" => self.0.retain(|old| old.to_ascii_lowercase().starts_with("log")),
            _ => {}
        }
        if word != "nolog" && word != "noevents" {
            self.0.push(line.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_is_remembered_until_it_is_taken_back() {
        let mut state = Standing::default();
        for line in ["log 7", "event plain ALL", "filter A b", "log 3", "nixevent HEARTBEAT"] {
            state.remember(line);
        }
        assert_eq!(state.0, ["event plain ALL", "filter A b", "log 3", "nixevent HEARTBEAT"]);
        state.remember("noevents");
        assert_eq!(state.0, ["log 3"]);
        state.remember("nolog");
        assert!(state.0.is_empty());
    }
}
