//! What a conference plays, says and records.

use super::usage;
use crate::conference::{About, Stop};
use crate::world::World;

/// Files and texts; none for how the command is used.
pub(super) fn files(
    world: &mut World,
    name: &str,
    command: &str,
    rest: &[&str],
    text: &str,
) -> Option<String> {
    let words = usage(command).unwrap_or_default();
    Some(match (command, rest) {
        ("play", [path, how @ ..]) => match how {
            [] | ["async", ..] => {
                let played = world.play_to_conference(name, path, !how.is_empty(), None);
                played_or_not(played, path, "")
            }
            [member, ..] => {
                // What is no number is none of its members.
                let id = member.parse::<u64>().unwrap_or_default();
                if world.stores.conferences.get(name)?.member(id).is_none() {
                    return Some(format!("-ERR Member: {id} not found.\n{words}"));
                }
                let played = world.play_to_conference(name, path, false, Some(id));
                played_or_not(played, path, &format!(" to member {id}"))
            }
        },
        ("stop", [what @ ("current" | "all" | "async" | "last"), member @ ..]) => {
            stopped(world, name, what, member.first().and_then(|id| id.parse().ok()))
        }
        ("stop", []) => stopped(world, name, "all", None),
        ("stop", [id, ..]) => stopped(world, name, "all", Some(id.parse().ok()?)),
        ("play_status", _) => "-ERR Nothing is playing\n".into(),
        ("file-vol", [_, ..]) => format!("-ERR File not playing\n{words}"),
        // Without sound files there is no engine either.
        ("say", [_, ..]) if !world.config.sound_files => format!("-ERR (say) Error!\n{words}"),
        ("say", [_, ..]) => {
            world.tell_conference(name, "speak-text", About::Conference, &[("Text", text.to_owned())]);
            "+OK (say) OK\n".into()
        }
        ("saymember", [id, _, ..]) => {
            let id: u64 = id.parse().ok()?;
            if world.stores.conferences.get(name)?.member(id).is_none() {
                return Some(format!("-ERR (saymember) Unknown Member {id}!\n{words}"));
            }
            let said = super::after(text, 1).to_owned();
            world.tell_conference(name, "speak-text-member", About::Member(id), &[("Text", said)]);
            "+OK (saymember) OK\n".into()
        }
        _ => return None,
    })
}

fn played_or_not(played: bool, path: &str, to: &str) -> String {
    match played {
        true => format!("+OK (play) Playing file {path}{to}\n"),
        false => format!("-ERR (play) File: {path} not found.\n"),
    }
}

fn stopped(world: &mut World, name: &str, what: &str, member: Option<u64>) -> String {
    let what = match what {
        "current" => Stop::Current,
        "async" => Stop::Beside,
        "last" => Stop::Last,
        _ => Stop::All,
    };
    format!("+OK Stopped {} files.\n", world.stop_conference_files(name, what, member))
}

/// Recordings; none for how the command is used.
pub(super) fn recordings(world: &mut World, name: &str, command: &str, rest: &[&str]) -> Option<String> {
    let of = world.stores.conferences.get(name)?;
    let (command, rest) = match (command, rest) {
        ("recording", [word @ ("start" | "stop" | "check" | "pause" | "resume"), rest @ ..]) => (*word, rest),
        ("recording", _) => return None,
        ("record", rest) => ("start", rest),
        ("norecord", rest) => ("stop", rest),
        ("chkrecord", rest) => ("check", rest),
        other => other,
    };
    Some(match (command, rest) {
        ("start", [path]) => {
            world.record_conference(name, path);
            format!("+OK Record file {path}\n")
        }
        ("start", [path, canvas, ..]) => {
            let number = canvas.parse::<u32>().ok().filter(|number| *number > 0);
            let bad = if number.is_none() { "-ERR Invalid canvas\n" } else { "" };
            world.record_conference(name, path);
            format!("{bad}+OK Record file {path} canvas {}\n", number.unwrap_or(1))
        }
        ("check", _) if of.recordings.is_empty() => "-ERR Conference is not being recorded.\n".into(),
        ("check", _) => {
            of.recordings.iter().map(|recording| format!("+OK Record file {}\n", recording.path)).collect()
        }
        ("stop", ["all", ..]) => {
            let ended = world.stop_recording_conference(name, None);
            let s = if ended.len() == 1 { "" } else { "s" };
            let count = ended.len();
            let each: String = ended.iter().map(|path| format!("Stopped recording file {path}\n")).collect();
            format!("{each}+OK Stopped recording {count} file{s}\n")
        }
        // The one that is being stopped does not count as stopped yet.
        ("stop", [path, ..]) => {
            let line = match world.stop_recording_conference(name, Some(path)).is_empty() {
                true => format!("-ERR non-existant recording '{path}'\n"),
                false => format!("Stopped recording file {path}\n"),
            };
            format!("{line}+OK Stopped recording 0 files\n")
        }
        ("pause" | "resume", [path, ..]) => {
            let pause = command == "pause";
            match world.pause_recording_conference(name, path, pause) {
                true if pause => format!("+OK Pause recording file {path}\n"),
                true => format!("+OK Resume recording file {path}\n"),
                false => format!("-ERR non-existant recording '{path}'\n"),
            }
        }
        _ => return None,
    })
}
