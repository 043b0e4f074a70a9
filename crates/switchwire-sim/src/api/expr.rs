//! Variables and expressions.

use super::{ApiRequest, Family, Outcome};
use crate::channel::expand;
use crate::world::World;

pub(super) const COMMANDS: Family = &[
    ("eval", eval),
    ("expand", expand_command),
    ("global_getvar", global_getvar),
    ("global_setvar", global_setvar),
];

fn expanded(world: &World, text: &str) -> String {
    let (channel, text) = match text.strip_prefix("uuid:").and_then(|rest| rest.split_once(' ')) {
        Some((uuid, rest)) => (world.channels.by_uuid(uuid).and_then(|id| world.channels.get(id)), rest),
        None => (None, text),
    };
    let value = expand(text, |name| {
        let global = || world.globals.get(name).map(|value| value.clone().into_bytes());
        channel.and_then(|channel| channel.variable(name)).or_else(global)
    });
    String::from_utf8_lossy(&value).into_owned()
}

fn eval(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    expanded(world, arg).into()
}

/// Runs the command that its expanded argument is.
fn expand_command(world: &mut World, request: &ApiRequest, arg: &str) -> Outcome {
    if arg.is_empty() {
        return "-ERR No input\n".into();
    }
    let text = expanded(world, arg);
    let mut rest = text.as_str();
    // However often a client says it, it is expanded once.
    while let Some(inner) = rest.strip_prefix("expand ") {
        rest = inner;
    }
    let (command, arg) = rest.split_once(' ').unwrap_or((rest, ""));
    match super::find(command) {
        Some(api) => api(world, request, arg.trim()),
        None => "INVALID COMMAND!\n-ERR Cannot execute command\n".into(),
    }
}

fn global_getvar(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    if arg.is_empty() {
        // The server's own come first, in the order in which it makes them.
        let own = |name: &str| super::OWN_GLOBALS.iter().position(|known| *known == name);
        let mut all: Vec<_> = world.globals.iter().collect();
        all.sort_by_key(|(name, _)| own(name).unwrap_or(usize::MAX));
        return all.iter().map(|(name, value)| format!("{name}={value}\n")).collect::<String>().into();
    }
    world.globals.get(arg).cloned().unwrap_or_default().into()
}

fn global_setvar(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let Some((name, value)) = arg.split_once('=') else {
        return "-USAGE: <var>=<value> [=<value2>]\n".into();
    };
    if value.is_empty() {
        world.globals.remove(name);
    } else {
        world.globals.insert(name.to_owned(), value.to_owned());
    }
    "+OK".into()
}
