//! A consumer and the caller that it took.

use super::super::{CallState, ChannelId, Kind, State};
use super::{Side, Talk};
use crate::event::clock::Moment;
use crate::world::World;

impl World {
    /// A consumer takes a caller, and is joined to it.
    pub(super) fn start_talk(&mut self, id: ChannelId, caller: ChannelId, name: &str) {
        let [uuid, caller_uuid] = [id, caller].map(|id| self.uuid_of(id));
        self.fifo_event(caller, name, "caller_pop", &[]);
        self.fifo_event(id, name, "consumer_pop", &[("FIFO-Caller-UUID", &caller_uuid)]);
        if let Some(channel) = self.channels.get_mut(caller) {
            channel.variables.set("fifo_serviced_by", &uuid);
            channel.variables.set("fifo_serviced_uuid", &uuid);
            channel.state = State::Hibernate;
            channel.stack.iter_mut().for_each(|running| running.over = true);
        }
        // The caller ends what it did before the two are joined.
        while self.channels.get(caller).is_some_and(|channel| !channel.stack.is_empty()) {
            self.complete_top(caller, true);
        }
        if let Some(channel) = self.channels.get_mut(caller) {
            channel.plan.clear();
        }
        self.set_state(caller, State::Hibernate);
        self.fifo_presence(name);
        self.introduce(id, caller);
        let now = Moment::now();
        self.note_status(id, "TALKING");
        if let Some(channel) = self.channels.get_mut(id) {
            channel.variables.set("fifo_target", &caller_uuid);
            channel.variables.set("fifo_epoch_start_bridge", now.seconds().to_string());
            channel.variables.set("fifo_role", "consumer");
        }
        self.note_status(caller, "TALKING");
        if let Some(channel) = self.channels.get_mut(caller) {
            channel.variables.set("fifo_epoch_start_bridge", now.seconds().to_string());
            channel.variables.set("fifo_target", &uuid);
            channel.variables.set("fifo_role", "caller");
        }
        let shown = self
            .channels
            .get(caller)
            .map(|c| (c.profile.caller_name.clone(), c.profile.caller_number.clone()))
            .unwrap_or_default();
        self.fifo_event(
            id,
            name,
            "channel-consumer-start",
            &[
                ("FIFO-Type", "onhook"),
                ("FIFO-Caller-CID-Name", &shown.0),
                ("FIFO-Caller-CID-Number", &shown.1),
            ],
        );
        self.fifo_event(id, name, "bridge-consumer-start", &[]);
        self.fifo_event(caller, name, "bridge-caller-start", &[]);
        for (leg, role) in [(id, "consumer"), (caller, "caller")] {
            let Some(channel) = self.channels.get_mut(leg) else { continue };
            if leg == id {
                channel.variables.set("signal_bond", &caller_uuid);
            }
            channel.variables.set("fifo_initiated_bridge", "true");
            channel.variables.set("fifo_bridge_role", role);
        }
        if let Some(top) = self.channels.get_mut(id).and_then(|channel| channel.stack.last_mut())
            && let Kind::Fifo(side) = &mut top.kind
            && let Side::Consumer { talk, .. } = side.as_mut()
        {
            *talk = Some(Talk { caller, since: now.micros() });
        }
        self.show_callee(id, caller);
        self.run_silently(id, Kind::Bridge { peer: caller });
        self.join(id, caller);
        self.set_callstate(caller, CallState::Active);
        self.set_state(caller, State::ExchangeMedia);
    }

    /// Each gets the other as its other party; the caller shows the consumer as the one that called it.
    fn introduce(&mut self, id: ChannelId, caller: ChannelId) {
        let now = Moment::now().micros();
        let parties = [
            self.channels.get(caller).map(|channel| channel.party("originatee")),
            self.channels.get(id).map(|channel| channel.party("originator")),
        ];
        for (leg, party) in [id, caller].into_iter().zip(parties) {
            let Some(channel) = self.channels.get_mut(leg) else { continue };
            let profile = &mut channel.profile;
            if let Some(party) = party.as_ref().filter(|_| leg == caller) {
                profile.callee_name =
                    std::mem::replace(&mut profile.caller_name, party.profile.caller_name.clone());
                profile.callee_number =
                    std::mem::replace(&mut profile.caller_number, party.profile.caller_number.clone());
            }
            profile.inbound_logic = true;
            profile.index += 1;
            profile.created = now;
            profile.bridged = 0;
            channel.other = party;
        }
    }

    /// A bridge shows its owner its peer.
    fn show_callee(&mut self, id: ChannelId, peer: ChannelId) {
        let shown = self
            .channels
            .get(peer)
            .map(|peer| (peer.profile.callee_name.clone(), peer.profile.callee_number.clone()));
        if let (Some((name, number)), Some(channel)) = (shown, self.channels.get_mut(id)) {
            channel.profile.callee_name = name;
            channel.profile.callee_number = number;
        }
    }

    /// The bridge that runs inside of a consumer's `fifo` has ended.
    pub(in super::super) fn talk_over(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        let up = channel.is_up();
        let Some(top) = channel.stack.last_mut() else { return };
        let Kind::Fifo(side) = &mut top.kind else { return };
        let Side::Consumer { queue, stays, talk, .. } = side.as_mut() else { return };
        let Some(Talk { caller, since }) = talk.take() else { return };
        let (name, stays) = (queue.clone(), *stays);
        if !stays {
            top.over = true;
        }
        let now = Moment::now();
        let times = |what: &str, micros: u64| -> Vec<(String, String)> {
            [("us", 1), ("ms", 1000), ("s", 1_000_000)]
                .map(|(unit, part)| (format!("FIFO-{what}-Time-{unit}"), (micros / part).to_string()))
                .to_vec()
        };
        let talked = now.micros().saturating_sub(since);
        let consumer =
            [times("Consumer-Bridge", since), times("Consumer-Talk", talked), times("Consumer-Hold", 0)];
        let callers = [times("Caller-Talk", talked), times("Caller-Hold", 0)];
        let borrow = |all: &[Vec<(String, String)>]| -> Vec<(String, String)> { all.concat() };
        let (consumer, callers) = (borrow(&consumer), borrow(&callers));
        let mut own = vec![("FIFO-Type", "onhook")];
        own.extend(consumer.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        self.fifo_event(id, &name, "channel-consumer-stop", &own);
        self.fifo_event(id, &name, "bridge-consumer-stop", &[]);
        let own: Vec<_> = callers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.fifo_event(caller, &name, "bridge-caller-stop", &own);
        let seconds = (now.seconds().saturating_sub(since / 1_000_000)).to_string();
        for (leg, status) in [(id, "WRAPUP"), (caller, "DONE")] {
            if let Some(channel) = self.channels.get_mut(leg) {
                channel.variables.set("fifo_epoch_stop_bridge", now.seconds().to_string());
                channel.variables.set("fifo_bridge_seconds", &seconds);
            }
            self.note_status(leg, status);
        }
        self.fifo_presence(&name);
        if stays && up {
            self.fifo_event(id, &name, "consumer_wrapup", &[]);
        }
    }

    /// Whether a channel talks to one that it took from a queue.
    pub(crate) fn is_in_fifo_bridge(&self, id: ChannelId) -> bool {
        self.channels.live().any(|(consumer, channel)| {
            channel.stack.iter().any(|running| match &running.kind {
                Kind::Fifo(side) => match side.as_ref() {
                    Side::Consumer { talk: Some(talk), .. } => talk.caller == id || consumer == id,
                    _ => false,
                },
                _ => false,
            })
        })
    }
}
