//! The channel's side of the `socket` application.

use std::time::Duration;

use switchwire_proto::EventType;

use super::{ChannelId, Kind};
use crate::conn::ConnId;
use crate::world::{Timer, Work, World};

impl World {
    /// The user's listener took the connection: an async session parks.
    pub(crate) fn socket_connected(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        for running in &mut channel.stack {
            if let Kind::Socket { connected, .. } = &mut running.kind {
                *connected = true;
            }
        }
        self.work.push_back(Work::Step(id));
    }

    /// The client said its first word: an async session parks soon.
    pub(crate) fn socket_taken(&mut self, id: ChannelId) {
        self.timers.after(LOOKS_AGAIN, Timer::Park(id));
    }

    /// An async session parks, at the latest when it is to do something.
    pub(crate) fn park_session(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id).filter(|channel| channel.is_up()) else { return };
        let waiting = channel.stack.iter_mut().find_map(|running| match &mut running.kind {
            Kind::Socket { asynchronous: true, connected: true, parked, .. } if !*parked => Some(parked),
            _ => None,
        });
        if let Some(parked) = waiting {
            *parked = true;
            self.channel_event(id, EventType::ChannelPark);
        }
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

/// How often the server looks whether the client has connected.
const LOOKS_AGAIN: Duration = Duration::from_millis(10);
