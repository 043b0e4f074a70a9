//! When to try again, how a dead peer is noticed, and what becomes of commands meanwhile: plain values.

use std::time::Duration;

/// How long to wait before each attempt to connect: doubling from `first` to `most`, each time shortened by a random part,
/// so that many clients of one server do not come back all at once.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Backoff {
    /// The wait after the first failure. Default 250 ms.
    pub first: Duration,
    /// No wait is longer. Default 30 s.
    pub most: Duration,
    /// Each wait is so many times the one before. Default 2.
    pub factor: f64,
    /// Which part of a wait is left to chance, 0 to 1. Default 0.5: a wait of 8 s lasts between 4 s and 8 s.
    pub jitter: f64,
    /// A connection that has lasted that long counts as good: after it the waits begin anew. Default 10 s.
    pub good_after: Duration,
    /// How many attempts in a row may fail before the connection gives up. `None`, the default: any number.
    pub attempts: Option<u32>,
    /// For how long attempts may fail before the connection gives up. `None`, the default: no limit.
    pub give_up_after: Option<Duration>,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(250),
            most: Duration::from_secs(30),
            factor: 2.0,
            jitter: 0.5,
            good_after: Duration::from_secs(10),
            attempts: None,
            give_up_after: None,
        }
    }
}

impl Backoff {
    /// The default, with other bounds.
    #[must_use]
    pub fn between(first: Duration, most: Duration) -> Self {
        Self { first, most: most.max(first), ..Self::default() }
    }

    /// Gives up after that many failures in a row.
    #[must_use]
    pub fn attempts(self, attempts: u32) -> Self {
        Self { attempts: Some(attempts.max(1)), ..self }
    }

    /// Gives up once attempts have failed for that long.
    #[must_use]
    pub fn give_up_after(self, time: Duration) -> Self {
        Self { give_up_after: Some(time), ..self }
    }

    /// The wait after that many failures in a row (at least one); `chance` is between 0 and 1.
    #[must_use]
    pub fn wait(&self, failures: u32, chance: f64) -> Duration {
        let most = self.most.as_secs_f64();
        let power = i32::try_from(failures.saturating_sub(1)).unwrap_or(i32::MAX);
        let whole = (self.first.as_secs_f64() * self.factor.max(1.0).powi(power)).min(most);
        let jitter = self.jitter.clamp(0.0, 1.0);
        Duration::try_from_secs_f64(whole * (1.0 - jitter * chance.clamp(0.0, 1.0))).unwrap_or(self.most)
    }
}

/// How a peer is noticed that is dead, frozen or cut off. With the defaults that takes 22.5 s at most while no reply is
/// awaited, 30 s while a command waits for its reply in a dead network; a frozen server that a command waits for is noticed
/// when that has been given up (its timeout), or by [`silence`](Self::silence).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Liveness {
    /// When nothing has come for that long and no command's reply is awaited, the server is sent a harmless command (`api
    /// switchname`); anything that comes shows that it lives. Not while someone waits for a reply: the server runs the commands of a
    /// connection one after the other and sends no events meanwhile, so that silence over a long `api` is as it should be. A
    /// command that was given up (timed out, dropped, sent without wanting the reply) holds no ping up. A server from which something always comes is
    /// asked after six times that, so that the round trip is known. `None` never asks. Default 10 s.
    pub ping_after: Option<Duration>,
    /// How long the reply to it may take. Default 10 s.
    pub ping_deadline: Duration,
    /// The connection is lost when nothing at all has come for that long. Subscribes to HEARTBEAT, which the server sends
    /// every 20 s unless its `switch.conf` says otherwise, so choose a few times that, and more than the longest `api` takes: also while commands wait, which
    /// pings do not. `None`, the default, has no such watchdog. (Filters hold back HEARTBEATs as any event.)
    pub silence: Option<Duration>,
    /// `TCP_USER_TIMEOUT` (Linux): how long sent bytes may stay unacknowledged. Default 30 s.
    pub user_timeout: Option<Duration>,
}

impl Default for Liveness {
    fn default() -> Self {
        Self {
            ping_after: Some(Duration::from_secs(10)),
            ping_deadline: Duration::from_secs(10),
            silence: None,
            user_timeout: Some(Duration::from_secs(30)),
        }
    }
}

impl Liveness {
    /// No ping, no watchdog: what the TCP connection says, and keepalive.
    #[must_use]
    pub fn tcp_only() -> Self {
        Self { ping_after: None, silence: None, ..Self::default() }
    }

    /// Asks after that much silence, and waits that long for the reply.
    #[must_use]
    pub fn ping(self, after: Duration, deadline: Duration) -> Self {
        Self { ping_after: Some(after), ping_deadline: deadline, ..self }
    }

    /// Loses the connection after that much silence; subscribes to HEARTBEAT.
    #[must_use]
    pub fn silence(self, time: Duration) -> Self {
        Self { silence: Some(time), ..self }
    }
}

/// What becomes of a command while there is no connection. It has not been sent in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhileDown {
    /// It fails at once with [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected).
    #[default]
    Fail,
    /// It waits for the connection for at most that long, then fails with a timeout in
    /// [`Phase::Connect`](crate::Phase::Connect).
    Wait(Duration),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_bound_and_chance_only_shortens_them() {
        let backoff = Backoff::between(Duration::from_secs(1), Duration::from_secs(10));
        let whole: Vec<_> = (1..7).map(|failures| backoff.wait(failures, 0.0).as_secs()).collect();
        assert_eq!(whole, [1, 2, 4, 8, 10, 10]);
        assert_eq!(backoff.wait(2, 1.0), Duration::from_secs(1));
        assert_eq!(backoff.wait(u32::MAX, 0.0), Duration::from_secs(10));
    }

    #[test]
    fn absurd_values_are_taken_for_the_nearest_sensible_ones() {
        let odd = Backoff { factor: f64::NAN, jitter: 7.0, ..Backoff::default() };
        assert!(odd.wait(3, 1.0) <= odd.most);
        assert_eq!(Backoff { factor: 0.0, jitter: 0.0, ..odd }.wait(9, 0.5), odd.first);
    }
}
