//! `uuid_bridge` and `uuid_park`: channels are taken from what they do, and joined or parked without an application.

use switchwire_proto::EventType;

use super::{Call, ChannelId, Kind, Running, State};
use crate::api::new_uuid;
use crate::event::clock::Moment;
use crate::world::{Work, World, clock};

/// What a channel is taken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Park,
    /// To be joined to that one, as the one that called it or not.
    Bridge {
        peer: ChannelId,
        originator: bool,
    },
    /// It waits for the other one.
    Ready {
        peer: ChannelId,
        originator: bool,
    },
}

impl World {
    /// `uuid_bridge`: takes two channels from what they do and joins them.
    pub(crate) fn bridge_channels(&mut self, a: ChannelId, b: ChannelId) {
        let parties = [b, a].map(|id| {
            let kind = if id == b { "originatee" } else { "originator" };
            self.channels.get(id).map(|channel| channel.party(kind))
        });
        let caller =
            self.channels.get(a).map(|a| (a.profile.caller_name.clone(), a.profile.caller_number.clone()));
        let now = Moment::now();
        for ((leg, peer), party) in [(a, b), (b, a)].into_iter().zip(parties) {
            let (Some(party), Some(channel)) = (party, self.channels.get_mut(leg)) else { return };
            let originator = leg == a;
            let source = format!("{}:{}:uuid_br:{}", now.seconds(), new_uuid(), party.uuid);
            let (name, profile) = (channel.profile.caller_name.clone(), channel.profile.clone());
            let variables = &mut channel.variables;
            if originator {
                variables.set("uuid_bridge", &party.uuid);
            }
            variables.set("bridge_channel", &party.name);
            variables.set("bridge_uuid", &party.uuid);
            variables.set("signal_bond", &party.uuid);
            variables.set("original_destination_number", &profile.destination);
            variables.set("original_caller_id_name", name);
            variables.set("original_caller_id_number", &profile.caller_number);
            variables.push("transfer_history", source.as_bytes(), false);
            variables.set("transfer_source", &source);
            let profile = &mut channel.profile;
            profile.inbound_logic = originator;
            profile.transfer_source = source;
            profile.index += 1;
            profile.created = now.micros();
            profile.bridged = 0;
            if let Some((name, number)) = caller.as_ref().filter(|_| !originator) {
                profile.caller_name.clone_from(name);
                profile.caller_number.clone_from(number);
            }
            channel.hit_dialplan &= originator;
            channel.other = Some(party);
            channel.state = State::Hibernate;
            channel.taken = Some(Taken::Bridge { peer, originator });
            self.stop_all(leg);
        }
    }

    /// `uuid_park`: parks a channel whatever it does.
    pub(crate) fn park_channel(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        channel.state = State::Park;
        channel.taken = Some(Taken::Park);
        self.stop_all(id);
    }

    /// Ends what runs on a channel, and what it was to run; the bridge that it is in, too.
    pub(super) fn stop_all(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        channel.plan.clear();
        channel.stack.iter_mut().for_each(|running| running.over = true);
        // The owner of its bridge sees where it goes.
        self.bridge_lost(id);
        self.work.push_back(Work::Step(id));
    }

    /// A channel has ended what it did: it goes where it was taken.
    pub(super) fn arrive(&mut self, id: ChannelId, taken: Taken) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        match taken {
            Taken::Park => {
                channel.taken = None;
                self.set_state(id, State::Park);
                self.channel_event(id, EventType::ChannelPark);
                self.run_silently(id, Kind::Park);
            }
            Taken::Bridge { peer, originator } => {
                channel.taken = Some(Taken::Ready { peer, originator });
                for state in [State::Hibernate, State::Reset, State::SoftExecute] {
                    self.set_state(id, state);
                }
                let there = self.channels.get(peer).and_then(|peer| peer.taken);
                match there {
                    Some(Taken::Ready { peer: me, .. }) if me == id => {
                        let (a, b) = if originator { (id, peer) } else { (peer, id) };
                        self.rejoin(a, b);
                    }
                    Some(Taken::Bridge { peer: me, .. }) if me == id => {}
                    // The other one is gone.
                    _ => self.hang_up(id, "NORMAL_CLEARING"),
                }
            }
            Taken::Ready { .. } => {}
        }
    }

    fn rejoin(&mut self, a: ChannelId, b: ChannelId) {
        for (leg, peer) in [(a, b), (b, a)] {
            let other = self.uuid_of(peer);
            let Some(channel) = self.channels.get_mut(leg) else { return };
            channel.taken = None;
            channel.variables.set("uuid_bridge", "");
            if leg == b {
                channel.variables.set("call_uuid", channel.uuid.clone());
            }
            let after = [("Application", "uuid_bridge"), ("Application-Data", other.as_str())];
            let origin = crate::event::origin::SOFT_EXECUTE;
            self.channel_event_from(leg, EventType::ChannelExecute, origin, &[], &after);
        }
        self.run_silently(a, Kind::Bridge { peer: b });
        if let Some(channel) = self.channels.get_mut(a) {
            channel.variables.set("last_bridge_hangup_cause", "");
        }
        self.join(a, b);
        if let Some(channel) = self.channels.get_mut(b) {
            (channel.running, channel.state) = (State::ConsumeMedia, State::ExchangeMedia);
        }
        self.channel_event(b, EventType::ChannelState);
        self.set_state(b, State::ExchangeMedia);
    }

    /// Something runs that is no application: it begins and ends without events of its own.
    fn run_silently(&mut self, id: ChannelId, kind: Kind) {
        let serial = self.channels.next_serial();
        let call = Call { silent: true, ..Call::default() };
        let Some(channel) = self.channels.get_mut(id) else { return };
        channel.stack.push(Running {
            serial,
            call,
            uuid: String::new(),
            kind,
            started: clock::now(),
            ends: None,
            paused: None,
            over: false,
        });
    }
}
