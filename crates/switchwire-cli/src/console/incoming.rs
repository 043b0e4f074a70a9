//! The thread that shows what the server sends on its own: log lines, events, and the end of the connection.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Receiver;
use parking_lot::RwLock;
use switchwire::{Connection, Incoming};

use super::link::Link;
use super::render::{self, LogView};
use super::screen::Screen;
use crate::failure::one_line;
use crate::retry;

/// What the thread needs.
pub(crate) struct Viewer {
    pub(crate) link: Arc<Link>,
    pub(crate) screen: Arc<Screen>,
    pub(crate) view: Arc<RwLock<LogView>>,
    /// Whether a lost connection is made anew.
    pub(crate) reconnect: bool,
}

/// Why the viewer stopped.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The connection is over, and is not made anew: what the user reads of it.
    Disconnected(String),
    /// Nothing can be shown any more.
    Output,
}

impl Viewer {
    /// Shows what comes until the connection is over for good.
    pub(crate) fn run(&self, first: &Arc<Connection>) -> Ended {
        let mut connection = Arc::clone(first);
        loop {
            let Ok(received) = connection.incoming_channel() else { return disconnected(&connection) };
            if self.show_all(&connection, &received).is_err() {
                return Ended::Output;
            }
            self.link.lost();
            if !self.reconnect {
                return disconnected(&connection);
            }
            self.tell(&format!("Disconnected: {}. Reconnecting.", reason(&connection)));
            connection =
                match self.link.connect(retry::TRIES, |error| self.tell(&format!("{error}. Retrying."))) {
                    Ok(again) => again,
                    Err(error) => return Ended::Disconnected(format!("{error}. Given up.")),
                };
            self.tell("Connected again.");
        }
    }

    /// Shows everything until the connection ends. What comes faster than a screen can show is left out and counted.
    fn show_all(&self, connection: &Connection, received: &Receiver<Incoming>) -> std::io::Result<()> {
        let mut dropped = 0;
        while let Ok(first) = received.recv() {
            let mut text = String::new();
            let mut skipped = 0_usize;
            let mut next = Some(first);
            let mut lines = 0;
            while let Some(incoming) = next {
                if self.screen.look.terminal && received.len() > BACKLOG {
                    skipped += 1;
                } else if let Some(line) = render::incoming(incoming, &self.view.read(), self.screen.look) {
                    text.push_str(&line);
                    lines += 1;
                }
                next = if lines < BATCH { received.try_recv().ok() } else { None };
            }
            let now = connection.stats().dropped_events;
            let lost = now.saturating_sub(dropped);
            dropped = now;
            if skipped > 0 || lost > 0 {
                text.push_str(&format!(
                    "[{} not shown: they came faster than the screen]\n",
                    skipped as u64 + lost
                ));
            }
            if !text.is_empty() {
                self.screen.show(&text)?;
                if self.screen.look.terminal && lines >= BATCH {
                    // Keys are read and echoed between two batches.
                    std::thread::sleep(BREATH);
                }
            }
        }
        Ok(())
    }

    fn tell(&self, text: &str) {
        let _ = self.screen.show(&format!("{}\n", self.screen.look.safe(text)));
    }
}

fn disconnected(connection: &Connection) -> Ended {
    Ended::Disconnected(format!("Disconnected: {}", reason(connection)))
}

fn reason(connection: &Connection) -> String {
    let reason = connection.disconnect_reason().map(|error| error.to_string()).unwrap_or_default();
    one_line(&reason)
}

/// Lines shown at once.
const BATCH: usize = 200;
/// More lines than that waiting, and the oldest are left out.
const BACKLOG: usize = 2_000;
const BREATH: Duration = Duration::from_millis(10);
