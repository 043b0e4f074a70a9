//! Small commands about nothing in particular.

use std::time::Duration;

use super::{ApiRequest, Family, Outcome, new_uuid};
use crate::world::World;

pub(super) const COMMANDS: Family = &[
    ("create_uuid", |world, _, _| match world.stores.settings.uuid_version {
        7 => ::uuid::Uuid::now_v7().to_string().into(),
        _ => new_uuid().into(),
    }),
    ("echo", |_, _, arg| arg.into()),
    ("hostname", |world, _, _| world.config.hostname.clone().into()),
    ("msleep", msleep),
    ("sleep", msleep),
    ("switchname", |world, _, _| world.config.switchname.clone().into()),
    ("time_test", |_, _, arg| {
        if arg.is_empty() { "parameter missing\n".into() } else { "test 1 sleep 10 10\navg 10\n".into() }
    }),
    ("uptime", uptime),
];

/// Blocks the connection for that many milliseconds; not at all if the argument is not a number.
fn msleep(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    match arg.trim().parse::<u64>() {
        Ok(millis) if millis > 0 => Outcome::After(Duration::from_millis(millis), "+OK".into()),
        _ => "+OK".into(),
    }
}

fn uptime(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let up = crate::world::clock::since(world.started);
    let count = match arg {
        "" | "s" | "seconds" => u128::from(up.as_secs()),
        "ms" | "milliseconds" => up.as_millis(),
        "us" | "microseconds" => up.as_micros(),
        "m" | "minutes" => u128::from(up.as_secs() / 60),
        "h" | "hours" => u128::from(up.as_secs() / 3600),
        "d" | "days" => u128::from(up.as_secs() / 86_400),
        _ => {
            let units = "us|ms|s|m|h|d|microseconds|milliseconds|seconds|minutes|hours|days";
            return format!("-USAGE: [{units}]\n").into();
        }
    };
    format!("{count}\n").into()
}
