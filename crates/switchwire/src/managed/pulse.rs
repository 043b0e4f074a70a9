//! Whether the peer lives: by what comes, and by asking.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use switchwire_proto::Command;

use super::Liveness;
use crate::deadline::Deadline;
use crate::{Connection, Error, ErrorKind};

pub(super) struct Pulse {
    liveness: Liveness,
    /// How often something had been read at the last look.
    reads: Option<u64>,
    heard: Instant,
    ping: Option<Ping>,
    /// When a ping was sent last; at first when the connection began.
    asked: Instant,
}

struct Ping {
    sent: Instant,
    /// When the reply came.
    replied: Arc<Mutex<Option<Instant>>>,
}

pub(super) enum Verdict {
    /// With the round trip of a ping that has just been replied to.
    Alive(Option<Duration>),
    Dead(Error),
}

impl Pulse {
    pub(super) fn new(liveness: Liveness) -> Self {
        let now = Instant::now();
        Self { liveness, reads: None, heard: now, ping: None, asked: now }
    }

    /// When to look again: often enough to be late by a quarter of the configured time at most.
    pub(super) fn next_look(&self) -> Deadline {
        let times = [self.liveness.ping_after, self.liveness.silence];
        let step = times.into_iter().flatten().min().map(|time| (time / 4).max(SHORTEST));
        match &self.ping {
            Some(ping) => {
                let due = ping.sent.max(self.heard) + self.liveness.ping_deadline;
                let left = due.saturating_duration_since(Instant::now()).max(SHORTEST);
                Deadline::after(step.map_or(left, |step| step.min(left)))
            }
            None => Deadline::after_option(step),
        }
    }

    pub(super) fn awaits_reply(&self) -> bool {
        self.ping.as_ref().is_some_and(|ping| ping.replied.lock().is_none())
    }

    pub(super) fn look(&mut self, connection: &Connection) -> Verdict {
        let now = Instant::now();
        let reads = read_so_far(connection);
        if self.reads != Some(reads) {
            (self.reads, self.heard) = (Some(reads), now);
        }
        let round_trip = self.reply();
        if let Some(most) = self.late(now) {
            // This process may have been stopped itself: what has arrived meanwhile counts.
            drop(connection.engine().look());
            if read_so_far(connection) == reads {
                return Verdict::Dead(silent(most));
            }
        }
        // A server that always has something to say is asked as well, though seldom: the round trip is to be known.
        let due = self
            .liveness
            .ping_after
            .is_some_and(|after| now - self.heard >= after || now - self.asked >= after * UNASKED);
        // The server runs a connection's commands one after the other, and sends nothing meanwhile: a command that someone
        // waits for may take its time. One that has been given up may not.
        if due && self.ping.is_none() && !connection.engine().inbox().awaits_reply() {
            self.ask(connection, now);
        }
        Verdict::Alive(round_trip)
    }

    /// The time for which nothing has come, where that is too long.
    fn late(&self, now: Instant) -> Option<Duration> {
        let silence = now - self.heard;
        if self.liveness.silence.is_some_and(|most| silence >= most) {
            return Some(silence);
        }
        let ping = self.ping.as_ref()?;
        // A server in a flood replies when it has sent what is queued: as long as something comes, it lives.
        (now - ping.sent.max(self.heard) >= self.liveness.ping_deadline).then_some(silence)
    }

    fn reply(&mut self) -> Option<Duration> {
        let ping = self.ping.as_ref()?;
        let replied = (*ping.replied.lock())?;
        let time = replied.saturating_duration_since(ping.sent);
        self.ping = None;
        Some(time)
    }

    fn ask(&mut self, connection: &Connection, now: Instant) {
        let Ok(command) = Command::api("switchname", "") else { return };
        let replied = Arc::new(Mutex::new(None));
        let note = replied.clone();
        let sent = connection.event_loop().try_submit_with(&command, move |reply| {
            if reply.is_ok() {
                *note.lock() = Some(Instant::now());
            }
        });
        // (A connection that is over says so itself.)
        if sent.is_ok() {
            (self.asked, self.ping) = (now, Some(Ping { sent: now, replied }));
        }
    }
}

fn read_so_far(connection: &Connection) -> u64 {
    connection.engine().inbox().reads
}

fn silent(time: Duration) -> Error {
    let detail =
        format!("the server is not responding: nothing has come from it for {} s", time.as_secs_f32());
    Error::new(ErrorKind::Disconnected, detail)
}

/// So many times `ping_after` a server may go unasked while it is heard.
const UNASKED: u32 = 6;

/// Looks are no closer together than this.
const SHORTEST: Duration = Duration::from_millis(5);
