//! How an application ended, read from its `CHANNEL_EXECUTE_COMPLETE`.

mod bridge;
mod digits;
mod playback;
mod record;

use std::time::Duration;

pub use bridge::{BridgeOutcome, BridgeSide};
pub(super) use digits::Asked;
pub use digits::{DigitsEnd, DigitsOutcome};
pub use playback::{PlaybackEnd, PlaybackOutcome};
pub use record::{RecordEnd, RecordOutcome};

use crate::{AnswerState, Event};

/// How an application ended. Each application says which one it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Of `playback`, `say`, `speak`, `phrase`.
    Playback(PlaybackOutcome),
    /// Of `play_and_get_digits`, `read`.
    Digits(DigitsOutcome),
    /// Of `record`.
    Record(RecordOutcome),
    /// Of `bridge`.
    Bridge(BridgeOutcome),
    /// Of all others.
    Done(DoneOutcome),
}

/// The end of an application that has no outcome of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DoneOutcome {
    /// `Application-Response`, where the application left one.
    pub response: Option<String>,
    /// The call was being hung up.
    pub hangup: bool,
}

/// A value of an outcome, for languages that convert them all in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Field {
    /// Not known, or not so.
    None,
    /// Digits, a key, a uuid, the server's words.
    Text(String),
    /// One of the words of an enum, e.g. `terminator`.
    Word(&'static str),
    /// A count.
    Integer(u64),
    /// Yes or no.
    Boolean(bool),
    /// A length of time.
    Duration(Duration),
    /// A hangup cause, e.g. `USER_BUSY`.
    Cause(String),
}

impl Outcome {
    /// A stable word for the variant: `playback`, `digits`, `record`, `bridge`, `done`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Playback(_) => "playback",
            Self::Digits(_) => "digits",
            Self::Record(_) => "record",
            Self::Bridge(_) => "bridge",
            Self::Done(_) => "done",
        }
    }

    /// All fields by their names, always the same ones in the same order for one kind.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, Field)> {
        match self {
            Self::Playback(outcome) => outcome.fields(),
            Self::Digits(outcome) => outcome.fields(),
            Self::Record(outcome) => outcome.fields(),
            Self::Bridge(outcome) => outcome.fields(),
            Self::Done(DoneOutcome { response, hangup }) => {
                vec![("response", Field::text(response.as_deref())), ("hangup", Field::Boolean(*hangup))]
            }
        }
    }

    /// Whether the call was being hung up when the application ended.
    #[must_use]
    pub fn hangup(&self) -> bool {
        match self {
            Self::Playback(outcome) => outcome.end == PlaybackEnd::Hangup,
            Self::Digits(outcome) => outcome.end == DigitsEnd::Hangup,
            Self::Record(outcome) => outcome.end == RecordEnd::Hangup,
            Self::Bridge(outcome) => outcome.hangup,
            Self::Done(outcome) => outcome.hangup,
        }
    }
}

impl DoneOutcome {
    /// Reads the end of any application.
    #[must_use]
    pub fn read(complete: &Event) -> Self {
        Self { response: response(complete), hangup: is_hung_up(complete) }
    }
}

impl From<DoneOutcome> for Outcome {
    fn from(outcome: DoneOutcome) -> Self {
        Self::Done(outcome)
    }
}

impl Field {
    fn text(text: Option<&str>) -> Self {
        text.map_or(Self::None, |text| Self::Text(text.to_owned()))
    }

    fn key(key: Option<char>) -> Self {
        key.map_or(Self::None, |key| Self::Text(key.to_string()))
    }

    fn duration(duration: Option<Duration>) -> Self {
        duration.map_or(Self::None, Self::Duration)
    }

    fn integer(count: Option<u64>) -> Self {
        count.map_or(Self::None, Self::Integer)
    }
}

/// Makes a plain enum of the ways in which something ends, with a word for each.
macro_rules! ends {
    ($(#[$outer:meta])* $enum:ident { $($(#[$meta:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $enum { $($(#[$meta])* $variant,)* }

        impl $enum {
            /// Every variant.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// A stable word for it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}
use ends;

/// Whether the call was being hung up when the application ended.
pub(super) fn is_hung_up(complete: &Event) -> bool {
    complete.answer_state() == Some(AnswerState::Hangup)
        || complete.header_bytes("Hangup-Cause").is_some_and(|cause| !cause.is_empty())
}

/// What the application left as its result; on a sync socket, where there is no event, from the variable.
fn response(complete: &Event) -> Option<String> {
    complete.application_response().or_else(|| complete.variable(RESPONSE)).map(std::borrow::Cow::into_owned)
}

fn number(complete: &Event, variable: &str) -> Option<u64> {
    complete.variable(variable)?.trim().parse().ok()
}

fn key(complete: &Event, variable: &str) -> Option<char> {
    complete.variable(variable)?.chars().next()
}

/// The variable that the header `Application-Response` is made from.
pub(super) const RESPONSE: &str = "current_application_response";
