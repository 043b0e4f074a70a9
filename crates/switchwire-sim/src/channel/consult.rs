//! `att_xfer`: a channel in a bridge calls a third party while the other side waits, and joins the two by hanging up.

use super::apps::Start;
use super::{ChannelId, Kind};
use crate::world::World;

/// The name of the application.
pub(super) const ATT_XFER: &str = "att_xfer";

/// `DIAL-STRING`: as `bridge`, but the present bridge waits meanwhile. If the third party refuses or hangs up, the
/// channel goes back to it.
pub(super) fn att_xfer(world: &mut World, id: ChannelId, serial: u64, arg: &str) -> Start {
    let waits = world.channels.get(id).and_then(|channel| channel.bridged);
    if let Some(waits) = waits {
        let uuid = world.uuid_of(waits);
        if let Some(channel) = world.channels.get_mut(id) {
            channel.variables.set(WAITS, uuid);
        }
    }
    world.app_bridge(id, serial, arg)
}

impl World {
    /// A channel that consults a third party hangs up: that one gets the side that waits, or is parked if it is gone.
    pub(super) fn pass_on(&mut self, id: ChannelId, third: ChannelId) {
        let Some(channel) = self.channels.get(id) else { return };
        let (held, cause) = (channel.holding, channel.hangup.clone().unwrap_or_default());
        let Some(other) = self.channels.get_mut(third).filter(|third| third.is_up()) else { return };
        other.bridged = None;
        other.variables.set("bridge_to", "");
        other.variables.set("last_bridge_hangup_cause", cause);
        let waits = held.filter(|held| self.channels.get(*held).is_some_and(super::Channel::is_up));
        match waits {
            Some(held) => self.bridge_channels(held, third),
            None => self.park_channel(third),
        }
    }

    /// The talk with the third party is over: the channel is in its first bridge again, if that is still there.
    pub(super) fn back_to_bridge(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let held = channel.holding.take();
        let Some(bond) = channel.variables.get(WAITS).map(<[u8]>::to_vec) else { return };
        channel.variables.set("signal_bond", bond);
        channel.variables.set(WAITS, "");
        let Some(held) = held.filter(|_| channel.is_up()) else { return };
        let owns = channel.stack.iter().any(|running| running.kind == Kind::Bridge { peer: held });
        let waits = self.channels.get(held).is_some_and(|held| held.is_up() && held.bridged == Some(id));
        if let Some(channel) = self.channels.get_mut(id).filter(|_| waits) {
            channel.bridged = Some(held);
            channel.owns_bridge = owns;
        }
    }

    /// The third party refused: nothing but the variables of the outcome stays.
    pub(super) fn consult_failed(&mut self, id: ChannelId) {
        if let Some(channel) = self.channels.get_mut(id) {
            channel.variables.set(WAITS, "");
        }
    }
}

/// The variable that names the side which waits.
const WAITS: &str = "soft_holding_uuid";
