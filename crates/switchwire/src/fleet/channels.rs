//! Which server a channel is on.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use switchwire_proto::{Event, EventType};

use crate::{ServerInfo, ServerRun, StreamItem};

/// The channels that the stream has named, each with its server.
#[derive(Default)]
pub(super) struct Channels {
    server_of: HashMap<Arc<str>, Arc<str>>,
    on: HashMap<Arc<str>, HashSet<Arc<str>>>,
}

impl Channels {
    /// Learns from an item of that server.
    pub(super) fn learn(&mut self, server: &Arc<str>, item: &StreamItem) {
        match item {
            StreamItem::Event(event) => self.event(server, event),
            StreamItem::Connected(info) => self.snapshot(server, info),
            StreamItem::Restored(restored) => {
                if restored.run == ServerRun::Restarted {
                    self.forget(server);
                }
                self.snapshot(server, &restored.server);
            }
            StreamItem::GaveUp(_) => self.forget(server),
            _ => {}
        }
    }

    pub(super) fn server_of(&self, uuid: &str) -> Option<Arc<str>> {
        self.server_of.get(uuid).cloned()
    }

    pub(super) fn forget(&mut self, server: &Arc<str>) {
        for uuid in self.on.remove(server).unwrap_or_default() {
            self.server_of.remove(&uuid);
        }
    }

    fn event(&mut self, server: &Arc<str>, event: &Event) {
        match event.event_type() {
            EventType::ChannelCreate => {
                if let Some(uuid) = event.unique_id() {
                    self.insert(server, uuid.as_ref().into());
                }
            }
            EventType::ChannelDestroy => {
                let known = event.unique_id().and_then(|uuid| self.server_of.remove_entry(&*uuid));
                if let Some((uuid, server)) = known
                    && let Some(on) = self.on.get_mut(&server)
                {
                    on.remove(&uuid);
                }
            }
            EventType::ChannelUuid => {
                let names = event.header("Old-Unique-ID").zip(event.unique_id());
                if let Some((old, new)) = names
                    && self.server_of.contains_key(&*old)
                {
                    self.insert(server, new.as_ref().into());
                }
            }
            _ => {}
        }
    }

    /// The list of channels is all there is on that server.
    fn snapshot(&mut self, server: &Arc<str>, info: &ServerInfo) {
        let Some(list) = &info.snapshot else { return };
        self.forget(server);
        for uuid in uuids(list) {
            self.insert(server, uuid.into());
        }
    }

    fn insert(&mut self, server: &Arc<str>, uuid: Arc<str>) {
        self.on.entry(server.clone()).or_default().insert(uuid.clone());
        self.server_of.insert(uuid, server.clone());
    }
}

/// The values of the member `uuid` in the output of `show channels as json`. (FreeSWITCH writes it without blanks, and a
/// uuid needs no escapes.)
fn uuids(list: &str) -> impl Iterator<Item = &str> {
    const MEMBER: &str = "{\"uuid\":\"";
    list.split(MEMBER).skip(1).filter_map(|rest| rest.split('"').next()).filter(|uuid| !uuid.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventType, uuid: &str) -> StreamItem {
        let mut event = Event::new(kind);
        event.add_header("Unique-ID", uuid);
        StreamItem::Event(event)
    }

    #[test]
    fn channels_come_and_go_with_their_events_and_their_server() {
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        let mut channels = Channels::default();
        channels.learn(&a, &event(EventType::ChannelCreate, "1"));
        channels.learn(&b, &event(EventType::ChannelCreate, "2"));
        channels.learn(&b, &event(EventType::ChannelCreate, "3"));
        assert_eq!(channels.server_of("1").as_deref(), Some("a"));
        channels.learn(&b, &event(EventType::ChannelDestroy, "2"));
        assert_eq!(channels.server_of("2"), None);
        channels.forget(&b);
        assert_eq!((channels.server_of("3"), channels.server_of("1")), (None, Some(a)));
    }

    #[test]
    fn a_snapshot_replaces_what_was_known() {
        let a: Arc<str> = "a".into();
        let mut channels = Channels::default();
        channels.learn(&a, &event(EventType::ChannelCreate, "gone"));
        let list = r#"{"row_count":2,"rows":[{"uuid":"1","direction":"inbound"},{"uuid":"2","name":"x"}]}"#;
        let info = ServerInfo { snapshot: Some(list.to_owned()), ..ServerInfo::default() };
        channels.learn(&a, &StreamItem::Connected(info));
        assert_eq!(channels.server_of("gone"), None);
        assert!(channels.server_of("1").is_some() && channels.server_of("2").is_some());
    }
}
