//! The supervisor's thread: connects, watches, tries again.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use super::pulse::{Pulse, Verdict};
use super::shared::{Shared, closed_here};
use super::{Lost, Restored, ServerRun, StreamItem};
use crate::deadline::Deadline;
use crate::engine::Watch;
use crate::{Connection, Error, telemetry};

/// Runs until the connection is closed on this side, or gives up.
pub(super) fn run(shared: &Arc<Shared>) {
    let ended = Supervisor { shared, address: 0, core_uuid: None, outage: None, failures: 0 }.run();
    shared.stream.end(ended);
}

struct Supervisor<'a> {
    shared: &'a Shared,
    /// The address that is tried next, or is connected.
    address: usize,
    /// Of the last connection.
    core_uuid: Option<String>,
    /// Since when there has been no connection, after the first.
    outage: Option<Instant>,
    /// Failures in a row, short-lived connections included.
    failures: u32,
}

impl Supervisor<'_> {
    /// Returns the reason why nothing more will come.
    fn run(mut self) -> Error {
        loop {
            let connection = match self.connect() {
                Ok(connection) => connection,
                Err(error) if self.shared.is_stopped() => return error_of_end(error),
                Err(error) => {
                    self.shared.gave_up(&error);
                    telemetry::gave_up(self.address(), &error);
                    self.shared.stream.push(StreamItem::GaveUp(error.clone()));
                    return error;
                }
            };
            let begun = Instant::now();
            let reason = self.watch(&connection);
            if let Some(taker) = &self.shared.plan.taker {
                taker.disconnected(connection.engine());
            }
            if self.shared.is_stopped() {
                return closed_here();
            }
            self.outage = Some(Instant::now());
            self.shared.is_down(&reason);
            telemetry::lost(self.address(), &reason);
            let (host, port) = self.address();
            let lost = Lost { reason, when: SystemTime::now(), address: format!("{host}:{port}") };
            self.shared.stream.push(StreamItem::Lost(lost));
            self.failures =
                if begun.elapsed() < self.shared.plan.backoff.good_after { self.failures + 1 } else { 1 };
            if !self.pause() {
                return closed_here();
            }
        }
    }

    /// Tries until there is a connection; an error when that is not to be tried again, or the end has come.
    fn connect(&mut self) -> Result<Connection, Error> {
        let plan = &self.shared.plan;
        let (begun, mut attempts) = (Instant::now(), 0);
        loop {
            attempts += 1;
            let address = self.address();
            let (outage, before) = (self.outage, self.core_uuid.clone());
            let mut core_uuid = None;
            let connected = self.shared.attempt(address, |server, connection| {
                core_uuid.clone_from(&server.core_uuid);
                let item = match outage {
                    None => StreamItem::Connected(server.clone()),
                    Some(since) => StreamItem::Restored(Restored {
                        run: ServerRun::between(before.as_deref(), server.core_uuid.as_deref()),
                        server: server.clone(),
                        outage: since.elapsed(),
                        attempts,
                    }),
                };
                let engine = connection.engine();
                if let Some(taker) = &plan.taker {
                    engine.inbox().above = Some(taker.clone());
                }
                self.shared.stream.push_connection(item, engine.clone());
                plan.taker.iter().for_each(|taker| taker.connected(engine));
            });
            let error = match connected {
                Ok(connection) => {
                    self.core_uuid = core_uuid;
                    telemetry::is_up(self.address(), outage.map(|since| since.elapsed()), attempts);
                    return Ok(connection);
                }
                Err(error) => error,
            };
            self.shared.attempt_failed(&error);
            telemetry::attempt_failed(self.address(), &error);
            let too_many = plan.backoff.attempts.is_some_and(|most| attempts >= most);
            let too_long = plan.backoff.give_up_after.is_some_and(|most| begun.elapsed() >= most);
            if self.shared.is_stopped() || plan.stop_on.contains(&error.kind()) || too_many || too_long {
                return Err(error);
            }
            self.address += 1;
            if self.address.is_multiple_of(plan.addresses.len()) {
                self.failures += 1;
                if !self.pause() {
                    return Err(closed_here());
                }
            }
        }
    }

    fn address(&self) -> &(String, u16) {
        let addresses = &self.shared.plan.addresses;
        &addresses[self.address % addresses.len()]
    }

    /// Waits before the next attempt; `false` when the end has come.
    fn pause(&self) -> bool {
        let wait = self.shared.plan.backoff.wait(self.failures, chance());
        self.shared.sleep(Deadline::after(wait))
    }

    /// Watches over the connection until it is over; the reason.
    fn watch(&self, connection: &Connection) -> Error {
        enum Seen {
            Over(Error),
            Due,
            Read,
        }
        let engine = connection.engine();
        let stream = &self.shared.stream;
        let next_read = &self.shared.next_read;
        let mut pulse = Pulse::new(self.shared.plan.liveness);
        let mut reads = 0;
        let mut next_look = pulse.next_look();
        loop {
            let watch = || match &self.shared.plan.taker {
                // (A ping's reply is read when it comes: its time is measured.)
                _ if stream.is_announced() || pulse.awaits_reply() => Watch::Eager,
                Some(taker) => taker.watch(),
                None => Watch::Lazy,
            };
            let seen = engine.watch(next_look, watch, |inbox| match &inbox.closed {
                Some(reason) => Some(Seen::Over(reason.clone())),
                None if inbox.reads != reads && next_read.is_awaited() => {
                    reads = inbox.reads;
                    Some(Seen::Read)
                }
                None => stream.is_due(inbox).then_some(Seen::Due),
            });
            match seen {
                Some(Seen::Over(reason)) => return reason,
                Some(Seen::Due) => stream.notify(),
                Some(Seen::Read) => next_read.call(),
                // (Not after what was only seen: under a load that never pauses it would never be due.)
                None => {
                    match pulse.look(connection) {
                        Verdict::Alive(round_trip) => {
                            round_trip.into_iter().for_each(|time| self.shared.round_trip(time));
                            let on_look = self.shared.on_look.lock().clone();
                            on_look.iter().for_each(|look| look());
                        }
                        Verdict::Dead(reason) => engine.close(reason),
                    }
                    next_look = pulse.next_look();
                }
            }
        }
    }
}

fn error_of_end(error: Error) -> Error {
    if error.is_disconnected() { error } else { closed_here() }
}

/// A random number between 0 and 1.
fn chance() -> f64 {
    let bits = u32::try_from(uuid::Uuid::new_v4().as_u128() >> 96).unwrap_or_default();
    f64::from(bits) / f64::from(u32::MAX)
}
