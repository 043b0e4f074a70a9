//! `xml_list`.

use switchwire_proto::percent::{Escape, encode};

use super::{list, seconds};
use crate::channel::Channel;
use crate::conference::{Conference, Member};
use crate::world::World;

/// The list of these conferences.
pub(super) fn list<'a>(world: &World, conferences: impl Iterator<Item = &'a Conference>) -> String {
    let all: String = conferences.map(|of| one(world, of)).collect();
    match all.is_empty() {
        true => format!("{HEAD}<conferences></conferences>\n"),
        false => format!("{HEAD}<conferences>\n{all}</conferences>\n"),
    }
}

fn one(world: &World, of: &Conference) -> String {
    let mut out = format!(
        "  <conference name=\"{}\" member-count=\"{}\" ghost-count=\"{}\" rate=\"8000\" uuid=\"{}\"",
        escaped(&of.name),
        of.members.len(),
        of.ghosts(),
        of.uuid
    );
    for (flag, ..) in list::flags(of).into_iter().filter(|(_, set, _)| *set) {
        out.push_str(&format!(" {flag}=\"true\""));
    }
    out.push_str(&format!(" run_time=\"{}\">\n", seconds(of.began)));
    match of.variables.is_empty() {
        true => out.push_str("    <variables></variables>\n"),
        false => {
            out.push_str("    <variables>\n");
            for (name, value) in &of.variables {
                let (name, value) = (escaped(name), escaped(value));
                out.push_str(&format!("      <variable name=\"{name}\" value=\"{value}\"></variable>\n"));
            }
            out.push_str("    </variables>\n");
        }
    }
    let members = of.members.iter().rev();
    let members = members.filter_map(|member| Some((member, world.channels.get(member.channel)?)));
    let members: String = members.map(|(member, channel)| of_member(of, member, channel)).collect();
    match members.is_empty() {
        true => out.push_str("    <members></members>\n"),
        false => out.push_str(&format!("    <members>\n{members}    </members>\n")),
    }
    out.push_str("  </conference>\n");
    out
}

fn of_member(of: &Conference, member: &Member, channel: &Channel) -> String {
    let mut out =
        format!("      <member type=\"caller\">\n        <id>{}</id>\n        <flags>\n", member.id);
    for (flag, set) in [
        ("can_hear", !member.deaf),
        ("can_see", true),
        ("can_speak", !member.mute),
        ("mute_detect", false),
        ("talking", member.talking),
        ("hold", member.hold),
        ("has_video", false),
        ("video_bridge", false),
        ("has_floor", of.floor == Some(member.id)),
        ("is_moderator", member.moderator),
        ("end_conference", false),
        ("mandatory_member_end_conference", false),
        ("is_ghost", member.ghost),
    ] {
        out.push_str(&format!("          <{flag}>{set}</{flag}>\n"));
    }
    out.push_str("        </flags>\n");
    let encoded = |text: &str| String::from_utf8_lossy(&encode(text.as_bytes(), Escape::Server)).into_owned();
    for (field, value) in [
        ("uuid", channel.uuid.clone()),
        ("caller_id_name", encoded(&channel.profile.caller_name)),
        ("caller_id_number", encoded(&channel.profile.caller_number)),
        ("join_time", seconds(member.joined)),
        ("last_talking", member.last_talking.map_or_else(|| "N/A".into(), seconds)),
        ("energy", member.energy.to_string()),
        ("volume_in", member.volume_in.to_string()),
        ("volume_out", member.volume_out.to_string()),
        ("output-volume", member.volume_out.to_string()),
    ] {
        out.push_str(&format!("        <{field}>{}</{field}>\n", escaped(&value)));
    }
    out.push_str("      </member>\n");
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const HEAD: &str = "<?xml version=\"1.0\"?>\n";
