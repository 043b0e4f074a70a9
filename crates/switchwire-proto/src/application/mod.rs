//! Applications as values: their arguments, written so that what they name arrives whole, and their outcomes.
//!
//! An application's argument is one text: `play_and_get_digits` takes eleven words of it, `playback` all of it. Variables
//! are expanded in it first, which takes backslashes away, then each application takes it apart in its own way. Each
//! value here writes the argument for its application; what cannot be said is a [`DialError`] before anything is sent.
//!
//! ```
//! use switchwire_proto::application::{Application as _, PlayAndGetDigits, Playback};
//! let ask = PlayAndGetDigits::new(4, 4, "ivr/enter pin.wav").tries(3).timeout(5000).variable("pin");
//! assert_eq!(ask.name(), "play_and_get_digits");
//! assert_eq!(ask.argument()?, r"4 4 3 5000 # 'ivr/enter pin.wav' '' pin \d+");
//! // `!` stands between files that are played one after the other.
//! assert!(Playback::new("wow!.wav").argument().is_err());
//! assert_eq!(Playback::files(["a b.wav", "c.wav"]).argument()?, "file_string://a b.wav!c.wav");
//! # Ok::<(), switchwire_proto::dial::DialError>(())
//! ```
//!
//! # Outcomes
//!
//! How an application ended stands in variables of its `CHANNEL_EXECUTE_COMPLETE`. The same value that wrote the argument
//! reads them, since it knows which variable the digits are in and how many were asked for:
//!
//! ```
//! use switchwire_proto::application::{DigitsEnd, PlayAndGetDigits, TypedApplication as _};
//! use switchwire_proto::{Event, EventType};
//! let mut complete = Event::new(EventType::ChannelExecuteComplete);
//! complete.add_header("variable_pin", "1234");
//! complete.add_header("variable_read_result", "success");
//! let outcome = PlayAndGetDigits::new(4, 4, "enter.wav").variable("pin").read_outcome(&complete);
//! assert_eq!((outcome.digits.as_deref(), outcome.end), (Some("1234"), DigitsEnd::Complete));
//! ```
//!
//! # The one route for all of them
//!
//! A layer that offers these in another language needs four things of a `Box<dyn Application>`: [`name`](Application::name) and
//! [`argument`](Application::argument) to run it, [`outcome`](Application::outcome) to read its end as an [`Outcome`], whose
//! [`kind`](Outcome::kind) and [`fields`](Outcome::fields) are converted in one place, whatever the application.
//! An application without a value of its own is a [`Named`]. Where there is no event (a sync socket), the variables that
//! [`outcome_variables`](Application::outcome_variables) names are fetched and put in an event's place.

mod action;
mod api;
mod conference;
mod control;
mod digits;
mod named;
mod outcome;
mod sound;
#[cfg(test)]
mod tests;
mod variable;
pub(crate) mod write;

pub use action::Action;
pub use api::ApiCommand;
#[doc(hidden)]
pub use api::one_word;
pub use conference::Conference;
pub use control::{
    AttendedTransfer, Digits, Displace, Eavesdrop, Fifo, ScheduledHangup, ScheduledTransfer, Sleep,
    StopRecordSession, Transfer, TransferLeg, ValetPark,
};
pub use digits::{PlayAndGetDigits, Read};
pub use named::Named;
pub use outcome::{
    BridgeOutcome, BridgeSide, DigitsEnd, DigitsOutcome, DoneOutcome, Field, Outcome, PlaybackEnd,
    PlaybackOutcome, RecordEnd, RecordOutcome,
};
pub use sound::{Playback, Record, RecordSession, Say, Speak};
pub use variable::{Bridge, Export, Set, Unset};

pub use crate::dial::DialError;

use crate::Event;

/// An application with its argument, and how to read its end.
pub trait Application {
    /// The application's name, as `execute` takes it.
    fn name(&self) -> &str;

    /// The argument, as `execute` takes it.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said so that the application takes it whole.
    fn argument(&self) -> Result<String, DialError>;

    /// How it ended, from its `CHANNEL_EXECUTE_COMPLETE`.
    fn outcome(&self, complete: &Event) -> Outcome {
        DoneOutcome::read(complete).into()
    }

    /// The channel variables that [`outcome`](Self::outcome) reads.
    fn outcome_variables(&self) -> Vec<String> {
        vec![outcome::RESPONSE.to_owned()]
    }

    /// Whether its outcome is worth having although the call was hung up meanwhile: a bridge that has been talked over, a
    /// message that has been recorded. (The others' ends are an error then.)
    fn ends_with_call(&self) -> bool {
        false
    }
}

/// An application whose outcome has a type of its own.
pub trait TypedApplication: Application {
    /// How it ends.
    type Outcome: Into<Outcome>;

    /// How it ended, from its `CHANNEL_EXECUTE_COMPLETE`.
    fn read_outcome(&self, complete: &Event) -> Self::Outcome;
}

/// Those that only end.
macro_rules! only_end {
    ($($application:ident),* $(,)?) => {
        $(impl TypedApplication for $application {
            type Outcome = DoneOutcome;

            fn read_outcome(&self, complete: &Event) -> DoneOutcome {
                DoneOutcome::read(complete)
            }
        })*
    };
}

only_end!(
    AttendedTransfer,
    Conference,
    Digits,
    Displace,
    Eavesdrop,
    Export,
    Fifo,
    Named,
    RecordSession,
    ScheduledHangup,
    ScheduledTransfer,
    Set,
    Sleep,
    StopRecordSession,
    Transfer,
    Unset,
    ValetPark,
);
