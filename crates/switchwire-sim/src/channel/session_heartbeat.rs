//! SESSION_HEARTBEAT: a channel says every so many seconds that it is there.

use std::time::Duration;

use switchwire_proto::EventType;

use super::ChannelId;
use super::apps::Start;
use crate::world::{Timer, World};

/// `[SECONDS|off]`
pub(super) fn enable_heartbeat(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    world.set_session_heartbeat(id, seconds(arg));
    Start::Done
}

/// Every minute unless said otherwise; `off` and 0 end it.
pub(crate) fn seconds(text: &str) -> u64 {
    match text.trim().to_ascii_lowercase().as_str() {
        "" | "on" | "true" | "yes" => 60,
        other => other.parse().unwrap_or_default(),
    }
}

impl World {
    /// Begins it anew, or ends it with 0.
    pub(crate) fn set_session_heartbeat(&mut self, id: ChannelId, seconds: u64) {
        let serial = self.channels.next_serial();
        let Some(channel) = self.channels.get_mut(id) else { return };
        channel.heartbeat = (seconds > 0).then_some((Duration::from_secs(seconds), serial));
        if let Some((every, serial)) = channel.heartbeat {
            self.timers.after(every, Timer::SessionHeartbeat(id, serial));
        }
    }

    /// An answered channel's variable may ask for it.
    pub(super) fn heartbeat_by_variable(&mut self, id: ChannelId) {
        let value = self.channels.get(id).and_then(|c| c.variables.get("enable_heartbeat_events"));
        let value = value.map(|value| String::from_utf8_lossy(value).into_owned());
        if let Some(value) = value {
            self.set_session_heartbeat(id, seconds(&value));
        }
    }

    /// It is due, unless it was set anew since.
    pub(crate) fn session_heartbeat(&mut self, id: ChannelId, serial: u64) {
        let Some(channel) = self.channels.get(id).filter(|channel| channel.is_up()) else { return };
        let Some((every, _)) = channel.heartbeat.filter(|(_, own)| *own == serial) else { return };
        self.channel_event(id, EventType::SessionHeartbeat);
        self.timers.after(every, Timer::SessionHeartbeat(id, serial));
    }
}
