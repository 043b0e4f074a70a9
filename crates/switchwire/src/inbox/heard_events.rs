//! What the connection is subscribed to, known from the commands that the server accepted: enough to recognize a wait that
//! would never end.

use switchwire_proto::{AnswerState, CallState, EventType};

use crate::inbox::{Awaited, State};
use crate::{Error, ErrorKind, Result};

/// The events that waits need.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct HeardEvents {
    pub(crate) jobs: bool,
    pub(crate) execute_complete: bool,
    hangup: bool,
    hangup_complete: bool,
    destroy: bool,
    answer: bool,
    early_media: bool,
    call_state: bool,
    channel_state: bool,
    pub(crate) dtmf: bool,
    /// `myevents`: the events of other channels do not come.
    own_only: bool,
}

impl HeardEvents {
    /// `NotSubscribed` when the wait would never end. The end of the connection's own call is always reported: by a
    /// notice.
    pub(crate) fn check(self, awaited: &Awaited) -> Result<()> {
        let missing = match awaited {
            Awaited::Job => (!self.jobs).then_some("BACKGROUND_JOB event will come: subscribe to them"),
            Awaited::Execution { .. } if !self.execute_complete => {
                Some("CHANNEL_EXECUTE_COMPLETE event will come: subscribe to them")
            }
            Awaited::Execution { channel: Some(_) } if self.own_only => {
                Some("event of another channel will come after myevents: use events")
            }
            Awaited::Execution { channel: Some(_) } if !self.ends() => Some(
                "event would report that the call ends meanwhile: subscribe to CHANNEL_HANGUP_COMPLETE events, too,",
            ),
            Awaited::Execution { .. } => None,
        };
        match missing {
            None => Ok(()),
            Some(missing) => Err(Error::new(
                ErrorKind::NotSubscribed,
                format!("no {missing} first (events, or Subscription)"),
            )),
        }
    }

    /// Whether any event reports the end of a channel.
    fn ends(self) -> bool {
        self.hangup || self.ends_surely()
    }

    /// Whether an event comes after which no application of the channel can end.
    pub(crate) fn ends_surely(self) -> bool {
        self.hangup_complete || self.destroy
    }

    /// Whether an event comes for a channel (`own`: the connection's own) when it gets into the state.
    pub(crate) fn reports(self, state: &State, own: bool) -> bool {
        if self.own_only && !own {
            return false;
        }
        match state {
            // The end of the own call is always reported: by a notice.
            state if state.is_end() => own || self.ends(),
            State::Answer(AnswerState::Answered) | State::Call(CallState::Active) => {
                self.answer || self.call_state
            }
            State::Answer(_) => self.early_media || self.answer || self.call_state,
            State::Call(_) => self.call_state,
            State::Channel(_) => self.channel_state,
        }
    }

    /// Whether the digits of a channel come.
    pub(crate) fn reports_digits(self, own: bool) -> bool {
        self.dtmf && (own || !self.own_only)
    }

    fn set(&mut self, event: EventType, on: bool) {
        match event {
            EventType::BackgroundJob => self.jobs = on,
            EventType::ChannelExecuteComplete => self.execute_complete = on,
            EventType::ChannelHangup => self.hangup = on,
            EventType::ChannelHangupComplete => self.hangup_complete = on,
            EventType::ChannelDestroy => self.destroy = on,
            EventType::ChannelAnswer => self.answer = on,
            EventType::ChannelProgressMedia => self.early_media = on,
            EventType::ChannelCallstate => self.call_state = on,
            EventType::ChannelState => self.channel_state = on,
            EventType::Dtmf => self.dtmf = on,
            EventType::All => {
                *self = Self {
                    jobs: on,
                    execute_complete: on,
                    hangup: on,
                    hangup_complete: on,
                    destroy: on,
                    answer: on,
                    early_media: on,
                    call_state: on,
                    channel_state: on,
                    dtmf: on,
                    ..*self
                };
            }
            _ => {}
        }
    }
}

/// What a command changes on this connection once the server has said `+OK` to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// `event` and `nixevent`: these events come, or come no more.
    Events(Vec<EventType>, bool),
    NoEvents,
    /// `myevents`: of this connection's call, or of that channel, to which it binds an inbound connection.
    MyEvents(Option<String>),
    /// `connect`: the connection is a call's.
    Connect,
    /// `resume`: after the connection the dialplan goes on.
    Resume,
    /// `exit`: what ends the connection is not the call's end.
    Exit,
}

impl Change {
    /// Reads a command as the server does: by how its first line begins, in any letter case.
    pub(crate) fn of(command: &[u8]) -> Option<Self> {
        let command = command.trim_ascii_start();
        // Nearly all commands are others.
        if !matches!(command.first()?.to_ascii_lowercase(), b'e' | b'n' | b'm' | b'c' | b'r' | b'.') {
            return None;
        }
        let line = command.split(|byte| *byte == b'\n').next()?;
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        let starts =
            |word: &str| line.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
        let words = || line.split_ascii_whitespace().skip(1);
        Some(match () {
            () if starts("exit") || starts("......") => Self::Exit,
            () if starts("event") => Self::Events(names(words()), true),
            () if starts("nixevent") => Self::Events(names(words()), false),
            () if starts("noevents") => Self::NoEvents,
            () if starts("myevents") => Self::MyEvents(words().find(|word| is_uuid(word)).map(str::to_owned)),
            () if starts("connect") => Self::Connect,
            () if starts("resume") => Self::Resume,
            () => return None,
        })
    }

    pub(crate) fn apply(&self, subscribed: &mut HeardEvents) {
        match self {
            Self::Events(names, on) => names.iter().for_each(|name| subscribed.set(*name, *on)),
            Self::NoEvents => {
                *subscribed = HeardEvents { own_only: subscribed.own_only, ..HeardEvents::default() }
            }
            Self::MyEvents(_) => {
                for event in MY_EVENTS {
                    subscribed.set(event, true);
                }
                subscribed.own_only = true;
            }
            Self::Connect | Self::Resume | Self::Exit => {}
        }
    }
}

/// The names that the server reads as events: every word after `CUSTOM` is a subclass.
fn names<'a>(words: impl Iterator<Item = &'a str>) -> Vec<EventType> {
    let mut found = Vec::new();
    for word in words {
        // Any 13 bytes may stand before a name (`SWITCH_EVENT_`).
        let bare = || word.get(13..).and_then(EventType::from_name);
        match EventType::from_name(word).or_else(bare) {
            Some(EventType::Custom) => break,
            Some(event) => found.push(event),
            None => {}
        }
    }
    found
}

fn is_uuid(word: &str) -> bool {
    switchwire_proto::EventFormat::from_name(word).is_none()
}

/// Those of the events of `myevents` that waits need.
const MY_EVENTS: [EventType; 8] = [
    EventType::ChannelExecuteComplete,
    EventType::ChannelHangup,
    EventType::ChannelHangupComplete,
    EventType::ChannelDestroy,
    EventType::ChannelAnswer,
    EventType::ChannelProgressMedia,
    EventType::ChannelState,
    EventType::Dtmf,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn after(commands: &[&str]) -> HeardEvents {
        let mut subscribed = HeardEvents::default();
        for command in commands {
            if let Some(change) = Change::of(format!("{command}\n\n").as_bytes()) {
                change.apply(&mut subscribed);
            }
        }
        subscribed
    }

    #[test]
    fn names_count_as_the_server_reads_them() {
        for (command, jobs, complete, ends) in [
            ("api status", false, false, false),
            ("event plain HEARTBEAT CUSTOM a::ball BACKGROUND_JOB", false, false, false),
            ("event json background_job", true, false, false),
            ("eventplain SWITCH_EVENT_BACKGROUND_JOB", true, false, false),
            ("event CHANNEL_HANGUP", false, false, true),
            ("event CHANNEL_EXECUTE_COMPLETE CHANNEL_DESTROY", false, true, true),
            ("myevents", false, true, true),
            ("\n\nEvent plain all", true, true, true),
        ] {
            let found = after(&[command]);
            assert_eq!(
                (found.jobs, found.execute_complete, found.ends()),
                (jobs, complete, ends),
                "{command}"
            );
        }
    }

    #[test]
    fn what_is_taken_back_comes_no_more() {
        let found = after(&["event plain ALL", "nixevent BACKGROUND_JOB CHANNEL_HANGUP_COMPLETE"]);
        assert!(!found.jobs && found.execute_complete && found.ends());
        assert!(!after(&["event plain ALL", "nixevent all"]).ends());
        assert_eq!(after(&["event plain ALL", "noevents"]), HeardEvents::default());
    }

    #[test]
    fn commands_that_bind_and_end_are_recognized() {
        assert_eq!(Change::of(b"myevents u json\n\n"), Some(Change::MyEvents(Some("u".to_owned()))));
        assert_eq!(Change::of(b"myevents plain\n\n"), Some(Change::MyEvents(None)));
        assert_eq!(Change::of(b"connect\n\n"), Some(Change::Connect));
        assert_eq!(Change::of(b"EXIT now\n\n"), Some(Change::Exit));
        assert_eq!(Change::of(b"resume\n\n"), Some(Change::Resume));
        assert_eq!(Change::of(b"nolinger\n\n"), None);
        assert_eq!(Change::of(b"\xffx\n\n"), None);
    }
}
