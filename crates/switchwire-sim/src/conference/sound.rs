//! Who speaks and who has the floor: what a conference finds out 50 times a second of what its members' channels hear.
//!
//! A member talks from its first frame that is louder than its level by 400, or its fifth that is louder at all, until
//! 40 frames in a row are not. The floor goes to one whose recent loudness is above 300 when that of its holder has
//! fallen below 100: a talker keeps it over a pause of 380 ms.

use std::time::{Duration, Instant};

use super::event::About;
use super::{Conference, Member};
use crate::world::{Timer, Timers, World, clock};

/// What is known of a member's sound.
#[derive(Debug, Clone, Default)]
pub(super) struct Voice {
    /// The loudness of its last frame that was listened to.
    pub(super) score: u32,
    /// The same over time: a fifth is new with every frame.
    recent: f32,
    /// Loud frames of one that does not talk, quiet frames of one that does.
    loud: u32,
    quiet: u32,
}

/// What a frame changed.
enum Change {
    Starts,
    Stops,
}

impl Member {
    /// From now on it is not heard: muted or on hold.
    pub(crate) fn fall_silent(&mut self) {
        self.talking = false;
        self.voice.recent = 0.0;
    }

    fn is_heard(&self) -> bool {
        !self.mute && !self.hold
    }

    /// Whether frames as the last one change nothing any more.
    fn is_settled(&self) -> bool {
        #[allow(clippy::cast_precision_loss, reason = "a sample has 16 bits")]
        let near = (self.voice.recent - self.voice.score as f32).abs() < 1.0;
        near && (i64::from(self.voice.score) > self.energy) == self.talking
    }

    /// Listens to a frame.
    fn hear(&mut self, level: u32, now: Instant) -> Option<Change> {
        let level = amplified(level, self.volume_in);
        let voice = &mut self.voice;
        voice.score = level;
        #[allow(clippy::cast_precision_loss, reason = "a sample has 16 bits")]
        let new = voice.recent.mul_add(0.8, level as f32 * 0.2);
        voice.recent = new.min(25_000.0);
        let above = i64::from(level) - self.energy;
        if above > 0 {
            voice.quiet = voice.quiet.saturating_sub(1);
            voice.loud += 1;
            if above < 400 && voice.loud < 5 {
                return None;
            }
            (voice.loud, voice.quiet) = (0, 0);
            self.last_talking = Some(now);
            return (!std::mem::replace(&mut self.talking, true)).then_some(Change::Starts);
        }
        voice.loud = voice.loud.saturating_sub(1);
        if !self.talking {
            return None;
        }
        voice.quiet += 1;
        if voice.quiet < 40 {
            return None;
        }
        self.voice = Voice { score: level, ..Voice::default() };
        self.talking = false;
        Some(Change::Stops)
    }
}

/// What a volume from -4 to 4 makes of a sample.
fn amplified(level: u32, volume: i64) -> u32 {
    const UP: [u32; 4] = [130, 230, 330, 430];
    const DOWN: [u32; 4] = [80, 60, 40, 20];
    let step = usize::try_from(volume.unsigned_abs().min(4)).unwrap_or(4);
    match (step, volume > 0) {
        (0, _) => level,
        (step, true) => (level * UP[step - 1] / 100).min(32_767),
        (step, false) => level * DOWN[step - 1] / 100,
    }
}

impl Conference {
    /// Who is to have the floor: its holder, unless another one is loud and it is not. Without one the newest has it.
    fn speaker(&self) -> Option<u64> {
        let mut holder = self.floor.and_then(|id| self.member(id));
        for member in self.members.iter().rev() {
            let louder = |holder: &Member| member.voice.recent > 300.0 && holder.voice.recent < 100.0;
            if holder.is_none_or(louder) {
                holder = Some(member);
            }
        }
        holder.map(|member| member.id)
    }
}

impl Conference {
    /// Has its next frame looked at: once, however many ask for it.
    fn listen(&mut self, timers: &mut Timers<Timer>) {
        if !std::mem::replace(&mut self.listening, true) {
            timers.after(FRAME, Timer::Conference(self.name.clone(), self.uuid.clone()));
        }
    }
}

impl World {
    /// Every conference listens again: one of its members may have something to say.
    pub(crate) fn listen_to_conferences(&mut self) {
        for of in self.stores.conferences.values_mut() {
            of.listen(&mut self.timers);
        }
    }

    /// A frame of a conference.
    pub(crate) fn conference_frame(&mut self, name: &str, uuid: &str) {
        let Some(of) = self.stores.conferences.get_mut(name).filter(|of| of.uuid == uuid) else { return };
        of.listening = false;
        let now = clock::now();
        let channels: Vec<_> = of.members.iter().map(|member| (member.id, member.channel)).collect();
        let mut busy = false;
        for (id, channel) in channels {
            let sound = self.sound_of(channel);
            busy |= sound.changes;
            let member = self.stores.conferences.get_mut(name).and_then(|of| of.member_mut(id));
            let heard = member.filter(|member| member.is_heard() && now >= member.joined + FIRST_FRAMES);
            let Some(member) = heard else { continue };
            let change = member.hear(sound.level, now);
            busy |= !member.is_settled();
            let action = match change {
                Some(Change::Starts) => "start-talking",
                Some(Change::Stops) => "stop-talking",
                None => continue,
            };
            self.tell_conference(name, action, About::Member(id), &[]);
        }
        let Some(of) = self.stores.conferences.get(name) else { return };
        let speaker = of.speaker();
        busy |= of.members.iter().any(|member| now < member.joined + FIRST_FRAMES);
        if speaker.is_some() {
            self.give_floor(name, speaker);
        }
        if busy && let Some(of) = self.stores.conferences.get_mut(name) {
            of.listen(&mut self.timers);
        }
    }

    /// Gives the floor to a member, or to none.
    pub(crate) fn give_floor(&mut self, name: &str, member: Option<u64>) {
        let Some(of) = self.stores.conferences.get_mut(name) else { return };
        let old = std::mem::replace(&mut of.floor, member);
        if old != member {
            self.tell_conference(name, "floor-change", About::Floor(old), &[]);
            self.listen_to_conferences();
        }
    }
}

/// A frame of media.
pub(crate) const FRAME: Duration = Duration::from_millis(20);
/// What comes before a new member is heard.
const FIRST_FRAMES: Duration = Duration::from_millis(40);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_of_two_is_a_factor() {
        assert_eq!([amplified(6563, 2), amplified(6563, 0), amplified(1000, -4)], [15_094, 6563, 200]);
    }
}
