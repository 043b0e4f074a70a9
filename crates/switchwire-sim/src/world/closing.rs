//! How connections end: closed by us, by the client, by a fault.

use std::net::Shutdown;
use std::time::{Duration, Instant};

use super::{Timer, World};
use crate::conn::ConnId;
use crate::faults::{End, Faults};
use crate::wire::frame;

impl World {
    /// Everything is written: shuts our side and waits a little for the client to close its own. Closing at once, with
    /// input unread, would make the kernel reset the connection, and the client could lose the last frames.
    pub(super) fn finish_closing(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if !conn.shut {
            conn.shut = true;
            let _ = conn.stream.shutdown(Shutdown::Write);
            self.socket_timers.at(Instant::now() + FORGET_AFTER, Timer::Forget(id));
        }
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if conn.eof {
            self.remove(id);
        }
    }

    /// The socket broke.
    pub(super) fn lose(&mut self, id: ConnId) {
        self.detach_session(id);
        self.remove(id);
    }

    /// Too many events did not fit into this connection's queue.
    pub(super) fn kill_for_lost_events(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        conn.lost_events = 0;
        // As in the real server the notice cuts into a half-written frame.
        conn.out.clear();
        self.close_with(id, frame::LOST_EVENTS);
    }

    /// Ends a connection the way a fault or a test requests.
    pub(crate) fn end_connection(&mut self, id: ConnId, end: End) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        match end {
            End::Notice => return self.close_with(id, frame::GOODBYE),
            End::LostEvents => return self.kill_for_lost_events(id),
            End::HalfClose => {
                let _ = conn.stream.shutdown(Shutdown::Write);
                conn.muted = true;
                conn.faults = Faults::none();
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

impl World {
    /// Something to do for a socket, by the machine's time.
    pub(crate) fn timer_for_socket(&mut self, after: Duration, timer: Timer) {
        self.socket_timers.at(Instant::now() + after, timer);
    }
}

/// How long a client may leave its side of a closed connection open.
const FORGET_AFTER: Duration = Duration::from_secs(2);
