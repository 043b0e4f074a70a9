//! Reading on JavaScript's thread, for a moment after a command: `node/lib/inline-poll.js` polls the socket itself, which
//! saves two thread switches on fast replies. Meanwhile the I/O thread leaves the socket alone.
//!
//! `gather` holds commands back until the next `begin_inline_read`, which sends them in one piece and reads;
//! `end_inline_read` gives the socket back to the I/O thread.

use std::sync::Arc;

use crate::entry::Entry;
use crate::poller::Poller;
use crate::state::Flag;

impl Poller {
    /// Commands are held back until the next inline read sends them together.
    pub(crate) fn gather(entry: &Entry) {
        entry.connection.event_loop().gather_writes();
        entry.state.replace(Flag::GATHERING, true);
    }

    /// Sends and reads what there is; the I/O thread does not read until `end_inline_read`.
    pub(crate) fn begin_inline_read(&self, entry: &Arc<Entry>) {
        entry.state.replace(Flag::GATHERING, false);
        self.set(entry, Flag::INLINE, true);
        self.serve(entry);
    }

    pub(crate) fn end_inline_read(&self, entry: &Entry) {
        self.set(entry, Flag::INLINE, false);
    }

    /// Whether the I/O thread must leave the connection to JavaScript's thread, which gathers commands and is about to read:
    /// a read here would also send what has been gathered, and every further command would go out alone.
    pub(crate) fn is_left_to_inline_read(&self, entry: &Entry) -> bool {
        if !entry.state.has(Flag::GATHERING) {
            return false;
        }
        self.set(entry, Flag::INLINE, true);
        let left = entry.state.has(Flag::GATHERING);
        if !left {
            // It has read meanwhile, and may not read again.
            self.set(entry, Flag::INLINE, false);
        }
        left
    }

    /// Takes the connection back from a JavaScript thread that gathers but is busy with something else.
    pub(crate) fn reclaim(&self, entry: &Entry) {
        if entry.state.replace(Flag::GATHERING, false) {
            self.set(entry, Flag::INLINE, false);
        }
    }
}
