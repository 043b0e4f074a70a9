//! The server itself: status, version, modules, shutdown.

use super::{ApiRequest, Family, Outcome, ReplyTo, new_uuid};
use crate::event::clock::uptime;
use crate::event::origin;
use crate::world::World;

pub(super) const COMMANDS: Family = &[
    ("alias", alias),
    ("bgapi", bgapi),
    ("log", |_, _, _| "+OK\n".into()),
    ("reloadacl", |_, _, _| "+OK acl reloaded\n".into()),
    ("reloadxml", reloadxml),
    ("shutdown", |world, request, _| super::fsctl::fsctl(world, request, "shutdown")),
    ("status", |world, _, _| status(world)),
    ("version", version),
];

/// What `alias` made: other names for commands, on the console only.
fn alias(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let mut words = arg.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some(verb @ ("add" | "stickyadd")), Some(name), Some(command)) => {
            world.aliases.insert(name.to_owned(), command.to_owned());
            world.stores.sticky_aliases.retain(|known| known != name);
            if verb == "stickyadd" {
                world.stores.sticky_aliases.push(name.to_owned());
            }
        }
        (Some("del"), Some("*"), _) => world.aliases.clear(),
        (Some("del"), Some(name), _) => {
            world.aliases.remove(name);
        }
        _ => return "-USAGE: [add|stickyadd] <alias> <command> | del [<alias>|*]\n".into(),
    }
    "+OK\n".into()
}

pub(super) fn status(world: &World) -> Outcome {
    let count = world.channels.len();
    let peak = world.channels.peak();
    let settings = &world.stores.settings;
    let ready = if settings.paused_inbound || settings.paused_outbound { "not ready" } else { "ready" };
    format!(
        "UP {}
FreeSWITCH (Version {} {}) is {ready}
{} session(s) since startup
\
         {count} session(s) - peak {peak}, last 5min {peak} 
\
         0 session(s) per Sec out of max {}, peak {peak}, last 5min {peak} 
{} session(s) max
\
         min idle cpu 0.00/98.70
Current Stack Size/Max 240K/{}
",
        uptime(world.started.elapsed()),
        world.config.version,
        revision(world),
        world.channels.created(),
        settings.sps,
        settings.max_sessions,
        if is_release(world) { "240K" } else { "8192K" },
    )
    .into()
}

/// A release has no revision.
fn revision(world: &World) -> &'static str {
    if is_release(world) { " 64bit" } else { REVISION }
}

fn is_release(world: &World) -> bool {
    world.config.version.ends_with("-release")
}

/// The version as HEARTBEAT has it.
pub(crate) fn full_version(world: &World) -> String {
    let version = &world.config.version;
    if is_release(world) { format!("{version}~64bit") } else { format!("{version}+{BUILD}~64bit") }
}

fn version(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let version = &world.config.version;
    let release = is_release(world);
    match arg {
        "short" if release => format!(
            "{version}
"
        ),
        "short" => format!(
            "{}
",
            version.split('-').next().unwrap_or(version)
        ),
        "" if release => format!(
            "FreeSWITCH Version {} ( 64bit)
",
            full_version(world)
        ),
        _ if release => format!(
            "FreeSWITCH Version {} ({version}  64bit)
",
            full_version(world)
        ),
        _ => format!(
            "FreeSWITCH Version {} ({REVISION})
",
            full_version(world)
        ),
    }
    .into()
}

fn bgapi(world: &mut World, request: &ApiRequest, arg: &str) -> Outcome {
    if arg.is_empty() {
        return "-ERR Invalid syntax\n".into();
    }
    let (command, arg) = arg.split_once(' ').unwrap_or((arg, ""));
    let uuid = new_uuid();
    let owner = match &request.reply_to {
        ReplyTo::Job { owner, .. } => owner.clone(),
        ReplyTo::Conn(_) => None,
    };
    world.start_job(uuid.clone(), owner, origin::API_BGAPI, command.to_owned(), arg.to_owned());
    format!("+OK Job-UUID: {uuid}\n").into()
}

fn reloadxml(world: &mut World, _: &ApiRequest, _: &str) -> Outcome {
    super::modules::fire_reloadxml(world);
    "+OK [Success]\n".into()
}

/// As the recorded server has it, so that clients which look at the form find it.
const REVISION: &str = "git cc93a68 2026-08-21 14:10:14Z 64bit";
const BUILD: &str = "git~20260821T141014Z~cc93a683ca";
