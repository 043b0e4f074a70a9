//! Between two waits: timers, pending work, reading and writing.

use std::io::{ErrorKind, Read};
use std::net::Shutdown;
use std::time::Duration;

use super::{Timer, Work, World};
use crate::conn::{Conn, ConnId, Phase};
use crate::event::origin;
use crate::faults::End;
use crate::wire::frame;
use crate::wire::outbox::Written;
use switchwire_proto::EventType;

impl World {
    pub(super) fn timer(&mut self, timer: Timer) {
        match timer {
            Timer::AuthTimeout(id) => {
                let Some(conn) = self.conns.get(&id) else { return };
                match conn.phase {
                    Phase::Connecting => self.connect_failed(id),
                    Phase::Login | Phase::Open if !conn.spoke => self.close_with(id, frame::GOODBYE),
                    _ => {}
                }
            }
            Timer::Write(id) => self.dirty.push(id),
            Timer::Forget(id) => self.remove(id),
            Timer::LingerEnd(id) => {
                if self.conns.get(&id).is_some_and(|c| c.phase != Phase::Closing) {
                    self.flush_events(id);
                    self.close_with(id, frame::GOODBYE);
                }
            }
            Timer::AppDone(channel, serial) => self.app_time_over(channel, serial),
            Timer::Answer(asker, text) => self.answer(asker, &text),
            Timer::OriginateTimeout(channel) => self.originate_timeout(channel),
            Timer::Heartbeat => self.heartbeat(),
        }
    }

    fn heartbeat(&mut self) {
        let mut event = self.stamped(EventType::Heartbeat, origin::of(EventType::Heartbeat));
        let up = self.started.elapsed();
        for (name, value) in [
            ("Event-Info", "System Ready".to_owned()),
            ("Up-Time", crate::event::clock::uptime(up)),
            ("Uptime-msec", up.as_millis().to_string()),
            ("Session-Count", self.channels.len().to_string()),
            ("Max-Sessions", crate::channel::MAX_SESSIONS.to_string()),
            ("Session-Per-Sec", "500".into()),
            ("Session-Per-Sec-Last", "0".into()),
            ("Session-Per-Sec-Max", "0".into()),
            ("Session-Per-Sec-FiveMin", "0".into()),
            ("Session-Since-Startup", self.channels.created().to_string()),
            ("Session-Peak-Max", self.channels.peak().to_string()),
            ("Session-Peak-FiveMin", self.channels.peak().to_string()),
            ("Idle-CPU", "98.700000".into()),
        ] {
            event.add_header(name, value);
        }
        self.dispatch(&event);
        if let Some(every) = self.config.heartbeat {
            self.timers.after(every, Timer::Heartbeat);
        }
    }

    /// Runs everything that can be run without waiting.
    pub(super) fn settle(&mut self) {
        loop {
            while let Some(work) = self.work.pop_front() {
                match work {
                    Work::Step(channel) => self.step(channel),
                    Work::Advance(channel) => self.advance(channel),
                    Work::Api(asker) => self.run_api(asker),
                    Work::Shutdown { notice, stop } => self.shut_down(notice, stop),
                }
            }
            self.publish();
            let mut dirty = std::mem::take(&mut self.dirty);
            if dirty.is_empty() {
                return;
            }
            dirty.sort_unstable();
            dirty.dedup();
            for id in dirty {
                self.pump(id);
            }
        }
    }

    /// Reads, obeys and writes as far as this connection lets us.
    fn pump(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get(&id) else { return };
        if conn.phase == Phase::Connecting {
            return;
        }
        self.obey(id);
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

    /// Reads and runs commands until input or patience ends.
    fn obey(&mut self, id: ConnId) {
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

    fn write(&mut self, id: ConnId) {
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
                Ok(Written::Later(time)) => return self.timers.at(time, Timer::Write(id)),
                Ok(Written::End) => {
                    let end = conn.faults.end;
                    return self.end_connection(id, end);
                }
                Err(_) => return self.lose(id),
            }
        }
    }

    /// Everything is written: shut our side, and wait a little for the client's, so that the last frames are not
    /// lost to a reset because of input that nobody reads.
    fn finish_closing(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if !conn.shut {
            conn.shut = true;
            let _ = conn.stream.shutdown(Shutdown::Write);
            self.timers.after(FORGET_AFTER, Timer::Forget(id));
        }
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if conn.eof {
            self.remove(id);
        }
    }

    /// The socket broke.
    fn lose(&mut self, id: ConnId) {
        self.detach_session(id);
        self.remove(id);
    }

    fn kill_for_lost_events(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        conn.lost_events = 0;
        // As in the real server the notice cuts into a half-written frame.
        conn.out.clear();
        self.close_with(id, frame::LOST_EVENTS);
    }

    /// Ends a connection as a fault or a test asks.
    pub(crate) fn end_connection(&mut self, id: ConnId, end: End) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        match end {
            End::Notice => return self.close_with(id, frame::GOODBYE),
            End::HalfClose => {
                let _ = conn.stream.shutdown(Shutdown::Write);
                conn.muted = true;
                conn.faults = crate::faults::Faults::none();
                return;
            }
            End::Close => {
                let _ = conn.stream.shutdown(Shutdown::Both);
            }
            End::Reset => {
                let _ = socket2::SockRef::from(&conn.stream).set_linger(Some(Duration::ZERO));
            }
        }
        self.detach_session(id);
        self.remove(id);
    }
}

/// Bytes read from one connection before the others get their turn.
const READ_BUDGET: usize = 256 * 1024;
const READ_SIZE: usize = 16 * 1024;
/// Serialised bytes kept ready for the socket; the rest waits in the event queue, where `noevents` can drop it.
const OUT_TARGET: usize = 256 * 1024;
/// Lost events that a connection survives.
const MAX_LOST: u64 = 500;
/// How long a client may leave its side of a closed connection open.
const FORGET_AFTER: Duration = Duration::from_secs(2);
