//! Two channels in one conversation: the `bridge` application and `uuid_bridge`.

use std::time::Duration;

use switchwire_proto::EventType;

use super::apps::Start;
use super::effort::Effort;
use super::originate::{CallerId, Then};
use super::{Answer, CallState, Channel, ChannelId, Dial, HangupBy, Kind, State};
use crate::api::NewCall;
use crate::event::clock::Moment;
use crate::world::{Work, World};

impl World {
    /// `bridge`: calls another leg, and joins it when it is answered.
    pub(super) fn app_bridge(&mut self, id: ChannelId, _: u64, arg: &str) -> Start {
        let Some(channel) = self.channels.get_mut(id) else { return Start::Done };
        let text = |channel: &Channel, name: &str| {
            channel.variables.get(name).map(|value| String::from_utf8_lossy(value).into_owned())
        };
        let profile = &channel.profile;
        let caller = CallerId {
            name: text(channel, "effective_caller_id_name").unwrap_or_else(|| profile.caller_name.clone()),
            number: text(channel, "effective_caller_id_number")
                .unwrap_or_else(|| profile.caller_number.clone()),
        };
        let mut dial = Dial::parse(arg);
        let exported = channel.exported();
        for leg in dial.legs_mut() {
            leg.export(&exported);
        }
        let timeout = ["leg_timeout", "originate_timeout", "call_timeout"].iter().find_map(|name| {
            dial.variable(name).map(str::to_owned).or_else(|| text(channel, name))?.parse().ok()
        });
        let timeout = timeout.map_or(DIAL_TIMEOUT, Duration::from_secs);
        channel.variables.set("originate_disposition", "failure");
        channel.variables.set("DIALSTATUS", "INVALIDARGS");
        if channel.answer == Answer::Answered {
            self.set_callstate(id, CallState::RingWait);
        } else {
            self.pre_answer_channel(id);
        }
        let then = Then::Bridge(id);
        let effort = self.start_call(None, NewCall { dial, caller, then, ignore_early: true, timeout });
        Start::Run(Kind::Dialling { effort }, None)
    }

    /// The called leg was answered: the two are joined.
    pub(super) fn bridge_answered(&mut self, id: ChannelId, peer: ChannelId, effort: &Effort) {
        let channel = self.channels.get_mut(id).filter(|channel| channel.is_up());
        let dialling = channel.and_then(|c| c.stack.last_mut());
        let Some(running) = dialling.filter(|r| matches!(r.kind, Kind::Dialling { .. })) else {
            return self.hang_up(peer, "ORIGINATOR_CANCEL");
        };
        running.kind = Kind::Bridge { peer };
        let Some(party) = self.channels.get(peer).map(|peer| peer.party("originatee")) else { return };
        let (legs, causes) = effort.legs_and_causes();
        if let Some(channel) = self.channels.get_mut(id) {
            channel.variables.set("last_bridge_hangup_cause", effort.last_failure().unwrap_or_default());
            channel.variables.set("originate_signal_bond", &party.uuid);
            channel.variables.add("originated_legs", &legs);
        }
        self.end_ringback(id);
        self.tell_originated(Some(id), peer);
        self.answer_channel(id);
        if let Some(channel) = self.channels.get_mut(id) {
            channel.variables.set("originate_disposition", "SUCCESS");
            channel.variables.set("DIALSTATUS", "SUCCESS");
            channel.variables.add("originate_causes", &causes);
            channel.variables.set("originate_signal_bond", "");
            channel.profile.callee_name.clone_from(&party.profile.callee_name);
            channel.profile.callee_number.clone_from(&party.profile.callee_number);
            channel.other = Some(party);
        }
        self.set_callstate(id, CallState::Active);
        self.join(id, peer);
        self.set_state(peer, State::ExchangeMedia);
    }

    /// A caller that heard tones while the other leg rang has its own codec back.
    fn end_ringback(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get(id) else { return };
        let hears = |name: &&str| channel.variables.get(name).is_some();
        if channel.answer == Answer::Answered && ["ringback", "transfer_ringback"].iter().any(hears) {
            self.read_codec_again(id);
        }
    }

    pub(super) fn join(&mut self, a: ChannelId, b: ChannelId) {
        let now = Moment::now().micros();
        let uuids = [a, b].map(|id| self.uuid_of(id));
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
                channel.owns_bridge = leg == a;
                channel.profile.bridged = now;
                if channel.variables.get("signal_bond") != Some(other_uuid.as_bytes()) {
                    channel.variables.set("signal_bond", other_uuid);
                }
                if leg == b {
                    channel.variables.set("call_uuid", other_uuid);
                }
            }
        }
        let before = [("Bridge-A-Unique-ID", uuids[0].as_str()), ("Bridge-B-Unique-ID", &uuids[1])];
        self.channel_event_with(a, EventType::ChannelBridge, &before, &[]);
        for (leg, other_uuid, party) in [(a, &uuids[1], &parties[1]), (b, &uuids[0], &parties[0])] {
            let (Some(channel), Some((name, shown))) = (self.channels.get_mut(leg), party) else { continue };
            let variables = &mut channel.variables;
            variables.set("bridge_to", other_uuid);
            variables.set("last_bridge_to", other_uuid);
            variables.set("bridge_channel", name);
            variables.set("bridge_uuid", other_uuid);
            variables.set("signal_bond", other_uuid);
            variables.set("last_sent_callee_id_name", &shown.0);
            variables.set("last_sent_callee_id_number", &shown.1);
        }
    }

    /// No leg that a `bridge` called answered: the channel is hung up, unless it is to go on.
    pub(super) fn bridge_failed(&mut self, id: ChannelId, cause: &str, effort: &Effort) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let (legs, causes) = effort.legs_and_causes();
        let variables = &mut channel.variables;
        if let Some(last) = effort.tried.last() {
            variables.set("originate_signal_bond", &last.uuid);
        }
        variables.add("originated_legs", &legs);
        variables.set("last_bridge_hangup_cause", cause);
        variables.set("originate_disposition", cause);
        variables.set("DIALSTATUS", dial_status(cause));
        variables.add("originate_causes", &causes);
        variables.set("originate_failed_cause", cause);
        let goes_on = channel.goes_on_after(cause);
        if let Some(running) = channel.stack.last_mut().filter(|r| matches!(r.kind, Kind::Dialling { .. })) {
            running.over = true;
            running.kind = Kind::Time;
        }
        if channel.callstate == CallState::RingWait {
            self.set_callstate(id, CallState::Active);
        }
        if goes_on {
            self.work.push_back(Work::Step(id));
        } else {
            self.hang_up(id, cause);
        }
    }

    /// The end of a bridge on its owner's side: CHANNEL_UNBRIDGE, and its variables.
    pub(super) fn unbridge(&mut self, id: ChannelId, peer: ChannelId) {
        let uuids = [id, peer].map(|id| self.uuid_of(id));
        let peer_cause = self.channels.get(peer).and_then(|peer| peer.hangup.clone());
        let Some(channel) = self.channels.get_mut(id) else { return };
        let own = channel.hangup.clone();
        let stays = own.is_none() && !channel.to_route && channel.taken.is_none();
        let variables = &mut channel.variables;
        variables.set("bridge_to", "");
        if let Some(cause) = peer_cause.as_ref().filter(|_| stays || channel.taken.is_some()) {
            variables.set("last_bridge_hangup_cause", cause);
        }
        let cause = own.or_else(|| peer_cause.clone());
        if let Some(cause) = &cause {
            variables.set("bridge_hangup_cause", cause);
        }
        channel.bridged = None;
        let hangs_up = stays && is_true(channel.variables.get("hangup_after_bridge"));
        let leaves = self.channels.get(peer).is_some_and(|p| p.to_route || p.taken.is_some());
        if let Some(other) = self.channels.get_mut(peer).filter(|_| !leaves) {
            other.bridged = None;
            let own = other.uuid.clone();
            other.variables.set("bridge_to", "");
            if let Some(cause) = cause.filter(|_| other.variables.get("last_bridge_hangup_cause").is_some()) {
                other.variables.set("bridge_hangup_cause", cause);
            }
            other.variables.set("call_uuid", own);
        }
        let before = [("Bridge-A-Unique-ID", uuids[0].as_str()), ("Bridge-B-Unique-ID", &uuids[1])];
        self.channel_event_with(id, EventType::ChannelUnbridge, &before, &[]);
        match peer_cause {
            Some(cause) if hangs_up => self.hang_up(id, &cause),
            Some(_) => {}
            None if leaves => {}
            None => self.hang_up_by(peer, "NORMAL_CLEARING", HangupBy::Bridge),
        }
    }

    /// The owner of a bridge leaves it: the other side is hung up first. False when that has been done.
    pub(super) fn part(&mut self, id: ChannelId, peer: ChannelId) -> bool {
        let cause = self.channels.get(id).and_then(|channel| channel.hangup.clone());
        let Some(other) = self.channels.get_mut(peer).filter(|other| other.bridged == Some(id)) else {
            return false;
        };
        other.bridged = None;
        other.variables.set("bridge_to", "");
        if let Some(cause) = &cause {
            other.variables.set("last_bridge_hangup_cause", cause);
        }
        if other.to_route || other.taken.is_some() || !other.is_up() {
            return false;
        }
        self.hang_up(peer, &cause.unwrap_or_else(|| "NORMAL_CLEARING".to_owned()));
        true
    }

    /// A channel that is hung up notes what it was in its bridge.
    pub(super) fn note_hangup_in_bridge(&mut self, id: ChannelId, _: &str) {
        let Some(channel) = self.channels.get_mut(id).filter(|channel| channel.bridged.is_some()) else {
            return;
        };
        let role = if channel.owns_bridge { "originator" } else { "originatee" };
        channel.variables.set("last_bridge_role", role);
    }

    /// One side of a bridge is hung up: the owner's application ends.
    pub(super) fn bridge_lost(&mut self, gone: ChannelId) {
        let Some(owner) = self.channels.get(gone).and_then(|channel| channel.bridged) else { return };
        let Some(channel) = self.channels.get_mut(owner) else { return };
        let bridge = channel.stack.iter_mut().find(|r| r.kind == Kind::Bridge { peer: gone });
        if let Some(running) = bridge {
            running.over = true;
            self.work.push_back(Work::Step(owner));
        }
    }

    pub(super) fn uuid_of(&self, id: ChannelId) -> String {
        self.channels.get(id).map(|channel| channel.uuid.clone()).unwrap_or_default()
    }
}

impl Channel {
    /// The variables that the legs which it calls get: `export_vars` and what it names.
    fn exported(&self) -> Vec<(String, String)> {
        let text = |name: &str| self.variables.get(name).map(|v| String::from_utf8_lossy(v).into_owned());
        let Some(list) = text("export_vars") else { return Vec::new() };
        let values = list.split(',').filter_map(|name| {
            let value = text(name)?;
            Some((name.strip_prefix("nolocal:").unwrap_or(name).to_owned(), value))
        });
        let values: Vec<_> = values.collect();
        std::iter::once(("export_vars".to_owned(), list)).chain(values).collect()
    }

    /// Whether its `continue_on_fail` names the cause for which a bridge failed.
    fn goes_on_after(&self, cause: &str) -> bool {
        let Some(value) = self.variables.get("continue_on_fail") else { return false };
        let names = |name: &str| {
            name.eq_ignore_ascii_case(cause)
                || name.parse::<u16>().is_ok() && super::cause::named(name) == cause
        };
        is_true(Some(value)) || String::from_utf8_lossy(value).split(',').any(|name| names(name.trim()))
    }
}

/// `DIALSTATUS` of a cause.
fn dial_status(cause: &str) -> &str {
    match cause {
        "USER_BUSY" => "BUSY",
        "NO_ANSWER" => "NOANSWER",
        "CALL_REJECTED" => "DONTCALL",
        "ORIGINATOR_CANCEL" => "CANCEL",
        "DESTINATION_OUT_OF_ORDER" => "INVALIDARGS",
        other => other,
    }
}

fn is_true(value: Option<&[u8]>) -> bool {
    value.is_some_and(|value| super::message::is_true(&String::from_utf8_lossy(value)))
}

/// How long `bridge` waits for an answer.
const DIAL_TIMEOUT: Duration = Duration::from_secs(60);
