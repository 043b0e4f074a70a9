//! `json_list`: the lists of conferences that programs read, laid out as the server's library of JSON prints them.

use super::seconds;
use crate::channel::Channel;
use crate::conference::{Conference, Member};
use crate::world::World;

/// The list of these conferences.
pub(super) fn list<'a>(
    world: &World,
    conferences: impl Iterator<Item = (&'a String, &'a Conference)>,
) -> String {
    let all: Vec<String> = conferences.map(|(name, conference)| one(world, name, conference)).collect();
    format!("[{}]", all.join(", "))
}

fn one(world: &World, name: &str, conference: &Conference) -> String {
    let members = conference.members.iter().rev().filter_map(|member| {
        let channel = world.channels.get(member.channel)?;
        Some(object(4, &of_member(conference, member, channel)))
    });
    let members: Vec<String> = members.collect();
    let variables = conference.variables.iter().map(|(name, value)| (&**name, text(value)));
    let variables: Vec<_> = variables.collect();
    let mut fields = vec![
        ("conference_name", text(name)),
        ("member_count", members.len().to_string()),
        ("ghost_count", conference.ghosts().to_string()),
        ("rate", "8000".into()),
        ("run_time", seconds(conference.began)),
        ("conference_uuid", text(&conference.uuid)),
    ];
    for count in ["canvas_count", "max_bw_in", "force_bw_in", "video_floor_packets"] {
        fields.push((count, "0".into()));
    }
    fields.push(("locked", conference.locked.to_string()));
    for (flag, set) in [
        ("destruct", false),
        ("wait_mod", false),
        ("audio_always", false),
        ("running", true),
        ("answered", true),
        ("enforce_min", true),
        ("bridge_to", false),
        ("dynamic", true),
        ("exit_sound", conference.exit_sound),
        ("enter_sound", conference.enter_sound),
        ("recording", !conference.recordings.is_empty()),
        ("video_bridge", false),
        ("video_floor_only", false),
        ("video_rfc4579", false),
    ] {
        fields.push((flag, set.to_string()));
    }
    fields.push(("variables", object(3, &variables)));
    fields.push(("members", format!("[{}]", members.join(", "))));
    object(2, &fields)
}

fn of_member(of: &Conference, member: &Member, channel: &Channel) -> Vec<(&'static str, String)> {
    let flags = [
        ("can_hear", !member.deaf),
        ("can_see", true),
        ("can_speak", !member.mute),
        ("hold", member.hold),
        ("mute_detect", false),
        ("talking", member.talking),
        ("has_video", false),
        ("video_bridge", false),
        ("has_floor", of.floor == Some(member.id)),
        ("is_moderator", member.moderator),
        ("end_conference", false),
        ("mandatory_member_end_conference", false),
        ("pass_digits", false),
    ];
    let mut fields = vec![
        ("type", text("caller")),
        ("id", member.id.to_string()),
        ("flags", object(5, &flags.map(|(flag, set)| (flag, set.to_string())))),
        ("uuid", text(&channel.uuid)),
        ("caller_id_name", text(&channel.profile.caller_name)),
        ("caller_id_number", text(&channel.profile.caller_number)),
        ("join_time", seconds(member.joined)),
        ("last_talking", member.last_talking.map_or_else(|| "0".into(), seconds)),
        ("energy", member.energy.to_string()),
        ("volume_in", member.volume_in.to_string()),
        ("volume_out", member.volume_out.to_string()),
    ];
    fields.push(("output-volume", member.volume_out.to_string()));
    fields.push(("input-volume", member.volume_in.to_string()));
    fields
}

/// An object whose fields stand that many tabs from the left.
fn object(depth: usize, fields: &[(&str, String)]) -> String {
    let (inner, outer) = ("\t".repeat(depth), "\t".repeat(depth - 1));
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{inner}{}:\t{value}", text(name))).collect();
    match fields.is_empty() {
        true => format!("{{\n{outer}}}"),
        false => format!("{{\n{}\n{outer}}}", fields.join(",\n")),
    }
}

fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
