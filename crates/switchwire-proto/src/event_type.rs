//! The one table of event names: enum, C number, wire name.

use std::fmt;
use std::str::FromStr;

use crate::BuildError;

macro_rules! event_types {
    ($($variant:ident = $number:literal, $name:literal;)*) => {
        /// What kind of event it is: the names that FreeSWITCH 1.10 knows, with libesl's numbers.
        ///
        /// A name that is not in the table (servers grow new ones) is of type [`Custom`](Self::Custom), as in
        /// libesl; the event's `Event-Name` header keeps the word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum EventType {
            $(#[doc = concat!("`", $name, "`")] $variant = $number,)*
        }

        impl EventType {
            /// Every type, in the order of its numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the wire, e.g. `CHANNEL_ANSWER`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            fn from_upper(name: &[u8]) -> Option<Self> {
                // Compiled to a switch on length and bytes: no hashing, no scan over the table.
                match std::str::from_utf8(name).ok()? { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

event_types! {
    Custom = 0, "CUSTOM";
    Clone = 1, "CLONE";
    ChannelCreate = 2, "CHANNEL_CREATE";
    ChannelDestroy = 3, "CHANNEL_DESTROY";
    ChannelState = 4, "CHANNEL_STATE";
    ChannelCallstate = 5, "CHANNEL_CALLSTATE";
    ChannelAnswer = 6, "CHANNEL_ANSWER";
    ChannelHangup = 7, "CHANNEL_HANGUP";
    ChannelHangupComplete = 8, "CHANNEL_HANGUP_COMPLETE";
    ChannelExecute = 9, "CHANNEL_EXECUTE";
    ChannelExecuteComplete = 10, "CHANNEL_EXECUTE_COMPLETE";
    ChannelHold = 11, "CHANNEL_HOLD";
    ChannelUnhold = 12, "CHANNEL_UNHOLD";
    ChannelBridge = 13, "CHANNEL_BRIDGE";
    ChannelUnbridge = 14, "CHANNEL_UNBRIDGE";
    ChannelProgress = 15, "CHANNEL_PROGRESS";
    ChannelProgressMedia = 16, "CHANNEL_PROGRESS_MEDIA";
    ChannelOutgoing = 17, "CHANNEL_OUTGOING";
    ChannelPark = 18, "CHANNEL_PARK";
    ChannelUnpark = 19, "CHANNEL_UNPARK";
    ChannelApplication = 20, "CHANNEL_APPLICATION";
    ChannelOriginate = 21, "CHANNEL_ORIGINATE";
    ChannelUuid = 22, "CHANNEL_UUID";
    Api = 23, "API";
    Log = 24, "LOG";
    InboundChan = 25, "INBOUND_CHAN";
    OutboundChan = 26, "OUTBOUND_CHAN";
    Startup = 27, "STARTUP";
    Shutdown = 28, "SHUTDOWN";
    Publish = 29, "PUBLISH";
    Unpublish = 30, "UNPUBLISH";
    Talk = 31, "TALK";
    Notalk = 32, "NOTALK";
    SessionCrash = 33, "SESSION_CRASH";
    ModuleLoad = 34, "MODULE_LOAD";
    ModuleUnload = 35, "MODULE_UNLOAD";
    Dtmf = 36, "DTMF";
    Message = 37, "MESSAGE";
    PresenceIn = 38, "PRESENCE_IN";
    NotifyIn = 39, "NOTIFY_IN";
    PresenceOut = 40, "PRESENCE_OUT";
    PresenceProbe = 41, "PRESENCE_PROBE";
    MessageWaiting = 42, "MESSAGE_WAITING";
    MessageQuery = 43, "MESSAGE_QUERY";
    Roster = 44, "ROSTER";
    Codec = 45, "CODEC";
    BackgroundJob = 46, "BACKGROUND_JOB";
    DetectedSpeech = 47, "DETECTED_SPEECH";
    DetectedTone = 48, "DETECTED_TONE";
    PrivateCommand = 49, "PRIVATE_COMMAND";
    Heartbeat = 50, "HEARTBEAT";
    Trap = 51, "TRAP";
    AddSchedule = 52, "ADD_SCHEDULE";
    DelSchedule = 53, "DEL_SCHEDULE";
    ExeSchedule = 54, "EXE_SCHEDULE";
    ReSchedule = 55, "RE_SCHEDULE";
    Reloadxml = 56, "RELOADXML";
    Notify = 57, "NOTIFY";
    PhoneFeature = 58, "PHONE_FEATURE";
    PhoneFeatureSubscribe = 59, "PHONE_FEATURE_SUBSCRIBE";
    SendMessage = 60, "SEND_MESSAGE";
    RecvMessage = 61, "RECV_MESSAGE";
    RequestParams = 62, "REQUEST_PARAMS";
    ChannelData = 63, "CHANNEL_DATA";
    General = 64, "GENERAL";
    Command = 65, "COMMAND";
    SessionHeartbeat = 66, "SESSION_HEARTBEAT";
    ClientDisconnected = 67, "CLIENT_DISCONNECTED";
    ServerDisconnected = 68, "SERVER_DISCONNECTED";
    SendInfo = 69, "SEND_INFO";
    RecvInfo = 70, "RECV_INFO";
    RecvRtcpMessage = 71, "RECV_RTCP_MESSAGE";
    SendRtcpMessage = 72, "SEND_RTCP_MESSAGE";
    CallSecure = 73, "CALL_SECURE";
    Nat = 74, "NAT";
    RecordStart = 75, "RECORD_START";
    RecordStop = 76, "RECORD_STOP";
    PlaybackStart = 77, "PLAYBACK_START";
    PlaybackStop = 78, "PLAYBACK_STOP";
    CallUpdate = 79, "CALL_UPDATE";
    Failure = 80, "FAILURE";
    SocketData = 81, "SOCKET_DATA";
    MediaBugStart = 82, "MEDIA_BUG_START";
    MediaBugStop = 83, "MEDIA_BUG_STOP";
    ConferenceDataQuery = 84, "CONFERENCE_DATA_QUERY";
    ConferenceData = 85, "CONFERENCE_DATA";
    CallSetupReq = 86, "CALL_SETUP_REQ";
    CallSetupResult = 87, "CALL_SETUP_RESULT";
    CallDetail = 88, "CALL_DETAIL";
    DeviceState = 89, "DEVICE_STATE";
    Text = 90, "TEXT";
    ShutdownRequested = 91, "SHUTDOWN_REQUESTED";
    All = 92, "ALL";
}

/// Lengths of the longest name and of the prefix (`SWITCH_EVENT_`) that a name may have.
const LONGEST: usize = 32;
const PREFIX: usize = 13;

impl EventType {
    /// Finds a type by its name, in any letter case; any 13 characters may precede it (`SWITCH_EVENT_DTMF`),
    /// as FreeSWITCH itself accepts.
    #[must_use]
    pub fn from_name(name: impl AsRef<[u8]>) -> Option<Self> {
        let name = name.as_ref();
        Self::from_upper(name).or_else(|| Self::from_any_case(name)).or_else(|| {
            let tail = name.get(PREFIX..).filter(|tail| !tail.is_empty())?;
            Self::from_any_case(tail)
        })
    }

    /// The type with this C number (`ESL_EVENT_CUSTOM` is 0).
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// The C number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The name that a mistyped one most likely means: `CHANNEL_HANGP` and `HANGUP` give `CHANNEL_HANGUP`.
    #[must_use]
    pub fn nearest(name: &str) -> Option<Self> {
        const CHANNEL: &str = "CHANNEL_";
        if name.len() > 2 * LONGEST {
            return None;
        }
        let name = name.to_ascii_uppercase();
        // The prefix is often left out: `HANGUP`.
        let apart = |known: &str| {
            let rest = known.strip_prefix(CHANNEL).map(|rest| strsim::osa_distance(&name, rest));
            rest.into_iter().chain([strsim::osa_distance(&name, known)]).min().unwrap_or(usize::MAX)
        };
        let nearest =
            Self::ALL.iter().map(|known| (apart(known.name()), *known)).min_by_key(|(apart, _)| *apart);
        // Further apart it is another word.
        nearest.filter(|(apart, _)| *apart <= name.len() / 3).map(|(_, known)| known)
    }

    fn from_any_case(name: &[u8]) -> Option<Self> {
        let mut upper = [0; LONGEST];
        let upper = upper.get_mut(..name.len())?;
        upper.copy_from_slice(name);
        upper.make_ascii_uppercase();
        Self::from_upper(upper)
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// By its name, as [`from_name`](EventType::from_name); the error has the nearest name.
impl FromStr for EventType {
    type Err = BuildError;

    fn from_str(name: &str) -> Result<Self, BuildError> {
        Self::from_name(name).ok_or_else(|| BuildError::UnknownEvent {
            name: name.to_owned(),
            nearest: Self::nearest(name).map(Self::name),
        })
    }
}

/// By its C number.
impl TryFrom<u32> for EventType {
    type Error = BuildError;

    fn try_from(number: u32) -> Result<Self, BuildError> {
        Self::from_number(number)
            .ok_or_else(|| BuildError::UnknownEvent { name: number.to_string(), nearest: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_lead_back_to_the_type() {
        assert_eq!(EventType::ALL.len(), 93);
        for (number, event_type) in (0u32..).zip(EventType::ALL) {
            assert_eq!(event_type.number(), number);
            assert_eq!(EventType::from_number(number), Some(*event_type));
            assert_eq!(EventType::try_from(number), Ok(*event_type));
            assert_eq!(event_type.to_string().parse(), Ok(*event_type));
            assert!(event_type.name().len() <= LONGEST);
            for name in [event_type.name().to_owned(), event_type.name().to_lowercase()] {
                assert_eq!(EventType::from_name(&name), Some(*event_type));
                assert_eq!(EventType::from_name(format!("SWITCH_EVENT_{name}")), Some(*event_type));
            }
        }
        assert_eq!(EventType::from_number(93), None);
    }

    #[test]
    fn unknown_names_are_none() {
        for name in ["", "NEW_FANCY", "SWITCH_EVENT_", "CHANNEL_ANSWE", "\u{130}", "CUSTOM "] {
            assert_eq!(EventType::from_name(name), None, "{name}");
        }
    }
}
