//! One connection: what it is, what it asked for, what waits for it.

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

use switchwire_proto::Event;

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
    /// The last frames are queued; nothing is obeyed any more.
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

    /// Whether an event is for this connection.
    pub(crate) fn wants(&self, event: &Event) -> bool {
        self.phase == Phase::Open
            && self.listening
            && self.subscription.contains(event)
            && self.myevents.as_ref().is_none_or(|mine| mine.contains(event))
            && self.filters.pass(event)
    }
}
