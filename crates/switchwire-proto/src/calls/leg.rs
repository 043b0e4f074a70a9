#![allow(clippy::disallowed_types, reason = "a point in time as a value: no clock is read")]

use std::time::SystemTime;

use super::snapshot::Row;
use crate::{AnswerState, CallDirection, CallState, ChannelState, Event, EventType, HangupCause};

/// A leg (a channel) that is up, as far as events and snapshots have told. Texts that are not known are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallLeg {
    /// Its uuid.
    pub uuid: String,
    /// The channel's name, e.g. `sofia/internal/1000@example.com`.
    pub name: String,
    /// Which way it goes.
    pub direction: Option<CallDirection>,
    /// The state of the channel.
    pub state: Option<ChannelState>,
    /// The state of the call.
    pub call_state: Option<CallState>,
    /// How far it is answered.
    pub answer_state: Option<AnswerState>,
    /// The caller's name.
    pub caller_id_name: String,
    /// The caller's number.
    pub caller_id_number: String,
    /// The called party's name.
    pub callee_id_name: String,
    /// The called party's number.
    pub callee_id_number: String,
    /// What was dialled.
    pub destination: String,
    /// The dialplan context.
    pub context: String,
    /// The uuid that the legs of one call have in common (`Channel-Call-UUID`); the leg's own where it is alone.
    pub call_uuid: String,
    /// When it was made; from a snapshot to the second.
    pub created: Option<SystemTime>,
    /// When it was answered; not known of a leg that a snapshot reports, until its next event.
    pub answered: Option<SystemTime>,
    /// Why it was hung up: it is about to go.
    pub hangup_cause: Option<HangupCause>,
    /// The legs that it is bridged to, in the order in which the bridges began. More than one during an attended
    /// transfer: the last one is who it talks to, the others are waiting.
    pub bridges: Vec<Bridge>,
    /// The time of the event that reported the state, in microseconds.
    pub(super) as_of: u64,
    /// The last synchronisation during or since which an event has reported on it.
    pub(super) heard_in: u64,
}

/// A bridge, as one of its legs has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bridge {
    /// The other leg.
    pub with: String,
    /// Since when; from a snapshot to the second.
    pub since: Option<SystemTime>,
}

impl CallLeg {
    pub(super) fn new(uuid: &str) -> Self {
        Self {
            uuid: uuid.to_owned(),
            name: String::new(),
            direction: None,
            state: None,
            call_state: None,
            answer_state: None,
            caller_id_name: String::new(),
            caller_id_number: String::new(),
            callee_id_name: String::new(),
            callee_id_number: String::new(),
            destination: String::new(),
            context: String::new(),
            call_uuid: String::new(),
            created: None,
            answered: None,
            hangup_cause: None,
            bridges: Vec::new(),
            as_of: 0,
            heard_in: 0,
        }
    }

    /// Whether it is answered and not hung up.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.answer_state == Some(AnswerState::Answered) && !self.is_hung_up()
    }

    /// Whether it was hung up: it goes as soon as the server has cleared up.
    #[must_use]
    pub fn is_hung_up(&self) -> bool {
        self.hangup_cause.is_some()
            || self.answer_state == Some(AnswerState::Hangup)
            || self.state.as_ref().is_some_and(ChannelState::is_ended)
    }

    /// The leg that it is bridged to and talks to.
    #[must_use]
    pub fn bridged_to(&self) -> Option<&str> {
        self.bridges.last().map(|bridge| bridge.with.as_str())
    }

    /// Since when it is bridged to [`bridged_to`](Self::bridged_to).
    #[must_use]
    pub fn bridged_since(&self) -> Option<SystemTime> {
        self.bridges.last()?.since
    }

    /// Takes what an event about it reports. Events of several threads of the server may be out of order: what an older
    /// one says of the state is passed over.
    pub(super) fn note(&mut self, event: &Event) {
        let caller = event.caller();
        fill(&mut self.name, event.header("Channel-Name"));
        let at = made_at(event);
        self.direction = event.call_direction().or_else(|| self.direction.take());
        self.created = caller.created().or(self.created);
        self.answered = caller.answered().or(self.answered);
        if self.hangup_cause.is_none() {
            self.hangup_cause = event.hangup_cause().filter(|cause| *cause != HangupCause::None);
        }
        if at < self.as_of {
            return;
        }
        self.as_of = at;
        fill(&mut self.caller_id_name, caller.caller_id_name());
        fill(&mut self.caller_id_number, caller.caller_id_number());
        fill(&mut self.callee_id_name, caller.callee_id_name());
        fill(&mut self.callee_id_number, caller.callee_id_number());
        fill(&mut self.destination, caller.destination_number());
        fill(&mut self.context, caller.context());
        fill(&mut self.call_uuid, event.header("Channel-Call-UUID"));
        self.state = event.channel_state().or_else(|| self.state.take());
        // In these the state of the call is still the one before.
        let before = matches!(
            event.event_type(),
            EventType::ChannelAnswer | EventType::ChannelProgress | EventType::ChannelProgressMedia
        );
        if !before {
            self.call_state = event.call_state().or_else(|| self.call_state.take());
        }
        self.answer_state = event.answer_state().or_else(|| self.answer_state.take());
    }

    /// Takes what a snapshot reports.
    pub(super) fn note_row(&mut self, row: &Row) {
        for (own, told) in [
            (&mut self.name, &row.name),
            (&mut self.caller_id_name, &row.cid_name),
            (&mut self.caller_id_number, &row.cid_num),
            (&mut self.callee_id_name, &row.callee_name),
            (&mut self.callee_id_number, &row.callee_num),
            (&mut self.destination, &row.dest),
            (&mut self.context, &row.context),
            (&mut self.call_uuid, &row.call_uuid),
        ] {
            if !told.is_empty() {
                own.clone_from(told);
            }
        }
        if self.call_uuid.is_empty() {
            self.call_uuid.clone_from(&self.uuid);
        }
        let word = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        self.direction =
            word(&row.direction).map(|word| CallDirection::from(&*word)).or(self.direction.take());
        self.state = word(&row.state).map(|word| ChannelState::from(&*word)).or(self.state.take());
        if let Some(told) = word(&row.callstate).map(|word| CallState::from(&*word)) {
            self.answer_state = answered_by(&told).or(self.answer_state.take());
            self.call_state = Some(told);
        }
        self.created = self.created.or(row.created);
    }
}

/// How far a call in this state is answered.
fn answered_by(state: &CallState) -> Option<AnswerState> {
    Some(match state {
        CallState::Active | CallState::Held | CallState::Unheld | CallState::RingWait => {
            AnswerState::Answered
        }
        CallState::Early => AnswerState::Early,
        CallState::Down | CallState::Dialing | CallState::Ringing => AnswerState::Ringing,
        CallState::Hangup => AnswerState::Hangup,
        CallState::Other(_) => return None,
    })
}

fn fill(own: &mut String, told: Option<std::borrow::Cow<'_, str>>) {
    if let Some(told) = told.filter(|told| !told.is_empty())
        && *own != *told
    {
        *own = told.into_owned();
    }
}

/// When the event was made, in microseconds.
pub(super) fn made_at(event: &Event) -> u64 {
    event.header("Event-Date-Timestamp").and_then(|at| at.parse().ok()).unwrap_or(0)
}
