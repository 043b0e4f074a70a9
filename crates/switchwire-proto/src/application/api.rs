//! What is done to a call from outside, by an api command, whatever application it runs.

use super::control::{Digits, Transfer};
use super::write::{cause, check, file};
use super::{Application as _, DialError, TransferLeg};
use crate::dial::passes::argument;
use crate::{BuildError, Command, HangupCause};

/// An api command about a channel, its arguments written so that they arrive whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ApiCommand {
    name: &'static str,
    arguments: String,
}

impl ApiCommand {
    fn new(name: &'static str, arguments: String) -> Self {
        Self { name, arguments }
    }

    /// The command, as `api` takes it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its arguments.
    #[must_use]
    pub fn arguments(&self) -> &str {
        &self.arguments
    }

    /// `uuid_kill`: hangs up.
    ///
    /// # Errors
    /// [`DialError`] for a cause that is not a word.
    pub fn hangup(uuid: &str, why: &HangupCause) -> Result<Self, DialError> {
        Ok(Self::new("uuid_kill", format!("{} {}", id(uuid)?, cause(why)?)))
    }

    /// The command `api NAME ARGUMENTS`.
    ///
    /// # Errors
    /// [`BuildError`] for line breaks.
    pub fn command(&self) -> Result<Command, BuildError> {
        Command::api(self.name(), self.arguments())
    }

    /// `uuid_exists`: whether there is such a channel.
    ///
    /// # Errors
    /// [`DialError`] for a uuid that is not one word.
    pub fn exists(uuid: &str) -> Result<Self, DialError> {
        Ok(Self::new("uuid_exists", id(uuid)?.to_owned()))
    }

    /// `uuid_dump`: all that the server knows of the channel.
    ///
    /// # Errors
    /// [`DialError`] for a uuid that is not one word.
    pub fn dump(uuid: &str) -> Result<Self, DialError> {
        Ok(Self::new("uuid_dump", id(uuid)?.to_owned()))
    }

    /// `uuid_getvar`: a variable of the channel.
    ///
    /// # Errors
    /// [`DialError`] for a uuid or a name that is not one word.
    pub fn variable(uuid: &str, name: &str) -> Result<Self, DialError> {
        Ok(Self::new("uuid_getvar", format!("{} {}", id(uuid)?, one_word("variable's name", name)?)))
    }

    /// `uuid_transfer`.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn transfer(uuid: &str, transfer: &Transfer) -> Result<Self, DialError> {
        Ok(Self::new("uuid_transfer", format!("{} {}", id(uuid)?, transfer.words()?)))
    }

    /// `uuid_park`.
    ///
    /// # Errors
    /// [`DialError`] for a uuid that is not one word.
    pub fn park(uuid: &str) -> Result<Self, DialError> {
        Ok(Self::new("uuid_park", id(uuid)?.to_owned()))
    }

    /// `uuid_hold`, on or off.
    ///
    /// # Errors
    /// [`DialError`] for a uuid that is not one word.
    pub fn hold(uuid: &str, on: bool) -> Result<Self, DialError> {
        let off = if on { "" } else { "off " };
        Ok(Self::new("uuid_hold", format!("{off}{}", id(uuid)?)))
    }

    /// `uuid_audio … mute`: of what the call says (`read`), or else of what it hears (`write`).
    ///
    /// # Errors
    /// [`DialError`] for a uuid that is not one word.
    pub fn mute(uuid: &str, speech: bool) -> Result<Self, DialError> {
        let direction = if speech { "read" } else { "write" };
        Ok(Self::new("uuid_audio", format!("{} start {direction} mute -1", id(uuid)?)))
    }

    /// `uuid_audio … stop`: takes back every mute and level.
    ///
    /// # Errors
    /// [`DialError`] for a uuid that is not one word.
    pub fn unmute(uuid: &str) -> Result<Self, DialError> {
        Ok(Self::new("uuid_audio", format!("{} stop", id(uuid)?)))
    }

    /// `uuid_record … start`: records the call to a file, for so many seconds at most.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn start_recording(uuid: &str, path: &str, limit: Option<u32>) -> Result<Self, DialError> {
        let limit = limit.map(|seconds| format!(" {seconds}")).unwrap_or_default();
        Ok(Self::new("uuid_record", format!("{} start {}{limit}", id(uuid)?, source(path)?)))
    }

    /// `uuid_record … stop`; `all` for every recording of the call.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn stop_recording(uuid: &str, path: &str) -> Result<Self, DialError> {
        Ok(Self::new("uuid_record", format!("{} stop {}", id(uuid)?, source(path)?)))
    }

    /// `uuid_broadcast`: plays a file over whatever the call is doing, to this leg, to its partner or to both.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn broadcast(uuid: &str, path: &str, leg: TransferLeg) -> Result<Self, DialError> {
        // `app::argument` runs an application.
        if path.contains("::") {
            return Err(DialError::Sequence { what: "file", sequence: "::" });
        }
        let leg = match leg {
            TransferLeg::This => "aleg",
            TransferLeg::Peer => "bleg",
            TransferLeg::Both => "both",
        };
        Ok(Self::new("uuid_broadcast", format!("{} {} {leg}", id(uuid)?, source(path)?)))
    }

    /// `uuid_displace … start`: plays a file in the place of what the far end says, or mixed with it.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn displace(uuid: &str, path: &str, limit: Option<u32>, mix: bool) -> Result<Self, DialError> {
        let mut arguments = format!("{} start {}", id(uuid)?, source(path)?);
        if limit.is_some() || mix {
            arguments.push_str(&format!(" {}", limit.unwrap_or(0)));
        }
        if mix {
            arguments.push_str(" mux");
        }
        Ok(Self::new("uuid_displace", arguments))
    }

    /// `uuid_displace … stop`.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn stop_displacing(uuid: &str, path: &str) -> Result<Self, DialError> {
        Ok(Self::new("uuid_displace", format!("{} stop {}", id(uuid)?, source(path)?)))
    }

    /// `uuid_break`: ends what the call plays; `all` also takes back what is queued behind it.
    ///
    /// # Errors
    /// [`DialError`] for a uuid that is not one word.
    pub fn stop_playback(uuid: &str, all: bool) -> Result<Self, DialError> {
        let all = if all { " all" } else { "" };
        Ok(Self::new("uuid_break", format!("{}{all}", id(uuid)?)))
    }

    /// `uuid_send_dtmf`: sends digits to the far end.
    ///
    /// # Errors
    /// [`DialError`] for what is not a digit.
    pub fn send_dtmf(uuid: &str, digits: &Digits) -> Result<Self, DialError> {
        Ok(Self::new("uuid_send_dtmf", format!("{} {}", id(uuid)?, digits.argument()?)))
    }

    /// `sched_hangup`: hangs up in so many seconds.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn schedule_hangup(uuid: &str, seconds: u32, why: Option<&HangupCause>) -> Result<Self, DialError> {
        let why = why.map(cause).transpose()?.map(|word| format!(" {word}")).unwrap_or_default();
        Ok(Self::new("sched_hangup", format!("+{seconds} {}{why}", id(uuid)?)))
    }

    /// `sched_transfer`: transfers this leg in so many seconds.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn schedule_transfer(uuid: &str, seconds: u32, transfer: &Transfer) -> Result<Self, DialError> {
        let place = transfer.clone().leg(TransferLeg::This).words()?;
        Ok(Self::new("sched_transfer", format!("+{seconds} {} {place}", id(uuid)?)))
    }
}

fn source(path: &str) -> Result<String, DialError> {
    Ok(argument(file(path)?))
}

/// A channel's uuid, which may be any one word (`origination_uuid`).
fn id(uuid: &str) -> Result<&str, DialError> {
    one_word("uuid", uuid)
}

/// Checks that the server takes a text for one word, as it stands, where it tells words apart at blanks. `what` names the
/// text in the error.
///
/// # Errors
/// [`DialError`] for a text that is empty, or holds a blank, a quote or what is replaced by a variable's value.
#[doc(hidden)]
pub fn one_word<'a>(what: &'static str, text: &'a str) -> Result<&'a str, DialError> {
    check(what, text)?;
    match text.chars().find(|character| matches!(character, ' ' | '\'' | '\\')) {
        Some(character) => Err(DialError::Character { what, character }),
        None => Ok(text),
    }
}
