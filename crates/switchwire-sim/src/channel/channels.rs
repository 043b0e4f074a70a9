//! All channels of a simulator.

use std::collections::{BTreeMap, HashMap};

use super::{Channel, ChannelId};

/// Channels by number and by uuid.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    all: BTreeMap<ChannelId, Channel>,
    by_uuid: HashMap<String, ChannelId>,
    created: u64,
    peak: usize,
    serial: u64,
}

impl Channels {
    /// Takes a channel in; its number is its `session_id`.
    pub(crate) fn insert(&mut self, make: impl FnOnce(ChannelId) -> Channel) -> ChannelId {
        self.created += 1;
        let id = self.created;
        let channel = make(id);
        self.by_uuid.insert(channel.uuid.clone(), id);
        self.all.insert(id, channel);
        self.peak = self.peak.max(self.by_uuid.len());
        id
    }

    pub(crate) fn get(&self, id: ChannelId) -> Option<&Channel> {
        self.all.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: ChannelId) -> Option<&mut Channel> {
        self.all.get_mut(&id)
    }

    /// Finds a channel that is still known by its uuid.
    pub(crate) fn by_uuid(&self, uuid: &str) -> Option<ChannelId> {
        self.by_uuid.get(uuid).copied()
    }

    /// Gives a channel another uuid.
    pub(crate) fn rename(&mut self, id: ChannelId, uuid: &str) {
        self.forget_uuid(id);
        if let Some(channel) = self.all.get_mut(&id) {
            uuid.clone_into(&mut channel.uuid);
            self.by_uuid.insert(uuid.to_owned(), id);
        }
    }

    /// Takes the uuid out of use; the channel itself stays for those that hold it.
    pub(crate) fn forget_uuid(&mut self, id: ChannelId) {
        if let Some(channel) = self.all.get(&id) {
            self.by_uuid.remove(&channel.uuid);
        }
    }

    pub(crate) fn remove(&mut self, id: ChannelId) {
        self.forget_uuid(id);
        self.all.remove(&id);
    }

    /// Channels that are known by uuid, oldest first.
    pub(crate) fn live(&self) -> impl Iterator<Item = (ChannelId, &Channel)> {
        self.all.iter().filter(|(_, channel)| !channel.gone).map(|(id, channel)| (*id, channel))
    }

    pub(crate) fn len(&self) -> usize {
        self.by_uuid.len()
    }

    pub(crate) fn created(&self) -> u64 {
        self.created
    }

    pub(crate) fn peak(&self) -> usize {
        self.peak
    }

    /// A number for an application that starts; never used twice.
    pub(crate) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }
}
