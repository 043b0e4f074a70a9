//! `pickup/GROUP` and the application `pickup`: a call that whoever runs the application takes.

use switchwire_proto::EventType;

use super::apps::Start;
use super::effort::Effort;
use super::originate::{NewLeg, Then};
use super::rejoin::Taken;
use super::{ChannelId, State};
use crate::event::origin::Origin;
use crate::world::World;

/// `GROUP`: takes a call to that group, which then goes on with this channel.
pub(super) fn pickup(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let name = format!("pickup/{}", arg.trim());
    let waits =
        world.channels.live().find(|(_, leg)| leg.name == name && leg.effort.is_some() && leg.is_up());
    let Some((leg, channel)) = waits else { return Start::Done };
    let all = channel.variables.iter();
    let given = all.skip_while(|(name, _)| *name != PROCESS_CDR).skip(1);
    let given = given.take_while(|(name, _)| *name != "originate_early_media");
    let given: Vec<_> = given.map(|(name, value)| (name.to_owned(), value.to_vec())).collect();
    world.pickup_presence(arg.trim(), false);
    let uuid = world.uuid_of(id);
    let Some(channel) = world.channels.get_mut(id) else { return Start::Done };
    for (name, value) in given {
        channel.variables.set(&name, value);
    }
    let profile = &mut channel.profile;
    std::mem::swap(&mut profile.caller_name, &mut profile.callee_name);
    std::mem::swap(&mut profile.caller_number, &mut profile.callee_number);
    channel.updated_callee = Some((profile.callee_name.clone(), profile.callee_number.clone()));
    let direction = [("Direction", "RECV")];
    world.channel_event_from(id, EventType::CallUpdate, UPDATE, &direction, &[]);
    if let Some(leg) = world.channels.get_mut(leg) {
        leg.variables.set(SWAP, uuid);
    }
    if let Some(channel) = world.channels.get_mut(id) {
        channel.state = State::Hibernate;
        channel.taken = Some(Taken::Picked);
    }
    world.answer_channel(leg);
    world.stop_all(id);
    Start::Done
}

impl World {
    /// A leg without media, which waits.
    pub(super) fn pickup_leg(&mut self, new: &NewLeg<'_>, group: &str) {
        self.pickup_presence(group, true);
        let dial = new.dial;
        let name = format!("pickup/{group}");
        let id = self.make_leg(dial, new.caller, true, name.clone(), group, "default");
        let uuid = dial.variable("origination_uuid").filter(|uuid| self.channels.by_uuid(uuid).is_none());
        if let Some(uuid) = uuid {
            self.channels.rename(id, uuid);
        }
        if let Some(leg) = self.channels.get_mut(id) {
            leg.has_codec = false;
            leg.state = State::Routing;
            leg.profile.dialplan.clear();
            leg.profile.source = "src/switch_ivr_originate.c".into();
            group.clone_into(&mut leg.profile.callee_number);
            for codec in ["read_codec", "read_rate", "write_codec", "write_rate"] {
                leg.variables.set(codec, "");
            }
            let uuid = leg.uuid.clone();
            for (name, value) in [
                ("uuid", uuid.as_str()),
                ("call_uuid", &uuid),
                ("session_id", &id.to_string()),
                ("channel_name", &name),
                (PROCESS_CDR, "false"),
            ] {
                leg.variables.set(name, value);
            }
        }
        self.name_leg(id, new, "pickup");
        self.leg_made(new.effort, id);
        self.channel_event(id, EventType::ChannelOutgoing);
        self.set_state(id, State::Routing);
        self.set_state(id, State::ConsumeMedia);
    }

    /// The channel that picked a leg up.
    pub(super) fn picked_up_by(&self, leg: ChannelId) -> Option<ChannelId> {
        let uuid = self.channels.get(leg)?.variables.get(SWAP)?;
        self.channels.by_uuid(&String::from_utf8_lossy(uuid))
    }

    /// A call goes on with the channel that picked it up.
    pub(super) fn go_on_with(&mut self, id: ChannelId, leg: ChannelId, mut effort: Effort) {
        let leg_uuid = self.uuid_of(leg);
        if let Some(channel) = self.channels.get_mut(id) {
            channel.taken = None;
        }
        self.set_state(id, State::Hibernate);
        self.hang_up(leg, "PICKED_OFF");
        self.reply_originated(id, &mut effort);
        if let Some(channel) = self.channels.get_mut(id) {
            channel.variables.set("picked_up_uuid", leg_uuid);
        }
        match effort.then {
            Then::Bridge(caller) => self.bridge_answered(caller, id, &effort),
            then => self.go_on(id, then),
        }
    }

    /// Tells the phones that watch a group whether a call waits.
    fn pickup_presence(&mut self, group: &str, waits: bool) {
        let who = format!("{group}@{}", self.config.domain);
        let count = self.stores.pickup_presences.to_string();
        self.stores.pickup_presences += 1;
        self.presence_event(
            PRESENCE,
            &[
                ("proto", "pickup"),
                ("login", &who),
                ("from", &who),
                ("force-status", if waits { "Active (1 call)" } else { "Idle" }),
                ("rpid", if waits { "active" } else { "unknown" }),
                ("event_type", "presence"),
                ("alt_event_type", "dialog"),
                ("event_count", &count),
                ("unique-id", if waits { group } else { &who }),
                ("channel-state", if waits { "CS_ROUTING" } else { "CS_HANGUP" }),
                ("answer-state", if waits { "confirmed" } else { "terminated" }),
                ("call-direction", "inbound"),
            ],
        );
    }
}

/// The variable after which a leg's own ones come.
const PROCESS_CDR: &str = "process_cdr";
/// The variable that names the channel which takes a leg's place.
const SWAP: &str = "channel_swap_uuid";
const PRESENCE: Origin = ("mod_dptools.c", "pickup_send_presence", 3751);
const UPDATE: Origin = ("mod_dptools.c", "pickup_function", 3999);
