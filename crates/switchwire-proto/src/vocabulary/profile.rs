#![allow(clippy::disallowed_types, reason = "a point in time as a value: no clock is read")]

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use crate::Event;

/// Whose profile it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Caller,
    OtherLeg,
}

/// The caller profile of a leg: a view of an event's `Caller-*` or `Other-Leg-*` headers.
///
/// Every method looks one header up; nothing is copied. Empty headers count as absent.
#[derive(Debug, Clone, Copy)]
pub struct CallerProfile<'a> {
    event: &'a Event,
    whose: Whose,
}

macro_rules! texts {
    ($($method:ident = $suffix:literal, $meaning:literal;)*) => {
        impl<'a> CallerProfile<'a> {
            /// Its texts: the method, and how the header's name goes on after `Caller-` or `Other-Leg-`.
            pub const TEXTS: &'static [(&'static str, &'static str)] = &[$((stringify!($method), $suffix)),*];

            $(
                #[doc = concat!($meaning, " (`Caller-", $suffix, "`)")]
                #[must_use]
                pub fn $method(&self) -> Option<Cow<'a, str>> {
                    self.text([concat!("Caller-", $suffix), concat!("Other-Leg-", $suffix)])
                }
            )*
        }
    };
}

texts! {
    unique_id = "Unique-ID", "The leg's uuid.";
    channel_name = "Channel-Name", "The leg's channel name.";
    caller_id_name = "Caller-ID-Name", "The caller's name.";
    caller_id_number = "Caller-ID-Number", "The caller's number.";
    original_caller_id_name = "Orig-Caller-ID-Name", "The caller's name before anything changed it.";
    original_caller_id_number = "Orig-Caller-ID-Number", "The caller's number before anything changed it.";
    callee_id_name = "Callee-ID-Name", "The called party's name.";
    callee_id_number = "Callee-ID-Number", "The called party's number.";
    destination_number = "Destination-Number", "The number that was dialled.";
    ani = "ANI", "The number that the call is billed to.";
    rdnis = "RDNIS", "The number that redirected the call.";
    network_addr = "Network-Addr", "The address that the call came from.";
    username = "Username", "The user that the caller authenticated as.";
    dialplan = "Dialplan", "The dialplan.";
    context = "Context", "The dialplan context.";
    source = "Source", "The module that made the leg.";
    transfer_source = "Transfer-Source", "How and when the call was transferred here.";
}

macro_rules! times {
    ($($method:ident = $suffix:literal, $meaning:literal;)*) => {
        impl CallerProfile<'_> {
            /// Its times, as [`TEXTS`](Self::TEXTS).
            pub const TIMES: &'static [(&'static str, &'static str)] = &[$((stringify!($method), $suffix)),*];

            $(
                #[doc = concat!($meaning, " (`Caller-", $suffix, "`); `None` when it has not been.")]
                #[must_use]
                pub fn $method(&self) -> Option<SystemTime> {
                    self.time([concat!("Caller-", $suffix), concat!("Other-Leg-", $suffix)])
                }
            )*
        }
    };
}

times! {
    profile_created = "Profile-Created-Time", "When the profile was made";
    created = "Channel-Created-Time", "When the leg was created";
    progress = "Channel-Progress-Time", "When it began to ring";
    progress_media = "Channel-Progress-Media-Time", "When early media began";
    answered = "Channel-Answered-Time", "When it was answered";
    bridged = "Channel-Bridged-Time", "When it was bridged";
    last_hold = "Channel-Last-Hold", "When it was last put on hold";
    transferred = "Channel-Transfer-Time", "When it was transferred";
    resurrected = "Channel-Resurrect-Time", "When it was taken over after a crash";
    hung_up = "Channel-Hangup-Time", "When it was hung up";
}

impl<'a> CallerProfile<'a> {
    /// The leg that the event is about.
    pub(super) fn caller(event: &'a Event) -> Self {
        Self { event, whose: Whose::Caller }
    }

    pub(super) fn other_leg(event: &'a Event) -> Self {
        Self { event, whose: Whose::OtherLeg }
    }

    /// Which way the leg goes (`Caller-Direction`).
    #[must_use]
    pub fn direction(&self) -> Option<super::CallDirection> {
        self.text(["Caller-Direction", "Other-Leg-Direction"]).map(|word| super::CallDirection::from(&*word))
    }

    /// How long the leg was on hold in all (`Caller-Channel-Hold-Accum`).
    #[must_use]
    pub fn held(&self) -> Option<Duration> {
        let name = self.name(["Caller-Channel-Hold-Accum", "Other-Leg-Channel-Hold-Accum"]);
        self.event.header_bytes(name).and_then(|value| number(&value)).map(Duration::from_micros)
    }

    fn name(&self, names: [&'static str; 2]) -> &'static str {
        match self.whose {
            Whose::Caller => names[0],
            Whose::OtherLeg => names[1],
        }
    }

    fn text(&self, names: [&'static str; 2]) -> Option<Cow<'a, str>> {
        self.event.header(self.name(names)).filter(|value| !value.is_empty())
    }

    fn time(&self, names: [&'static str; 2]) -> Option<SystemTime> {
        self.event.header_bytes(self.name(names)).and_then(|value| time(&value))
    }
}

/// Microseconds since 1970 as a point in time; 0 and what is no number are none.
pub(super) fn time(value: &[u8]) -> Option<SystemTime> {
    let micros = number(value).filter(|micros| *micros > 0)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_micros(micros))
}

/// A value that is digits and nothing else.
pub(super) fn number(value: &[u8]) -> Option<u64> {
    // (A number may be parsed with a sign.)
    value.iter().all(u8::is_ascii_digit).then(|| std::str::from_utf8(value).ok()?.parse().ok())?
}
