//! What the log says of a SIP leg beyond what it says of every leg: the endpoint's own words. Of session descriptions, codecs,
//! RTP and authentication nothing is told: there is none.

use switchwire_proto::LogLevel;

use super::ChannelId;
use super::narrate::Line;
use crate::event::origin::Origin;
use crate::world::World;

impl World {
    pub(super) fn is_sip(&self, id: ChannelId) -> bool {
        self.technology(id) == "sofia"
    }

    /// In INIT: the call goes out.
    pub(super) fn tell_sip_invite(&mut self, id: ChannelId) {
        let invite = ("sofia_glue.c", "sofia_glue_do_invite", 1656);
        self.tell_at(id, LogLevel::Info, Line::Session, invite, |c| {
            format!("{} sending invite call-id: (null)", c.name)
        });
        let standard = ("switch_core_state_machine.c", "switch_core_standard_on_init", 40);
        self.tell(id, Line::Session, standard, |c| format!("{} Standard INIT", c.name));
    }

    /// What the far end replied to the call; nothing of a leg that is not SIP.
    pub(super) fn tell_sip_state(&mut self, id: ChannelId, state: &'static str, status: u16) {
        if self.is_sip(id) {
            self.tell(id, Line::Session, STATE, |c| {
                format!("Channel {} entering state [{state}][{status}]", c.name)
            });
        }
    }

    /// The far end refused the call, or hung up.
    pub(super) fn tell_sip_end(&mut self, id: ChannelId, cause: &str) {
        let answered = self.channels.get(id).is_some_and(|channel| channel.profile.answered > 0);
        let status = match cause {
            _ if answered => 200,
            "USER_BUSY" => 486,
            "CALL_REJECTED" => 603,
            "UNALLOCATED_NUMBER" => 404,
            "NO_USER_RESPONSE" => 408,
            _ => 480,
        };
        self.tell_sip_state(id, "terminated", status);
    }

    /// The far end answered.
    pub(super) fn tell_sip_answer(&mut self, id: ChannelId) {
        self.tell_sip_state(id, "completing", 200);
        self.tell_sip_state(id, "ready", 200);
    }

    /// In HANGUP: the far end is told, unless it was the one that hung up.
    pub(super) fn tell_sip_hangup(&mut self, id: ChannelId, by_far_end: bool) {
        let origin = ("mod_sofia.c", "sofia_on_hangup", 469);
        self.tell(id, Line::Session, origin, |c| {
            let cause = c.hangup.as_deref().unwrap_or_default();
            format!("Channel {} hanging up, cause: {cause}", c.name)
        });
        if !by_far_end {
            self.tell(id, Line::Session, origin, |c| {
                let request = if c.profile.answered > 0 { "BYE" } else { "CANCEL" };
                format!("Sending {request} to {}", c.name)
            });
        }
    }
}

/// What reports the states of a SIP call.
pub(super) const STATE: Origin = ("sofia.c", "sofia_handle_sip_i_state", 7505);
