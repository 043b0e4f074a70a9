//! One connection: its state, its subscription, its queues.

mod commands;
mod end;
mod event_commands;
mod filter;
mod login;
mod outbound;
mod sendmsg;
mod session;
mod subscription;

use std::collections::VecDeque;
use std::sync::Arc;

use switchwire_proto::{Event, EventType};

use crate::event::Format;
use crate::faults::Faults;
use crate::user::Permissions;
use crate::wire::outbox::Outbox;
use crate::wire::reader::CommandReader;

pub(crate) use filter::Filters;
pub(crate) use outbound::Target;
pub(crate) use session::{MyEvents, Session};
pub(crate) use subscription::EventSet;

/// Names a connection for the life of the simulator; never used twice.
pub(crate) type ConnId = usize;

/// Where a connection is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// An outbound socket that is not there yet.
    Connecting,
    /// Before `auth`.
    Login,
    Open,
    /// The last frames are queued; no more commands are run.
    Closing,
}

/// One client.
pub(crate) struct Conn {
    pub(crate) id: ConnId,
    pub(crate) stream: mio::net::TcpStream,
    pub(crate) phase: Phase,
    pub(crate) reader: CommandReader,
    pub(crate) out: Outbox,
    /// Frames that only go out between commands.
    pub(crate) events: VecDeque<Arc<[u8]>>,
    pub(crate) logs: VecDeque<Arc<[u8]>>,
    pub(crate) lost_events: u64,
    /// The socket may have input.
    pub(crate) readable: bool,
    /// The client shut its side.
    pub(crate) eof: bool,
    /// Our side is shut.
    pub(crate) shut: bool,
    /// A test shut our side: what is written is dropped.
    pub(crate) muted: bool,
    /// At least one command came.
    pub(crate) spoke: bool,
    /// A command is still at work: no replies, no events, no reading.
    pub(crate) blocked: bool,
    /// The reply to the command at work is not sent (a session's first command that is not `connect`).
    pub(crate) swallow: bool,
    pub(crate) faults: Faults,
    /// Which connection it is: 1 for the first.
    pub(crate) number: usize,
    /// Replies that were sent, or are held back.
    pub(crate) replies: u64,
    pub(crate) format: Format,
    /// Whether events are delivered at all.
    pub(crate) listening: bool,
    pub(crate) subscription: EventSet,
    pub(crate) filters: Filters,
    pub(crate) log_level: Option<u8>,
    pub(crate) permissions: Permissions,
    pub(crate) myevents: Option<MyEvents>,
    pub(crate) session: Option<Session>,
}

impl Conn {
    pub(crate) fn new(id: ConnId, stream: mio::net::TcpStream, phase: Phase, faults: Faults) -> Self {
        Self {
            id,
            stream,
            phase,
            reader: CommandReader::default(),
            out: Outbox::default(),
            events: VecDeque::new(),
            logs: VecDeque::new(),
            lost_events: 0,
            readable: true,
            eof: false,
            shut: false,
            muted: false,
            spoke: false,
            blocked: false,
            swallow: false,
            faults,
            number: 0,
            replies: 0,
            format: Format::default(),
            listening: false,
            subscription: EventSet::default(),
            filters: Filters::default(),
            log_level: None,
            permissions: Permissions::default(),
            myevents: None,
            session: None,
        }
    }

    /// Whether so many replies wait that no more commands are run until the client reads.
    pub(crate) fn is_full(&self) -> bool {
        self.out.bytes() > MAX_UNREAD
    }

    /// Whether events of that kind may be for this connection.
    pub(crate) fn wants_kind(&self, kind: EventType) -> bool {
        self.phase == Phase::Open && self.listening && self.subscription.contains_kind(kind)
    }

    /// Whether an event is for this connection.
    pub(crate) fn wants(&self, event: &Event, facts: &Facts) -> bool {
        self.phase == Phase::Open
            && self.listening
            && self.subscription.contains(facts.kind, facts.subclass.as_deref())
            && self.myevents.as_ref().is_none_or(|mine| mine.contains(facts.about.as_deref()))
            && self.filters.pass(event)
    }
}

/// No commands are run while more bytes than this wait; the largest replies may exceed it once.
const MAX_UNREAD: usize = 4 * 1024 * 1024;

/// What decides which connections get an event, looked up once.
pub(crate) struct Facts {
    kind: EventType,
    pub(crate) subclass: Option<String>,
    /// The channel it is about, or the channel that owns the job.
    about: Option<String>,
}

impl Facts {
    pub(crate) fn of(event: &Event) -> Self {
        let about = event.header("Unique-ID").or_else(|| event.header("Job-Owner-UUID"));
        let kind = event.event_type();
        let subclass = if kind == EventType::Custom { event.subclass() } else { None };
        Self { kind, subclass: subclass.map(Into::into), about: about.map(Into::into) }
    }
}
