//! `conference`: the members of conferences, and what is done to them.

mod json;

use std::collections::BTreeMap;

use switchwire_proto::EventType;

use super::{ApiRequest, Family, Outcome, new_uuid};
use crate::channel::ChannelId;
use crate::event::origin::Origin;
use crate::world::World;

pub(super) const COMMANDS: Family = &[("conference", conference)];

/// A conference that has members.
#[derive(Debug)]
pub(crate) struct Conference {
    uuid: String,
    locked: bool,
    variables: BTreeMap<String, String>,
    /// The newest last.
    members: Vec<Member>,
}

#[derive(Debug, Clone)]
struct Member {
    id: u64,
    channel: ChannelId,
    mute: bool,
    deaf: bool,
    hold: bool,
    floor: bool,
    energy: i64,
    volume_in: i64,
    volume_out: i64,
}

impl World {
    /// A channel runs `conference`: `NAME[@PROFILE][+PIN]`, flags after `+flags{`.
    pub(crate) fn join_conference(&mut self, channel: ChannelId, arg: &str) {
        let name = arg.split(['@', '+']).next().unwrap_or_default().trim().to_owned();
        let flags = arg.split_once("flags{").map_or("", |(_, flags)| flags);
        self.prune_conferences();
        let id = self.stores.next_member;
        self.stores.next_member += 1;
        let created = !self.stores.conferences.contains_key(&name);
        let conference = self.stores.conferences.entry(name.clone()).or_insert_with(|| Conference {
            uuid: new_uuid(),
            locked: false,
            variables: BTreeMap::new(),
            members: Vec::new(),
        });
        let mute = flags.contains("mute");
        let floor = !mute && conference.members.iter().all(|member| !member.floor);
        conference.members.push(Member {
            id,
            channel,
            mute,
            deaf: flags.contains("deaf"),
            hold: false,
            floor,
            energy: 100,
            volume_in: 0,
            volume_out: 0,
        });
        let uuid = self.stores.conferences.get(&name).map(|of| of.uuid.clone()).unwrap_or_default();
        if created {
            self.conference_event(&name, None, "conference-create", &[]);
        }
        if let Some(channel) = self.channels.get_mut(channel) {
            let id = id.to_string();
            for (variable, value) in [
                ("conference_name", name.as_str()),
                ("app_session_uuid", &uuid),
                ("conference_member_id", &id),
                ("conference_moderator", if flags.contains("moderator") { "true" } else { "false" }),
                ("conference_ghost", if flags.contains("ghost") { "true" } else { "false" }),
                ("conference_uuid", &uuid),
            ] {
                channel.variables.set(variable, value);
            }
        }
        self.read_codec_again(channel);
        self.conference_event(&name, Some(id), "add-member", &[]);
    }

    /// Takes out members whose channel has left, and empty conferences.
    fn prune_conferences(&mut self) {
        let channels = &self.channels;
        let stays = |id: ChannelId| {
            channels.get(id).is_some_and(|channel| {
                channel.is_up() && channel.stack.iter().any(|running| running.call.app == "conference")
            })
        };
        // The one that joins now is not in the stack yet: it is pushed after this.
        self.stores.conferences.values_mut().for_each(|of| of.members.retain(|member| stays(member.channel)));
        self.stores.conferences.retain(|_, of| !of.members.is_empty());
    }

    /// Fires `conference::maintenance`.
    fn conference_event(&mut self, name: &str, member: Option<u64>, action: &str, own: &[(&str, String)]) {
        let mut event = self.stamped(EventType::Custom, origin_of(action));
        event.add_header_top("Event-Subclass", "conference::maintenance");
        let Some(conference) = self.stores.conferences.get(name) else { return };
        let member = member.and_then(|id| conference.members.iter().find(|member| member.id == id));
        if let Some(channel) = member.and_then(|member| self.channels.get(member.channel)) {
            channel.add_basics(&mut event);
            channel.add_profile(&mut event, "Caller");
        }
        event.add_header("Conference-Name", name);
        event.add_header("Conference-Domain", &self.config.domain);
        event.add_header("Conference-Size", conference.members.len().to_string());
        event.add_header("Conference-Ghosts", "0");
        event.add_header("Conference-Profile-Name", "default");
        event.add_header("Conference-Unique-ID", &conference.uuid);
        conference.variables.iter().for_each(|(name, value)| {
            event.add_header(name, value);
        });
        if let Some(member) = member {
            for (header, value) in [
                ("Floor", member.floor.to_string()),
                ("Video", "false".into()),
                ("Hear", (!member.deaf).to_string()),
                ("See", "true".into()),
                ("Speak", (!member.mute).to_string()),
                ("Talking", "false".into()),
                ("Mute-Detect", "false".into()),
                ("Hold", member.hold.to_string()),
                ("Member-ID", member.id.to_string()),
                ("Member-Type", "member".into()),
                ("Member-Ghost", "false".into()),
                ("Energy-Level", member.energy.to_string()),
                ("Current-Energy", "0".into()),
            ] {
                event.add_header(header, value);
            }
        }
        event.add_header("Action", action);
        own.iter().for_each(|(header, value)| {
            event.add_header(*header, value);
        });
        self.dispatch(&event);
    }

    fn members_listed(&self, name: &str, between: &str) -> String {
        let Some(conference) = self.stores.conferences.get(name) else { return String::new() };
        let mut out = String::new();
        for member in conference.members.iter().rev() {
            let Some(channel) = self.channels.get(member.channel) else { continue };
            let mut flags = Vec::new();
            for (flag, set) in [
                ("hear", !member.deaf),
                ("speak", !member.mute),
                ("hold", member.hold),
                ("talking", !member.mute),
                ("floor", member.floor),
            ] {
                if set {
                    flags.push(flag);
                }
            }
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
}

/// Where in the server an action is told.
fn origin_of(action: &str) -> Origin {
    const API: &str = "conference_api.c";
    match action {
        "conference-create" => ("mod_conference.c", "conference_new", 2870),
        "conference-destroy" => ("mod_conference.c", "conference_thread_run", 780),
        "add-member" => ("conference_member.c", "conference_member_add", 890),
        "del-member" => ("conference_member.c", "conference_member_del", 1200),
        "kick-member" => (API, "conference_api_sub_kick", 570),
        "hup-member" => (API, "conference_api_sub_hup", 480),
        "mute-member" => (API, "conference_api_sub_mute", 640),
        "unmute-member" => (API, "conference_api_sub_unmute", 760),
        "deaf-member" => (API, "conference_api_sub_deaf", 980),
        "undeaf-member" => (API, "conference_api_sub_undeaf", 1010),
        "energy-level-member" => (API, "conference_api_sub_energy", 1050),
        "volume-in-member" => (API, "conference_api_sub_volume_in", 1190),
        "volume-out-member" => (API, "conference_api_sub_volume_out", 1260),
        "dtmf-member" => (API, "conference_api_sub_dtmf", 1400),
        "hold-member" => (API, "conference_api_sub_hold", 700),
        "unhold-member" => (API, "conference_api_sub_unhold", 730),
        "lock" => (API, "conference_api_sub_lock", 2240),
        "unlock" => (API, "conference_api_sub_unlock", 2260),
        _ => ("mod_conference.c", "conference_event_add_data", 1),
    }
}

fn usage(command: &str) -> Option<&'static str> {
    SYNTAX.lines().find(|line| line.split(' ').next() == Some(command))
}

fn conference(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    world.prune_conferences();
    let words: Vec<&str> = arg.split_whitespace().collect();
    let none = world.stores.conferences.is_empty();
    match words.as_slice() {
        [] => SYNTAX
            .lines()
            .map(|line| {
                let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
                format!("<conf name> {command} {rest}\n")
            })
            .collect::<String>()
            .into(),
        ["help"] => SYNTAX.lines().map(|line| format!("\t\t{line}\n")).collect::<String>().into(),
        ["count"] => world.stores.conferences.len().to_string().into(),
        ["list", ..] if none => "+OK No active conferences.\n".into(),
        ["list", rest @ ..] => list_all(world, rest).into(),
        ["xml_list"] if none => "<?xml version=\"1.0\"?>\n<conferences></conferences>\n".into(),
        ["json_list", ..] if none => "+OK No active conferences.\n".into(),
        ["json_list", ..] => json::list(world, world.stores.conferences.iter()).into(),
        ["xml_list", ..] => "-ERR no reply\n".into(),
        [_] => "Conference command, not specified.\nTry 'help'\n".into(),
        [name, command, rest @ ..] if world.stores.conferences.contains_key(*name) => {
            command_on(world, name, command, rest).into()
        }
        [_, "dial" | "bgdial", destination, ..] if destination.contains('/') => {
            "+OK Call Requested: result: [SUCCESS]\n".into()
        }
        [name, ..] => format!("-ERR Conference {name} not found\n").into(),
    }
}

fn list_all(world: &World, rest: &[&str]) -> String {
    let mut out = String::new();
    for (name, conference) in &world.stores.conferences {
        let count = conference.members.len();
        let s = if count == 1 { "" } else { "s" };
        let locked = if conference.locked { "locked|" } else { "" };
        out.push_str(&format!(
            "+OK Conference {name} ({count} member{s} rate: 8000 flags: {locked}running|answered|enforce_min|dynamic|\
             exit_sound|enter_sound|json_status)\n"
        ));
        if rest.first() != Some(&"summary") {
            out.push_str(&world.members_listed(name, ";"));
        }
    }
    out
}

fn command_on(world: &mut World, name: &str, command: &str, rest: &[&str]) -> String {
    let Some(usage) = usage(command) else {
        return format!("-ERR Conference command '{command}' not found.\n");
    };
    let count = world.stores.conferences.get(name).map_or(0, |of| of.members.len());
    match (command, rest) {
        ("count", _) | ("list", ["count", ..]) | ("get", ["count", ..]) => count.to_string(),
        ("list", ["delim", between, ..]) => world.members_listed(name, between),
        ("list", _) => world.members_listed(name, ";"),
        ("json_list", _) => json::list(world, world.stores.conferences.get_key_value(name).into_iter()),
        ("get", ["rate", ..]) => "8000".into(),
        ("get", ["run_time" | "max_members", ..]) => "0".into(),
        ("lock" | "unlock", _) => {
            if let Some(of) = world.stores.conferences.get_mut(name) {
                of.locked = command == "lock";
            }
            world.conference_event(name, None, command, &[]);
            format!("+OK {name} {command}ed\n")
        }
        ("setvar", [variable, value @ ..]) => {
            if let Some(of) = world.stores.conferences.get_mut(name) {
                of.variables.insert((*variable).to_owned(), value.join(" "));
            }
            "+OK\n".into()
        }
        ("getvar", [variable, ..]) => {
            let of = world.stores.conferences.get(name);
            of.and_then(|of| of.variables.get(*variable)).cloned().unwrap_or_default()
        }
        ("getvar", []) => String::new(),
        ("pin", [pin, ..]) => format!("+OK Pin for conference {name} set: {pin}\n"),
        ("nopin", _) => format!("+OK Pin for conference {name} deleted\n"),
        ("dial" | "bgdial", []) => format!("-ERR Bad Args\n{usage}"),
        ("stop", [] | ["all" | "current" | "async" | "last", ..]) => "+OK Stopped 0 files.\n".into(),
        ("chkrecord", _) => "-ERR Conference is not being recorded.\n".into(),
        ("norecord", [_, ..]) => "+OK Stopped recording 0 files\n".into(),
        ("play_status", _) => "-ERR Nothing is playing\n".into(),
        ("enter_sound" | "exit_sound", []) => format!("-ERR Not enough args\n{usage}"),
        ("enter_sound" | "exit_sound", [word @ ("on" | "off" | "none"), ..]) => {
            let which = command.replace('_', " ");
            world.conference_event(name, None, &format!("{}s-{word}", command.replace('_', "-")), &[]);
            format!("+OK {name} {which}s {word} ()\n")
        }
        ("transfer", [_, members @ ..]) if !members.is_empty() => {
            members.iter().map(|id| format!("-ERR No Member {id} in conference {name}.\n")).collect()
        }
        ("position", [_, _, ..]) => "-ERR not supported\n".into(),
        (_, [who, more @ ..]) if OF_MEMBERS.contains(&command) => {
            of_members(world, name, command, who, more).unwrap_or_else(|| usage.to_owned())
        }
        _ => usage.to_owned(),
    }
}

/// Does it to a member, or to `all`, `last`, `non_moderator`; `None` if that is none of these.
fn of_members(world: &mut World, name: &str, command: &str, who: &str, more: &[&str]) -> Option<String> {
    let of = world.stores.conferences.get(name)?;
    let mut ids: Vec<u64> = of.members.iter().rev().map(|member| member.id).collect();
    match who {
        "all" | "non_moderator" => {}
        "last" => ids.truncate(1),
        number => {
            let id = number.parse::<u64>().ok()?;
            if !ids.contains(&id) {
                return Some(format!("-ERR Non-Existant ID {id}\n"));
            }
            ids = vec![id];
        }
    }
    let replies: Option<Vec<String>> =
        ids.into_iter().map(|id| of_member(world, name, command, id, more)).collect();
    replies.map(|replies| replies.concat())
}

fn of_member(world: &mut World, name: &str, command: &str, id: u64, more: &[&str]) -> Option<String> {
    let of = world.stores.conferences.get_mut(name)?;
    let holder = of.members.iter().find(|member| member.floor).map(|member| member.id);
    let member = of.members.iter_mut().find(|member| member.id == id)?;
    let channel = member.channel;
    let number = more.first().and_then(|text| text.parse::<i64>().ok());
    let (action, reply, own) = match command {
        "mute" | "unmute" | "tmute" => {
            member.mute = if command == "tmute" { !member.mute } else { command == "mute" };
            let word = if member.mute { "mute" } else { "unmute" };
            (format!("{word}-member"), format!("+OK {word} {id}\n"), None)
        }
        "deaf" | "undeaf" => {
            member.deaf = command == "deaf";
            (format!("{command}-member"), format!("+OK {command} {id}\n"), None)
        }
        "hold" | "unhold" => {
            member.hold = command == "hold";
            (format!("{command}-member"), format!("+OK {command} {id}\n"), None)
        }
        "energy" => {
            member.energy = number.unwrap_or(member.energy);
            ("energy-level-member".into(), format!("Energy {id} = {}\n", member.energy), None)
        }
        "auto-energy" => return Some(format!("{id} = Auto-Energy: 0 Energy: {}\n", member.energy)),
        "volume_in" => {
            member.volume_in = number.unwrap_or(member.volume_in);
            let level = member.volume_in.to_string();
            (
                "volume-in-member".into(),
                format!("+OK Volume IN {id} = {level}\n"),
                Some(("Volume-Level", level)),
            )
        }
        "volume_out" => {
            member.volume_out = number.unwrap_or(member.volume_out);
            let level = member.volume_out.to_string();
            (
                "volume-out-member".into(),
                format!("+OK Volume OUT {id} = {level}\n"),
                Some(("Volume-Level", level)),
            )
        }
        "dtmf" => {
            let digits = (*more.first()?).to_owned();
            ("dtmf-member".into(), format!("+OK sent {digits} to {id}\n"), Some(("Digits", digits)))
        }
        "floor" => match holder.filter(|holder| *holder != id) {
            Some(holder) => return Some(format!("-ERR floor is held by {holder}\n")),
            None => {
                member.floor = true;
                return Some(format!("+OK floor {id}\n"));
            }
        },
        "get-uuid" => return world.channels.get(channel).map(|channel| channel.uuid.clone()),
        "saymember" => {
            ("speak-text-member".into(), "+OK (saymember) OK\n".into(), Some(("Text", more.join(" "))))
        }
        _ => (
            format!("{command}-member"),
            format!("+OK {} {id}\n", if command == "kick" { "kicked" } else { command }),
            None,
        ),
    };
    world.conference_event(name, Some(id), &action, own.as_slice());
    if matches!(command, "kick" | "hup") {
        if let Some(of) = world.stores.conferences.get_mut(name) {
            of.members.retain(|member| member.id != id);
        }
        world.conference_event(name, None, "del-member", &[("Member-ID", id.to_string())]);
        if world.stores.conferences.get(name).is_some_and(|of| of.members.is_empty()) {
            world.conference_event(name, None, "conference-destroy", &[]);
            world.stores.conferences.remove(name);
        }
        world.hang_up(channel, "NORMAL_CLEARING");
    }
    Some(reply)
}

/// Commands whose first argument is a member.
const OF_MEMBERS: [&str; 16] = [
    "mute",
    "unmute",
    "tmute",
    "deaf",
    "undeaf",
    "hold",
    "unhold",
    "energy",
    "auto-energy",
    "volume_in",
    "volume_out",
    "dtmf",
    "kick",
    "hup",
    "floor",
    "saymember",
];
/// Each command with its arguments.
const SYNTAX: &str = include_str!("data/conference.txt");
