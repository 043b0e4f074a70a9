//! `limit`: how many channels may use a resource at once.

use switchwire_proto::EventType;

use super::apps::Start;
use super::{ChannelId, HangupBy};
use crate::event::origin::Origin;
use crate::world::World;

/// `BACKEND REALM RESOURCE [MAX[/INTERVAL]] [NUMBER [DIALPLAN [CONTEXT]]]`: beyond the limit the channel goes to that
/// number, or is hung up with the cause that follows a `!`.
pub(super) fn limit(world: &mut World, id: ChannelId, _: u64, arg: &str) -> Start {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let [backend, realm, resource, rest @ ..] = words.as_slice() else { return Start::Done };
    let max = rest.first().and_then(|max| max.split('/').next()?.parse::<i64>().ok());
    let database = backend.eq_ignore_ascii_case("db");
    if database && let Some(channel) = world.channels.get_mut(id) {
        channel.variables.set("limit_realm", realm);
        channel.variables.set("limit_id", resource);
        channel.variables.set("limit_max", max.unwrap_or(-1).to_string());
    }
    if !world.limit_resource(id, backend, realm, resource, max.unwrap_or(-1)) {
        let number = rest.get(1).copied().unwrap_or("limit_exceeded");
        match number.strip_prefix('!') {
            Some(cause) => world.hang_up_by(id, super::cause::named(cause), HangupBy::Application),
            None => {
                let (dialplan, context) = (rest.get(2).unwrap_or(&"XML"), rest.get(3).unwrap_or(&"default"));
                world.transfer_to(id, number, dialplan, context);
            }
        }
    }
    Start::Done
}

impl World {
    /// How many channels hold a resource; those that have ended hold nothing.
    pub(crate) fn resource_usage(&mut self, realm: &str, resource: &str) -> usize {
        let live: std::collections::BTreeSet<_> = self.channels.live().map(|(id, _)| id).collect();
        self.stores.limits.values_mut().for_each(|holders| holders.retain(|id| live.contains(id)));
        self.stores.limits.get(&(realm.into(), resource.into())).map_or(0, Vec::len)
    }

    /// A channel takes a resource, which its variables and `limit::usage` tell; false if too many hold it.
    pub(crate) fn limit_resource(
        &mut self,
        id: ChannelId,
        backend: &str,
        realm: &str,
        resource: &str,
        max: i64,
    ) -> bool {
        let Some(used) = self.take_resource(id, realm, resource, max) else { return false };
        let (used, shown) = (used.to_string(), max.to_string());
        let rated = !backend.eq_ignore_ascii_case("db");
        let mut event = self.stamped(EventType::Custom, USAGE);
        event.add_header_top("Event-Subclass", "limit::usage");
        for (name, value) in [
            ("backend", backend),
            ("realm", realm),
            ("key", resource),
            ("usage", &used),
            ("rate", "0"),
            ("max", &shown),
            ("ratemax", if rated { shown.as_str() } else { "0" }),
        ] {
            event.add_header(name, value);
        }
        self.dispatch(&event);
        let Some(channel) = self.channels.get_mut(id) else { return true };
        channel.variables.set("limit_usage", &used);
        channel.variables.set(&format!("limit_usage_{realm}_{resource}"), &used);
        if rated {
            channel.variables.set("limit_rate", "0");
            channel.variables.set(&format!("limit_rate_{realm}_{resource}"), "0");
        }
        channel.variables.set("limit_backend", backend);
        true
    }

    /// A channel takes a resource, unless so many hold it: how many hold it then. Below zero there is no limit.
    fn take_resource(&mut self, id: ChannelId, realm: &str, resource: &str, max: i64) -> Option<usize> {
        let used = self.resource_usage(realm, resource);
        let holders = self.stores.limits.entry((realm.into(), resource.into())).or_default();
        if !holders.contains(&id) {
            if usize::try_from(max).is_ok_and(|max| used >= max) {
                return None;
            }
            holders.push(id);
        }
        Some(holders.len())
    }
}

const USAGE: Origin = ("switch_limit.c", "switch_limit_fire_event", 98);
