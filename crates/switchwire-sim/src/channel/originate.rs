//! `originate`: makes the legs of a call, and says what becomes of it.

use switchwire_proto::EventType;

use super::dial::{Endpoint, Leg};
use super::effort::{Effort, EffortId};
use super::routing::MAX_FORWARDS;
use super::{Answer, CallState, Channel, ChannelId, Profile, State, Variables};
use crate::api::new_uuid;
use crate::event::clock::Moment;
use crate::world::{Work, World};

/// What an answered channel does.
#[derive(Debug, Clone)]
pub(crate) enum Then {
    /// `&app(arg)`
    App(String, String),
    Extension {
        number: String,
        dialplan: String,
        context: String,
    },
    /// It joins a conference that dialled it: for an api command, or in the background under a Job-UUID.
    Conference {
        name: String,
        arg: String,
        job: Option<String>,
    },
    /// It is the other leg of a `bridge`.
    Bridge(ChannelId),
}

/// A leg to be made.
#[derive(Clone, Copy)]
pub(super) struct NewLeg<'a> {
    pub(super) effort: EffortId,
    pub(super) dial: &'a Leg,
    pub(super) caller: &'a CallerId,
    pub(super) then: &'a Then,
}

/// The caller.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallerId {
    pub(crate) name: String,
    pub(crate) number: String,
}

impl World {
    /// Makes the leg that calls a destination, or says why it cannot be called.
    pub(super) fn make_call(
        &mut self,
        effort: EffortId,
        dial: &Leg,
        caller: &CallerId,
        then: &Then,
    ) -> Result<(), String> {
        if self.channels.len() >= MAX_SESSIONS {
            return Err("SWITCH_CONGESTION".into());
        }
        let new = NewLeg { effort, dial, caller, then };
        match &dial.endpoint {
            _ if self.knows_endpoint(&dial.text) => self.custom_endpoint(&new),
            Endpoint::Fails(cause) => return Err(cause.clone()),
            Endpoint::Loopback { extension, context } => self.loopback(&new, extension, context),
            Endpoint::Null { name } => self.null(&new, name),
            Endpoint::Sofia(place) => match place.split_once('/') {
                Some((profile @ ("internal" | "external"), to)) => self.unreachable(&new, profile, to),
                _ => return Err(self.sofia_leg(place).into()),
            },
            Endpoint::User(_) | Endpoint::Group(_) => return Err("SUBSCRIBER_ABSENT".into()),
            Endpoint::Pickup(group) => self.pickup_leg(&new, group),
        }
        Ok(())
    }

    /// Two legs: `-a` is the caller's, `-b` walks the dialplan.
    fn loopback(&mut self, new: &NewLeg<'_>, extension: &str, context: &str) {
        let NewLeg { effort, dial, caller, then } = *new;
        let near = format!("loopback/{extension}/{context}-a");
        let a = self.make_leg(dial, caller, true, near, extension, context);
        let b = self.make_leg(dial, caller, false, format!("loopback/{extension}-b"), extension, context);
        let from = self.originator(a, then);
        self.originator(b, then);
        // The first leg leaves it in the variables that the others get.
        if self.has_legs(effort)
            && let Some(far) = self.channels.get_mut(b)
        {
            far.variables.set("originate_early_media", early_media(dial));
        }
        let uuid = dial.variable("origination_uuid").filter(|uuid| self.channels.by_uuid(uuid).is_none());
        let chosen = uuid.map(str::to_owned);
        let mut uuids = [a, b].map(|id| self.channels.get(id).map(|c| c.uuid.clone()).unwrap_or_default());
        self.tell_new(a);
        uuids[0] = chosen.unwrap_or_else(|| std::mem::take(&mut uuids[0]));
        self.codec_events(a);
        if let Some(leg) = self.channels.get_mut(a) {
            leg.name = format!("loopback/{extension}-a");
            leg.state = State::Init;
            leg.variables.set("loopback_from_uuid", from.as_deref().unwrap_or_default());
            leg.variables.set("channel_name", &leg.name);
        }
        self.tell_rename(a, &format!("loopback/{extension}/{context}-a"));
        self.tell_init(a);
        self.name_leg(a, new, "loopback");
        self.channel_event(a, EventType::ChannelOutgoing);
        self.set_state(a, State::Init);
        self.tell_new(b);
        self.codec_events(b);
        for (leg, other, other_uuid, letter) in [(a, b, &uuids[1], "A"), (b, a, &uuids[0], "B")] {
            if let Some(leg) = self.channels.get_mut(leg) {
                leg.other_leg = Some(other);
                leg.variables.set("other_loopback_leg_uuid", other_uuid);
                if letter == "B" {
                    leg.variables.set("other_loopback_from_uuid", from.as_deref().unwrap_or_default());
                }
                leg.variables.set("loopback_leg", letter);
                leg.state = State::Routing;
            }
        }
        self.leg_made(effort, a);
        self.channel_event(a, EventType::ChannelCreate);
        self.channel_event(a, EventType::ChannelOriginate);
        self.set_state(a, State::Routing);
        self.set_state(a, State::ConsumeMedia);
        self.tell_init(b);
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
        self.route(b);
    }

    /// One leg that answers at once.
    fn null(&mut self, new: &NewLeg<'_>, name: &str) {
        let id = self.make_leg(new.dial, new.caller, true, format!("null/{name}"), name, "default");
        // It has a dialplan only where a caller has one.
        if let Some(leg) = self.channels.get_mut(id) {
            leg.profile.dialplan.clear();
        }
        self.originator(id, new.then);
        self.tell_new(id);
        self.tell_init(id);
        self.codec_events(id);
        if let Some(leg) = self.channels.get_mut(id) {
            leg.state = State::Init;
            leg.variables.set("channel_name", &leg.name);
            name.clone_into(&mut leg.profile.callee_number);
        }
        self.name_leg(id, new, "null");
        self.leg_made(new.effort, id);
        self.first_states(id);
        self.answer_channel(id);
    }

    /// One leg, whose far end does what it was told to.
    fn custom_endpoint(&mut self, new: &NewLeg<'_>) {
        let dial = new.dial;
        let place = dial.text.rsplit('/').next().unwrap_or_default();
        let number = place.split('@').next().unwrap_or_default();
        // A gateway's channels are named after its profile.
        let gateway = dial.text.starts_with("sofia/gateway/");
        let name = if gateway { format!("sofia/external/{number}") } else { dial.text.clone() };
        let id = self.make_leg(dial, new.caller, true, name, number, "default");
        // A SIP leg has the uuid that was chosen from the beginning, without an event.
        let endpoint = dial.text.split('/').next().unwrap_or_default();
        let chosen = endpoint == "sofia" && self.take_uuid(id, dial).is_some();
        self.originator(id, new.then);
        self.tell_new(id);
        self.tell_init(id);
        if chosen {
            self.tell_uuid(id);
        }
        if let Some(leg) = self.channels.get_mut(id) {
            leg.state = State::Init;
        }
        self.name_leg(id, new, endpoint);
        self.leg_made(new.effort, id);
        self.first_states(id);
        self.call_endpoint(id, &dial.text);
    }

    /// What a leg that `bridge` calls takes over from the caller's profile. Gives the caller's uuid.
    pub(super) fn originator(&mut self, id: ChannelId, then: &Then) -> Option<String> {
        let Then::Bridge(caller) = then else { return None };
        let caller = self.channels.get(*caller)?;
        let (uuid, profile, consults) =
            (caller.uuid.clone(), caller.profile.clone(), caller.bridged.is_some());
        let leg = self.channels.get_mut(id)?;
        leg.profile.orig_caller_name = profile.orig_caller_name;
        leg.profile.orig_caller_number = profile.orig_caller_number;
        leg.profile.ani = profile.ani;
        // One that consults a third party gives its dialplan to no one.
        if !consults {
            leg.profile.dialplan = profile.dialplan;
        }
        Some(uuid)
    }

    /// Gives a new leg the uuid of its dial string, if it names a free one; the uuid that it had.
    fn take_uuid(&mut self, id: ChannelId, dial: &Leg) -> Option<String> {
        let uuid = dial.variable("origination_uuid").filter(|uuid| self.channels.by_uuid(uuid).is_none())?;
        let old = self.channels.get(id).map(|leg| leg.uuid.clone()).unwrap_or_default();
        self.channels.rename(id, uuid);
        if let Some(leg) = self.channels.get_mut(id) {
            leg.variables.set("uuid", uuid);
            leg.variables.set("call_uuid", uuid);
        }
        Some(old)
    }

    /// Gives a new leg the uuid and the variables of its dial string.
    pub(super) fn name_leg(&mut self, id: ChannelId, new: &NewLeg<'_>, endpoint: &str) {
        let dial = new.dial;
        if let Some(old) = self.take_uuid(id, dial) {
            self.tell_uuid(id);
            self.channel_event_with(id, EventType::ChannelUuid, &[("Old-Unique-ID", &old)], &[]);
        }
        let left = match new.then {
            Then::Bridge(caller) => self
                .channels
                .get(*caller)
                .and_then(|c| String::from_utf8_lossy(c.variables.get("max_forwards")?).parse::<u32>().ok()),
            _ => None,
        };
        let forwards = left.map_or(MAX_FORWARDS, |left| left.saturating_sub(1));
        let call_uuid = match new.then {
            Then::Bridge(caller) => self.channels.get(*caller).and_then(|c| c.variables.get("call_uuid")),
            _ => None,
        };
        let call_uuid = call_uuid.map(<[u8]>::to_vec);
        let caller = match new.then {
            Then::Bridge(caller) => self.channels.get(*caller).map(|caller| caller.party("originator")),
            _ => None,
        };
        let Some(leg) = self.channels.get_mut(id) else { return };
        if let Some(caller) = &caller {
            leg.variables.set("max_forwards", forwards.to_string());
            leg.variables.set("originator_codec", "L16@8000h@20i");
            for name in ["originator", "signal_bond"] {
                leg.variables.set(name, &caller.uuid);
            }
            leg.variables.set("call_uuid", call_uuid.as_deref().unwrap_or(caller.uuid.as_bytes()));
        }
        for (name, value) in &dial.variables {
            leg.variables.set(name, value);
        }
        leg.variables.set("originate_early_media", early_media(dial));
        let caller_uuid = caller.as_ref().map(|caller| caller.uuid.as_str()).unwrap_or_default();
        leg.variables.set("originating_leg_uuid", caller_uuid);
        leg.variables.set("originate_endpoint", endpoint);
        leg.other = caller;
    }

    pub(super) fn make_leg(
        &mut self,
        dial: &Leg,
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
            for (name, value) in dial.variables_far().filter(|_| !outbound) {
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
                hung_by: None,
                other_leg: None,
                bridged: None,
                holding: None,
                bugs: Vec::new(),
                heartbeat: None,
                unicast: None,
                updated_callee: None,
                owns_bridge: false,
                has_codec: true,
                other: None,
                profile,
                variables,
                digits: String::new(),
                received: std::collections::VecDeque::new(),
                next_digit: None,
                recordings: Vec::new(),
                displacing: Vec::new(),
                dialed: String::new(),
                stack: Vec::new(),
                queue: std::collections::VecDeque::new(),
                looks: None,
                plan: std::collections::VecDeque::new(),
                effort: None,
                to_route: false,
                taken: None,
                flipped: false,
                endpoint: None,
                holders: std::collections::BTreeSet::new(),
                gone: false,
            }
        })
    }

    /// Continues an answered channel.
    pub(crate) fn advance(&mut self, id: ChannelId) {
        if !self.channels.get(id).is_some_and(Channel::is_up) {
            return;
        }
        let Some(mut effort) = self.take_won(id) else { return };
        if let Some(other) = self.picked_up_by(id) {
            return self.go_on_with(other, id, effort);
        }
        if let Then::Bridge(caller) = effort.then {
            return self.bridge_answered(caller, id, &effort);
        }
        self.tell_originated(None, id);
        if matches!(effort.then, Then::App(..) | Then::Conference { .. }) {
            self.flip_caller(id);
        }
        self.reply_originated(id, &mut effort);
        self.go_on(id, effort.then);
    }

    /// Replies to the command that asked for a call.
    pub(super) fn reply_originated(&mut self, id: ChannelId, effort: &mut Effort) {
        let uuid = self.uuid_of(id);
        if let Some(request) = effort.request.take() {
            let reply = match effort.then {
                Then::Conference { .. } => dialled("SUCCESS"),
                _ => format!("+OK {uuid}\n"),
            };
            self.api_reply(request, &reply);
        }
    }

    /// An answered channel does what it was called for.
    pub(super) fn go_on(&mut self, id: ChannelId, then: Then) {
        let uuid = self.uuid_of(id);
        match then {
            Then::App(app, arg) => {
                if let Some(channel) = self.channels.get_mut(id) {
                    channel.plan.push_back((app, arg));
                }
                self.set_state(id, State::Execute);
                self.work.push_back(Work::Step(id));
            }
            Then::Conference { name, arg, job } => {
                self.dial_result(&name, job, "SUCCESS", Some(uuid));
                if let Some(channel) = self.channels.get_mut(id) {
                    channel.plan.push_back(("conference".to_owned(), arg));
                }
                self.set_state(id, State::Execute);
                self.work.push_back(Work::Step(id));
            }
            Then::Extension { number, dialplan, context } => {
                self.transfer_to(id, &number, &dialplan, &context);
            }
            Then::Bridge(_) => {}
        }
    }
}

/// Whether early media end the wait for an answer, as a variable says it.
fn early_media(dial: &Leg) -> &'static str {
    match dial.variable("ignore_early_media") {
        None | Some("false") => "true",
        Some(_) => "false",
    }
}

/// The reply to `conference NAME dial`.
pub(super) fn dialled(result: &str) -> String {
    format!("+OK Call Requested: result: [{result}]\n")
}

/// Channels at a time; `status` says the same.
pub(crate) const MAX_SESSIONS: usize = 5000;
