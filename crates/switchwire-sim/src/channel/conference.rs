//! Channels in conferences: the application, and what the conference hears of a channel.

use std::time::{Duration, Instant};

use super::apps::Start;
use super::{Channel, ChannelId, Kind};
use crate::world::{Work, World, clock};

/// `NAME[@PROFILE][+PIN][+flags{FLAG|…}]`, until the member leaves, is sent out or is hung up.
pub(super) fn conference(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    match world.join_conference(id, arg) {
        Some(member) => Start::Run(Kind::Conference { member }, None),
        None => Start::Done,
    }
}

impl Channel {
    /// The member that it is in a conference.
    fn member(&mut self) -> Option<&mut u64> {
        self.stack.iter_mut().rev().find_map(|running| match &mut running.kind {
            Kind::Conference { member } => Some(member),
            _ => None,
        })
    }

    /// It is another member now, of another conference.
    pub(crate) fn renumber_member(&mut self, id: u64) {
        if let Some(member) = self.member() {
            *member = id;
        }
    }
}

impl World {
    /// The application of that member ends.
    pub(crate) fn end_member_application(&mut self, id: ChannelId, member: u64) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        for running in &mut channel.stack {
            running.over |= running.kind == Kind::Conference { member };
        }
        // Of several that are sent out at once the last one is the first to leave.
        self.work.push_front(Work::Step(id));
    }

    /// A digit for the conference that the channel is in.
    pub(super) fn key_in_conference(&mut self, id: ChannelId, digit: char) {
        let top = self.channels.get(id).and_then(|channel| channel.stack.last());
        if let Some(Kind::Conference { member }) = top.map(|top| top.kind.clone()) {
            self.conference_key(id, member, digit);
        }
    }

    /// What is heard of a channel now: what the far end of its loopback pair plays.
    pub(crate) fn sound_of(&self, id: ChannelId) -> Sound {
        let Some(channel) = self.channels.get(id) else { return Sound::default() };
        if channel.name.starts_with("null/") {
            return Sound { level: NULL, changes: false };
        }
        let far = channel.other_leg.and_then(|far| self.channels.get(far));
        let Some(top) = far.and_then(|far| far.stack.last()) else { return Sound::default() };
        match &top.kind {
            Kind::Playback(play) => play.sound(),
            Kind::Time if top.call.app.eq_ignore_ascii_case("gentones") => {
                tone_sound(&top.call.arg, top.started)
            }
            _ => Sound::default(),
        }
    }
}

/// How loud something is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sound {
    /// The mean of its samples.
    pub(crate) level: u32,
    /// It changes without anything else happening.
    pub(crate) changes: bool,
}

impl Sound {
    /// What has begun is not heard yet.
    pub(super) const SOON: Self = Self { level: 0, changes: true };
}

/// How loud a sequence of tones, `%(on,off,hertz…)…`, that began then is now.
pub(super) fn tone_sound(tones: &str, began: Instant) -> Sound {
    let mut times = Vec::new();
    for part in tones.split("%(").skip(1) {
        let mut numbers = part.split(',').map(super::play::leading_number);
        times.extend([numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default()]);
    }
    let Some(heard) = clock::since(began).checked_sub(ON_ITS_WAY) else { return Sound::SOON };
    let whole = times.iter().fold(0_u64, |sum, time| sum.saturating_add(*time));
    let mut at = u64::try_from(heard.as_millis()).unwrap_or(u64::MAX);
    at = at.checked_rem(whole).unwrap_or_default();
    let mut level = 0;
    for (nth, time) in times.iter().enumerate() {
        if at < *time {
            level = if nth % 2 == 0 { TONE } else { 0 };
            break;
        }
        at -= time;
    }
    Sound { level, changes: times.iter().skip(1).step_by(2).any(|off| *off > 0) }
}

/// The mean of a tone's samples.
const TONE: u32 = 6478;
/// That of anything else.
pub(super) const SPEECH: u32 = 2000;
/// How long a sound takes from the far end to the conference.
pub(super) const ON_ITS_WAY: Duration = Duration::from_millis(60);
/// A null channel's frames are a little off zero.
const NULL: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_are_loud_and_silent_in_turn() {
        for (tones, level, changes) in [
            ("%(500,500,440);loops=-1", TONE, true),
            ("%(251,0,1004);loops=-1", TONE, false),
            ("%(0,100,350)", 0, true),
            ("", 0, false),
        ] {
            let sound = tone_sound(tones, clock::now() - ON_ITS_WAY);
            assert_eq!((sound.level, sound.changes), (level, changes), "{tones}");
        }
    }
}
