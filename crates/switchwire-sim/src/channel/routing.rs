//! Where a channel goes: the dialplans, and transfers.

use switchwire_proto::{EventType, LogLevel};

use super::{ChannelId, Line, State};
use crate::api::new_uuid;
use crate::dialplan::{Actions, Route};
use crate::event::clock::Moment;
use crate::world::{Work, World};

impl World {
    /// Gives a channel what its dialplan has for the number that it calls.
    pub(super) fn route(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        channel.to_route = false;
        // Set again, which moves it to the end of the list.
        channel.variables.set("call_uuid", channel.uuid.clone());
        let profile = &mut channel.profile;
        // A leg that a null channel's bridge calls has none, and is routed by mod_loopback's own choice.
        let xml = profile.dialplan.is_empty() || profile.dialplan.eq_ignore_ascii_case("xml");
        let found = match profile.dialplan.to_ascii_lowercase().as_str() {
            _ if xml => self.config.dialplan.route(&profile.destination, &profile.context),
            "inline" => {
                // The number that was called before stands for the list of applications again.
                let rdnis = std::mem::take(&mut profile.rdnis);
                let list = std::mem::replace(&mut profile.destination, rdnis);
                Some(Route { actions: inline(&list), groups: Vec::new() })
            }
            _ => None,
        };
        let number = profile.destination.clone();
        if xml {
            let actions = found.as_ref().map_or(&[][..], |route| &route.actions);
            self.tell_hunt(id, &number, actions);
        }
        let Some(channel) = self.channels.get_mut(id) else { return };
        let Some(Route { actions, groups }) = found else {
            return self.hang_up(id, "NO_ROUTE_DESTINATION");
        };
        channel.plan = actions.into();
        if !groups.is_empty() {
            channel.variables.set(MATCH, "");
            groups.iter().for_each(|group| channel.variables.push(MATCH, group.as_bytes(), false));
        }
        self.flip_caller(id);
        self.set_state(id, State::Execute);
        self.work.push_back(Work::Step(id));
    }

    /// Sends a channel to an extension of a dialplan and a context: what runs on it ends.
    pub(crate) fn transfer_to(&mut self, id: ChannelId, extension: &str, dialplan: &str, context: &str) {
        let Some(channel) = self.channels.get_mut(id).filter(|channel| channel.is_up()) else { return };
        let now = Moment::now();
        let source = format!("{}:{}:bl_xfer:{extension}/{context}/{dialplan}", now.seconds(), new_uuid());
        let left = channel.variables.get("max_forwards").map(String::from_utf8_lossy);
        let left =
            left.and_then(|left| left.parse::<u32>().ok()).map_or(MAX_FORWARDS, |n| n.saturating_sub(1));
        let profile = &mut channel.profile;
        profile.inbound_logic = channel.flipped;
        profile.rdnis = std::mem::replace(&mut profile.destination, extension.to_owned());
        dialplan.clone_into(&mut profile.dialplan);
        context.clone_into(&mut profile.context);
        profile.transfer_source.clone_from(&source);
        profile.index += 1;
        profile.created = now.micros();
        profile.bridged = 0;
        let last = left == 0;
        let variables = &mut channel.variables;
        for name in ["bridge_to", "signal_bond"] {
            variables.set(name, "");
        }
        variables.set("max_forwards", left.to_string());
        variables.push("transfer_history", source.as_bytes(), false);
        variables.set("transfer_source", source);
        channel.other = None;
        if last {
            return self.hang_up(id, "EXCHANGE_ROUTING_ERROR");
        }
        channel.state = State::Routing;
        channel.to_route = true;
        if let Some(peer) = channel.bridged.and_then(|peer| self.channels.get_mut(peer)) {
            for name in ["bridge_to", "signal_bond"] {
                peer.variables.set(name, "");
            }
        }
        self.stop_all(id);
    }

    /// From here on the channel is the calling side: caller and callee change places.
    pub(super) fn flip_caller(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(id).filter(|channel| !channel.hit_dialplan) else { return };
        channel.hit_dialplan = true;
        channel.flipped = true;
        let profile = &mut channel.profile;
        channel.variables.set("pre_transfer_caller_id_name", &profile.caller_name);
        channel.variables.set("pre_transfer_caller_id_number", &profile.caller_number);
        channel.variables.set("channel_cid_flipped", "yes");
        std::mem::swap(&mut profile.caller_name, &mut profile.callee_name);
        std::mem::swap(&mut profile.caller_number, &mut profile.callee_number);
        channel.updated_callee = Some((profile.callee_name.clone(), profile.callee_number.clone()));
        let origin = ("switch_channel.c", "switch_channel_flip_cid", 3291);
        self.tell_at(id, LogLevel::Info, Line::Session, origin, |c| {
            format!("{} Flipping CID from {} to {}", c.name, c.profile.callee(), c.profile.caller())
        });
        self.channel_event_with(id, EventType::CallUpdate, &[("Direction", "RECV")], &[]);
    }
}

/// `app:arg,app:arg`, or with another separator after `m:`. A backslash keeps a separator.
fn inline(list: &str) -> Actions {
    let (separator, list) = match list.strip_prefix("m:").and_then(|rest| rest.chars().next()) {
        Some(separator) => (separator, list[2 + separator.len_utf8()..].trim_start_matches(':')),
        None => (',', list),
    };
    let mut items = vec![String::new()];
    let mut escaped = false;
    for c in list.chars() {
        let Some(item) = items.last_mut() else { break };
        match c {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            _ if c == separator && !escaped => items.push(String::new()),
            _ => {
                if escaped && c != separator {
                    item.push('\\');
                }
                item.push(c);
            }
        }
        escaped = false;
    }
    let pair = |item: &String| {
        let (app, arg) = item.split_once(':').unwrap_or((item, ""));
        (app.trim().to_owned(), arg.to_owned())
    };
    items.iter().filter(|item| !item.is_empty()).map(pair).collect()
}

/// What the groups of an extension's pattern found, all of it first.
const MATCH: &str = "DP_MATCH";
/// An extension that transfers to itself must end some time.
pub(super) const MAX_FORWARDS: u32 = 70;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inline_dialplan_is_a_list() {
        let pair = |app: &str, arg: &str| (app.to_owned(), arg.to_owned());
        let list = r"set:a=b,playback:tone_stream://%(200\,0\,440),hangup";
        let expected =
            [pair("set", "a=b"), pair("playback", "tone_stream://%(200,0,440)"), pair("hangup", "")];
        assert_eq!(inline(list), expected);
        assert_eq!(inline("m:^:log:a,b^park"), [pair("log", "a,b"), pair("park", "")]);
    }
}
