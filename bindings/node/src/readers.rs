//! Typed readers of events: the core's, one look-up each. `node/lib/readers.js` is their JavaScript half.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use napi_derive::napi;
use switchwire::vocabulary::CallerProfile;

use crate::batch::Batch;
use crate::error::{Result, invalid};

#[napi]
impl Batch {
    /// The channel variables: name, value, name, value …
    #[napi]
    pub fn variables(&self, at: u32) -> Result<Vec<String>> {
        let variables = self.event(at)?.variables();
        Ok(variables.flat_map(|(name, value)| [name.into_owned(), value.into_owned()]).collect())
    }

    /// When the event was made, in milliseconds since 1970.
    #[napi]
    pub fn time(&self, at: u32) -> Result<Option<f64>> {
        Ok(self.event(at)?.time().map(milliseconds))
    }

    #[napi]
    pub fn dtmf_digit(&self, at: u32) -> Result<Option<String>> {
        Ok(self.event(at)?.dtmf_digit().map(String::from))
    }

    /// In milliseconds.
    #[napi]
    pub fn dtmf_duration(&self, at: u32) -> Result<Option<f64>> {
        Ok(self.event(at)?.dtmf_duration().map(length))
    }

    #[napi]
    pub fn application_response(&self, at: u32) -> Result<Option<String>> {
        Ok(self.event(at)?.application_response().map(Cow::into_owned))
    }

    /// Whether the event has the profile of that leg.
    #[napi]
    pub fn has_profile(&self, at: u32, other_leg: bool) -> Result<bool> {
        Ok(self.profile(at, other_leg)?.is_some())
    }

    /// A text of a leg's profile: one of `PROFILE_TEXTS`.
    #[napi]
    pub fn profile_text(&self, at: u32, other_leg: bool, field: u32) -> Result<Option<String>> {
        let Some(profile) = self.profile(at, other_leg)? else { return Ok(None) };
        let (_, read) = TEXTS.get(field as usize).ok_or_else(|| invalid("no such field"))?;
        Ok(read(&profile).map(Cow::into_owned))
    }

    /// A time of a leg's profile: one of `PROFILE_TIMES`, in milliseconds since 1970.
    #[napi]
    pub fn profile_time(&self, at: u32, other_leg: bool, field: u32) -> Result<Option<f64>> {
        let Some(profile) = self.profile(at, other_leg)? else { return Ok(None) };
        let (_, read) = TIMES.get(field as usize).ok_or_else(|| invalid("no such field"))?;
        Ok(read(&profile).map(milliseconds))
    }

    #[napi]
    pub fn profile_direction(&self, at: u32, other_leg: bool) -> Result<Option<String>> {
        let direction = self.profile(at, other_leg)?.and_then(|profile| profile.direction());
        Ok(direction.map(|word| word.name().to_owned()))
    }

    /// How long the leg was on hold in all, in milliseconds.
    #[napi]
    pub fn profile_held(&self, at: u32, other_leg: bool) -> Result<Option<f64>> {
        Ok(self.profile(at, other_leg)?.and_then(|profile| profile.held()).map(length))
    }
}

impl Batch {
    fn profile(&self, at: u32, other_leg: bool) -> Result<Option<CallerProfile<'_>>> {
        let event = self.event(at)?;
        Ok(if other_leg { event.other_leg() } else { Some(event.caller()) })
    }
}

/// The texts of a leg's profile, in the order of their numbers.
#[napi]
pub fn profile_texts() -> Vec<&'static str> {
    TEXTS.iter().map(|(name, _)| *name).collect()
}

/// The times of a leg's profile, in the order of their numbers.
#[napi]
pub fn profile_times() -> Vec<&'static str> {
    TIMES.iter().map(|(name, _)| *name).collect()
}

type ReadText = for<'a> fn(&CallerProfile<'a>) -> Option<Cow<'a, str>>;
type ReadTime = for<'a> fn(&CallerProfile<'a>) -> Option<SystemTime>;

const TEXTS: [(&str, ReadText); 17] = [
    ("uniqueId", |profile| profile.unique_id()),
    ("channelName", |profile| profile.channel_name()),
    ("callerIdName", |profile| profile.caller_id_name()),
    ("callerIdNumber", |profile| profile.caller_id_number()),
    ("originalCallerIdName", |profile| profile.original_caller_id_name()),
    ("originalCallerIdNumber", |profile| profile.original_caller_id_number()),
    ("calleeIdName", |profile| profile.callee_id_name()),
    ("calleeIdNumber", |profile| profile.callee_id_number()),
    ("destinationNumber", |profile| profile.destination_number()),
    ("ani", |profile| profile.ani()),
    ("rdnis", |profile| profile.rdnis()),
    ("networkAddr", |profile| profile.network_addr()),
    ("username", |profile| profile.username()),
    ("dialplan", |profile| profile.dialplan()),
    ("context", |profile| profile.context()),
    ("source", |profile| profile.source()),
    ("transferSource", |profile| profile.transfer_source()),
];

const TIMES: [(&str, ReadTime); 10] = [
    ("profileCreated", |profile| profile.profile_created()),
    ("created", |profile| profile.created()),
    ("progress", |profile| profile.progress()),
    ("progressMedia", |profile| profile.progress_media()),
    ("answered", |profile| profile.answered()),
    ("bridged", |profile| profile.bridged()),
    ("lastHold", |profile| profile.last_hold()),
    ("transferred", |profile| profile.transferred()),
    ("resurrected", |profile| profile.resurrected()),
    ("hungUp", |profile| profile.hung_up()),
];

pub(crate) fn milliseconds(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map(length).unwrap_or_default()
}

pub(crate) fn length(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
