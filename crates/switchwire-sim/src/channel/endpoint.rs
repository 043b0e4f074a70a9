//! Legs whose far end behaves as it was told to.

use std::time::Duration;

use switchwire_proto::EventType;

use super::{CallState, ChannelId, HangupBy, State};
use crate::custom::{Asked, Respond};
use crate::endpoint::{Endpoint, Step};
use crate::glob;
use crate::world::{Timer, World};

impl World {
    /// Whether an endpoint with a behaviour of its own is dialled.
    pub(super) fn knows_endpoint(&self, dialled: &str) -> bool {
        self.config.endpoints.iter().any(|(pattern, _)| glob::matches(pattern, dialled))
    }

    /// A leg that is made: its endpoint is asked what it does.
    pub(super) fn call_endpoint(&mut self, id: ChannelId, dialled: &str) {
        let known = &self.config.endpoints;
        let Some((_, handler)) = known.iter().rev().find(|(pattern, _)| glob::matches(pattern, dialled))
        else {
            return;
        };
        let handler = handler.clone();
        let asked = self.asked_about(id, dialled, "");
        let respond = Respond::endpoint(&self.replies, id);
        handler.call(asked, respond);
    }

    /// What a user's handler is told about a channel.
    pub(crate) fn asked_about(&self, id: ChannelId, name: &str, argument: &str) -> Asked {
        let channel = self.channels.get(id);
        Asked {
            name: name.to_owned(),
            argument: argument.to_owned(),
            uuid: channel.map(|channel| channel.uuid.clone()),
            variables: channel.map(|channel| channel.variables.texts()).unwrap_or_default(),
        }
    }

    /// The endpoint said what it does.
    pub(crate) fn behave(&mut self, id: ChannelId, endpoint: &Endpoint) {
        for (after, step) in endpoint.before_answer() {
            self.endpoint_after(id, after, step);
        }
        if let Some(channel) = self.channels.get_mut(id) {
            channel.endpoint = Some(endpoint.clone());
        }
    }

    fn endpoint_after(&mut self, id: ChannelId, after: Duration, step: Step) {
        self.timers.after(after, Timer::Endpoint(id, step));
    }

    /// A step's time has come.
    pub(crate) fn endpoint_step(&mut self, id: ChannelId, step: Step) {
        if !self.channels.get(id).is_some_and(super::Channel::is_up) {
            return;
        }
        match step {
            Step::Ring => {
                self.note_progress(id, false);
                self.tell_sip_state(id, "proceeding", 180);
                self.channel_event(id, EventType::ChannelProgress);
                self.set_callstate(id, CallState::Ringing);
            }
            Step::EarlyMedia => {
                self.tell_sip_state(id, "proceeding", 183);
                self.pre_answer_channel(id);
            }
            Step::Answer => {
                self.answer_channel(id);
                let endpoint = self.channels.get_mut(id).and_then(|channel| channel.endpoint.take());
                for (after, step) in endpoint.iter().flat_map(Endpoint::after_answer) {
                    self.endpoint_after(id, after, step);
                }
            }
            Step::Digits(digits) => {
                let digits = super::Digit::parse(&digits, super::DigitSource::Far);
                digits.into_iter().for_each(|digit| self.receive_digit(id, digit));
            }
            Step::Hangup(cause) => {
                self.tell_sip_end(id, &cause);
                let by = if self.is_sip(id) { HangupBy::FarEnd } else { HangupBy::Core };
                self.hang_up_by(id, super::cause::named(&cause), by);
            }
        }
    }

    /// The first states of a leg with one end, before it rings.
    pub(super) fn first_states(&mut self, id: ChannelId) {
        self.channel_event(id, EventType::ChannelOutgoing);
        self.set_state(id, State::Init);
        if let Some(leg) = self.channels.get_mut(id) {
            leg.state = State::Routing;
        }
        self.channel_event(id, EventType::ChannelCreate);
        self.channel_event(id, EventType::ChannelOriginate);
        self.set_state(id, State::Routing);
        self.set_state(id, State::ConsumeMedia);
    }
}
