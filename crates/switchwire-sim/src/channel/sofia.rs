//! SIP destinations that no scenario gives a behaviour: there is no SIP, so they fail as on a server without phones.

use switchwire_proto::EventType;

use super::State;
use super::dial::Leg;
use super::originate::{CallerId, NewLeg};
use crate::world::World;

impl World {
    /// A leg of a SIP profile that reaches no phone: there is no SIP.
    pub(super) fn unreachable(&mut self, new: &NewLeg<'_>, profile: &str, to: &str) {
        let to = to.strip_prefix("sip:").unwrap_or(to);
        let number = to.split('@').next().unwrap_or_default();
        let name = format!("sofia/{profile}/{to}");
        let id = self.make_leg(new.dial, new.caller, true, name.clone(), number, "default");
        self.originator(id, new.then);
        self.tell_new(id);
        self.tell_init(id);
        if let Some(leg) = self.channels.get_mut(id) {
            leg.state = State::Init;
            leg.has_codec = false;
            leg.profile.dialplan.clear();
            leg.profile.source = "src/switch_ivr_originate.c".into();
            number.clone_into(&mut leg.profile.callee_number);
            for codec in ["read_codec", "read_rate", "write_codec", "write_rate"] {
                leg.variables.set(codec, "");
            }
            leg.variables.set("sip_profile_name", profile);
            leg.variables.set("channel_name", &name);
            leg.variables.set("sip_destination_url", format!("sip:{to}"));
        }
        self.name_leg(id, new, "sofia");
        self.leg_made(new.effort, id);
        self.first_states(id);
        self.hang_up(id, "NORMAL_TEMPORARY_FAILURE");
    }

    /// A gateway or profile that is not there: a channel begins and ends.
    pub(super) fn sofia_leg(&mut self, place: &str) -> &'static str {
        let gateway = place.starts_with("gateway/");
        let cause = if gateway { "INVALID_GATEWAY" } else { "INVALID_PROFILE" };
        let dial = Leg::parse("", &[]);
        let id = self.make_leg(&dial, &CallerId::default(), true, "N/A".into(), "", "");
        if let Some(leg) = self.channels.get_mut(id) {
            leg.blank();
        }
        self.channel_event(id, EventType::ChannelDestroy);
        if let Some(leg) = self.channels.get_mut(id) {
            leg.running = State::Destroy;
        }
        self.channel_event(id, EventType::ChannelState);
        self.channels.remove(id);
        cause
    }
}
