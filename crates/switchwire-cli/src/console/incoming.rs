//! The thread that shows what the server sends on its own: log lines, events, and the end of the connection.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use switchwire::{Connection, Incoming, ManagedConnection, Reply, ServerRun, StreamItem};

use super::link::{Link, Way};
use super::render::{self, LogView, Look};
use super::screen::Screen;
use crate::failure::one_line;

/// What the thread needs.
pub(crate) struct Viewer {
    pub(crate) link: Arc<Link>,
    pub(crate) screen: Arc<Screen>,
    pub(crate) view: Arc<RwLock<LogView>>,
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
    pub(crate) fn run(&self) -> Ended {
        let shown = match self.link.way() {
            Way::Once(connection) => self.show_all(connection),
            Way::Supervised(connection) => self.show_stream(connection),
        };
        shown.map_or(Ended::Output, Ended::Disconnected)
    }

    /// Shows everything until the connection ends; why it did.
    fn show_all(&self, connection: &Connection) -> std::io::Result<String> {
        let mut dropped = 0;
        if let Ok(received) = connection.incoming_channel() {
            while let Ok(first) = received.recv() {
                let next = || received.try_recv().ok();
                let gathered = gather(first, next, || received.len(), &self.view.read(), self.screen.look);
                self.show(gathered, &mut dropped, connection.stats().dropped_events)?;
            }
        }
        let reason = connection.disconnect_reason().map(|error| error.to_string()).unwrap_or_default();
        Ok(format!("Disconnected: {}", one_line(&reason)))
    }

    /// The same of a connection that comes back, to the end of its attempts.
    fn show_stream(&self, connection: &ManagedConnection) -> std::io::Result<String> {
        let mut dropped = 0;
        // What ended a row of lines and events.
        let mut held = None;
        loop {
            let item = match held.take().map_or_else(|| connection.recv(), |item: Box<_>| Ok(*item)) {
                Ok(item) => item,
                Err(error) => return Ok(format!("{}. Given up.", one_line(&error.to_string()))),
            };
            let first = match incoming(item) {
                Ok(incoming) => incoming,
                Err(item) => {
                    self.tell_of(&item);
                    continue;
                }
            };
            let next = || match incoming(connection.try_recv().ok()??) {
                Ok(incoming) => Some(incoming),
                Err(item) => {
                    held = Some(item);
                    None
                }
            };
            let waiting = || connection.stats().queued;
            let gathered = gather(first, next, waiting, &self.view.read(), self.screen.look);
            self.show(gathered, &mut dropped, connection.stats().dropped_events)?;
        }
    }

    /// Says what has become of the connection, and brings one that is back to where the lost one was.
    fn tell_of(&self, item: &StreamItem) {
        match item {
            StreamItem::Lost(lost) => {
                self.tell(&format!("Disconnected: {}. Reconnecting.", one_line(&lost.reason.to_string())));
            }
            StreamItem::Restored(back) => {
                let refused = |line: &str, reply: &Reply| {
                    self.tell(&format!("{line}: {}", one_line(&reply.text())));
                };
                // Over again already: that is the next item.
                if self.link.restore(refused).is_ok() {
                    let restarted = back.run == ServerRun::Restarted;
                    let run = if restarted { " The server was restarted." } else { "" };
                    self.tell(&format!("Connected again.{run}"));
                }
            }
            _ => {}
        }
    }

    /// Shows what was gathered. What comes faster than a screen can show is left out and counted.
    fn show(&self, gathered: Gathered, before: &mut u64, dropped: u64) -> std::io::Result<()> {
        let Gathered { mut text, lines, skipped } = gathered;
        let lost = dropped.saturating_sub(std::mem::replace(before, dropped));
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
fn gather(
    first: Incoming,
    mut next: impl FnMut() -> Option<Incoming>,
    waiting: impl Fn() -> usize,
    view: &LogView,
    look: Look,
) -> Gathered {
    let mut gathered = Gathered { text: String::new(), lines: 0, skipped: 0 };
    let mut taken = Some(first);
    while let Some(incoming) = taken {
        if look.terminal && waiting() > BACKLOG {
            gathered.skipped += 1;
        } else if let Some(line) = render::incoming(incoming, view, look) {
            gathered.text.push_str(&line);
            gathered.lines += 1;
        }
        taken = if gathered.lines < BATCH { next() } else { None };
    }
    gathered
}

/// What the server sent, or what became of the connection.
fn incoming(item: StreamItem) -> Result<Incoming, Box<StreamItem>> {
    match item {
        StreamItem::Event(event) => Ok(Incoming::Event(event)),
        StreamItem::Log(record) => Ok(Incoming::Log(record)),
        StreamItem::Notice(notice) => Ok(Incoming::Notice(notice)),
        StreamItem::Other(message) => Ok(Incoming::Other(message)),
        other => Err(Box::new(other)),
    }
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
            let gathered = gather(first, || received.try_recv().ok(), || received.len(), &view, terminal);
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
            let gathered = gather(first, || received.try_recv().ok(), || received.len(), &view, file);
            assert_eq!(gathered.skipped, 0);
            lines += gathered.lines;
        }
        assert_eq!(lines, 5_000);
    }
}
