//! The arguments of applications as values, written so that what they name arrives whole.
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

mod conference;
mod digits;
mod sound;
#[cfg(test)]
mod tests;
mod variable;
mod write;

pub use conference::Conference;
pub use digits::{PlayAndGetDigits, Read};
pub use sound::{Playback, Record, RecordSession, Say, Speak};
pub use variable::{Bridge, Set};

pub use crate::dial::DialError;

/// An application with its argument.
pub trait Application {
    /// The application's name, as `execute` takes it.
    fn name(&self) -> &'static str;

    /// The argument, as `execute` takes it.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said so that the application takes it whole.
    fn argument(&self) -> Result<String, DialError>;
}
