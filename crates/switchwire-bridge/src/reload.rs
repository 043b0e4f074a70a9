//! What a new configuration changes in a running bridge.

use switchwire::Fleet;

use crate::bridge::BridgeError;
use crate::config::Config;

/// Removes, adds and replaces switches; those that are the same are not touched.
pub(crate) fn nodes(fleet: &Fleet, old: &Config, new: &Config) -> Result<(), BridgeError> {
    let same_events = old.events == new.events;
    for node in &old.nodes {
        let kept =
            new.nodes.iter().any(|other| node.is_same(other) && (same_events || other.events.is_some()));
        if !kept {
            tracing::info!(node = node.name, "the switch is taken out");
            fleet.remove(&node.name)?;
        }
    }
    let running = fleet.servers();
    for node in &new.nodes {
        if !running.iter().any(|name| **name == *node.name) {
            tracing::info!(node = node.name, "the switch is added");
            fleet.add(node.server(&new.events)?)?;
        }
    }
    Ok(())
}

/// The parts that differ and take a new start.
pub(crate) fn needs_start(old: &Config, new: &Config) -> Vec<&'static str> {
    let written = |part: &dyn std::fmt::Debug| format!("{part:?}");
    #[allow(unused_mut, reason = "the features add to it")]
    let mut parts = vec![
        ("name", written(&old.name) == written(&new.name)),
        ("memory", old.memory == new.memory),
        ("spool", written(&old.spool) == written(&new.spool)),
        ("http", written(&old.http) == written(&new.http)),
        ("json-lines", written(&old.json_lines) == written(&new.json_lines)),
        ("segments", written(&old.segments) == written(&new.segments)),
    ];
    #[cfg(feature = "nats")]
    {
        let sink = |config: &Config| {
            let mut nats = config.nats.clone();
            if let Some(commands) = nats.as_mut().and_then(|nats| nats.commands.as_mut()) {
                commands.allow.clear();
            }
            format!("{nats:?}")
        };
        parts.push(("nats", sink(old) == sink(new)));
    }
    #[cfg(feature = "amqp")]
    parts.push(("amqp", written(&old.amqp) == written(&new.amqp)));
    #[cfg(feature = "redis")]
    parts.push(("redis", written(&old.redis) == written(&new.redis)));
    parts.into_iter().filter(|(_, same)| !same).map(|(part, _)| part).collect()
}
