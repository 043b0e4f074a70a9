//! Channels: calls on paper. They have states, variables and applications, and fire the events of a real call.

mod apps;
mod bridge;
mod broadcast;
mod cause;
mod channels;
mod conference;
mod consult;
mod dial;
mod digits;
mod displace;
mod dtmf;
mod eavesdrop;
mod effort;
mod endpoint;
mod fifo;
mod fire;
mod hangup;
mod headers;
mod hooks;
mod intercept;
mod limit;
mod message;
mod narrate;
mod narrate_sip;
mod originate;
mod phones;
mod pickup;
mod play;
mod record;
mod rejoin;
mod routing;
mod run;
mod session_heartbeat;
mod session_record;
mod socket;
mod sofia;
mod unicast;
mod valet;
mod variables;

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

pub(crate) use broadcast::Legs;
pub(crate) use cause::named as cause_named;
pub(crate) use channels::Channels;
pub(crate) use dial::Dial;
pub(crate) use dtmf::{Digit, DigitSource};
pub(crate) use effort::{EffortId, Efforts};
pub(crate) use fifo::{Member as FifoMember, Queue};
pub(crate) use message::{Call, Message};
pub(crate) use narrate::{HangupBy, Line};
pub(crate) use originate::{CallerId, MAX_SESSIONS, Then};
pub(crate) use play::play_time;
pub(crate) use session_heartbeat::seconds as heartbeat_seconds;
pub(crate) use valet::Valet;
pub(crate) use variables::{Variables, expand};

use crate::conn::ConnId;

/// Names a channel for the life of the simulator: its `session_id`.
pub(crate) type ChannelId = u64;

/// One channel.
#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) outbound: bool,
    /// The state that events name, and the one that they number: the second may be ahead of the first.
    pub(crate) running: State,
    pub(crate) state: State,
    pub(crate) callstate: CallState,
    pub(crate) answer: Answer,
    pub(crate) hit_dialplan: bool,
    pub(crate) hangup: Option<String>,
    /// What asked for it.
    pub(crate) hung_by: Option<HangupBy>,
    /// The other end of a loopback pair.
    pub(crate) other_leg: Option<ChannelId>,
    pub(crate) bridged: Option<ChannelId>,
    /// The other side of its bridge, which waits while it consults a third party.
    pub(crate) holding: Option<ChannelId>,
    /// Its bridge is of its making.
    pub(crate) owns_bridge: bool,
    /// The other party as events show it: known from when it called, or was called, and kept after it is gone.
    pub(crate) other: Option<Box<Party>>,
    pub(crate) profile: Profile,
    pub(crate) variables: Variables,
    pub(crate) digits: String,
    /// Digits that came and have not been read, and when the next one may be.
    pub(crate) received: VecDeque<Digit>,
    pub(crate) next_digit: Option<Instant>,
    /// Recordings beside what it does.
    pub(crate) recordings: Vec<session_record::Recording>,
    /// What listens to its media: function and target.
    pub(crate) bugs: Vec<(String, String)>,
    /// How often it says that it is there, and the number of that setting.
    pub(crate) heartbeat: Option<(Duration, u64)>,
    /// Where its audio goes while it is parked.
    pub(crate) unicast: Option<unicast::Unicast>,
    /// What plays in the place of what it says.
    pub(crate) displacing: Vec<displace::Displacing>,
    /// Every digit it has received.
    pub(crate) dialed: String,
    /// Applications at work, the innermost last.
    pub(crate) stack: Vec<Running>,
    pub(crate) queue: VecDeque<Message>,
    /// When what plays looks at the queue next.
    pub(crate) looks: Option<Instant>,
    /// What the dialplan is yet to do.
    pub(crate) plan: VecDeque<(String, String)>,
    /// The originate that waits for this channel's answer.
    pub(crate) effort: Option<EffortId>,
    /// It has been sent to another extension, and gets there when its applications have ended.
    pub(crate) to_route: bool,
    /// It has been taken from what it does, by `uuid_bridge` or `uuid_park`.
    pub(crate) taken: Option<rejoin::Taken>,
    /// It became the calling side: caller and callee changed places.
    pub(crate) flipped: bool,
    /// The callee that its last CALL_UPDATE showed: what tables of calls show.
    pub(crate) updated_callee: Option<(String, String)>,
    /// Connections that hold the channel's last state.
    pub(crate) holders: BTreeSet<ConnId>,
    /// What its far end does once it has answered.
    pub(crate) endpoint: Option<crate::endpoint::Endpoint>,
    /// It has an endpoint, and so codecs.
    pub(crate) has_codec: bool,
    /// It was reported: only holders keep it.
    pub(crate) gone: bool,
}

/// The states a channel goes through; the number is the one in events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Init = 1,
    Routing = 2,
    SoftExecute = 3,
    Execute = 4,
    ExchangeMedia = 5,
    Park = 6,
    ConsumeMedia = 7,
    Hibernate = 8,
    Reset = 9,
    Hangup = 10,
    Reporting = 11,
    Destroy = 12,
    None = 13,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Init => "CS_INIT",
            Self::Routing => "CS_ROUTING",
            Self::SoftExecute => "CS_SOFT_EXECUTE",
            Self::Execute => "CS_EXECUTE",
            Self::ExchangeMedia => "CS_EXCHANGE_MEDIA",
            Self::Park => "CS_PARK",
            Self::ConsumeMedia => "CS_CONSUME_MEDIA",
            Self::Hibernate => "CS_HIBERNATE",
            Self::Reset => "CS_RESET",
            Self::Hangup => "CS_HANGUP",
            Self::Reporting => "CS_REPORTING",
            Self::Destroy => "CS_DESTROY",
            Self::None => "CS_NONE",
        }
    }

    /// A channel that does not exist for the core yet counts as new.
    pub(crate) fn number(self) -> u8 {
        if self == Self::None { 0 } else { self as u8 }
    }
}

/// What the call looks like to the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallState {
    Down = 0,
    Ringing = 2,
    Early = 3,
    Active = 4,
    Held = 5,
    RingWait = 6,
    Hangup = 7,
}

impl CallState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Down => "DOWN",
            Self::Ringing => "RINGING",
            Self::Early => "EARLY",
            Self::Active => "ACTIVE",
            Self::Held => "HELD",
            Self::RingWait => "RING_WAIT",
            Self::Hangup => "HANGUP",
        }
    }
}

/// The `Answer-State` of a channel that is not hung up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    Ringing,
    Early,
    Answered,
}

/// The caller profile: the parties of the call and its times (microseconds since 1970).
#[derive(Debug, Clone, Default)]
pub(crate) struct Profile {
    pub(crate) caller_name: String,
    pub(crate) caller_number: String,
    pub(crate) orig_caller_name: String,
    pub(crate) orig_caller_number: String,
    pub(crate) callee_name: String,
    pub(crate) callee_number: String,
    pub(crate) ani: String,
    pub(crate) destination: String,
    pub(crate) context: String,
    pub(crate) dialplan: String,
    pub(crate) source: String,
    /// Where a transfer came from, and the number that was called before it.
    pub(crate) transfer_source: String,
    pub(crate) rdnis: String,
    pub(crate) inbound_logic: bool,
    pub(crate) index: u32,
    pub(crate) created: u64,
    pub(crate) channel_created: u64,
    pub(crate) answered: u64,
    pub(crate) progress: u64,
    pub(crate) progress_media: u64,
    pub(crate) hangup: u64,
    pub(crate) bridged: u64,
}

/// What one channel knows of another one.
#[derive(Debug, Clone)]
pub(crate) struct Party {
    /// `originator` or `originatee`.
    pub(crate) kind: &'static str,
    pub(crate) profile: Profile,
    pub(crate) uuid: String,
    pub(crate) name: String,
    pub(crate) outbound: bool,
}

/// An application at work.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) serial: u64,
    pub(crate) call: Call,
    /// The `Application-UUID` of this run.
    pub(crate) uuid: String,
    pub(crate) kind: Kind,
    pub(crate) started: Instant,
    /// When its time is over; none for what only ends by another hand.
    pub(crate) ends: Option<Instant>,
    /// The time it had left when another application was run inside of it.
    pub(crate) paused: Option<Duration>,
    /// To be completed as soon as nothing runs inside of it.
    pub(crate) over: bool,
}

/// What sort of waiting an application does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It lets time pass.
    Time,
    Playback(play::Play),
    Park,
    Echo,
    Socket {
        conn: ConnId,
        asynchronous: bool,
        connected: bool,
        parked: bool,
    },
    Bridge {
        peer: ChannelId,
    },
    /// An application of the user's, until its handler replies.
    Custom,
    /// Waits for the other leg of `bridge` to answer.
    Dialling {
        effort: EffortId,
    },
    /// Collects digits into a variable.
    Digits(Box<digits::Ask>),
    Record {
        path: String,
    },
    /// Waits in a numbered place.
    Valet(Box<valet::Parked>),
    /// Waits in a queue, or serves it.
    Fifo(Box<fifo::Side>),
    /// Hears another channel's call.
    Eavesdrop {
        target: ChannelId,
    },
    /// It is in a conference.
    Conference {
        member: u64,
    },
}

impl Channel {
    /// A variable, or what the caller profile has under that name.
    pub(crate) fn variable(&self, name: &str) -> Option<Vec<u8>> {
        if let Some(value) = self.variables.get(name) {
            return Some(value.to_vec());
        }
        let profile = &self.profile;
        let field = match name {
            "caller_id_name" => &profile.caller_name,
            "caller_id_number" => &profile.caller_number,
            "callee_id_name" => &profile.callee_name,
            "callee_id_number" => &profile.callee_number,
            "destination_number" => &profile.destination,
            "ani" => &profile.ani,
            "context" => &profile.context,
            "source" => &profile.source,
            "chan_name" => &self.name,
            _ => return None,
        };
        (!field.is_empty()).then(|| field.clone().into_bytes())
    }

    /// Takes away all that a channel without an endpoint does not have.
    pub(crate) fn blank(&mut self) {
        self.has_codec = false;
        self.profile.index = 0;
        for name in ["channel_name", "read_codec", "read_rate", "write_codec", "write_rate"] {
            self.variables.set(name, "");
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.hangup.is_none()
    }
}
