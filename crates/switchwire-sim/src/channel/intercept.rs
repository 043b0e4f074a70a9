//! `intercept`: a channel takes over another call.

use super::ChannelId;
use super::apps::Start;
use crate::world::World;

/// `[-bleg] UUID`: joins that channel, or with `-bleg` the one that it talks to. The third one is hung up.
pub(super) fn intercept(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let mut words = arg.split_whitespace().peekable();
    let other_leg = words.next_if(|word| word.eq_ignore_ascii_case("-bleg")).is_some();
    let uuid = words.next().unwrap_or_default();
    let named = world.channels.by_uuid(uuid);
    let partner = |id: ChannelId| world.channels.get(id).and_then(|channel| channel.bridged);
    let target = if other_leg { named.and_then(partner) } else { named };
    let Some(target) = target.filter(|target| *target != id) else { return Start::Done };
    let left = world.channels.get(target).and_then(|channel| channel.bridged);
    world.answer_channel(id);
    world.answer_channel(target);
    world.bridge_channels(id, target);
    if let Some(left) = left.filter(|left| *left != id) {
        world.hang_up(left, "PICKED_OFF");
    }
    Start::Done
}
