//! Reading, running commands and writing, per connection.

use std::io::{ErrorKind, Read};

use super::{Timer, World};
use crate::conn::{Conn, ConnId, Phase};
use crate::wire::frame;
use crate::wire::outbox::Written;

impl World {
    /// Reads, runs commands and writes as far as possible without blocking.
    pub(super) fn pump(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get(&id) else { return };
        if conn.phase == Phase::Connecting {
            return;
        }
        self.run_commands(id);
        if self.conns.get(&id).is_some_and(|conn| conn.lost_events > MAX_LOST) {
            self.kill_for_lost_events(id);
        }
        self.flush_events(id);
        let full = self.conns.get(&id).is_some_and(Conn::is_full);
        self.write(id);
        if full && self.conns.get(&id).is_some_and(|conn| !conn.is_full()) {
            // Its commands had to wait for room.
            self.look_again(id);
        }
    }

    /// Reads and runs commands until the input ends, something blocks them, or the read budget is spent.
    fn run_commands(&mut self, id: ConnId) {
        let mut budget = READ_BUDGET;
        loop {
            let Some(conn) = self.conns.get_mut(&id) else { return };
            if (conn.blocked || conn.is_full()) && conn.phase != Phase::Closing {
                return;
            }
            if conn.phase != Phase::Closing {
                match conn.reader.take() {
                    Ok(Some(command)) => {
                        conn.spoke = true;
                        self.handle(id, command);
                        continue;
                    }
                    Ok(None) => {}
                    Err(_) => {
                        self.close_with(id, frame::GOODBYE);
                        continue;
                    }
                }
                if conn.eof {
                    self.close_with(id, frame::GOODBYE);
                    return;
                }
            }
            if !conn.readable || conn.eof || conn.faults.deaf {
                return;
            }
            if budget == 0 {
                self.look_again(id);
                return;
            }
            let mut buffer = [0; READ_SIZE];
            match conn.stream.read(&mut buffer) {
                Ok(0) => {
                    conn.eof = true;
                    conn.readable = false;
                }
                Ok(count) => {
                    budget = budget.saturating_sub(count);
                    if conn.phase != Phase::Closing {
                        conn.reader.feed(&buffer[..count]);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => conn.readable = false,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.lose(id),
            }
        }
    }

    /// Moves waiting log lines and events to the socket's queue, as far as that is short.
    pub(crate) fn flush_events(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if conn.phase != Phase::Open || conn.blocked || conn.reader.is_partial() {
            return;
        }
        while conn.out.bytes() < OUT_TARGET {
            let Some(frame) = conn.logs.pop_front().or_else(|| conn.events.pop_front()) else { return };
            conn.out.push(frame);
        }
    }

    pub(super) fn write(&mut self, id: ConnId) {
        loop {
            let Some(conn) = self.conns.get_mut(&id) else { return };
            if conn.muted {
                conn.out.clear();
            }
            match conn.out.write_to(&mut conn.stream, &conn.faults) {
                Ok(Written::All) => {
                    let phase = conn.phase;
                    self.flush_events(id);
                    let Some(conn) = self.conns.get_mut(&id) else { return };
                    if !conn.out.is_empty() {
                        continue;
                    }
                    if phase == Phase::Closing {
                        self.finish_closing(id);
                    }
                    return;
                }
                Ok(Written::Blocked) => return,
                Ok(Written::Later(time)) => return self.socket_timers.at(time, Timer::Write(id)),
                Ok(Written::End) => {
                    let end = conn.faults.end;
                    return self.end_connection(id, end);
                }
                Err(_) => return self.lose(id),
            }
        }
    }
}

/// Bytes read from one connection before the others get their turn.
const READ_BUDGET: usize = 256 * 1024;
const READ_SIZE: usize = 16 * 1024;
/// Serialised bytes kept ready for the socket; the rest waits in the event queue, where `noevents` can drop it.
const OUT_TARGET: usize = 256 * 1024;
/// Lost events that a connection survives.
const MAX_LOST: u64 = 500;
