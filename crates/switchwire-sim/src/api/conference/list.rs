//! Conferences and members as lines.

use super::{json, seconds, xml};
use crate::conference::Conference;
use crate::world::World;

/// Every conference, with or without its members.
pub(super) fn all(world: &World, summary: bool) -> String {
    let mut out = String::new();
    for of in world.stores.conferences.values() {
        let count = of.members.len();
        let s = if count == 1 { "" } else { "s" };
        let flags: Vec<_> =
            flags(of).into_iter().filter(|(_, set, listed)| *set && *listed).map(|(flag, ..)| flag).collect();
        out.push_str(&format!(
            "+OK Conference {} ({count} member{s} rate: 8000 flags: {}|json_status)\n",
            of.name,
            flags.join("|")
        ));
        if !summary {
            out.push_str(&members(world, of, ";"));
        }
    }
    out
}

/// The flags of a conference in their order: name, whether it is set, and whether lines show it.
pub(super) fn flags(of: &Conference) -> [(&'static str, bool, bool); 10] {
    [
        ("locked", of.locked, true),
        ("destruct", false, true),
        ("wait_mod", false, true),
        ("running", true, true),
        ("answered", true, true),
        ("enforce_min", true, true),
        ("dynamic", true, true),
        ("exit_sound", of.exit_sound, true),
        ("enter_sound", of.enter_sound, true),
        ("recording", !of.recordings.is_empty(), false),
    ]
}

/// What one conference is asked for; none for how the command is used.
pub(super) fn of_one(world: &World, name: &str, command: &str, rest: &[&str]) -> Option<String> {
    let (key, of) = world.stores.conferences.get_key_value(name)?;
    Some(match (command, rest) {
        ("count", _) | ("list", ["count", ..]) | ("get", ["count", ..]) => of.members.len().to_string(),
        ("list", ["delim", between, ..]) => members(world, of, between),
        ("list", _) => members(world, of, ";"),
        ("json_list", _) => json::list(world, std::iter::once((key, of))),
        ("xml_list", _) => xml::list(world, std::iter::once(of)),
        ("get", ["rate", ..]) => "8000".into(),
        ("get", ["run_time", ..]) => seconds(of.began),
        ("get", ["max_members", ..]) => "0".into(),
        _ => return None,
    })
}

fn members(world: &World, of: &Conference, between: &str) -> String {
    let mut out = String::new();
    for member in of.members.iter().rev() {
        let Some(channel) = world.channels.get(member.channel) else { continue };
        let flags = [
            ("hear", !member.deaf),
            ("speak", !member.mute),
            ("hold", member.hold),
            ("talking", member.talking),
            ("floor", of.floor == Some(member.id)),
            ("moderator", member.moderator),
            ("ghost", member.ghost),
        ];
        let flags: Vec<_> = flags.into_iter().filter(|(_, set)| *set).map(|(flag, _)| flag).collect();
        let cells = [
            member.id.to_string(),
            channel.name.clone(),
            channel.uuid.clone(),
            channel.profile.caller_name.clone(),
            channel.profile.caller_number.clone(),
            flags.join("|"),
            member.volume_in.to_string(),
            member.volume_out.to_string(),
            member.energy.to_string(),
        ];
        out.push_str(&format!("{}\n", cells.join(between)));
    }
    out
}
