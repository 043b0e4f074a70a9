//! Fires a channel's events.

use switchwire_proto::{Event, EventType, LogLevel};

use super::{Answer, CallState, ChannelId, Line, State, narrate_sip};
use crate::event::clock::Moment;
use crate::event::origin::{self, Origin};
use crate::world::World;

/// Headers of one event beside those of its channel.
pub(crate) type Extra<'a> = &'a [(&'a str, &'a str)];

impl World {
    /// Fires an event about a channel with its usual headers.
    pub(crate) fn channel_event(&mut self, id: ChannelId, kind: EventType) {
        self.channel_event_with(id, kind, &[], &[]);
    }

    /// The same with headers before and after those of the channel.
    pub(crate) fn channel_event_with(
        &mut self,
        id: ChannelId,
        kind: EventType,
        before: Extra<'_>,
        after: Extra<'_>,
    ) {
        self.channel_event_from(id, kind, origin::of(kind), before, after);
    }

    /// The same from another place of the server than the usual one.
    pub(crate) fn channel_event_from(
        &mut self,
        id: ChannelId,
        kind: EventType,
        origin: Origin,
        before: Extra<'_>,
        after: Extra<'_>,
    ) {
        if self.channels.get(id).is_none() || !self.is_wanted(kind) {
            return;
        }
        let mut event = self.stamped(kind, origin);
        before.iter().for_each(|(name, value)| super::headers::add(&mut event, name, value));
        self.add_channel(id, &mut event, has_profile(kind), has_variables(kind));
        after.iter().for_each(|(name, value)| super::headers::add(&mut event, name, value));
        self.dispatch(&event);
    }

    /// Appends a channel's headers to an event.
    pub(crate) fn add_channel(&self, id: ChannelId, event: &mut Event, profile: bool, variables: bool) {
        let Some(channel) = self.channels.get(id) else { return };
        channel.add_basics(event);
        if profile {
            channel.add_profile(event, "Caller");
            channel.other.iter().for_each(|other| other.add(event));
        }
        if variables {
            channel.add_variables(event);
        }
    }

    /// The CHANNEL_DATA event that `connect` and `uuid_dump` show.
    pub(crate) fn channel_data(&mut self, id: ChannelId, origin: Origin) -> Option<Event> {
        self.channels.get(id)?;
        let mut event = self.stamped(EventType::ChannelData, origin);
        let channel = self.channels.get(id)?;
        channel.add_profile(&mut event, "Channel");
        self.add_channel(id, &mut event, true, true);
        Some(event)
    }

    /// What `uuid_dump` prints: the profile once.
    pub(crate) fn channel_dump(&mut self, id: ChannelId) -> Option<Event> {
        self.channels.get(id)?;
        let mut event = self.stamped(EventType::ChannelData, origin::UUID_DUMP);
        self.add_channel(id, &mut event, true, true);
        Some(event)
    }

    /// CODEC events of a channel that is being made.
    pub(crate) fn codec_events(&mut self, id: ChannelId) {
        for side in ["read", "write"] {
            self.codec_event(id, side, true);
        }
    }

    /// An application set another codec for reading, or the old one again.
    pub(crate) fn read_codec_again(&mut self, id: ChannelId) {
        if let Some(channel) = self.channels.get_mut(id) {
            channel.variables.set("read_codec", "L16");
            channel.variables.set("read_rate", "8000");
        }
        self.codec_event(id, "read", false);
    }

    fn codec_event(&mut self, id: ChannelId, side: &str, new: bool) {
        if !self.is_wanted(EventType::Codec) {
            return;
        }
        let reads = side == "read";
        let origin = if reads { origin::of(EventType::Codec) } else { origin::WRITE_CODEC };
        let mut event = self.stamped(EventType::Codec, origin);
        let Some(channel) = self.channels.get(id) else { return };
        channel.add_basics(&mut event);
        if reads && new {
            // At that moment there is no write codec yet.
            ["Name", "Rate", "Bit-Rate"].iter().for_each(|name| {
                event.del_header(format!("Channel-Write-Codec-{name}"));
            });
        }
        if !new {
            channel.add_profile(&mut event, "Caller");
            channel.other.iter().for_each(|other| other.add(&mut event));
        }
        let prefix = if reads { "channel-read-codec" } else { "Channel-Write-Codec" };
        let bit_rate = if reads { "channel-read-codec-bit-rate" } else { "Channel-Write-codec-bit-rate" };
        let (name, rate) = if reads { ("name", "rate") } else { ("Name", "Rate") };
        event.add_header_verbatim(format!("{prefix}-{name}"), "L16");
        event.add_header_verbatim(format!("{prefix}-{rate}"), "8000");
        event.add_header_verbatim(bit_rate, "128000");
        self.dispatch(&event);
    }

    /// Changes both states and fires CHANNEL_STATE.
    pub(crate) fn set_state(&mut self, id: ChannelId, state: State) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let old = channel.running;
        (channel.running, channel.state) = (state, state);
        if state == State::Execute {
            // The server sets it again there, which moves it to the end of the list.
            channel.variables.set("call_uuid", channel.uuid.clone());
        }
        self.tell_state(id, old, state);
        self.channel_event(id, EventType::ChannelState);
    }

    pub(crate) fn set_callstate(&mut self, id: ChannelId, callstate: CallState) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let old = std::mem::replace(&mut channel.callstate, callstate);
        if old != callstate {
            self.tell_callstate(id, old, callstate);
            let number = (callstate as u8).to_string();
            let before =
                [("Original-Channel-Call-State", old.name()), ("Channel-Call-State-Number", &number)];
            self.channel_event_with(id, EventType::ChannelCallstate, &before, &[]);
        }
    }

    /// Answers a channel, and the far end of a loopback pair first.
    pub(crate) fn answer_channel(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get(id) else { return };
        if channel.answer == Answer::Answered || !channel.is_up() {
            return;
        }
        let far = channel.other_leg.filter(|_| !channel.outbound);
        for leg in far.into_iter().chain([id]) {
            let Some(channel) = self.channels.get_mut(leg) else { continue };
            if channel.answer == Answer::Answered || !channel.is_up() {
                continue;
            }
            channel.answer = Answer::Answered;
            channel.profile.answered = Moment::now().micros();
            let by = if self.is_sip(leg) {
                self.tell_sip_answer(leg);
                narrate_sip::STATE
            } else if leg == id {
                ("mod_dptools.c", "answer_function", 1406)
            } else {
                ("mod_loopback.c", "channel_receive_message", 1021)
            };
            self.tell_at(leg, LogLevel::Notice, Line::Channel, by, |c| {
                format!("Channel [{}] has been answered", c.name)
            });
            self.channel_event(leg, EventType::ChannelAnswer);
            self.set_callstate(leg, CallState::Active);
            if let Some(channel) = self.channels.get_mut(leg) {
                channel.variables.set("endpoint_disposition", "ANSWER");
            }
            self.leg_answered(leg, Answer::Answered);
        }
    }

    /// The far end rings: both ends of a loopback pair hear of it.
    pub(crate) fn ring_channel(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get(id) else { return };
        if channel.answer != Answer::Ringing || !channel.is_up() || channel.profile.progress > 0 {
            return;
        }
        let far = channel.other_leg.filter(|_| !channel.outbound);
        for leg in far.into_iter().chain([id]) {
            self.note_progress(leg, false);
            let (by, words): (_, &[&str]) = if leg == id {
                (("mod_dptools.c", "ring_ready_function", 1113), &["Ring Ready", "Ring-Ready"])
            } else {
                (("mod_loopback.c", "channel_receive_message", 1031), &["Ring-Ready"])
            };
            for words in words {
                self.tell_at(leg, LogLevel::Notice, Line::Channel, by, |c| format!("{words} {}!", c.name));
            }
            self.channel_event(leg, EventType::ChannelProgress);
            self.set_callstate(leg, CallState::Ringing);
        }
    }

    /// A leg rings, or has early media: the channel that called it notes the time, too.
    pub(super) fn note_progress(&mut self, id: ChannelId, media: bool) {
        let now = Moment::now().micros();
        let Some(channel) = self.channels.get(id) else { return };
        let caller = channel.other.as_ref().filter(|other| other.kind == "originator");
        let caller = caller.and_then(|other| self.channels.by_uuid(&other.uuid));
        for leg in caller.into_iter().chain([id]) {
            let Some(channel) = self.channels.get_mut(leg) else { continue };
            if media {
                channel.profile.progress_media = now;
            } else {
                channel.profile.progress = now;
            }
        }
    }

    /// Early media: the result of playing to a channel that is not answered.
    pub(crate) fn pre_answer_channel(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get(id) else { return };
        if channel.answer != Answer::Ringing || !channel.is_up() {
            return;
        }
        let far = channel.other_leg.filter(|_| !channel.outbound);
        for leg in far.into_iter().chain([id]) {
            let Some(channel) = self.channels.get_mut(leg) else { continue };
            channel.answer = Answer::Early;
            let by = if leg == id {
                ("mod_dptools.c", "pre_answer_function", 1420)
            } else {
                ("mod_loopback.c", "channel_receive_message", 1026)
            };
            self.tell_at(leg, LogLevel::Notice, Line::Channel, by, |c| format!("Pre-Answer {}!", c.name));
            let Some(channel) = self.channels.get_mut(leg) else { continue };
            channel.variables.set("endpoint_disposition", "EARLY MEDIA");
            self.note_progress(leg, true);
            self.channel_event(leg, EventType::ChannelProgressMedia);
            self.set_callstate(leg, CallState::Early);
            self.leg_answered(leg, Answer::Early);
        }
    }
}

fn has_profile(kind: EventType) -> bool {
    kind != EventType::Codec
}

/// The kinds of event that carry the channel's variables.
fn has_variables(kind: EventType) -> bool {
    !matches!(
        kind,
        EventType::Codec
            | EventType::ChannelState
            | EventType::ChannelCallstate
            | EventType::ChannelOutgoing
            | EventType::Dtmf
            | EventType::PrivateCommand
            | EventType::PresenceIn
    )
}
