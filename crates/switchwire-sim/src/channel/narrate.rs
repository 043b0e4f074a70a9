//! The log lines of a channel's life, in the server's words.

use switchwire_proto::LogLevel;

use super::{CallState, Channel, ChannelId, Profile, State, narrate_sip};
use crate::event::origin::Origin;
use crate::world::World;

/// How a line is made: what `Text-Channel` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// About a channel, with its date.
    Channel = 0,
    /// Bare: without date and place.
    Clean = 1,
    /// About a session, with its date.
    Session = 3,
}

impl World {
    /// A debug line about a channel; its text is made only if it is listened to.
    pub(crate) fn tell(
        &mut self,
        id: ChannelId,
        line: Line,
        origin: Origin,
        text: impl FnOnce(&Channel) -> String,
    ) {
        self.tell_at(id, LogLevel::Debug, line, origin, text);
    }

    pub(crate) fn tell_at(
        &mut self,
        id: ChannelId,
        level: LogLevel,
        line: Line,
        origin: Origin,
        text: impl FnOnce(&Channel) -> String,
    ) {
        if !self.is_logged(level as u8) {
            return;
        }
        let Some(channel) = self.channels.get(id) else { return };
        let (text, uuid) = (text(channel), channel.uuid.clone());
        self.log_line(level, origin, line, uuid, &text);
    }

    /// A channel gets its name.
    pub(super) fn tell_new(&mut self, id: ChannelId) {
        let origin = ("switch_channel.c", "switch_channel_set_name", 1143);
        self.tell_at(id, LogLevel::Notice, Line::Session, origin, |c| {
            format!("New Channel {} [{}]", c.name, c.uuid)
        });
        if self.technology(id) == "loopback" {
            self.tell(id, Line::Session, ("mod_loopback.c", "tech_init", 166), |c| {
                format!("{} setup codec L16/8000/20", c.name)
            });
        }
    }

    /// The endpoint's kind, as its name begins.
    pub(super) fn technology(&self, id: ChannelId) -> &'static str {
        let name = self.channels.get(id).map_or("", |channel| channel.name.as_str());
        let kind = name.split('/').next().unwrap_or_default();
        ["loopback", "null", "sofia"].into_iter().find(|known| *known == kind).unwrap_or_default()
    }

    /// Its name is another one than before.
    pub(super) fn tell_rename(&mut self, id: ChannelId, old: &str) {
        let origin = ("switch_channel.c", "switch_channel_set_name", 1141);
        self.tell_at(id, LogLevel::Notice, Line::Session, origin, |c| {
            format!("Rename Channel {old}->{} [{}]", c.name, c.uuid)
        });
    }

    /// It was given the uuid that the dial string names.
    pub(super) fn tell_uuid(&mut self, id: ChannelId) {
        let origin = ("switch_core_session.c", "switch_core_session_outgoing_channel", 641);
        self.tell(id, Line::Session, origin, |c| format!("{} set UUID={}", c.name, c.uuid));
    }

    /// Its first state was asked for.
    pub(super) fn tell_init(&mut self, id: ChannelId) {
        let far = self.channels.get(id).is_some_and(|channel| !channel.outbound);
        let origin = match self.technology(id) {
            "sofia" => ("mod_sofia.c", "sofia_outgoing_channel", 5146),
            "null" => ("mod_loopback.c", "null_channel_outgoing_channel", 1538),
            _ if far => ("mod_loopback.c", "channel_on_init", 288),
            _ => ("mod_loopback.c", "channel_outgoing_channel", 1262),
        };
        self.tell(id, Line::Channel, origin, |c| format!("({}) State Change CS_NEW -> CS_INIT", c.name));
        if far {
            self.tell(id, Line::Session, ("mod_loopback.c", "channel_on_init", 356), |c| {
                let from = c.variables.get("other_loopback_from_uuid").map(String::from_utf8_lossy);
                let from = from.unwrap_or("(null)".into());
                format!("setting other_loopback_from_uuid on b leg to {from}")
            });
        }
    }

    /// It goes from one state to another.
    pub(super) fn tell_state(&mut self, id: ChannelId, from: State, to: State) {
        if !self.is_logged(LogLevel::Debug as u8) {
            return;
        }
        match to {
            State::Reporting => self.tell_standard(id, State::Hangup),
            State::Destroy => return self.tell_end(id),
            _ => {}
        }
        // A far leg of a loopback pair is shown as routing before it is.
        let from = if from == to { State::Init } else { from };
        // What asked for the state says so; hanging up was told when it was done.
        let leaves_init = self.is_sip(id) && (from, to) == (State::Init, State::Routing);
        if leaves_init {
            self.tell_sip_invite(id);
        }
        let asker =
            if leaves_init { Some((CORE, "switch_core_standard_on_init", 48)) } else { asker(from, to) };
        if let Some(origin) = asker {
            self.tell(id, Line::Channel, origin, |c| {
                format!("({}) State Change {} -> {}", c.name, from.name(), to.name())
            });
        }
        if from != State::Hangup {
            self.tell_sleep(id, from);
        }
        let channel = self.channels.get(id);
        let far = channel.is_some_and(|channel| !channel.outbound);
        // The far leg is made by the first state of the near one.
        let unborn = usize::from(
            !far && to == State::Init && channel.is_some_and(|c| c.name.starts_with("loopback/")),
        );
        let (live, total) = (self.channels.len() - unborn, self.channels.created());
        self.tell(id, Line::Channel, (CORE, "switch_core_session_run", 581), |c| {
            format!("({}) Running State Change {} (Cur {live} Tot {total})", c.name, to.name())
        });
        if far && from == State::Init && to == State::Routing {
            let origin = (CHANNEL, "switch_channel_perform_set_running_state", 2400);
            self.tell(id, Line::Channel, origin, |c| {
                format!("({}) Callstate Change DOWN -> RINGING", c.name)
            });
        }
        // HANGUP goes on once the call state has changed.
        if to != State::Hangup {
            self.tell_begin(id, to);
        }
        if to == State::Reporting {
            self.tell_standard(id, to);
            self.tell(id, Line::Channel, (CORE, "switch_core_session_run", 607), |c| {
                format!("({}) State Change CS_REPORTING -> CS_DESTROY", c.name)
            });
            self.tell(id, Line::Session, (SESSION, "switch_core_session_thread", 1748), |c| {
                format!("Session {id} ({}) Locked, Waiting on external entities", c.name)
            });
        }
    }

    /// A state begins: the core's line and the endpoint's.
    fn tell_begin(&mut self, id: ChannelId, state: State) {
        self.tell(id, Line::Session, (CORE, runner(state), 640), |c| {
            format!("({}) State {}", c.name, short(state))
        });
        if let Some((file, function, text)) = endpoint_line(self.technology(id), state) {
            self.tell(id, Line::Session, (file, function, 412), |c| match text.strip_prefix('@') {
                Some(text) => format!("{} {text}", c.name),
                None => text.to_owned(),
            });
        }
        match state {
            State::Execute => {
                let origin = (CORE, "switch_core_standard_on_execute", 323);
                self.tell(id, Line::Session, origin, |c| format!("{} Standard EXECUTE", c.name));
            }
            State::ConsumeMedia => {
                self.tell_sleep(id, state);
                self.tell_sip_state(id, "calling", 0);
            }
            _ => {}
        }
    }

    fn tell_sleep(&mut self, id: ChannelId, state: State) {
        // These two sleep at once, or were never run.
        if matches!(state, State::None) {
            return;
        }
        if state == State::ConsumeMedia && self.channels.get(id).is_some_and(|c| c.running != state) {
            return;
        }
        self.tell(id, Line::Session, (CORE, runner(state), 640), |c| {
            format!("({}) State {} going to sleep", c.name, short(state))
        });
    }

    /// The core's own part of HANGUP and REPORTING.
    fn tell_standard(&mut self, id: ChannelId, state: State) {
        let function = match state {
            State::Hangup => "switch_core_standard_on_hangup",
            _ => "switch_core_standard_on_reporting",
        };
        self.tell(id, Line::Session, (CORE, function, 59), |c| {
            let cause = c.hangup.as_deref().unwrap_or_default();
            format!("{} Standard {}, cause: {cause}", c.name, short(state))
        });
        self.tell_sleep(id, state);
    }

    /// The last lines.
    fn tell_end(&mut self, id: ChannelId) {
        let thread = "switch_core_session_thread";
        self.tell_at(id, LogLevel::Notice, Line::Session, (SESSION, thread, 1766), |c| {
            format!("Session {id} ({}) Ended", c.name)
        });
        self.tell_at(id, LogLevel::Notice, Line::Channel, (SESSION, thread, 1770), |c| {
            format!("Close Channel {} [CS_DESTROY]", c.name)
        });
        let (live, total) = (self.channels.len().saturating_sub(1), self.channels.created());
        let destroy = "switch_core_session_destroy_state";
        self.tell(id, Line::Channel, (CORE, destroy, 735), |c| {
            format!("({}) Running State Change CS_DESTROY (Cur {live} Tot {total})", c.name)
        });
        self.tell(id, Line::Session, (CORE, destroy, 745), |c| format!("({}) State DESTROY", c.name));
        if self.is_sip(id) {
            let origin = ("mod_sofia.c", "sofia_on_destroy", 380);
            self.tell(id, Line::Session, origin, |c| format!("{} SOFIA DESTROY", c.name));
        }
        let standard = "switch_core_standard_on_destroy";
        self.tell(id, Line::Session, (CORE, standard, 175), |c| format!("{} Standard DESTROY", c.name));
        self.tell(id, Line::Session, (CORE, destroy, 745), |c| {
            format!("({}) State DESTROY going to sleep", c.name)
        });
    }

    /// A call that was made for a channel, or for a command, was answered.
    pub(super) fn tell_originated(&mut self, by: Option<ChannelId>, leg: ChannelId) {
        let Some(channel) = self.channels.get(leg) else { return };
        let text = format!("Originate Resulted in Success: [{}] Peer UUID: {}", channel.name, channel.uuid);
        let origin = (ORIGINATE, "switch_ivr_originate", 3913);
        match by {
            Some(by) => self.tell(by, Line::Session, origin, |_| text),
            None => self.log_session(origin, &text),
        }
    }

    /// A call is made for a channel, or for a command.
    pub(super) fn tell_originate(&mut self, by: Option<ChannelId>) {
        let (origin, text) = ((ORIGINATE, "switch_ivr_originate", 2301), "Parsing global variables");
        match by {
            Some(by) => self.tell(by, Line::Session, origin, |_| text.to_owned()),
            None => self.log_session(origin, text),
        }
    }

    /// The dialplan is searched for an extension.
    pub(super) fn tell_hunt(&mut self, id: ChannelId, number: &str, actions: &[(String, String)]) {
        if !self.is_logged(LogLevel::Info as u8) {
            return;
        }
        let Some(channel) = self.channels.get(id) else { return };
        let context = channel.profile.context.clone();
        self.tell(id, Line::Session, (CORE, "switch_core_standard_on_routing", 230), |c| {
            format!("{} Standard ROUTING", c.name)
        });
        let hunt = (DIALPLAN, "dialplan_hunt", 648);
        self.tell_at(id, LogLevel::Info, Line::Session, hunt, |c| {
            let Profile { caller_name, caller_number, .. } = &c.profile;
            format!("Processing {caller_name} <{caller_number}>->{number} in context {context}")
        });
        if !self.is_logged(LogLevel::Debug as u8) {
            return;
        }
        let parse = (DIALPLAN, "parse_exten", 150);
        for (name, pattern, applies) in self.config.dialplan.tried(number, &context) {
            self.tell(id, Line::Clean, hunt, |c| {
                format!("Dialplan: {} parsing [{context}->{name}] continue=false", c.name)
            });
            let result = if applies { "PASS" } else { "FAIL" };
            self.tell(id, Line::Clean, parse, |c| {
                let tried = format!("destination_number({number}) =~ /{pattern}/");
                format!("Dialplan: {} Regex ({result}) [{name}] {tried} break=on-false", c.name)
            });
        }
        for (app, argument) in actions {
            self.tell(id, Line::Clean, parse, |c| format!("Dialplan: {} Action {app}({argument}) ", c.name));
        }
    }

    /// The call state changed.
    pub(super) fn tell_callstate(&mut self, id: ChannelId, from: CallState, to: CallState) {
        let answers = self.channels.get(id).is_some_and(|channel| channel.running != State::Routing);
        let origin = match to {
            CallState::Hangup => (CORE, "switch_core_session_hangup_state", 844),
            CallState::Early => (CHANNEL, "switch_channel_perform_mark_pre_answered", 3562),
            CallState::Ringing if answers => (CHANNEL, "switch_channel_perform_mark_ring_ready_value", 3515),
            // Told with the state.
            CallState::Ringing => return,
            CallState::Active if matches!(from, CallState::RingWait | CallState::Held) => {
                (CHANNEL, "switch_channel_clear_flag", 2198)
            }
            CallState::Active => (CHANNEL, "switch_channel_perform_mark_answered", 3914),
            _ => (CHANNEL, "switch_channel_set_flag_value", 1974),
        };
        self.tell(id, Line::Channel, origin, |c| {
            format!("({}) Callstate Change {} -> {}", c.name, from.name(), to.name())
        });
        if to == CallState::Hangup {
            self.tell_begin(id, State::Hangup);
            if self.is_sip(id) {
                let by_far_end =
                    self.channels.get(id).is_some_and(|channel| channel.hung_by == Some(HangupBy::FarEnd));
                self.tell_sip_hangup(id, by_far_end);
            }
        }
    }

    /// A hang-up was asked for, by what is named there.
    pub(super) fn tell_hangup(&mut self, id: ChannelId, by: HangupBy) {
        let origin = match by {
            HangupBy::Command => ("switch_ivr.c", "switch_ivr_kill_uuid", 4404),
            HangupBy::Application => ("mod_dptools.c", "hangup_function", 1331),
            HangupBy::Message => ("switch_ivr.c", "switch_ivr_parse_event", 740),
            HangupBy::FarEnd if self.is_sip(id) => narrate_sip::STATE,
            HangupBy::FarEnd => ("mod_loopback.c", "channel_on_hangup", 585),
            HangupBy::Bridge => ("switch_ivr_bridge.c", "audio_bridge_on_exchange_media", 1027),
            HangupBy::Core => (CORE, "switch_core_standard_on_execute", 361),
        };
        self.tell_at(id, LogLevel::Notice, Line::Channel, origin, |c| {
            let cause = c.hangup.as_deref().unwrap_or_default();
            format!("Hangup {} [{}] [{cause}]", c.name, c.running.name())
        });
        if self.channels.get(id).is_some_and(|channel| channel.other_leg.is_some()) {
            self.tell(id, Line::Session, ("mod_loopback.c", "channel_kill_channel", 610), |c| {
                format!("{} CHANNEL KILL", c.name)
            });
        }
    }
}

/// What asks for a hang-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HangupBy {
    Command,
    Application,
    /// A `sendmsg`.
    Message,
    /// The other end of a loopback pair.
    FarEnd,
    Bridge,
    Core,
}

/// Who asks for a state.
fn asker(from: State, to: State) -> Option<Origin> {
    use State as S;
    Some(match (from, to) {
        (_, S::Hangup | S::Init) => return None,
        (S::Init, S::Routing) => ("mod_loopback.c", "channel_on_init", 380),
        (S::Routing, S::ConsumeMedia) => ("switch_ivr_originate.c", "originate_on_routing", 67),
        (S::Routing, S::Execute) => (CORE, "switch_core_standard_on_routing", 281),
        (S::ConsumeMedia, S::Execute) => ("mod_commands.c", "originate_function", 5191),
        (_, S::ExchangeMedia | S::ConsumeMedia) => {
            ("switch_ivr_bridge.c", "switch_ivr_multi_threaded_bridge", 1791)
        }
        (_, S::Routing) => ("switch_ivr.c", "switch_ivr_session_transfer", 2281),
        (_, S::Hibernate) => ("switch_ivr_bridge.c", "switch_ivr_uuid_bridge", 2142),
        (_, S::Reset) => ("switch_ivr_bridge.c", "uuid_bridge_on_hibernate", 1169),
        (_, S::SoftExecute) => ("switch_ivr_bridge.c", "uuid_bridge_on_reset", 1117),
        _ => (CORE, "switch_core_session_run", 616),
    })
}

/// What runs a state and says so.
fn runner(state: State) -> &'static str {
    match state {
        State::Hangup => "switch_core_session_hangup_state",
        State::Reporting => "switch_core_session_reporting_state",
        _ => "switch_core_session_run",
    }
}

/// What the endpoint says of a state; `@` stands for the channel's name and a blank.
fn endpoint_line(technology: &str, state: State) -> Option<(&'static str, &'static str, &'static str)> {
    let (file, (function, text)) = match technology {
        "loopback" => (
            "mod_loopback.c",
            match state {
                State::Routing => ("channel_on_routing", "@CHANNEL ROUTING"),
                State::Execute => ("channel_on_execute", "@CHANNEL EXECUTE"),
                State::ConsumeMedia => ("channel_on_consume_media", "CHANNEL CONSUME_MEDIA"),
                State::ExchangeMedia => ("channel_on_exchange_media", "CHANNEL LOOPBACK"),
                State::SoftExecute => ("channel_on_soft_execute", "CHANNEL TRANSMIT"),
                State::Hibernate => ("channel_on_hibernate", "@HIBERNATE"),
                State::Reset => ("channel_on_reset", "@RESET"),
                State::Hangup => ("channel_on_hangup", "@CHANNEL HANGUP"),
                _ => return None,
            },
        ),
        "sofia" => (
            "mod_sofia.c",
            match state {
                State::Init => ("sofia_on_init", "@SOFIA INIT"),
                State::Routing => ("sofia_on_routing", "@SOFIA ROUTING"),
                State::Execute => ("sofia_on_execute", "@SOFIA EXECUTE"),
                State::ExchangeMedia => ("sofia_on_exchange_media", "SOFIA EXCHANGE_MEDIA"),
                _ => return None,
            },
        ),
        _ => return None,
    };
    Some((file, function, text))
}

/// A state's name in those lines: without `CS_`.
fn short(state: State) -> &'static str {
    state.name().strip_prefix("CS_").unwrap_or(state.name())
}

const CORE: &str = "switch_core_state_machine.c";
const SESSION: &str = "switch_core_session.c";
const ORIGINATE: &str = "switch_ivr_originate.c";
const DIALPLAN: &str = "mod_dialplan_xml.c";
const CHANNEL: &str = "switch_channel.c";
