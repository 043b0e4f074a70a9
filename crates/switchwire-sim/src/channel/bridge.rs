//! Two channels in one conversation: the `bridge` application and `uuid_bridge`.

use std::time::Duration;

use switchwire_proto::EventType;

use super::apps::Start;
use super::originate::{CallerId, Originating, Then};
use super::{Call, CallState, ChannelId, Dial, HangupBy, Kind, Running, State};
use crate::api::new_uuid;
use crate::event::clock::Moment;
use crate::world::{Work, World, clock};

impl World {
    /// `bridge`: calls another leg, and joins it when it is answered.
    pub(super) fn app_bridge(&mut self, id: ChannelId, _: u64, arg: &str) -> Start {
        let Some(channel) = self.channels.get(id) else { return Start::Done };
        let profile = &channel.profile;
        let caller = CallerId { name: profile.caller_name.clone(), number: profile.caller_number.clone() };
        let mut dial = Dial::parse(arg);
        let exported = channel.variables.get("export_vars").map(|v| String::from_utf8_lossy(v).into_owned());
        for name in exported.unwrap_or_default().split(',') {
            let name = name.strip_prefix("nolocal:").unwrap_or(name);
            if let Some(value) = channel.variables.get(name) {
                dial.variables.push((name.to_owned(), String::from_utf8_lossy(value).into_owned()));
            }
        }
        let originating =
            Originating { request: None, then: Then::Bridge(id), ignore_early: true, ready: false };
        let timeout = ["leg_timeout", "originate_timeout", "call_timeout"].iter().find_map(|name| {
            let own = || channel.variables.get(name).map(|value| String::from_utf8_lossy(value).into_owned());
            dial.variable(name).map(str::to_owned).or_else(own)?.parse().ok()
        });
        let timeout = timeout.map_or(DIAL_TIMEOUT, Duration::from_secs);
        self.set_callstate(id, CallState::RingWait);
        match self.originate(&dial, caller, originating, timeout) {
            Ok(peer) => Start::Run(Kind::Dialling { peer }, None),
            Err(failed) => {
                self.bridge_failed(id, &failed.1);
                Start::Done
            }
        }
    }

    /// The called leg was answered: the two are joined.
    pub(super) fn bridge_answered(&mut self, id: ChannelId, peer: ChannelId) {
        let channel = self.channels.get_mut(id).filter(|channel| channel.is_up());
        let dialling = channel.and_then(|c| c.stack.last_mut()).filter(|r| r.kind == Kind::Dialling { peer });
        let Some(running) = dialling else { return self.hang_up(peer, "ORIGINATOR_CANCEL") };
        running.kind = Kind::Bridge { peer };
        let Some(party) = self.channels.get(peer).map(|peer| peer.party("originatee")) else { return };
        if let Some(channel) = self.channels.get_mut(id) {
            let (uuid, callee) = (&party.uuid, &party.profile);
            let leg = format!("{uuid};{};{}", callee.callee_name, callee.callee_number);
            channel.variables.set("originated_legs", leg);
            channel.variables.set("originate_disposition", "SUCCESS");
            channel.variables.set("DIALSTATUS", "SUCCESS");
            channel.variables.set("originate_causes", format!("{uuid};NONE"));
            channel.profile.callee_name.clone_from(&callee.callee_name);
            channel.profile.callee_number.clone_from(&callee.callee_number);
            channel.other = Some(party);
        }
        self.tell_originated(Some(id), peer);
        self.answer_channel(id);
        self.set_callstate(id, CallState::Active);
        self.join(id, peer);
        self.set_state(peer, State::ExchangeMedia);
    }

    fn join(&mut self, a: ChannelId, b: ChannelId) {
        let now = Moment::now().micros();
        let uuids = [a, b].map(|id| self.channels.get(id).map(|c| c.uuid.clone()).unwrap_or_default());
        let parties = [a, b].map(|id| {
            let channel = self.channels.get(id)?;
            let profile = &channel.profile;
            let shown = if id == a {
                (profile.caller_name.clone(), profile.caller_number.clone())
            } else {
                (profile.callee_name.clone(), profile.callee_number.clone())
            };
            Some((channel.name.clone(), shown))
        });
        if let Some(channel) = self.channels.get_mut(a) {
            channel.variables.set("last_bridge_hangup_cause", "");
            channel.variables.set("last_bridge_role", "");
        }
        for (leg, other, other_uuid) in [(a, b, &uuids[1]), (b, a, &uuids[0])] {
            let kind = if leg == a { "originatee" } else { "originator" };
            let party = self.channels.get(other).map(|other| other.party(kind));
            if let Some(channel) = self.channels.get_mut(leg) {
                if channel.other.is_none() {
                    channel.other = party;
                }
                channel.bridged = Some(other);
                channel.profile.bridged = now;
                channel.variables.set("signal_bond", other_uuid);
            }
        }
        let before = [("Bridge-A-Unique-ID", uuids[0].as_str()), ("Bridge-B-Unique-ID", &uuids[1])];
        self.channel_event_with(a, EventType::ChannelBridge, &before, &[]);
        for (leg, other_uuid, party) in [(a, &uuids[1], &parties[1]), (b, &uuids[0], &parties[0])] {
            let (Some(channel), Some((name, shown))) = (self.channels.get_mut(leg), party) else { continue };
            let variables = &mut channel.variables;
            variables.set("last_bridge_to", other_uuid);
            variables.set("bridge_channel", name);
            variables.set("bridge_uuid", other_uuid);
            variables.set("signal_bond", other_uuid);
            variables.set("last_sent_callee_id_name", &shown.0);
            variables.set("last_sent_callee_id_number", &shown.1);
        }
    }

    /// A `bridge` failed: the channel is hung up, unless its `continue_on_fail` is set.
    pub(super) fn bridge_failed(&mut self, id: ChannelId, cause: &str) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        channel.variables.set("originate_disposition", cause);
        channel.variables.set("last_bridge_hangup_cause", cause);
        channel.variables.set(
            "DIALSTATUS",
            match cause {
                "USER_BUSY" => "BUSY",
                "NO_ANSWER" => "NOANSWER",
                "CALL_REJECTED" => "DONTCALL",
                "ORIGINATOR_CANCEL" => "CANCEL",
                other => other,
            },
        );
        if let Some(running) = channel.stack.last_mut().filter(|r| matches!(r.kind, Kind::Dialling { .. })) {
            running.over = true;
            running.kind = Kind::Time;
        }
        if channel.variables.get("continue_on_fail").is_some_and(|v| v != b"false") {
            self.work.push_back(Work::Step(id));
        } else {
            self.hang_up(id, cause);
        }
    }

    /// The caller is gone before the called leg was answered.
    pub(super) fn give_up_dialling(&mut self, peer: ChannelId) {
        if let Some(channel) = self.channels.get_mut(peer) {
            channel.originating = None;
        }
        self.hang_up(peer, "ORIGINATOR_CANCEL");
    }

    /// A bridge's owner leaves it.
    pub(super) fn unbridge(&mut self, id: ChannelId, peer: ChannelId) {
        if let Some(channel) = self.channels.get_mut(id) {
            // Set when the other side hung up first.
            let lost = channel.variables.get("last_bridge_hangup_cause").map(<[u8]>::to_vec);
            if lost.is_none() && channel.hangup.is_some() {
                channel.variables.set("last_bridge_role", "originator");
            }
            let own = channel.hangup.clone().unwrap_or_else(|| "NORMAL_CLEARING".to_owned());
            channel.variables.set("bridge_hangup_cause", lost.unwrap_or_else(|| own.into_bytes()));
        }
        let uuids = [id, peer].map(|id| self.channels.get(id).map(|c| c.uuid.clone()).unwrap_or_default());
        let before = [("Bridge-A-Unique-ID", uuids[0].as_str()), ("Bridge-B-Unique-ID", &uuids[1])];
        self.channel_event_with(id, EventType::ChannelUnbridge, &before, &[]);
        for leg in [id, peer] {
            if let Some(channel) = self.channels.get_mut(leg) {
                channel.bridged = None;
            }
        }
        self.hang_up_by(peer, "NORMAL_CLEARING", HangupBy::Bridge);
    }

    /// One side of a bridge hung up: the owner's application ends, any other side is hung up too.
    pub(super) fn bridge_lost(&mut self, id: ChannelId, gone: ChannelId) {
        let cause = self.channels.get(gone).and_then(|channel| channel.hangup.clone());
        let Some(channel) = self.channels.get_mut(id) else { return };
        let cause = cause.unwrap_or_else(|| "NORMAL_CLEARING".to_owned());
        if channel.stack.iter().any(|running| running.kind == Kind::Bridge { peer: gone }) {
            channel.variables.set("last_bridge_hangup_cause", &cause);
        }
        let owner = channel.stack.iter_mut().find(|r| r.kind == Kind::Bridge { peer: gone });
        match owner {
            Some(running) => {
                running.over = true;
                if channel.variables.get("hangup_after_bridge").is_some_and(|v| v == b"true") {
                    self.hang_up(id, "NORMAL_CLEARING");
                }
                self.work.push_back(Work::Step(id));
            }
            None => self.hang_up(id, "NORMAL_CLEARING"),
        }
    }

    /// `uuid_bridge`: takes two channels from what they do and joins them.
    pub(crate) fn bridge_channels(&mut self, a: ChannelId, b: ChannelId) {
        for (leg, peer) in [(a, b), (b, a)] {
            while self
                .channels
                .get(leg)
                .and_then(|c| c.stack.last())
                .is_some_and(super::Running::is_interruptible)
            {
                self.complete_top(leg, true);
            }
            self.set_state(leg, State::Hibernate);
            self.set_state(leg, State::Reset);
            let last = if leg == a { State::SoftExecute } else { State::ExchangeMedia };
            self.set_state(leg, last);
            if leg == a {
                let uuid = self.channels.get(peer).map(|c| c.uuid.clone()).unwrap_or_default();
                let call = Call::new("uuid_bridge", &uuid);
                let serial = self.channels.next_serial();
                let run = new_uuid();
                let after =
                    [("Application", "uuid_bridge"), ("Application-Data", &uuid), ("Application-UUID", &run)];
                self.channel_event_with(a, EventType::ChannelExecute, &[], &after);
                if let Some(channel) = self.channels.get_mut(a) {
                    let kind = Kind::Bridge { peer };
                    let started = clock::now();
                    channel.stack.push(Running {
                        serial,
                        call,
                        uuid: run,
                        kind,
                        started,
                        ends: None,
                        paused: None,
                        over: false,
                    });
                }
            }
        }
        self.join(a, b);
    }
}

impl Running {
    fn is_interruptible(&self) -> bool {
        !matches!(self.kind, Kind::Socket { .. })
    }
}

/// How long `bridge` waits for an answer.
const DIAL_TIMEOUT: Duration = Duration::from_secs(60);
