//! The end of a channel.

use switchwire_proto::EventType;

use super::{CallState, Channel, ChannelId, HangupBy, Kind, Profile, State};
use crate::event::clock::Moment;
use crate::faults::LingerNotice;
use crate::world::{Work, World};

impl World {
    /// Hangs a channel up; what runs on it is ended in the next step. A second hangup changes nothing.
    pub(crate) fn hang_up(&mut self, id: ChannelId, cause: &str) {
        self.hang_up_by(id, cause, HangupBy::Core);
    }

    /// The same by the one that asked for it, which the log tells.
    pub(crate) fn hang_up_by(&mut self, id: ChannelId, cause: &str, by: HangupBy) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        if channel.hangup.is_some() {
            return;
        }
        channel.hangup = Some(cause.to_owned());
        channel.hung_by = Some(by);
        channel.state = State::Hangup;
        let holders: Vec<_> = channel.holders.iter().copied().collect();
        self.tell_hangup(id, by);
        for conn in &holders {
            self.session_hanging_up(*conn);
        }
        self.note_hangup_in_bridge(id, cause);
        self.channel_event(id, EventType::ChannelHangup);
        self.leg_lost(id, cause);
        for conn in holders {
            self.announce_linger(conn, LingerNotice::First);
        }
        self.bridge_lost(id);
        self.work.push_back(Work::Step(id));
    }

    /// Ends what runs on a channel that is hung up, and takes it through its last states.
    pub(super) fn tear_down(&mut self, id: ChannelId) {
        while let Some(channel) = self.channels.get(id) {
            let Some(top) = channel.stack.last() else { break };
            if let Kind::Bridge { peer } = top.kind
                && self.part(id, peer)
            {
                // The other side goes first.
                return self.work.push_back(Work::Step(id));
            }
            let Some(top) = self.channels.get(id).and_then(|channel| channel.stack.last()) else { break };
            if let Kind::Socket { conn, .. } = top.kind {
                self.session_hung_up(conn);
            }
            self.complete_top(id, true);
        }
        let Some(channel) = self.channels.get(id) else { return };
        let holders: Vec<_> = channel.holders.iter().copied().collect();
        for conn in &holders {
            self.session_hung_up(*conn);
        }
        self.set_state(id, State::Hangup);
        if let Some(channel) = self.channels.get_mut(id) {
            channel.profile.hangup = Moment::now().micros();
        }
        self.stop_recording(id, "all");
        self.set_callstate(id, CallState::Hangup);
        let Some(channel) = self.channels.get_mut(id) else { return };
        let cause = channel.hangup.clone().unwrap_or_default();
        if let Some(far) = channel.other_leg {
            self.hang_up_by(far, &cause, HangupBy::FarEnd);
        }
        self.set_state(id, State::Reporting);
        if let Some(channel) = self.channels.get_mut(id) {
            channel.report();
        }
        self.channel_event_with(id, EventType::ChannelHangupComplete, &[("Hangup-Cause", &cause)], &[]);
        for conn in holders {
            self.session_gone(conn);
        }
        if let Some(channel) = self.channels.get_mut(id) {
            channel.gone = true;
        }
        self.work.push_back(Work::Destroy(id));
    }

    /// A channel was reported: nothing but connections can hold it any more.
    pub(crate) fn end_channel(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get(id) else { return };
        if channel.holders.is_empty() {
            self.destroy(id);
        } else {
            // As for every other command, the channel does not exist any more.
            self.channels.forget_uuid(id);
        }
    }

    /// The last events; then the channel is forgotten.
    pub(super) fn destroy(&mut self, id: ChannelId) {
        if let Some(channel) = self.channels.get_mut(id) {
            channel.state = State::Destroy;
        }
        self.channel_event(id, EventType::ChannelDestroy);
        self.set_state(id, State::Destroy);
        self.channels.remove(id);
    }
}

impl Channel {
    /// Sets the variables that a call's record is made of.
    fn report(&mut self) {
        let (start, profile_start) = (self.profile.channel_created, self.profile.created);
        let (answered, end) = (self.profile.answered, self.profile.hangup);
        let bridged = self.profile.bridged;
        let (progress, media) = (self.profile.progress, self.profile.progress_media);
        let cause = self.hangup.clone().unwrap_or_default();
        let v = &mut self.variables;
        v.set("hangup_cause", &cause);
        v.set("hangup_cause_q850", super::cause::q850(&cause).to_string());
        v.set("digits_dialed", if self.dialed.is_empty() { "none" } else { &self.dialed });
        let stamp = |micros: u64| Moment::from_epoch_seconds(micros / 1_000_000).local();
        for (name, time) in [
            ("start", start),
            ("profile_start", profile_start),
            ("answer", answered),
            ("bridge", bridged),
            ("progress", progress),
            ("progress_media", media),
            ("end", end),
        ] {
            if time > 0 {
                v.set(&format!("{name}_stamp"), stamp(time));
            }
        }
        let mut epochs = |name: &str, time: u64| {
            v.set(&format!("{name}_epoch"), (time / 1_000_000).to_string());
            v.set(&format!("{name}_uepoch"), time.to_string());
        };
        epochs("start", start);
        epochs("profile_start", profile_start);
        epochs("answer", answered);
        epochs("bridge", bridged);
        epochs("last_hold", 0);
        for unit in ["seconds", "usec", "ms"] {
            self.variables.set(&format!("hold_accum_{unit}"), "0");
        }
        let v = &mut self.variables;
        let mut epochs = |name: &str, time: u64| {
            v.set(&format!("{name}_epoch"), (time / 1_000_000).to_string());
            v.set(&format!("{name}_uepoch"), time.to_string());
        };
        epochs("resurrect", 0);
        epochs("progress", progress);
        epochs("progress_media", media);
        epochs("end", end);
        if let Some(app) = v.get("current_application").map(<[u8]>::to_vec) {
            v.set("last_app", app);
        }
        if let Some(arg) = v.get("current_application_data").map(<[u8]>::to_vec) {
            v.set("last_arg", arg);
        }
        let Profile { caller_name, caller_number, .. } = &self.profile;
        match caller_name.as_str() {
            "" => v.set("caller_id", caller_number),
            name => v.set("caller_id", format!("\"{name}\" <{caller_number}>")),
        }
        let total = end.saturating_sub(start);
        let billed = if answered > 0 { end.saturating_sub(answered) } else { 0 };
        let until_answer = answered.saturating_sub(start);
        for (unit, micros) in [("", 1_000_000), ("m", 1000), ("u", 1)] {
            let name = |what: &str| match (unit, what) {
                ("", "duration") => "duration".to_owned(),
                ("", what) => format!("{what}sec"),
                (unit, "duration") => format!("{unit}duration"),
                (unit, what) => format!("{what}{unit}sec"),
            };
            v.set(&name("duration"), (total / micros).to_string());
            v.set(&name("bill"), (billed / micros).to_string());
            v.set(&name("progress"), (progress.saturating_sub(start) / micros).to_string());
            v.set(&name("answer"), (until_answer / micros).to_string());
            v.set(&name("wait"), (bridged.saturating_sub(start) / micros).to_string());
            v.set(&name("progress_media"), (media.saturating_sub(start) / micros).to_string());
            v.set(&name("flow_bill"), (billed / micros).to_string());
        }
        if self.other_leg.is_some() {
            v.set("is_loopback", "1");
        }
    }
}
