//! The channel's side of the `socket` application.

use switchwire_proto::EventType;

use super::{ChannelId, Kind};
use crate::conn::ConnId;
use crate::world::{Work, World};

impl World {
    /// The user's listener took the connection: an async session parks.
    pub(crate) fn socket_connected(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let mut parks = false;
        for running in &mut channel.stack {
            if let Kind::Socket { asynchronous, connected, .. } = &mut running.kind {
                *connected = true;
                parks = *asynchronous;
            }
        }
        if parks {
            self.channel_event(id, EventType::ChannelPark);
        }
        self.work.push_back(Work::Step(id));
    }

    /// A connection attempt failed; `next` is the one that took its place.
    pub(crate) fn socket_moved(&mut self, id: ChannelId, old: ConnId, next: Option<ConnId>) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        for running in &mut channel.stack {
            if let Kind::Socket { conn, .. } = &mut running.kind
                && *conn == old
            {
                match next {
                    Some(next) => *conn = next,
                    None => running.over = true,
                }
            }
        }
        self.work.push_back(Work::Step(id));
    }

    /// A connection let go of the channel: its `socket` application ends, and the dialplan goes on.
    pub(crate) fn session_left(&mut self, conn: ConnId, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        channel.holders.remove(&conn);
        for running in &mut channel.stack {
            if running.call.reply_to == Some(conn) {
                running.call.reply_to = None;
            }
            if matches!(&running.kind, Kind::Socket { conn: mine, .. } if *mine == conn) {
                running.over = true;
            }
        }
        if channel.gone {
            if channel.holders.is_empty() {
                self.destroy(id);
            }
        } else {
            self.work.push_back(Work::Step(id));
        }
    }
}
