//! What a member's digits do: the controls `default`.

use super::event::About;
use crate::channel::ChannelId;
use crate::event::origin::Origin;
use crate::world::World;

/// A step of a level.
#[derive(Clone, Copy)]
enum Step {
    Up,
    Zero,
    Down,
}

impl World {
    /// A member pressed a key.
    pub(crate) fn conference_key(&mut self, channel: ChannelId, id: u64, key: char) {
        let Some(name) = self.conference_of(id) else { return };
        if !"0123456789*#".contains(key) {
            return;
        }
        if let Some(channel) = self.channels.get_mut(channel) {
            channel.variables.set("conference_last_matching_digits", key.to_string());
        }
        let Some(member) = self.stores.conferences.get(&name).and_then(|of| of.member(id)) else { return };
        let (mute, deaf) = (member.mute, member.deaf);
        match key {
            '0' => self.mute_member(&name, id, !mute),
            '*' if !mute => {
                self.mute_member(&name, id, true);
                if !deaf {
                    self.deafen_member(&name, id, true);
                }
            }
            '*' => {
                self.mute_member(&name, id, false);
                if deaf {
                    self.deafen_member(&name, id, false);
                }
            }
            '9' => self.turn_energy(&name, id, Step::Up),
            '8' => self.turn_energy(&name, id, Step::Zero),
            '7' => self.turn_energy(&name, id, Step::Down),
            '3' => self.turn_volume(&name, id, true, Step::Up),
            '2' => self.turn_volume(&name, id, true, Step::Zero),
            '1' => self.turn_volume(&name, id, true, Step::Down),
            '6' => self.turn_volume(&name, id, false, Step::Up),
            '5' => self.turn_volume(&name, id, false, Step::Zero),
            '4' => self.turn_volume(&name, id, false, Step::Down),
            _ => self.send_out(&name, id),
        }
    }

    /// A member is not heard any more, or again.
    pub(crate) fn mute_member(&mut self, name: &str, id: u64, mute: bool) {
        let Some(member) = self.stores.conferences.get_mut(name).and_then(|of| of.member_mut(id)) else {
            return;
        };
        member.mute = mute;
        member.fall_silent();
        let action = if mute { "mute-member" } else { "unmute-member" };
        self.tell_conference(name, action, About::Member(id), &[]);
        self.listen_to_conferences();
    }

    /// A member does not hear any more, or again.
    pub(crate) fn deafen_member(&mut self, name: &str, id: u64, deaf: bool) {
        let Some(member) = self.stores.conferences.get_mut(name).and_then(|of| of.member_mut(id)) else {
            return;
        };
        member.deaf = deaf;
        self.tell_conference(
            name,
            if deaf { "deaf-member" } else { "undeaf-member" },
            About::Member(id),
            &[],
        );
    }

    fn turn_energy(&mut self, name: &str, id: u64, step: Step) {
        let Some(member) = self.stores.conferences.get_mut(name).and_then(|of| of.member_mut(id)) else {
            return;
        };
        let function = match step {
            Step::Up => "conference_loop_energy_up",
            Step::Zero => "conference_loop_energy_equ_conf",
            Step::Down => "conference_loop_energy_dn",
        };
        member.energy = match step {
            Step::Up => (member.energy + 200).min(1800),
            Step::Zero => ENERGY,
            Step::Down => (member.energy - 100).max(0),
        };
        let level = member.energy.to_string();
        self.level_event((LOOP, function, 410), name, "energy-level", id, level);
    }

    fn turn_volume(&mut self, name: &str, id: u64, talk: bool, step: Step) {
        let Some(member) = self.stores.conferences.get_mut(name).and_then(|of| of.member_mut(id)) else {
            return;
        };
        let volume = if talk { &mut member.volume_in } else { &mut member.volume_out };
        *volume = match step {
            Step::Up => (*volume + 1).min(4),
            Step::Zero => 0,
            Step::Down => (*volume - 1).max(-4),
        };
        let (action, level) = (if talk { "gain-level" } else { "volume-level" }, volume.to_string());
        let function = match (talk, step) {
            (true, Step::Up) => "conference_loop_volume_talk_up",
            (true, Step::Zero) => "conference_loop_volume_talk_zero",
            (true, Step::Down) => "conference_loop_volume_talk_dn",
            (false, Step::Up) => "conference_loop_volume_listen_up",
            (false, Step::Zero) => "conference_loop_volume_listen_zero",
            (false, Step::Down) => "conference_loop_volume_listen_dn",
        };
        self.level_event((LOOP, function, 450), name, action, id, level);
    }

    fn level_event(&mut self, origin: Origin, name: &str, action: &str, id: u64, level: String) {
        self.tell_conference_from(origin, name, action, About::Member(id), &[("New-Level", level)]);
    }
}

const LOOP: &str = "conference_loop.c";
/// The level of a conference's profile.
const ENERGY: i64 = 100;
