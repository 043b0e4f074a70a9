//! Commands of a connection that controls a channel: outbound, or adopted with `myevents UUID`.

use std::time::Duration;

use switchwire_proto::{Event, EventType};

use super::commands::{NO_SESSION, NOT_FOUND, Reply};
use super::{ConnId, Phase};
use crate::channel::{ChannelId, HangupBy};
use crate::event::{Format, origin};
use crate::faults::{LastEvents, LingerNotice};
use crate::wire::command::{Command, split_word, trim_blanks};
use crate::wire::frame;
use crate::world::{Timer, World};

/// The channel a connection controls, and how.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) channel: ChannelId,
    pub(crate) uuid: String,
    pub(crate) channel_name: String,
    /// Whether the `socket` application made this connection.
    pub(crate) outbound: bool,
    /// Applications are queued, not waited for.
    pub(crate) asynchronous: bool,
    /// Every command is allowed.
    pub(crate) full: bool,
    /// Seconds to stay after hangup; -1: no limit.
    pub(crate) linger: Option<i64>,
    pub(crate) lingering: bool,
    pub(crate) divert: bool,
    /// While connecting: the addresses that are left to try.
    pub(crate) fallbacks: Vec<std::net::SocketAddr>,
}

/// What `myevents` restricts a connection to.
#[derive(Debug, Clone)]
pub(crate) enum MyEvents {
    /// The server takes a wrong uuid without a format word, and then restricts nothing.
    Everyone,
    Channel(String),
}

impl MyEvents {
    /// Whether an event about that channel is ours.
    pub(crate) fn contains(&self, about: Option<&str>) -> bool {
        match self {
            Self::Everyone => true,
            Self::Channel(uuid) => about == Some(uuid),
        }
    }
}

impl World {
    pub(super) fn cmd_connect(&mut self, id: ConnId, _: &Command) -> Reply {
        let Some(session) = self.conns.get(&id).and_then(|conn| conn.session.as_ref()) else {
            return NOT_FOUND.into();
        };
        let (channel, mode, control) = (
            session.channel,
            if session.asynchronous { "async" } else { "static" },
            if session.full { "full" } else { "single-channel" },
        );
        let Some(mut event) = self.channel_data(channel, origin::PARSE_COMMAND) else {
            return NOT_FOUND.into();
        };
        event.add_header("Content-Type", "command/reply");
        event.add_header("Reply-Text", "+OK\n");
        event.add_header("Socket-Mode", mode);
        event.add_header("Control", control);
        self.socket_taken(channel);
        Reply::Frame(Format::Plain.serialize(&event))
    }

    pub(super) fn cmd_resume(&mut self, id: ConnId, _: &Command) -> Reply {
        let session = self.conns.get(&id).and_then(|conn| conn.session.as_ref());
        if let Some(channel) = session.and_then(|session| self.channels.get_mut(session.channel)) {
            channel.variables.set("socket_resume", "true");
        }
        "+OK".into()
    }

    pub(super) fn cmd_getvar(&mut self, id: ConnId, command: &Command) -> Reply {
        let name = String::from_utf8_lossy(trim_blanks(command.after("getvar".len()))).into_owned();
        let channel = self.conns.get(&id).and_then(|conn| conn.session.as_ref()).map(|s| s.channel);
        let value = channel.and_then(|channel| self.channels.get(channel)).and_then(|c| c.variable(&name));
        match value {
            Some(value) if !value.is_empty() => Reply::Bytes(value),
            _ => NOT_FOUND.into(),
        }
    }

    pub(super) fn cmd_myevents(&mut self, id: ConnId, command: &Command) -> Reply {
        let text = String::from_utf8_lossy(trim_blanks(command.after("myevents".len()))).into_owned();
        let Some(conn) = self.conns.get_mut(&id) else { return NOT_FOUND.into() };
        if conn.myevents.is_some() {
            return "-ERR aready enabled.".into(); // [sic]
        }
        let format =
            |text: &str| Format::ALL.into_iter().find(|f| f.name().eq_ignore_ascii_case(text.trim()));
        let restriction = if let Some(session) = &conn.session {
            if let Some(format) = format(&text) {
                conn.format = format;
            }
            MyEvents::Channel(session.uuid.clone())
        } else {
            let (uuid, word) = split_word(text.as_bytes());
            let uuid = String::from_utf8_lossy(uuid).into_owned();
            if uuid.is_empty() {
                return NOT_FOUND.into();
            }
            match self.channels.by_uuid(&uuid) {
                // The format word of an adopted session is not looked at: it stays plain.
                Some(channel) => {
                    self.adopt_session(id, channel);
                    MyEvents::Channel(uuid)
                }
                None if word.is_some() => return "-ERR invalid uuid".into(),
                None => MyEvents::Everyone,
            }
        };
        let Some(conn) = self.conns.get_mut(&id) else { return NOT_FOUND.into() };
        conn.myevents = Some(restriction);
        conn.listening = true;
        MY_EVENTS.iter().for_each(|kind| conn.subscription.add(*kind));
        "+OK Events Enabled".into()
    }

    fn adopt_session(&mut self, id: ConnId, channel: ChannelId) {
        let Some(target) = self.channels.get_mut(channel) else { return };
        target.holders.insert(id);
        let session = Session {
            channel,
            uuid: target.uuid.clone(),
            channel_name: target.name.clone(),
            outbound: false,
            asynchronous: true,
            full: true,
            linger: None,
            lingering: false,
            divert: false,
            fallbacks: Vec::new(),
        };
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.session = Some(session);
        }
    }

    pub(super) fn cmd_divert(&mut self, id: ConnId, command: &Command) -> Reply {
        let arg = String::from_utf8_lossy(command.after("divert_events".len())).trim().to_owned();
        let Some(session) = self.conns.get_mut(&id).and_then(|conn| conn.session.as_mut()) else {
            return "-ERR not controlling a session.".into();
        };
        if arg.is_empty() {
            return "-ERR missing value.".into();
        }
        session.divert = arg.eq_ignore_ascii_case("on");
        if session.divert { "+OK events diverted".into() } else { "+OK events not diverted".into() }
    }

    /// Gives an event that a client sent to a channel to the connection that diverts that channel's events.
    pub(super) fn divert(&mut self, uuid: &str, event: &Event) -> bool {
        for conn in self.conns.values_mut() {
            if conn.session.as_ref().is_some_and(|s| s.divert && s.uuid == uuid) {
                let format = conn.format;
                conn.events.push_back(frame::event(format, &format.serialize(event)).into());
                self.dirty.push(conn.id);
                return true;
            }
        }
        false
    }

    pub(super) fn cmd_linger(&mut self, id: ConnId, command: &Command) -> Reply {
        let arg = String::from_utf8_lossy(command.after("linger".len())).trim().to_owned();
        let Some(session) = self.conns.get_mut(&id).and_then(|conn| conn.session.as_mut()) else {
            return NO_SESSION.into();
        };
        match arg.parse::<i64>() {
            Ok(seconds) if seconds > 0 => {
                session.linger = Some(seconds);
                format!("+OK will linger {seconds} seconds").into()
            }
            _ => {
                session.linger = Some(-1);
                "+OK will linger".into()
            }
        }
    }

    pub(super) fn cmd_nolinger(&mut self, id: ConnId, _: &Command) -> Reply {
        let Some(session) = self.conns.get_mut(&id).and_then(|conn| conn.session.as_mut()) else {
            return NO_SESSION.into();
        };
        session.linger = None;
        "+OK will not linger".into()
    }

    /// The channel begins to hang up; none of its events about that has been fired yet.
    pub(crate) fn session_hanging_up(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        let lingers = conn.session.as_ref().is_some_and(|session| session.linger.is_some());
        if !lingers && conn.faults.last_events == LastEvents::None {
            conn.listening = false;
        }
    }

    /// The channel is going: connections that do not linger get the notice and are closed.
    pub(crate) fn session_hung_up(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        // A command that waited for an application gets no reply any more.
        conn.blocked = false;
        let sleeping = conn.session.as_ref().is_some_and(|session| {
            let channel = self.channels.get(session.channel);
            session.asynchronous && channel.is_some_and(|channel| channel.hung_by == Some(HangupBy::Message))
        });
        let all = match conn.faults.last_events {
            LastEvents::All => true,
            LastEvents::Some => sleeping,
            LastEvents::None => false,
        };
        if !all {
            self.leave_unless_lingering(id);
        }
    }

    fn leave_unless_lingering(&mut self, id: ConnId) {
        let session = self.conns.get(&id).and_then(|conn| conn.session.as_ref());
        if session.is_some_and(|session| session.linger.is_none()) {
            self.flush_events(id);
            self.close_with(id, frame::GOODBYE);
        }
    }

    /// The channel is gone, and all of its events have been fired.
    pub(crate) fn session_gone(&mut self, id: ConnId) {
        self.leave_unless_lingering(id);
        self.announce_linger(id, LingerNotice::Last);
    }

    /// Sends the notice that a connection lingers, once, at the place that its faults say; late is better than never.
    pub(crate) fn announce_linger(&mut self, id: ConnId, place: LingerNotice) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if place != LingerNotice::Last && conn.faults.linger_notice != place {
            return;
        }
        let Some(session) = conn.session.as_mut().filter(|_| conn.phase == Phase::Open) else { return };
        let Some(seconds) = session.linger.filter(|_| !session.lingering) else { return };
        session.lingering = true;
        // Behind the events that wait.
        conn.events.push_back(frame::lingering(&session.uuid, &session.channel_name, seconds).into());
        self.flush_events(id);
        self.dirty.push(id);
        if let Ok(seconds) = u64::try_from(seconds) {
            self.timers.after(Duration::from_secs(seconds), Timer::LingerEnd(id));
        }
    }
}

/// What `myevents` subscribes to.
const MY_EVENTS: &[EventType] = &[
    EventType::ChannelAnswer,
    EventType::ChannelApplication,
    EventType::ChannelBridge,
    EventType::ChannelCreate,
    EventType::ChannelData,
    EventType::ChannelDestroy,
    EventType::ChannelExecute,
    EventType::ChannelExecuteComplete,
    EventType::ChannelHangup,
    EventType::ChannelHangupComplete,
    EventType::ChannelOriginate,
    EventType::ChannelOutgoing,
    EventType::ChannelPark,
    EventType::ChannelProgress,
    EventType::ChannelProgressMedia,
    EventType::ChannelState,
    EventType::ChannelUnbridge,
    EventType::ChannelUnpark,
    EventType::ChannelUuid,
    EventType::CallUpdate,
    EventType::DetectedSpeech,
    EventType::Dtmf,
    EventType::Notify,
];
