//! Which connections get an event.

use std::sync::Arc;

use switchwire_proto::{Event, EventType};

use super::Format;
use crate::conn::Facts;
use crate::wire::frame;
use crate::world::World;

impl World {
    /// Queues a finished event on every connection that subscribes to it. Each format is serialized once, for any
    /// number of connections.
    pub(crate) fn dispatch(&mut self, event: &Event) {
        self.saw_event(event);
        let facts = Facts::of(event);
        if let Some(subclass) = &facts.subclass {
            self.subclasses.insert(subclass.clone());
        }
        let mut frames: [Option<Arc<[u8]>>; Format::ALL.len()] = Default::default();
        let bound = self.config.queue_bound;
        for conn in self.conns.values_mut() {
            if !conn.wants(event, &facts) {
                continue;
            }
            let format = conn.format;
            let frame = frames[format as usize]
                .get_or_insert_with(|| frame::event(format, &format.serialize(event)).into());
            if conn.events.len() >= bound {
                conn.lost_events += 1;
            } else {
                conn.events.push_back(frame.clone());
            }
            self.dirty.push(conn.id);
        }
    }

    /// Whether any connection may want an event of that kind: if not, it need not be made, only numbered.
    pub(crate) fn is_wanted(&mut self, kind: EventType) -> bool {
        let wanted = self.is_watched() || self.conns.values().any(|conn| conn.wants_kind(kind));
        if !wanted {
            self.sequence += 1;
        }
        wanted
    }

    /// Fires an event that lacks only the standard headers, which are added after its own.
    pub(crate) fn fire_with_standard_last(&mut self, mut event: Event, origin: super::origin::Origin) {
        self.stamp(&mut event, origin);
        self.dispatch(&event);
    }
}
