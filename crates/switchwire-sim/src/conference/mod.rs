//! Conferences: who is in, who speaks, who has the floor, what is played and recorded.

mod event;
mod file;
mod join;
mod keys;
mod record;
mod sound;

use std::collections::BTreeMap;
use std::time::Instant;

pub(crate) use event::About;
pub(crate) use file::{FileEnds, Stop};

use crate::channel::ChannelId;

/// A conference that has members.
#[derive(Debug)]
pub(crate) struct Conference {
    pub(crate) name: String,
    pub(crate) uuid: String,
    pub(crate) profile: String,
    pub(crate) began: Instant,
    pub(crate) locked: bool,
    pub(crate) enter_sound: bool,
    pub(crate) exit_sound: bool,
    pub(crate) variables: BTreeMap<String, String>,
    /// The newest last.
    pub(crate) members: Vec<Member>,
    /// The member that has the floor.
    pub(crate) floor: Option<u64>,
    /// A look at what its members say is due.
    listening: bool,
    files: Vec<file::File>,
    pub(crate) recordings: Vec<record::Recording>,
}

/// A channel in a conference.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) id: u64,
    pub(crate) channel: ChannelId,
    pub(crate) mute: bool,
    pub(crate) deaf: bool,
    pub(crate) hold: bool,
    pub(crate) moderator: bool,
    pub(crate) ghost: bool,
    /// How loud it must be to count as speech.
    pub(crate) energy: i64,
    pub(crate) volume_in: i64,
    pub(crate) volume_out: i64,
    pub(crate) joined: Instant,
    pub(crate) talking: bool,
    pub(crate) last_talking: Option<Instant>,
    voice: sound::Voice,
}

impl Conference {
    pub(crate) fn member(&self, id: u64) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }

    pub(crate) fn member_mut(&mut self, id: u64) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.id == id)
    }

    /// The newest first, as every list and every command goes through them.
    pub(crate) fn ids(&self) -> Vec<u64> {
        self.members.iter().rev().map(|member| member.id).collect()
    }

    pub(crate) fn ghosts(&self) -> usize {
        self.members.iter().filter(|member| member.ghost).count()
    }
}
