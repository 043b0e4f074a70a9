//! `conference`: the members of conferences, and what is done to them.

mod dial;
mod json;
mod list;
mod media;
mod member;
mod xml;

use super::{ApiRequest, Family, Outcome};
use crate::conference::About;
use crate::world::{World, clock};

pub(super) const COMMANDS: Family = &[("conference", conference)];

fn usage(command: &str) -> Option<&'static str> {
    SYNTAX.lines().find(|line| line.split(' ').next() == Some(command))
}

fn conference(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
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
        ["list" | "json_list", ..] if none => "+OK No active conferences.\n".into(),
        ["list", rest @ ..] => list::all(world, rest.first() == Some(&"summary")).into(),
        ["xml_list", ..] => xml::list(world, world.stores.conferences.values()).into(),
        ["json_list", ..] => json::list(world, world.stores.conferences.iter()).into(),
        [_] => "Conference command, not specified.\nTry 'help'\n".into(),
        [name, "dial", rest @ ..] => dial::dial(world, name, rest),
        [name, "bgdial", rest @ ..] => dial::bgdial(world, name, rest).into(),
        [name, command, rest @ ..] if world.stores.conferences.contains_key(*name) => {
            command_on(world, name, command, rest, after(arg, 2)).into()
        }
        [name, ..] => format!("-ERR Conference {name} not found\n").into(),
    }
}

/// What follows so many words.
fn after(arg: &str, words: usize) -> &str {
    (0..words).fold(arg.trim_start(), |rest, _| {
        rest.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim_start())
    })
}

/// A command on a conference that is there; `text` is what follows its name, as it came.
fn command_on(world: &mut World, name: &str, command: &str, rest: &[&str], text: &str) -> String {
    let Some(usage) = usage(command) else {
        return format!("-ERR Conference command '{command}' not found.\n");
    };
    let done = match command {
        "count" | "list" | "json_list" | "xml_list" | "get" => list::of_one(world, name, command, rest),
        "play" | "stop" | "play_status" | "file-vol" | "say" | "saymember" => {
            media::files(world, name, command, rest, text)
        }
        "record" | "norecord" | "chkrecord" | "recording" | "pause" | "resume" => {
            media::recordings(world, name, command, rest)
        }
        "relate" => member::relate(world, name, rest),
        "transfer" => member::transfer(world, name, rest),
        _ if member::is_known(command) => match rest {
            [who, more @ ..] => member::each(world, name, command, who, more),
            [] => None,
        },
        _ => of_conference(world, name, command, rest),
    };
    done.unwrap_or_else(|| usage.to_owned())
}

/// What is done to a conference as such; none for how the command is used.
fn of_conference(world: &mut World, name: &str, command: &str, rest: &[&str]) -> Option<String> {
    let of = world.stores.conferences.get_mut(name)?;
    Some(match (command, rest) {
        ("lock" | "unlock", _) => {
            of.locked = command == "lock";
            world.tell_conference(name, command, About::Conference, &[]);
            format!("+OK {name} {command}ed\n")
        }
        ("setvar", [variable, value @ ..]) => {
            of.variables.insert((*variable).to_owned(), value.join(" "));
            "+OK\n".into()
        }
        ("getvar", [variable, ..]) => of.variables.get(*variable).cloned().unwrap_or_default(),
        ("getvar", []) => String::new(),
        ("pin", [pin, ..]) => format!("+OK Pin for conference {name} set: {pin}\n"),
        ("nopin", _) => format!("+OK Pin for conference {name} deleted\n"),
        ("enter_sound" | "exit_sound", []) => {
            format!("-ERR Not enough args\n{}", usage(command).unwrap_or_default())
        }
        ("enter_sound" | "exit_sound", [word @ ("on" | "off" | "none"), ..]) => {
            let sound = if command == "enter_sound" { &mut of.enter_sound } else { &mut of.exit_sound };
            *sound = *word == "on";
            let action = format!("{}s-{word}", command.replace('_', "-"));
            world.tell_conference(name, &action, About::Conference, &[]);
            format!("+OK {name} {}s {word} ()\n", command.replace('_', " "))
        }
        ("position", [_, _, ..]) => "-ERR not supported\n".into(),
        ("vid-floor", [_, ..]) => String::new(),
        ("vid-bandwidth", []) => "-ERR Invalid input\n".into(),
        _ => return None,
    })
}

/// Whole seconds since then.
fn seconds(since: std::time::Instant) -> String {
    clock::since(since).as_secs().to_string()
}

/// Each command with its arguments.
const SYNTAX: &str = include_str!("../data/conference.txt");
