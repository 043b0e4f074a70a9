//! Commands whose first argument is a member.

use crate::channel::{Digit, DigitSource};
use crate::conference::About;
use crate::world::World;

/// Whether a command takes a member, or several by a word.
pub(super) fn is_known(command: &str) -> bool {
    COMMANDS.contains(&command)
}

/// Does it to a member, or to `all`, `last`, `non_moderator`; none if that is none of these.
pub(super) fn each(world: &mut World, name: &str, command: &str, who: &str, more: &[&str]) -> Option<String> {
    let of = world.stores.conferences.get(name)?;
    let mut ids = of.ids();
    match who {
        "all" => {}
        "non_moderator" => ids.retain(|id| of.member(*id).is_some_and(|member| !member.moderator)),
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
        ids.into_iter().map(|id| one(world, name, command, id, more)).collect();
    replies.map(|replies| replies.concat())
}

fn one(world: &mut World, name: &str, command: &str, id: u64, more: &[&str]) -> Option<String> {
    let of = world.stores.conferences.get_mut(name)?;
    let floor = of.floor;
    let member = of.member_mut(id)?;
    let channel = member.channel;
    let number = more.first().map(|text| text.parse::<i64>().unwrap_or_default());
    Some(match command {
        "mute" | "unmute" | "tmute" => {
            let mute = if command == "tmute" { !member.mute } else { command == "mute" };
            world.mute_member(name, id, mute);
            format!("+OK {} {id}\n", if mute { "mute" } else { "unmute" })
        }
        "deaf" | "undeaf" => {
            world.deafen_member(name, id, command == "deaf");
            format!("+OK {command} {id}\n")
        }
        "hold" | "unhold" => {
            member.hold = command == "hold";
            member.fall_silent();
            world.tell_conference(name, &format!("{command}-member"), About::Member(id), &[]);
            world.listen_to_conferences();
            format!("+OK {command} {id}\n")
        }
        "energy" => {
            let level = number.unwrap_or(member.energy);
            member.energy = level;
            if number.is_some() {
                let own = [("Energy-Level", level.to_string())];
                world.tell_conference(name, "energy-level-member", About::Member(id), &own);
            }
            format!("Energy {id} = {level}\n")
        }
        "auto-energy" => format!("{id} = Auto-Energy: 0 Energy: {}\n", member.energy),
        "volume_in" | "volume_out" => {
            let inward = command == "volume_in";
            let volume = if inward { &mut member.volume_in } else { &mut member.volume_out };
            *volume = number.unwrap_or(*volume).clamp(-4, 4);
            let level = volume.to_string();
            if number.is_some() {
                let action = if inward { "volume-in-member" } else { "volume-out-member" };
                world.tell_conference(name, action, About::Member(id), &[("Volume-Level", level.clone())]);
            }
            format!("+OK Volume {} {id} = {level}\n", if inward { "IN" } else { "OUT" })
        }
        "dtmf" => {
            let digits = *more.first()?;
            let own = [("Digits", digits.to_owned())];
            world.tell_conference(name, "dtmf-member", About::Member(id), &own);
            // The channel sends them to its far end.
            if let Some(far) = world.channels.get(channel).and_then(|channel| channel.other_leg) {
                let keys = Digit::parse(digits, DigitSource::Far);
                keys.into_iter().for_each(|key| world.receive_digit(far, key));
            }
            format!("+OK sent {digits} to {id}\n")
        }
        "floor" => match floor {
            Some(holder) if holder == id => {
                world.give_floor(name, None);
                "+OK floor none\n".into()
            }
            Some(holder) => format!("-ERR floor is held by {holder}\n"),
            None => {
                world.give_floor(name, Some(id));
                format!("+OK floor {id}\n")
            }
        },
        "get-uuid" => world.channels.get(channel)?.uuid.clone(),
        "kick" | "hup" => {
            world.tell_conference(name, &format!("{command}-member"), About::Member(id), &[]);
            world.send_out(name, id);
            format!("+OK {} {id}\n", if command == "kick" { "kicked" } else { "hup" })
        }
        _ => return None,
    })
}

/// `MEMBER,… OTHER,… nospeak|nohear|clear`
pub(super) fn relate(world: &mut World, name: &str, rest: &[&str]) -> Option<String> {
    let [members, others, what @ ("nospeak" | "nohear" | "clear"), ..] = rest else { return None };
    let of = world.stores.conferences.get_mut(name)?;
    let numbers = |list: &str| list.split(',').filter_map(|id| id.parse::<u64>().ok()).collect::<Vec<_>>();
    let mut out = String::new();
    for id in numbers(members) {
        for other in numbers(others) {
            if of.member(other).is_none() {
                out.push_str(&format!("-ERR relationship {id}->{other} not found.\n"));
                continue;
            }
            let Some(member) = of.member_mut(id) else {
                out.push_str(&format!("-ERR relationship {id}->{other} not found.\n"));
                continue;
            };
            if *what == "nospeak" {
                // It starts to talk anew, to those that hear it still.
                member.talking = false;
            }
            out.push_str(&match *what {
                "clear" => format!("+OK relationship {id}->{other} cleared.\n"),
                what => format!("+OK {id}->{other} {what} set\n"),
            });
        }
    }
    world.listen_to_conferences();
    Some(out)
}

/// `CONFERENCE MEMBER…`
pub(super) fn transfer(world: &mut World, name: &str, rest: &[&str]) -> Option<String> {
    let [to, members @ ..] = rest else { return None };
    if members.is_empty() {
        return None;
    }
    let mut out = String::new();
    for word in members {
        let there = |id: &u64| world.stores.conferences.get(name).is_some_and(|of| of.member(*id).is_some());
        match word.parse().ok().filter(there) {
            Some(id) if world.move_member(name, id, to) => {
                out.push_str(&format!("+OK Member '{id}' sent to conference {to}.\n"));
            }
            _ => out.push_str(&format!("-ERR No Member {word} in conference {name}.\n")),
        }
    }
    Some(out)
}

const COMMANDS: [&str; 16] = [
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
    "get-uuid",
];
