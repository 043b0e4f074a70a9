//! Small commands about nothing in particular.

use std::time::Duration;

use super::{Asker, Family, new_uuid};
use crate::event::clock::Moment;
use crate::world::{Timer, World};

pub(super) const COMMANDS: Family = &[
    ("create_uuid", |_, _, _| Some(new_uuid())),
    ("echo", |_, _, arg| Some(arg.to_owned())),
    ("help", help),
    ("hostname", |world, _, _| Some(world.config.hostname.clone())),
    ("msleep", msleep),
    ("sleep", msleep),
    ("strepoch", |_, _, _| Some(Moment::now().seconds().to_string())),
    ("strftime", strftime),
    ("switchname", |world, _, _| Some(world.config.switchname.clone())),
    ("time_test", |_, _, _| Some("test 1 sleep 10 10\navg 10\n".into())),
    ("uptime", uptime),
];

fn help(_: &mut World, _: &Asker, _: &str) -> Option<String> {
    let lines: Vec<String> = super::names().iter().map(|name| format!("{name},,,switchwire")).collect();
    Some(format!("\nValid Commands:\n\n{}\n\n", lines.join("\n")))
}

/// Holds the connection up for that many milliseconds.
fn msleep(world: &mut World, asker: &Asker, arg: &str) -> Option<String> {
    let Some(millis) = arg.trim().parse::<u64>().ok().filter(|n| *n > 0) else {
        return Some("-USAGE: <milliseconds>\n".into());
    };
    world.timers.after(Duration::from_millis(millis), Timer::Answer(asker.clone(), "+OK".into()));
    None
}

fn strftime(_: &mut World, _: &Asker, arg: &str) -> Option<String> {
    let format = if arg.is_empty() { "%Y-%m-%d %T" } else { arg };
    match format.split_once('|') {
        Some((seconds, format)) if seconds.bytes().all(|b| b.is_ascii_digit()) && !seconds.is_empty() => {
            Some(Moment::from_epoch_seconds(seconds.parse().unwrap_or_default()).strftime(format))
        }
        _ => Some(Moment::now().strftime(format)),
    }
}

fn uptime(world: &mut World, _: &Asker, arg: &str) -> Option<String> {
    let up = world.started.elapsed();
    Some(match arg {
        "ms" => up.as_millis().to_string(),
        "us" => up.as_micros().to_string(),
        _ => up.as_secs().to_string(),
    })
}
