//! The server itself: status, version, modules, shutdown.

use switchwire_proto::EventType;

use super::{Asker, Family, Who, new_uuid};
use crate::channel::MAX_SESSIONS;
use crate::event::clock::uptime;
use crate::event::origin;
use crate::world::{Work, World};

pub(super) const COMMANDS: Family = &[
    ("bgapi", bgapi),
    ("fsctl", fsctl),
    ("load", |_, _, _| Some("+OK Reloading XML\n+OK\n".into())),
    ("log", |_, _, _| Some("+OK\n".into())),
    ("module_exists", |_, _, arg| Some((arg == "mod_event_socket").to_string())),
    ("reload", reload),
    ("reloadacl", |_, _, _| Some("+OK acl reloaded\n".into())),
    ("reloadxml", reloadxml),
    ("shutdown", |world, asker, _| fsctl(world, asker, "shutdown")),
    ("status", status),
    ("unload", reload),
    ("version", version),
];

fn status(world: &mut World, _: &Asker, _: &str) -> Option<String> {
    let count = world.channels.len();
    let peak = world.channels.peak();
    Some(format!(
        "UP {}\nFreeSWITCH (Version {} {REVISION}) is ready\n{} session(s) since startup\n\
         {count} session(s) - peak {peak}, last 5min {peak} \n\
         0 session(s) per Sec out of max 500, peak {peak}, last 5min {peak} \n{MAX_SESSIONS} session(s) max\n\
         min idle cpu 0.00/98.70\nCurrent Stack Size/Max 240K/8192K\n",
        uptime(world.started.elapsed()),
        world.config.version,
        world.channels.created(),
    ))
}

fn version(world: &mut World, _: &Asker, arg: &str) -> Option<String> {
    let version = &world.config.version;
    Some(match arg {
        "short" => format!("{}\n", version.split('-').next().unwrap_or(version)),
        _ => format!("FreeSWITCH Version {version}+{BUILD}~64bit ({REVISION})\n"),
    })
}

fn bgapi(world: &mut World, asker: &Asker, arg: &str) -> Option<String> {
    let (command, arg) = arg.split_once(' ').unwrap_or((arg, ""));
    let uuid = new_uuid();
    let owner = match &asker.who {
        Who::Job { owner, .. } => owner.clone(),
        Who::Conn(_) => None,
    };
    world.start_job(uuid.clone(), owner, origin::API_BGAPI, command.to_owned(), arg.to_owned());
    Some(format!("+OK Job-UUID: {uuid}\n"))
}

fn reloadxml(world: &mut World, _: &Asker, _: &str) -> Option<String> {
    let event = world.stamped(EventType::Reloadxml, origin::of(EventType::Reloadxml));
    world.dispatch(&event);
    Some("+OK [Success]\n".into())
}

/// Of all modules only ours matters: its connections are told and closed, and new ones are taken at once.
fn reload(world: &mut World, asker: &Asker, arg: &str) -> Option<String> {
    let _ = reloadxml(world, asker, "");
    if arg.trim() == "mod_event_socket" {
        world.work.push_back(Work::Shutdown { notice: true, stop: false });
    }
    Some(
        if asker.command == "unload" {
            "+OK module unloaded\n"
        } else {
            "+OK Reloading XML\n+OK module unloaded\n+OK module loaded\n"
        }
        .into(),
    )
}

fn fsctl(world: &mut World, _: &Asker, arg: &str) -> Option<String> {
    let mut words = arg.split_whitespace();
    match words.next() {
        Some("shutdown") => {
            let now = words.any(|word| word == "now");
            world.work.push_back(Work::Shutdown { notice: !now, stop: true });
            Some("+OK\n".into())
        }
        Some("hupall") => Some(super::uuid::hang_up_all(world, words.next().unwrap_or("MANAGER_REQUEST"))),
        Some(_) => Some("+OK\n".into()),
        None => Some("-USAGE: [shutdown [now]|hupall|pause|resume|...]\n".into()),
    }
}

/// As the recorded server has it, so that clients which look at the form find it.
const REVISION: &str = "git cc93a68 2026-08-21 14:10:14Z 64bit";
const BUILD: &str = "git~20260821T141014Z~cc93a683ca";
