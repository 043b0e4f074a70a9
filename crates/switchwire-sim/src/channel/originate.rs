//! `originate`: makes the legs of a call, and says what becomes of it.

use std::time::Duration;

use switchwire_proto::{EventType, LogLevel};

use super::dial::Endpoint;
use super::{Answer, CallState, Channel, ChannelId, Dial, Profile, State, Variables};
use crate::api::{ApiRequest, NewCall, new_uuid};
use crate::event::clock::Moment;
use crate::world::{Timer, Work, World};

/// What waits for a channel to be answered.
#[derive(Debug)]
pub(crate) struct Originating {
    pub(crate) request: Option<ApiRequest>,
    pub(crate) then: Then,
    pub(crate) ignore_early: bool,
    /// It was answered; what follows is on its way.
    pub(crate) ready: bool,
}

/// What an answered channel does.
#[derive(Debug, Clone)]
pub(crate) enum Then {
    /// `&app(arg)`
    App(String, String),
    Extension(String),
    /// It is the other leg of a `bridge`.
    Bridge(ChannelId),
}

/// The caller.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallerId {
    pub(crate) name: String,
    pub(crate) number: String,
}

impl World {
    /// Makes a call for a command, whose reply is what becomes of it.
    pub(crate) fn call_for(&mut self, request: ApiRequest, call: NewCall) {
        let NewCall { dial, caller, then, ignore_early, timeout } = call;
        let originating = Originating { request: Some(request), then, ignore_early, ready: false };
        let Err(failed) = self.originate(&dial, caller, originating, timeout) else { return };
        if let (Originating { request: Some(request), .. }, cause) = *failed {
            self.api_reply(request, &format!("-ERR {cause}\n"));
        }
    }

    /// Starts a call. On failure gives the waiter back, with the cause.
    pub(crate) fn originate(
        &mut self,
        dial: &Dial,
        caller: CallerId,
        originating: Originating,
        timeout: Duration,
    ) -> Result<ChannelId, Box<(Originating, String)>> {
        if self.channels.len() >= MAX_SESSIONS {
            return Err(Box::new((originating, "SWITCH_CONGESTION".into())));
        }
        let leg = match &dial.endpoint {
            _ if self.knows_endpoint(&dial.text) => self.custom_endpoint(dial, caller, originating),
            Endpoint::Fails(cause) => return Err(Box::new((originating, cause.clone()))),
            Endpoint::Loopback { extension, context } => {
                self.loopback(dial, caller, originating, extension, context)
            }
            Endpoint::Null { name } => self.null(dial, caller, originating, name),
        };
        self.timers.after(timeout, Timer::OriginateTimeout(leg));
        Ok(leg)
    }

    /// Two legs: `-a` is the caller's, `-b` walks the dialplan.
    fn loopback(
        &mut self,
        dial: &Dial,
        caller: CallerId,
        originating: Originating,
        extension: &str,
        context: &str,
    ) -> ChannelId {
        let a = self.make_leg(
            dial,
            &caller,
            true,
            format!("loopback/{extension}/{context}-a"),
            extension,
            context,
        );
        let b = self.make_leg(dial, &caller, false, format!("loopback/{extension}-b"), extension, context);
        let uuid = dial.variable("origination_uuid").filter(|uuid| self.channels.by_uuid(uuid).is_none());
        let chosen = uuid.map(str::to_owned);
        let mut uuids = [a, b].map(|id| self.channels.get(id).map(|c| c.uuid.clone()).unwrap_or_default());
        for (leg, uuid) in [(a, &uuids[0]), (b, &uuids[1])] {
            let name = self.channels.get(leg).map(|channel| channel.name.clone()).unwrap_or_default();
            let origin = ("switch_channel.c", "switch_channel_set_name", 1143);
            self.channel_log(leg, LogLevel::Notice, origin, &format!("New Channel {name} [{uuid}]"));
        }
        uuids[0] = chosen.unwrap_or_else(|| std::mem::take(&mut uuids[0]));
        self.originator(a, &originating.then);
        self.codec_events(a);
        if let Some(leg) = self.channels.get_mut(a) {
            leg.name = format!("loopback/{extension}-a");
            leg.state = State::Init;
            leg.variables.set("channel_name", &leg.name);
        }
        self.name_leg(a, dial, "loopback");
        self.channel_event(a, EventType::ChannelOutgoing);
        self.set_state(a, State::Init);
        self.codec_events(b);
        for (leg, other, other_uuid, letter) in [(a, b, &uuids[1], "A"), (b, a, &uuids[0], "B")] {
            if let Some(leg) = self.channels.get_mut(leg) {
                leg.other_leg = Some(other);
                leg.variables.set("other_loopback_leg_uuid", other_uuid);
                leg.variables.set("loopback_leg", letter);
                leg.state = State::Routing;
            }
        }
        if let Some(leg) = self.channels.get_mut(a) {
            leg.originating = Some(originating);
        }
        self.channel_event(a, EventType::ChannelCreate);
        self.channel_event(a, EventType::ChannelOriginate);
        self.set_state(a, State::Routing);
        self.set_state(a, State::ConsumeMedia);
        self.set_state(b, State::Init);
        if let Some(leg) = self.channels.get_mut(b) {
            leg.state = State::Routing;
        }
        self.channel_event(b, EventType::ChannelCreate);
        if let Some(leg) = self.channels.get_mut(b) {
            leg.running = State::Routing;
        }
        self.set_callstate(b, CallState::Ringing);
        self.set_state(b, State::Routing);
        self.route(b, extension);
        a
    }

    /// One leg that answers at once.
    fn null(&mut self, dial: &Dial, caller: CallerId, originating: Originating, name: &str) -> ChannelId {
        let id = self.make_leg(dial, &caller, true, format!("null/{name}"), name, "default");
        self.originator(id, &originating.then);
        self.codec_events(id);
        if let Some(leg) = self.channels.get_mut(id) {
            leg.originating = Some(originating);
            leg.state = State::Init;
            leg.variables.set("channel_name", &leg.name);
            leg.profile.dialplan.clear();
            name.clone_into(&mut leg.profile.callee_number);
        }
        self.name_leg(id, dial, "null");
        self.first_states(id);
        self.answer_channel(id);
        id
    }

    /// One leg, whose far end does what it was told to.
    fn custom_endpoint(&mut self, dial: &Dial, caller: CallerId, originating: Originating) -> ChannelId {
        let place = dial.text.rsplit('/').next().unwrap_or_default();
        let number = place.split('@').next().unwrap_or_default();
        let id = self.make_leg(dial, &caller, true, dial.text.clone(), number, "default");
        self.originator(id, &originating.then);
        if let Some(leg) = self.channels.get_mut(id) {
            leg.originating = Some(originating);
            leg.state = State::Init;
        }
        let endpoint = dial.text.split('/').next().unwrap_or_default();
        self.name_leg(id, dial, endpoint);
        self.first_states(id);
        self.call_endpoint(id, &dial.text);
        id
    }

    /// A leg that `bridge` calls knows from the start whose other party it is.
    fn originator(&mut self, id: ChannelId, then: &Then) {
        let Then::Bridge(caller) = then else { return };
        let Some(caller) = self.channels.get(*caller) else { return };
        let party = caller.party("originator");
        let Some(leg) = self.channels.get_mut(id) else { return };
        leg.profile.orig_caller_name.clone_from(&party.profile.orig_caller_name);
        leg.profile.orig_caller_number.clone_from(&party.profile.orig_caller_number);
        leg.profile.ani.clone_from(&party.profile.ani);
        leg.other = Some(party);
    }

    /// Gives a new leg the uuid and the variables of its dial string.
    fn name_leg(&mut self, id: ChannelId, dial: &Dial, endpoint: &str) {
        let uuid = dial.variable("origination_uuid").filter(|uuid| self.channels.by_uuid(uuid).is_none());
        if let Some(uuid) = uuid {
            let old = self.channels.get(id).map(|leg| leg.uuid.clone()).unwrap_or_default();
            self.channels.rename(id, uuid);
            if let Some(leg) = self.channels.get_mut(id) {
                leg.variables.set("uuid", uuid);
                leg.variables.set("call_uuid", uuid);
            }
            self.channel_event_with(id, EventType::ChannelUuid, &[("Old-Unique-ID", &old)], &[]);
        }
        let Some(leg) = self.channels.get_mut(id) else { return };
        let caller = leg.other.as_ref().map(|caller| caller.uuid.clone());
        if let Some(caller) = &caller {
            leg.variables.set("max_forwards", MAX_FORWARDS.to_string());
            leg.variables.set("originator_codec", "L16@8000h@20i");
            for name in ["originator", "signal_bond", "call_uuid"] {
                leg.variables.set(name, caller);
            }
        }
        for (name, value) in &dial.variables {
            leg.variables.set(name, value);
        }
        let early = dial.variable("ignore_early_media").is_none_or(|value| value == "false");
        leg.variables.set("originate_early_media", if early { "true" } else { "false" });
        leg.variables.set("originating_leg_uuid", caller.unwrap_or_default());
        leg.variables.set("originate_endpoint", endpoint);
    }

    fn make_leg(
        &mut self,
        dial: &Dial,
        caller: &CallerId,
        outbound: bool,
        name: String,
        extension: &str,
        context: &str,
    ) -> ChannelId {
        let given = |name: &str| dial.variable(name).map(str::to_owned);
        let caller_name = given("origination_caller_id_name").unwrap_or_else(|| caller.name.clone());
        let caller_number = given("origination_caller_id_number").unwrap_or_else(|| caller.number.clone());
        let uuid = new_uuid();
        let now = Moment::now().micros();
        let profile = Profile {
            orig_caller_name: caller_name.clone(),
            orig_caller_number: caller_number.clone(),
            ani: caller_number.clone(),
            caller_name,
            caller_number,
            callee_name: "Outbound Call".into(),
            // A null leg is its own extension; a loopback one shows the context.
            callee_number: if name.starts_with("null/") { extension } else { context }.to_owned(),
            destination: extension.to_owned(),
            context: context.to_owned(),
            dialplan: "xml".into(),
            source: "mod_loopback".into(),
            index: 1,
            created: now,
            channel_created: now,
            ..Profile::default()
        };
        self.channels.insert(|id| {
            let mut variables = Variables::default();
            variables.set("direction", if outbound { "outbound" } else { "inbound" });
            variables.set("is_outbound", if outbound { "true" } else { "" });
            variables.set("uuid", &uuid);
            variables.set("call_uuid", &uuid);
            variables.set("session_id", id.to_string());
            variables.set("channel_name", &name);
            for (name, value) in
                [("read_codec", "L16"), ("read_rate", "8000"), ("write_codec", "L16"), ("write_rate", "8000")]
            {
                variables.set(name, value);
            }
            // The calling leg has them once it is named.
            for (name, value) in dial.variables.iter().filter(|_| !outbound) {
                variables.set(name, value);
            }
            Channel {
                uuid,
                name,
                outbound,
                running: State::None,
                state: State::None,
                callstate: CallState::Down,
                answer: Answer::Ringing,
                hit_dialplan: !outbound,
                hangup: None,
                other_leg: None,
                bridged: None,
                other: None,
                profile,
                variables,
                digits: String::new(),
                received: std::collections::VecDeque::new(),
                next_digit: None,
                recordings: Vec::new(),
                dialed: String::new(),
                stack: Vec::new(),
                queue: std::collections::VecDeque::new(),
                looks: None,
                plan: std::collections::VecDeque::new(),
                originating: None,
                endpoint: None,
                holders: std::collections::BTreeSet::new(),
                gone: false,
            }
        })
    }

    /// Gives a channel what the dialplan has for an extension.
    pub(super) fn route(&mut self, id: ChannelId, extension: &str) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let actions = self.config.dialplan.route(extension, &channel.profile.context);
        channel.hit_dialplan = true;
        match actions {
            Some(actions) => {
                channel.plan = actions.into();
                self.set_state(id, State::Execute);
                self.work.push_back(Work::Step(id));
            }
            None => self.hang_up(id, "NO_ROUTE_DESTINATION"),
        }
    }

    /// Sends a channel to another extension: what runs on it ends.
    pub(crate) fn transfer(&mut self, id: ChannelId, extension: &str) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let now = Moment::now();
        let context = &channel.profile.context;
        let source = format!("{}:{}:bl_xfer:{extension}/{context}/XML", now.seconds(), new_uuid());
        let left = MAX_FORWARDS.saturating_sub(channel.profile.index - 1);
        channel.variables.set("max_forwards", left.to_string());
        let profile = &mut channel.profile;
        profile.rdnis = std::mem::replace(&mut profile.destination, extension.to_owned());
        profile.dialplan = "XML".into();
        profile.transfer_source.clone_from(&source);
        profile.index += 1;
        profile.created = now.micros();
        channel.variables.push("transfer_history", source.as_bytes(), false);
        channel.variables.set("transfer_source", source);
        if channel.profile.index > MAX_FORWARDS {
            return self.hang_up(id, "EXCHANGE_ROUTING_ERROR");
        }
        channel.stack.iter_mut().for_each(|running| running.over = true);
        self.set_state(id, State::Routing);
        self.route(id, extension);
    }

    /// A leg was answered, or has early media: resumes its waiter.
    pub(super) fn leg_answered(&mut self, id: ChannelId, answer: Answer) {
        let Some(originating) = self.channels.get_mut(id).and_then(|c| c.originating.as_mut()) else {
            return;
        };
        if !originating.ready && (answer == Answer::Answered || !originating.ignore_early) {
            originating.ready = true;
            self.work.push_back(Work::Advance(id));
        }
    }

    /// Continues an answered channel.
    pub(crate) fn advance(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id).filter(|channel| channel.is_up()) else { return };
        if !channel.originating.as_ref().is_some_and(|originating| originating.ready) {
            return;
        }
        let Some(Originating { request, then, .. }) = channel.originating.take() else { return };
        let uuid = channel.uuid.clone();
        if let Then::Bridge(peer) = then {
            return self.bridge_answered(peer, id);
        }
        self.flip_caller(id);
        if let Some(request) = request {
            self.api_reply(request, &format!("+OK {uuid}\n"));
        }
        match then {
            Then::App(app, arg) => {
                if let Some(channel) = self.channels.get_mut(id) {
                    channel.plan.push_back((app, arg));
                }
                self.set_state(id, State::Execute);
                self.work.push_back(Work::Step(id));
            }
            Then::Extension(extension) => {
                if let Some(channel) = self.channels.get_mut(id) {
                    channel.profile.dialplan = "XML".into();
                    channel.profile.destination.clone_from(&extension);
                }
                self.set_state(id, State::Routing);
                self.route(id, &extension);
            }
            Then::Bridge(_) => {}
        }
    }

    /// From here on the channel is the calling side: caller and callee change places.
    fn flip_caller(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        channel.hit_dialplan = true;
        let profile = &mut channel.profile;
        channel.variables.set("pre_transfer_caller_id_name", &profile.caller_name);
        channel.variables.set("pre_transfer_caller_id_number", &profile.caller_number);
        channel.variables.set("channel_cid_flipped", "yes");
        std::mem::swap(&mut profile.caller_name, &mut profile.callee_name);
        std::mem::swap(&mut profile.caller_number, &mut profile.callee_number);
        self.channel_event_with(id, EventType::CallUpdate, &[("Direction", "RECV")], &[]);
    }

    /// A channel with a waiter was hung up.
    pub(super) fn originate_failed(&mut self, id: ChannelId, cause: &str) {
        let Some(originating) = self.channels.get_mut(id).and_then(|c| c.originating.take()) else { return };
        if let Some(request) = originating.request {
            self.api_reply(request, &format!("-ERR {cause}\n"));
        }
        if let Then::Bridge(peer) = originating.then {
            self.bridge_failed(peer, cause);
        }
    }

    pub(crate) fn originate_timeout(&mut self, id: ChannelId) {
        if self.channels.get(id).is_some_and(|c| c.originating.as_ref().is_some_and(|o| !o.ready)) {
            self.hang_up(id, "NO_ANSWER");
        }
    }
}

/// An extension that transfers to itself must end some time.
const MAX_FORWARDS: u32 = 70;
/// Channels at a time; `status` says the same.
pub(crate) const MAX_SESSIONS: usize = 5000;
