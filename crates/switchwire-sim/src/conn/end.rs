//! How a connection ends from our side.

use super::{ConnId, Phase};
use crate::wire::frame;
use crate::world::World;

impl World {
    /// Queues the disconnect notice with that text after what is queued already, and closes. Waiting events are dropped.
    pub(crate) fn close_with(&mut self, id: ConnId, text: &str) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if conn.phase == Phase::Closing {
            return;
        }
        conn.events.clear();
        conn.logs.clear();
        conn.blocked = false;
        conn.phase = Phase::Closing;
        let session = conn.session.as_ref().map(|session| session.uuid.as_str());
        conn.out.push(frame::disconnect(session, text));
        self.dirty.push(id);
        self.detach_session(id);
    }

    /// Lets go of the channel: its `socket` application ends, its last state is forgotten.
    pub(crate) fn detach_session(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if let Some(session) = conn.session.take() {
            self.session_left(id, session.channel);
        }
    }
}
