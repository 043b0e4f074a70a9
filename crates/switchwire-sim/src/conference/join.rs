//! Joining and leaving: the application `conference`.

use std::collections::BTreeMap;

use super::Conference;
use super::Member;
use super::event::About;
use super::sound::{FRAME, Voice};
use crate::api::new_uuid;
use crate::channel::ChannelId;
use crate::world::{Timer, World, clock};

impl World {
    /// A channel runs `conference`: `NAME[@PROFILE][+PIN][+flags{FLAG|…}]`. Gives the new member, or none where the
    /// conference is locked: the application is over then.
    pub(crate) fn join_conference(&mut self, channel: ChannelId, arg: &str) -> Option<u64> {
        let (place, flags) = arg.split_once("flags{").unwrap_or((arg, ""));
        let place = place.split('+').next().unwrap_or_default().trim();
        let (name, profile) = place.split_once('@').unwrap_or((place, "default"));
        let flags: Vec<&str> =
            flags.trim_end_matches('}').split(['|', ',']).map(str::trim).filter(|f| !f.is_empty()).collect();
        let has = |flag: &str| flags.contains(&flag);
        if self.stores.conferences.get(name).is_some_and(|of| of.locked) {
            return None;
        }
        if !self.stores.conferences.contains_key(name) {
            let new = Conference {
                name: name.to_owned(),
                uuid: new_uuid(),
                profile: profile.to_owned(),
                began: clock::now(),
                locked: false,
                enter_sound: true,
                exit_sound: true,
                variables: BTreeMap::new(),
                members: Vec::new(),
                floor: None,
                listening: false,
                files: Vec::new(),
                recordings: Vec::new(),
            };
            self.stores.conferences.insert(name.to_owned(), new);
            self.tell_conference(name, "conference-create", About::Conference, &[]);
        }
        let id = self.stores.next_member;
        self.stores.next_member += 1;
        let member = Member {
            id,
            channel,
            mute: has("mute"),
            deaf: has("deaf"),
            hold: false,
            moderator: has("moderator"),
            ghost: has("ghost"),
            energy: 100,
            volume_in: 0,
            volume_out: 0,
            joined: clock::now(),
            talking: false,
            last_talking: None,
            voice: Voice::default(),
        };
        self.set_conference_variables(name, &member);
        if let Some(of) = self.stores.conferences.get_mut(name) {
            of.members.push(member);
        }
        self.read_codec_again(channel);
        self.tell_conference(name, "add-member", About::Member(id), &[]);
        self.conference_presence(name);
        self.listen_to_conferences();
        Some(id)
    }

    fn set_conference_variables(&mut self, name: &str, member: &Member) {
        let uuid = self.stores.conferences.get(name).map(|of| of.uuid.clone()).unwrap_or_default();
        let Some(channel) = self.channels.get_mut(member.channel) else { return };
        for (variable, value) in [
            ("conference_name", name),
            ("app_session_uuid", &uuid),
            ("conference_member_id", &member.id.to_string()),
            ("conference_moderator", if member.moderator { "true" } else { "false" }),
            ("conference_ghost", if member.ghost { "true" } else { "false" }),
            ("conference_uuid", &uuid),
        ] {
            channel.variables.set(variable, value);
        }
    }

    /// The application of a member has ended: whoever ended it, the member is gone.
    pub(crate) fn leave_conference(&mut self, channel: ChannelId, id: u64) {
        let Some(name) = self.conference_of(id) else { return };
        self.take_member(&name, id);
        self.read_codec_again(channel);
    }

    /// Takes a member out of a conference, which ends with its last one.
    pub(crate) fn take_member(&mut self, name: &str, id: u64) {
        let Some(of) = self.stores.conferences.get_mut(name) else { return };
        if of.floor == Some(id) {
            of.floor = None;
            // One that leaves is not named.
            self.tell_conference(name, "floor-change", About::Floor(None), &[]);
            self.listen_to_conferences();
        }
        let Some(of) = self.stores.conferences.get_mut(name) else { return };
        let Some(at) = of.members.iter().position(|member| member.id == id) else { return };
        let gone = of.members.remove(at);
        self.conference_presence(name);
        self.tell_conference(name, "del-member", About::Gone(&gone), &[]);
        let uuid = self.stores.conferences.get(name).map(|of| of.uuid.clone()).unwrap_or_default();
        // Its own thread sees that it is empty with its next frame.
        self.timers.after(FRAME, Timer::ConferenceEnds(name.to_owned(), uuid));
    }

    /// Ends a conference that is empty still.
    pub(crate) fn end_conference(&mut self, name: &str, uuid: &str) {
        let ends = |of: &Conference| of.uuid == uuid && of.members.is_empty();
        if !self.stores.conferences.get(name).is_some_and(ends) {
            return;
        }
        self.close_conference_files(name);
        self.conference_presence(name);
        self.tell_conference(name, "conference-destroy", About::Conference, &[]);
        self.stores.conferences.remove(name);
    }

    /// The conference that a member is in.
    pub(crate) fn conference_of(&self, id: u64) -> Option<String> {
        let found = self.stores.conferences.iter().find(|(_, of)| of.member(id).is_some());
        found.map(|(name, _)| name.clone())
    }

    /// A member goes to another conference, which it makes if it is not there.
    pub(crate) fn move_member(&mut self, name: &str, id: u64, to: &str) -> bool {
        let Some(member) = self.stores.conferences.get(name).and_then(|of| of.member(id)) else {
            return false;
        };
        let channel = member.channel;
        self.take_member(name, id);
        let joined = self.join_conference(channel, to);
        if let (Some(new), Some(channel)) = (joined, self.channels.get_mut(channel)) {
            channel.renumber_member(new);
        }
        let place = to.split(['@', '+']).next().unwrap_or_default();
        if let Some(new) = joined {
            let own = [
                ("Old-Conference-Name", name.to_owned()),
                ("New-Conference-Name", place.to_owned()),
                ("Action", "transfer".to_owned()),
            ];
            self.tell_conference(place, "", About::Member(new), &own);
        }
        joined.is_some()
    }

    /// Sends a member out: its application ends, and its channel goes on.
    pub(crate) fn send_out(&mut self, name: &str, id: u64) {
        let member = self.stores.conferences.get(name).and_then(|of| of.member(id));
        if let Some(channel) = member.map(|member| member.channel) {
            self.end_member_application(channel, id);
        }
    }

    /// What came of a call in the background.
    pub(crate) fn dial_result(
        &mut self,
        name: &str,
        job: Option<String>,
        result: &str,
        peer: Option<String>,
    ) {
        let Some(job) = job else { return };
        let mut own = vec![("Result", result.to_owned()), ("Job-UUID", job)];
        own.extend(peer.map(|peer| ("Peer-UUID", peer)));
        self.tell_conference(name, "bgdial-result", About::Conference, &own);
    }
}
