//! Typed readers of an event: each looks its header up when it is called and keeps nothing.
#![allow(clippy::disallowed_types, reason = "a point in time as a value: no clock is read")]

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use super::profile::{number, time};
use super::{AnswerState, CallDirection, CallState, CallerProfile, ChannelState, HangupCause};
use crate::Event;

/// What the names of channel variables begin with in events.
const VARIABLE_PREFIX: &[u8] = b"variable_";
/// DTMF durations count samples at this rate, whatever the codec.
const SAMPLES_PER_MILLISECOND: u64 = 8;

impl Event {
    /// Why the channel was hung up (`Hangup-Cause`); `None` before that.
    #[must_use]
    pub fn hangup_cause(&self) -> Option<HangupCause> {
        self.header("Hangup-Cause").map(|word| HangupCause::from(&*word))
    }

    /// The state of the channel's state machine (`Channel-State`).
    #[must_use]
    pub fn channel_state(&self) -> Option<ChannelState> {
        self.header("Channel-State").map(|word| ChannelState::from(&*word))
    }

    /// The state of the call (`Channel-Call-State`). In `CHANNEL_ANSWER` it is still the state before: the
    /// `CHANNEL_CALLSTATE` after it has the new one.
    #[must_use]
    pub fn call_state(&self) -> Option<CallState> {
        self.header("Channel-Call-State").map(|word| CallState::from(&*word))
    }

    /// How far the call is answered (`Answer-State`).
    #[must_use]
    pub fn answer_state(&self) -> Option<AnswerState> {
        self.header("Answer-State").map(|word| AnswerState::from(&*word))
    }

    /// Which way the leg goes (`Call-Direction`).
    #[must_use]
    pub fn call_direction(&self) -> Option<CallDirection> {
        self.header("Call-Direction").map(|word| CallDirection::from(&*word))
    }

    /// The profile of the leg that the event is about (`Caller-*`).
    #[must_use]
    pub fn caller(&self) -> CallerProfile<'_> {
        CallerProfile::caller(self)
    }

    /// The profile of the leg on the other side (`Other-Leg-*`); `None` when the event has none (`Other-Type` says so).
    #[must_use]
    pub fn other_leg(&self) -> Option<CallerProfile<'_>> {
        self.header_bytes("Other-Type").map(|_| CallerProfile::other_leg(self))
    }

    /// When the event was made (`Event-Date-Timestamp`).
    #[must_use]
    pub fn time(&self) -> Option<SystemTime> {
        self.header_bytes("Event-Date-Timestamp").and_then(|value| time(&value))
    }

    /// When the leg was created (`Caller-Channel-Created-Time`).
    #[must_use]
    pub fn time_created(&self) -> Option<SystemTime> {
        self.caller().created()
    }

    /// When the leg was answered (`Caller-Channel-Answered-Time`); `None` before that.
    #[must_use]
    pub fn time_answered(&self) -> Option<SystemTime> {
        self.caller().answered()
    }

    /// When the leg was hung up (`Caller-Channel-Hangup-Time`); `None` before that.
    #[must_use]
    pub fn time_hung_up(&self) -> Option<SystemTime> {
        self.caller().hung_up()
    }

    /// The value of a channel variable, by its name without `variable_`.
    ///
    /// `CHANNEL_STATE`, `CHANNEL_CALLSTATE`, `CODEC` and `CHANNEL_OUTGOING` carry no variables, unless the server runs
    /// with `verbose-events`. An array variable gives its `ARRAY::a|:b` form: see [`Event::array`].
    #[must_use]
    pub fn variable(&self, name: impl AsRef<[u8]>) -> Option<Cow<'_, str>> {
        let name = name.as_ref();
        // Real names fit on the stack.
        let mut buffer = [0; 128];
        let length = VARIABLE_PREFIX.len() + name.len();
        match buffer.get_mut(..length) {
            Some(full) => {
                let (prefix, rest) = full.split_at_mut(VARIABLE_PREFIX.len());
                prefix.copy_from_slice(VARIABLE_PREFIX);
                rest.copy_from_slice(name);
                self.header(&*full)
            }
            None => self.header([VARIABLE_PREFIX, name].concat()),
        }
    }

    /// The channel variables in order, names without `variable_`.
    pub fn variables(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.headers().filter_map(|header| {
            let name = header.name_bytes();
            let prefix = name.get(..VARIABLE_PREFIX.len())?;
            prefix
                .eq_ignore_ascii_case(VARIABLE_PREFIX)
                .then(|| (String::from_utf8_lossy(&name[VARIABLE_PREFIX.len()..]), header.value()))
        })
    }

    /// The digit of a `DTMF` event (`DTMF-Digit`): 0 to 9, `*`, `#`, A to D, `F` for a flash, `w` for a pause.
    #[must_use]
    pub fn dtmf_digit(&self) -> Option<char> {
        self.header("DTMF-Digit")?.chars().next()
    }

    /// How long the digit of a `DTMF` event lasted (`DTMF-Duration`, which counts samples of 8000 Hz).
    #[must_use]
    pub fn dtmf_duration(&self) -> Option<Duration> {
        let samples = self.header_bytes("DTMF-Duration").and_then(|value| number(&value))?;
        samples.checked_mul(1000 / SAMPLES_PER_MILLISECOND).map(Duration::from_micros)
    }

    /// What an application left as its result, in `CHANNEL_EXECUTE_COMPLETE` (`Application-Response`), e.g. `FILE
    /// PLAYED`; `None` for `_none_`.
    #[must_use]
    pub fn application_response(&self) -> Option<Cow<'_, str>> {
        self.header("Application-Response").filter(|response| response != "_none_")
    }
}
