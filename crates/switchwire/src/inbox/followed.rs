//! The channels that [`Call`](crate::Call)s follow: their states and digits, from the events that pass. Costs nothing
//! where no channel is followed.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use switchwire_proto::{
    AnswerState, CallState, ChannelState, ContentType, Event, EventType, HangupCause, Message,
};

use super::{End, ReadyCallback};
use crate::Error;

/// What is known of a call, from the events that have come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallStatus {
    /// How far it is answered.
    pub answer: Option<AnswerState>,
    /// The state of the call.
    pub call: Option<CallState>,
    /// The state of the channel's state machine.
    pub channel: Option<ChannelState>,
    /// Why it was hung up.
    pub hangup_cause: Option<HangupCause>,
}

/// A state of a call that can be waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Answered so far at least: an answered call has been ringing.
    Answer(AnswerState),
    /// In that state of the call.
    Call(CallState),
    /// In that state of the channel.
    Channel(ChannelState),
}

/// A digit that the far end pressed (the event `DTMF`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dtmf {
    /// 0 to 9, `*`, `#`, A to D, `F` for a flash.
    pub digit: char,
    /// How long it was pressed.
    pub duration: Option<Duration>,
    /// How it came (`DTMF-Source`), e.g. `RTP`, `APP`.
    pub source: Option<String>,
}

/// What a watcher is shown.
pub(crate) enum Seen<'a> {
    Status(&'a CallStatus),
    Digit(&'a Dtmf),
    /// No more will come.
    Ended(&'a Error),
    /// Whoever waits gives up.
    Expired,
}

/// Returns `true` when it has done its work. What it has to call goes into the list: it runs under the inbox's lock.
pub(crate) type Watcher = Box<dyn FnMut(Seen<'_>, &mut Vec<ReadyCallback>) -> bool + Send>;

/// The followed channels by their uuids.
#[derive(Default)]
pub(crate) struct Followed {
    channels: HashMap<Box<str>, Channel>,
    next: u64,
}

#[derive(Default)]
struct Channel {
    /// How many calls follow it.
    calls: usize,
    status: CallStatus,
    watchers: BTreeMap<u64, Watcher>,
}

impl Followed {
    pub(crate) fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// A call begins to follow the channel; `known` is an event about it.
    pub(crate) fn follow(&mut self, uuid: &str, known: Option<&Event>) {
        let channel = self.channels.entry(uuid.into()).or_default();
        channel.calls += 1;
        if let Some(event) = known
            && channel.status == CallStatus::default()
        {
            channel.status.note(event);
        }
    }

    pub(crate) fn unfollow(&mut self, uuid: &str, ready: &mut Vec<ReadyCallback>) {
        let Some(channel) = self.channels.get_mut(uuid) else { return };
        channel.calls -= 1;
        if channel.calls == 0
            && let Some(channel) = self.channels.remove(uuid)
        {
            channel.watchers.into_values().for_each(|watcher| drop_later(watcher, ready));
        }
    }

    pub(crate) fn status(&self, uuid: &str) -> Option<&CallStatus> {
        self.channels.get(uuid).map(|channel| &channel.status)
    }

    /// Takes what an event or a dump reports of the channel.
    pub(crate) fn note(&mut self, uuid: &str, event: &Event, ready: &mut Vec<ReadyCallback>) {
        if let Some(channel) = self.channels.get_mut(uuid) {
            channel.noted(event, ready);
        }
    }

    /// A watcher of a followed channel; its number.
    pub(crate) fn watch(&mut self, uuid: &str, watcher: Watcher) -> Option<u64> {
        self.next += 1;
        self.channels.get_mut(uuid)?.watchers.insert(self.next, watcher);
        Some(self.next)
    }

    /// Takes the watcher away; `None` when it has done its work.
    pub(crate) fn unwatch(&mut self, uuid: &str, number: u64) -> Option<Watcher> {
        self.channels.get_mut(uuid)?.watchers.remove(&number)
    }

    /// Looks at an event that has come.
    pub(super) fn see(&mut self, message: &Message, ready: &mut Vec<ReadyCallback>) {
        if !tells_of_a_call(message) {
            return;
        }
        let event = message.clone().into_event();
        let Some(uuid) = event.unique_id() else { return };
        let Some(channel) = self.channels.get_mut(&*uuid) else { return };
        if event.event_type() == EventType::Dtmf {
            if let Some(digit) = Dtmf::of(&event) {
                channel.show(ready, || Seen::Digit(&digit));
            }
            return;
        }
        channel.noted(&event, ready);
    }

    /// The channel has ended.
    pub(super) fn ended(&mut self, uuid: &str, end: &End, ready: &mut Vec<ReadyCallback>) {
        if let Some(channel) = self.channels.get_mut(uuid) {
            channel.status.end(end.cause.as_deref());
            channel.tell(ready);
        }
    }

    /// The connection has ended.
    pub(super) fn closed(&mut self, reason: &Error, ready: &mut Vec<ReadyCallback>) {
        for channel in self.channels.values_mut() {
            channel.end(reason, ready);
        }
    }
}

impl Channel {
    fn noted(&mut self, event: &Event, ready: &mut Vec<ReadyCallback>) {
        let before = self.status.clone();
        self.status.note(event);
        if self.status != before {
            self.tell(ready);
        }
    }

    /// Shows the watchers the state, and the end where it has come.
    fn tell(&mut self, ready: &mut Vec<ReadyCallback>) {
        let status = self.status.clone();
        self.show(ready, || Seen::Status(&status));
        if let Some(end) = status.end_error() {
            self.end(&end, ready);
        }
    }

    /// No more will come.
    fn end(&mut self, reason: &Error, ready: &mut Vec<ReadyCallback>) {
        for (_, mut watcher) in std::mem::take(&mut self.watchers) {
            watcher(Seen::Ended(reason), ready);
            drop_later(watcher, ready);
        }
    }

    fn show<'a>(&mut self, ready: &mut Vec<ReadyCallback>, seen: impl Fn() -> Seen<'a>) {
        let done: Vec<u64> = self
            .watchers
            .iter_mut()
            .filter_map(|(number, watcher)| watcher(seen(), ready).then_some(*number))
            .collect();
        for watcher in done.iter().filter_map(|number| self.watchers.remove(number)) {
            drop_later(watcher, ready);
        }
    }
}

impl CallStatus {
    /// Whether the call is known to have ended.
    #[must_use]
    pub fn hung_up(&self) -> bool {
        self.answer == Some(AnswerState::Hangup)
    }

    /// The error of what can only be done with a call that is up, once it has ended.
    pub(crate) fn end_error(&self) -> Option<Error> {
        let cause = || self.hangup_cause.as_ref().map(|cause| cause.name().to_owned());
        self.hung_up().then(|| Error::hung_up(cause(), None))
    }

    /// Whether the call is in that state, or was as far.
    #[must_use]
    pub fn is(&self, state: &State) -> bool {
        match state {
            State::Answer(AnswerState::Hangup) => self.hung_up(),
            State::Answer(wanted) => {
                let far = |answer: &AnswerState| answer.number();
                !self.hung_up() && self.answer.as_ref().is_some_and(|answer| far(answer) >= far(wanted))
            }
            State::Call(wanted) => self.call.as_ref() == Some(wanted),
            State::Channel(wanted) => self.channel.as_ref() == Some(wanted),
        }
    }

    fn end(&mut self, cause: Option<&str>) {
        (self.answer, self.call) = (Some(AnswerState::Hangup), Some(CallState::Hangup));
        if self.hangup_cause.is_none() {
            self.hangup_cause = cause.map(HangupCause::from);
        }
    }

    /// Takes what an event tells. Events of one leg come in the order of its states, save that the ones of its making may
    /// come late (`CHANNEL_CREATE` after `CHANNEL_ANSWER`): they are no news then.
    fn note(&mut self, event: &Event) {
        let event_type = event.event_type();
        let late = matches!(
            event_type,
            EventType::ChannelCreate | EventType::ChannelOriginate | EventType::ChannelOutgoing
        );
        let begun = self.answer.is_some();
        if self.hung_up() {
            // Only the state machine goes on.
            self.channel = event.channel_state().or(self.channel.take());
            self.end(event.hangup_cause().as_ref().map(HangupCause::name));
            return;
        }
        if late && begun {
            return;
        }
        if let Some(answer) = event.answer_state()
            && self.answer.as_ref().is_none_or(|known| answer.number() >= known.number())
        {
            self.answer = Some(answer);
        }
        // The event of an answer still shows the state of the call before it.
        match event_type {
            EventType::ChannelAnswer if self.call != Some(CallState::RingWait) => {
                self.call = Some(CallState::Active);
            }
            EventType::ChannelProgressMedia => self.call = Some(CallState::Early),
            EventType::ChannelCallstate => self.call = event.call_state().or(self.call.take()),
            _ if self.call.is_none() => self.call = event.call_state(),
            _ => {}
        }
        self.channel = event.channel_state().or(self.channel.take());
        let ends = matches!(
            event_type,
            EventType::ChannelHangup | EventType::ChannelHangupComplete | EventType::ChannelDestroy
        );
        let cause = event.hangup_cause().filter(|cause| !cause.name().is_empty());
        if ends || self.hung_up() || cause.is_some() {
            self.end(cause.as_ref().map(HangupCause::name));
        }
    }
}

impl State {
    /// Reads a word as the server writes it: `answered` (an answer state), `ACTIVE` (a state of the call), `CS_EXECUTE` (a
    /// state of the channel); `None` for any other. `hangup` and `HANGUP` say the same.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        fn exactly<Word>(found: Option<Word>, word: impl Fn(&Word) -> bool) -> Option<Word> {
            found.filter(word)
        }
        exactly(AnswerState::from_name(name), |word| word.name() == name)
            .map(Self::Answer)
            .or_else(|| exactly(CallState::from_name(name), |word| word.name() == name).map(Self::Call))
            .or_else(|| ChannelState::from_name(name).map(Self::Channel))
    }

    pub(crate) fn is_end(&self) -> bool {
        match self {
            Self::Answer(answer) => *answer == AnswerState::Hangup,
            Self::Call(call) => *call == CallState::Hangup,
            Self::Channel(_) => false,
        }
    }
}

impl From<AnswerState> for State {
    fn from(state: AnswerState) -> Self {
        Self::Answer(state)
    }
}

impl From<CallState> for State {
    fn from(state: CallState) -> Self {
        Self::Call(state)
    }
}

impl From<ChannelState> for State {
    fn from(state: ChannelState) -> Self {
        Self::Channel(state)
    }
}

impl Dtmf {
    fn of(event: &Event) -> Option<Self> {
        Some(Self {
            digit: event.dtmf_digit()?,
            duration: event.dtmf_duration(),
            source: event.header("DTMF-Source").map(Cow::into_owned),
        })
    }
}

/// Without the lock: what a watcher owns may be the last handle of the connection.
fn drop_later(watcher: Watcher, ready: &mut Vec<ReadyCallback>) {
    ready.push(Box::new(move || drop(watcher)));
}

/// Whether an event may report the state or the digits of a call, by its first bytes.
fn tells_of_a_call(message: &Message) -> bool {
    let begin: &[u8] = match message.content_type() {
        ContentType::EventPlain => b"Event-Name: ",
        ContentType::EventJson => b"{\"Event-Name\":\"",
        ContentType::EventXml => b"<event>\n  <headers>\n    <Event-Name>",
        _ => return false,
    };
    let Some(body) = message.body() else { return false };
    match body.strip_prefix(begin) {
        Some(name) => name.starts_with(b"CHANNEL_") || name.starts_with(b"DTMF"),
        // A custom event begins with its subclass; anything else is in no order that a server is known to send.
        None => !body.starts_with(b"Event-Subclass"),
    }
}
