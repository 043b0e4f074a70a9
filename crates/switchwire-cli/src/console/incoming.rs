//! The thread that shows what the server sends on its own: log lines, events, and the end of the connection.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Receiver;
use parking_lot::RwLock;
use switchwire::{Connection, Incoming};

use super::link::Link;
use super::render::{self, LogView, Look};
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
            let Gathered { mut text, lines, skipped } =
                gather(first, received, &self.view.read(), self.screen.look);
            let now = connection.stats().dropped_events;
            let lost = now.saturating_sub(dropped);
            dropped = now;
            if skipped > 0 || lost > 0 {
                text.push_str(&format!("[{} not shown: they came faster than the screen]\n", skipped + lost));
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

/// What is shown at once.
#[derive(Debug)]
struct Gathered {
    text: String,
    lines: usize,
    /// How many were left out, since too many were waiting.
    skipped: u64,
}

/// Takes what waits, up to [`BATCH`] lines; on a terminal, all but the last [`BACKLOG`] are left out.
fn gather(first: Incoming, received: &Receiver<Incoming>, view: &LogView, look: Look) -> Gathered {
    let mut gathered = Gathered { text: String::new(), lines: 0, skipped: 0 };
    let mut next = Some(first);
    while let Some(incoming) = next {
        if look.terminal && received.len() > BACKLOG {
            gathered.skipped += 1;
        } else if let Some(line) = render::incoming(incoming, view, look) {
            gathered.text.push_str(&line);
            gathered.lines += 1;
        }
        next = if gathered.lines < BATCH { received.try_recv().ok() } else { None };
    }
    gathered
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

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: usize) -> Incoming {
        let text = format!("line {number}\n");
        let head = format!("Content-Type: log/data\nContent-Length: {}\nLog-Level: 7\n\n", text.len());
        let mut decoder = switchwire::proto::Decoder::default();
        decoder.feed(head.as_bytes());
        decoder.feed(text.as_bytes());
        Incoming::from(decoder.next_message().expect("whole").expect("a log line"))
    }

    #[test]
    fn of_a_flood_the_last_lines_are_shown_and_the_others_counted() {
        let (flood, received) = crossbeam_channel::unbounded();
        (1..100_000).for_each(|number| flood.send(line(number)).expect("room"));
        let view = LogView::default();
        let terminal = Look { colour: false, terminal: true };
        let (mut shown, mut skipped, mut text) = (0, 0, String::new());
        let mut next = Some(line(0));
        while let Some(first) = next {
            let gathered = gather(first, &received, &view, terminal);
            assert!(gathered.lines <= BATCH, "keys are read after each batch");
            shown += gathered.lines;
            skipped += gathered.skipped;
            text.push_str(&gathered.text);
            next = received.try_recv().ok();
        }
        assert_eq!((shown, skipped), (BACKLOG + 1, 100_000 - BACKLOG as u64 - 1));
        assert!(text.ends_with("line 99999\n"));
        // A file gets every line.
        (0..5_000).for_each(|number| flood.send(line(number)).expect("room"));
        let file = Look { colour: false, terminal: false };
        let mut lines = 0;
        while let Ok(first) = received.try_recv() {
            let gathered = gather(first, &received, &view, file);
            assert_eq!(gathered.skipped, 0);
            lines += gathered.lines;
        }
        assert_eq!(lines, 5_000);
    }
}
