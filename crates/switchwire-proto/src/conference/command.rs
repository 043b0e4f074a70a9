//! What the api command `conference` is told.

use std::fmt;

use crate::Reply;
use crate::application::write::{check, digits, file, name};
use crate::dial::passes::argument;
use crate::dial::{Carrier, DialError, DialString};

/// Which members a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Members {
    /// The one with that id.
    Id(u32),
    /// Every member.
    All,
    /// The one that joined last.
    Last,
    /// Every member that is no moderator.
    NonModerators,
}

/// What one member's relation to another changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Relation {
    /// The first does not hear the second.
    NoHear,
    /// The first is not heard by the second.
    NoSpeak,
    /// Takes the others back.
    Clear,
}

/// A command for a conference, its arguments written so that they arrive whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConferenceCommand {
    word: &'static str,
    arguments: String,
}

impl fmt::Display for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::All => f.write_str("all"),
            Self::Last => f.write_str("last"),
            Self::NonModerators => f.write_str("non_moderator"),
        }
    }
}

impl From<u32> for Members {
    fn from(id: u32) -> Self {
        Self::Id(id)
    }
}

macro_rules! of_members {
    ($($method:ident = $word:literal, $meaning:literal;)*) => {
        $(
            #[doc = concat!("`", $word, "`: ", $meaning)]
            #[must_use]
            pub fn $method(members: impl Into<Members>) -> Self {
                Self::new($word, members.into().to_string())
            }
        )*
    };
}

macro_rules! plain {
    ($($method:ident = $word:literal, $meaning:literal;)*) => {
        $(
            #[doc = concat!("`", $word, "`: ", $meaning)]
            #[must_use]
            pub fn $method() -> Self {
                Self::new($word, String::new())
            }
        )*
    };
}

impl ConferenceCommand {
    fn new(word: &'static str, arguments: impl Into<String>) -> Self {
        Self { word, arguments: arguments.into() }
    }

    of_members! {
        mute = "mute", "they are not heard.";
        unmute = "unmute", "they are heard again.";
        toggle_mute = "tmute", "mutes those that are heard, unmutes the others.";
        deaf = "deaf", "they hear nothing.";
        undeaf = "undeaf", "they hear again.";
        hold = "hold", "puts them on hold.";
        unhold = "unhold", "takes them off hold.";
        kick = "kick", "sends them out: their channels go on.";
        hup = "hup", "hangs them up.";
        floor = "floor", "gives one of them the floor, or takes it back; refused while another talks.";
    }

    plain! {
        lock = "lock", "no other member may join.";
        unlock = "unlock", "others may join again.";
        no_pin = "nopin", "members are not asked for a PIN any more.";
        json_list = "json_list", "lists the conference: see `ConferenceInfo`.";
    }

    /// `kick`: sends them out after a sound.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn kick_with(members: impl Into<Members>, sound: &str) -> Result<Self, DialError> {
        Ok(Self::new("kick", format!("{} {}", members.into(), argument(file(sound)?))))
    }

    /// `volume_in`: how loud they are heard, -4 to 4.
    #[must_use]
    pub fn volume_in(members: impl Into<Members>, level: i32) -> Self {
        Self::new("volume_in", format!("{} {level}", members.into()))
    }

    /// `volume_out`: how loud they hear, -4 to 4.
    #[must_use]
    pub fn volume_out(members: impl Into<Members>, level: i32) -> Self {
        Self::new("volume_out", format!("{} {level}", members.into()))
    }

    /// `energy`: from which level on they count as talking.
    #[must_use]
    pub fn energy(members: impl Into<Members>, level: u32) -> Self {
        Self::new("energy", format!("{} {level}", members.into()))
    }

    /// `pin`: members are asked for it.
    ///
    /// # Errors
    /// [`DialError`] for what are no digits.
    pub fn pin(pin: &str) -> Result<Self, DialError> {
        match pin.chars().find(|key| !key.is_ascii_digit()) {
            Some(character) => Err(DialError::Character { what: "pin", character }),
            None => Ok(Self::new("pin", name("pin", pin)?)),
        }
    }

    /// `play`: plays a file to all; `beside` goes on with what is played already.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn play(path: &str, beside: bool) -> Result<Self, DialError> {
        let beside = if beside { " async" } else { "" };
        Ok(Self::new("play", format!("{}{beside}", argument(file(path)?))))
    }

    /// `play`: plays a file to one member.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn play_to(member: u32, path: &str) -> Result<Self, DialError> {
        Ok(Self::new("play", format!("{} {member}", argument(file(path)?))))
    }

    /// `stop`: ends what is played; `all` also what is queued behind it.
    #[must_use]
    pub fn stop(all: bool) -> Self {
        Self::new("stop", if all { "all" } else { "current" })
    }

    /// `say`: speaks a text to all.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn say(text: &str) -> Result<Self, DialError> {
        check("text", text)?;
        Ok(Self::new("say", text))
    }

    /// `saymember`: speaks a text to one member.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn say_to(member: u32, text: &str) -> Result<Self, DialError> {
        check("text", text)?;
        Ok(Self::new("saymember", format!("{member} {text}")))
    }

    /// `record`: records the conference to a file.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn record(path: &str) -> Result<Self, DialError> {
        Ok(Self::new("record", argument(file(path)?)))
    }

    /// `norecord`: ends that recording, or without a file all of them.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn no_record(path: Option<&str>) -> Result<Self, DialError> {
        Ok(Self::new("norecord", path.map_or(Ok("all".to_owned()), |path| file(path).map(argument))?))
    }

    /// `recording pause`, or `recording resume`.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn pause_recording(path: &str, pause: bool) -> Result<Self, DialError> {
        let word = if pause { "pause" } else { "resume" };
        Ok(Self::new("recording", format!("{word} {}", argument(file(path)?))))
    }

    /// `dial`: calls and takes the party it reaches into the conference; the reply comes when it is known what came of it.
    /// With `background` (`bgdial`) it comes at once, with a Job-UUID that the `bgdial-result` event has.
    ///
    /// # Errors
    /// [`DialError`] for what cannot be said.
    pub fn dial(
        dial: &DialString,
        caller_id: Option<(&str, &str)>,
        background: bool,
    ) -> Result<Self, DialError> {
        let mut arguments = argument(&dial.to_text(Carrier::Api)?);
        if let Some((name, number)) = caller_id {
            check("caller id name", name)?;
            check("caller id number", number)?;
            arguments.push_str(&format!(" {} {}", argument(number), argument(name)));
        }
        Ok(Self::new(if background { "bgdial" } else { "dial" }, arguments))
    }

    /// `transfer`: these members go to another conference.
    ///
    /// # Errors
    /// [`DialError`] for a name that is not one word, or without members.
    pub fn transfer(to: &str, members: &[u32]) -> Result<Self, DialError> {
        if members.is_empty() {
            return Err(DialError::Empty { what: "list of members" });
        }
        let ids: Vec<_> = members.iter().map(u32::to_string).collect();
        Ok(Self::new("transfer", format!("{} {}", name("conference's name", to)?, ids.join(" "))))
    }

    /// `relate`: which member hears which.
    #[must_use]
    pub fn relate(member: u32, other: u32, relation: Relation) -> Self {
        let word = match relation {
            Relation::NoHear => "nohear",
            Relation::NoSpeak => "nospeak",
            Relation::Clear => "clear",
        };
        Self::new("relate", format!("{member} {other} {word}"))
    }

    /// `dtmf`: sends digits to members.
    ///
    /// # Errors
    /// [`DialError`] for what are no digits.
    pub fn dtmf(members: impl Into<Members>, keys: &str) -> Result<Self, DialError> {
        Ok(Self::new("dtmf", format!("{} {}", members.into(), digits(keys)?)))
    }

    /// The Job-UUID in the reply to `bgdial`; `None` for any other text.
    #[must_use]
    pub fn job_uuid(reply: &str) -> Option<&str> {
        reply.trim().strip_prefix("+OK Job-UUID: ")
    }

    /// The first word, e.g. `mute`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        self.word
    }

    /// The arguments of the api command `conference`, for that conference.
    ///
    /// # Errors
    /// [`DialError`] for a name that is not one word.
    pub fn arguments(&self, conference: &str) -> Result<String, DialError> {
        let conference = name("conference's name", conference)?;
        let blank = if self.arguments.is_empty() { "" } else { " " };
        Ok(format!("{conference} {}{blank}{}", self.word, self.arguments))
    }

    /// Whether the reply's text says that it was not done: `-ERR …`, or how the command is used, which comes without any
    /// mark. Of several members, when it was done for none.
    #[must_use]
    pub fn is_refused(&self, reply: &str) -> bool {
        let usage = reply
            .strip_prefix(self.word)
            .is_some_and(|rest| rest.starts_with([' ']) && !reply.contains("+OK"));
        Reply::is_refusal(reply.as_bytes()) || usage
    }
}
