//! A channel's headers in an event, in the server's order.

use switchwire_proto::Event;

use super::{Answer, Channel, Party, Profile};

impl Channel {
    /// State, name, codecs.
    pub(crate) fn add_basics(&self, event: &mut Event) {
        let direction = if self.outbound { "outbound" } else { "inbound" };
        let answer = match self.answer {
            _ if self.hangup.is_some() => "hangup",
            Answer::Ringing => "ringing",
            Answer::Early => "early",
            Answer::Answered => "answered",
        };
        add(event, "Channel-State", self.running.name());
        add(event, "Channel-Call-State", self.callstate.name());
        add(event, "Channel-State-Number", &self.state.number().to_string());
        add(event, "Channel-Name", &self.name);
        add(event, "Unique-ID", &self.uuid);
        add(event, "Call-Direction", direction);
        add(event, "Presence-Call-Direction", direction);
        add(event, "Channel-HIT-Dialplan", if self.hit_dialplan { "true" } else { "false" });
        let call = self.variables.get("call_uuid").map(String::from_utf8_lossy);
        add(event, "Channel-Call-UUID", call.as_deref().unwrap_or(&self.uuid));
        add(event, "Answer-State", answer);
        add(event, "Hangup-Cause", self.hangup.as_deref().unwrap_or_default());
        if self.has_codec {
            self.add_codec(event, "Read");
            self.add_codec(event, "Write");
        }
    }

    pub(crate) fn add_codec(&self, event: &mut Event, side: &str) {
        for (name, value) in [("Name", "L16"), ("Rate", "8000"), ("Bit-Rate", "128000")] {
            event.add_header_verbatim(format!("Channel-{side}-Codec-{name}"), value);
        }
    }

    /// The caller profile under a prefix: `Caller`, `Channel`, `Other-Leg`.
    pub(crate) fn add_profile(&self, event: &mut Event, prefix: &str) {
        // A leg that waits to be picked up is not named there; one that was never made has no profile.
        if self.profile.index > 0 {
            let name = if self.name.starts_with("pickup/") { "" } else { self.name.as_str() };
            self.profile.add(event, prefix, &self.uuid, name, self.outbound);
        }
    }

    pub(crate) fn add_variables(&self, event: &mut Event) {
        for (name, value) in self.variables.iter() {
            event.add_header(format!("variable_{name}"), value);
        }
    }

    /// This channel as another one's other party.
    pub(crate) fn party(&self, kind: &'static str) -> Box<Party> {
        let mut profile = self.profile.clone();
        profile.inbound_logic = true;
        profile.bridged = 0;
        if kind == "originator" {
            // A caller's profile is copied without its times.
            (profile.created, profile.channel_created, profile.answered) = (0, 0, 0);
            (profile.progress, profile.progress_media) = (0, 0);
        }
        let (uuid, name) = (self.uuid.clone(), self.name.clone());
        Box::new(Party { kind, profile, uuid, name, outbound: self.outbound })
    }
}

impl Party {
    pub(crate) fn add(&self, event: &mut Event) {
        add(event, "Other-Type", self.kind);
        self.profile.add(event, "Other-Leg", &self.uuid, &self.name, self.outbound);
    }
}

impl Profile {
    /// `"NAME" <NUMBER>`, as the log shows a party.
    pub(super) fn caller(&self) -> String {
        format!("\"{}\" <{}>", self.caller_name, self.caller_number)
    }

    pub(super) fn callee(&self) -> String {
        format!("\"{}\" <{}>", self.callee_name, self.callee_number)
    }

    fn add(&self, event: &mut Event, prefix: &str, uuid: &str, name: &str, outbound: bool) {
        let Profile { caller_name, caller_number, callee_name, callee_number, ani, destination, .. } = self;
        let p = self;
        let direction = if outbound { "outbound" } else { "inbound" };
        let logical = if outbound && !p.inbound_logic { "outbound" } else { "inbound" };
        let index = p.index.to_string();
        for (name, value) in [
            ("Direction", direction),
            ("Logical-Direction", logical),
            ("Dialplan", &p.dialplan),
            ("Caller-ID-Name", caller_name),
            ("Caller-ID-Number", caller_number),
            ("Orig-Caller-ID-Name", &p.orig_caller_name),
            ("Orig-Caller-ID-Number", &p.orig_caller_number),
            ("Callee-ID-Name", callee_name),
            ("Callee-ID-Number", callee_number),
            ("ANI", ani),
            ("Destination-Number", destination),
            ("Unique-ID", uuid),
            ("Source", &p.source),
            ("Transfer-Source", if prefix == "Other-Leg" { "" } else { &p.transfer_source }),
            ("Context", &p.context),
            ("RDNIS", &p.rdnis),
            ("Channel-Name", name),
            ("Profile-Index", if prefix == "Other-Leg" { "" } else { &index }),
        ] {
            add(event, &format!("{prefix}-{name}"), value);
        }
        for (name, time) in [
            ("Profile-Created", p.created),
            ("Channel-Created", p.channel_created),
            ("Channel-Answered", p.answered),
            ("Channel-Progress", p.progress),
            ("Channel-Progress-Media", p.progress_media),
            ("Channel-Hangup", p.hangup),
            ("Channel-Transfer", 0),
            ("Channel-Resurrect", 0),
            ("Channel-Bridged", p.bridged),
        ] {
            event.add_header_verbatim(format!("{prefix}-{name}-Time"), time.to_string());
        }
        for (name, value) in [
            ("Channel-Last-Hold", "0"),
            ("Channel-Hold-Accum", "0"),
            ("Screen-Bit", "true"),
            ("Privacy-Hide-Name", "false"),
            ("Privacy-Hide-Number", "false"),
        ] {
            event.add_header_verbatim(format!("{prefix}-{name}"), value);
        }
    }
}

/// Adds a header unless it is empty: the server never sends an empty one.
pub(super) fn add(event: &mut Event, name: &str, value: &str) {
    if !value.is_empty() {
        event.add_header_verbatim(name, value);
    }
}
