//! The events of conferences: `conference::maintenance` and PRESENCE_IN.

use switchwire_proto::{Event, EventType};

use super::{Conference, Member};
use crate::event::origin::Origin;
use crate::world::World;

/// What an event is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum About<'a> {
    Conference,
    Member(u64),
    /// One that is not in it any more.
    Gone(&'a Member),
    /// The floor: the conference, then who had it, then the member that has it now.
    Floor(Option<u64>),
}

impl World {
    /// Fires `conference::maintenance`: the conference, the member it is about, the action, and headers of its own.
    pub(crate) fn tell_conference(
        &mut self,
        name: &str,
        action: &str,
        about: About<'_>,
        own: &[(&str, String)],
    ) {
        self.tell_conference_from(origin_of(action), name, action, about, own);
    }

    /// The same from another place in the server than usual.
    pub(crate) fn tell_conference_from(
        &mut self,
        origin: Origin,
        name: &str,
        action: &str,
        about: About<'_>,
        own: &[(&str, String)],
    ) {
        if !self.stores.conferences.contains_key(name) {
            return;
        }
        let mut event = self.stamped(EventType::Custom, origin);
        event.add_header_top("Event-Subclass", "conference::maintenance");
        let Some(of) = self.stores.conferences.get(name) else { return };
        let member = match about {
            About::Conference | About::Floor(_) => None,
            About::Member(id) => of.member(id),
            About::Gone(member) => Some(member),
        };
        match member {
            Some(member) => self.add_member(&mut event, of, member),
            None => self.add_conference(&mut event, of),
        }
        // What ends a file tells its length first.
        let first = own.iter().take_while(|(header, _)| header.starts_with(char::is_lowercase)).count();
        for (header, value) in &own[..first] {
            event.add_header(*header, value);
        }
        if !action.is_empty() {
            event.add_header("Action", action);
        }
        for (header, value) in &own[first..] {
            event.add_header(*header, value);
        }
        if let About::Floor(old) = about {
            let number = |id: Option<u64>| id.map_or_else(|| "none".to_owned(), |id| id.to_string());
            event.add_header("Old-ID", number(old));
            if let Some(holder) = of.floor.and_then(|id| of.member(id)) {
                self.add_member(&mut event, of, holder);
            }
            event.add_header("New-ID", number(of.floor));
        }
        self.dispatch(&event);
    }

    fn add_conference(&self, event: &mut Event, of: &Conference) {
        event.add_header("Conference-Name", &of.name);
        event.add_header("Conference-Domain", &self.config.domain);
        event.add_header("Conference-Size", of.members.len().to_string());
        event.add_header("Conference-Ghosts", of.ghosts().to_string());
        event.add_header("Conference-Profile-Name", &of.profile);
        event.add_header("Conference-Unique-ID", &of.uuid);
        for (name, value) in &of.variables {
            event.add_header(name, value);
        }
    }

    fn add_member(&self, event: &mut Event, of: &Conference, member: &Member) {
        self.add_conference(event, of);
        event.add_header("Floor", (of.floor == Some(member.id)).to_string());
        if let Some(channel) = self.channels.get(member.channel) {
            channel.add_basics(event);
            channel.add_profile(event, "Caller");
        }
        let kind = if member.moderator { "moderator" } else { "member" };
        for (header, value) in [
            ("Video", "false".to_owned()),
            ("Hear", (!member.deaf).to_string()),
            ("See", "true".to_owned()),
            ("Speak", (!member.mute).to_string()),
            ("Talking", member.talking.to_string()),
            ("Mute-Detect", "false".to_owned()),
            ("Hold", member.hold.to_string()),
            ("Member-ID", member.id.to_string()),
            ("Member-Type", kind.to_owned()),
            ("Member-Ghost", member.ghost.to_string()),
            ("Energy-Level", member.energy.to_string()),
            ("Current-Energy", member.voice.score.to_string()),
        ] {
            event.add_header(header, value);
        }
    }

    /// Fires PRESENCE_IN: how many are in it.
    pub(crate) fn conference_presence(&mut self, name: &str) {
        let Some(count) = self.stores.conferences.get(name).map(|of| of.members.len()) else { return };
        self.stores.presences += 1;
        let origin = ("mod_conference.c", "conference_send_presence", 3870);
        let (status, state, answer, direction) = match count {
            0 => ("Inactive".to_owned(), "CS_HANGUP", "terminated", "inbound"),
            1 => ("Active (1 caller)".to_owned(), "CS_ROUTING", "early", "outbound"),
            more => (format!("Active ({more} callers)"), "CS_ROUTING", "confirmed", "inbound"),
        };
        let mut event = self.stamped(EventType::PresenceIn, origin);
        for (header, value) in [
            ("proto", "conf".to_owned()),
            ("login", name.to_owned()),
            ("from", format!("{name}@{}", self.config.domain)),
            ("event_type", "presence".to_owned()),
            ("alt_event_type", "dialog".to_owned()),
            ("event_count", self.stores.presences.to_string()),
            ("unique-id", name.to_owned()),
            ("force-status", status),
            ("channel-state", state.to_owned()),
            ("answer-state", answer.to_owned()),
            (if count == 0 { "call-direction" } else { "presence-call-direction" }, direction.to_owned()),
        ] {
            event.add_header(header, value);
        }
        self.dispatch(&event);
    }
}

/// Where in the server an action is told.
fn origin_of(action: &str) -> Origin {
    const API: &str = "conference_api.c";
    match action {
        "conference-create" => ("mod_conference.c", "conference_new", 2870),
        "conference-destroy" => ("mod_conference.c", "conference_thread_run", 780),
        "add-member" => ("conference_member.c", "conference_member_add", 962),
        "del-member" => ("conference_member.c", "conference_member_del", 1200),
        "floor-change" => ("conference_member.c", "conference_member_set_floor_holder", 1158),
        "start-talking" | "stop-talking" => ("conference_loop.c", "conference_loop_input", 860),
        "kick-member" => (API, "conference_api_sub_kick", 902),
        "hup-member" => (API, "conference_api_sub_hup", 820),
        "mute-member" => (API, "conference_api_sub_mute", 640),
        "unmute-member" => (API, "conference_api_sub_unmute", 760),
        "deaf-member" => (API, "conference_api_sub_deaf", 980),
        "undeaf-member" => (API, "conference_api_sub_undeaf", 1010),
        "energy-level-member" => (API, "conference_api_sub_energy", 1228),
        "volume-in-member" => (API, "conference_api_sub_volume_in", 1190),
        "volume-out-member" => (API, "conference_api_sub_volume_out", 1260),
        "dtmf-member" => (API, "conference_api_sub_dtmf", 1400),
        "hold-member" => (API, "conference_api_sub_hold", 700),
        "unhold-member" => (API, "conference_api_sub_unhold", 730),
        "speak-text" => (API, "conference_api_sub_say", 2960),
        "speak-text-member" => (API, "conference_api_sub_saymember", 3040),
        "play-file" | "play-file-member" => (API, "conference_api_sub_play", 2817),
        "play-file-done" | "play-file-member-done" => ("conference_file.c", "conference_file_close", 52),
        "start-recording" => ("conference_record.c", "conference_record_thread_run", 319),
        "stop-recording" => ("conference_record.c", "conference_record_thread_run", 427),
        "pause-recording" | "resume-recording" => (API, "conference_api_sub_pauserec", 3860),
        "bgdial-result" => ("mod_conference.c", "conference_outcall_run", 1830),
        "enter-sounds-on" | "enter-sounds-off" | "enter-sounds-none" | "enter-sound-file" => {
            (API, "conference_api_sub_enter_sound", 3290)
        }
        "exit-sounds-on" | "exit-sounds-off" | "exit-sounds-none" | "exit-sound-file" => {
            (API, "conference_api_sub_exit_sound", 3230)
        }
        "lock" => (API, "conference_api_sub_lock", 2240),
        "unlock" => (API, "conference_api_sub_unlock", 2260),
        "" => (API, "conference_api_sub_transfer", 3600),
        _ => ("mod_conference.c", "conference_event_add_data", 1),
    }
}
