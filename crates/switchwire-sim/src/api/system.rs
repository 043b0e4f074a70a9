//! The server itself: status, version, modules, shutdown.

use switchwire_proto::EventType;

use super::{ApiRequest, Family, Outcome, ReplyTo, new_uuid};
use crate::channel::MAX_SESSIONS;
use crate::event::clock::uptime;
use crate::event::origin;
use crate::world::{Work, World};

pub(super) const COMMANDS: Family =
    &[
        ("alias", alias),
        ("bgapi", bgapi),
        ("fsctl", fsctl),
        ("load", |_, _, arg| {
            if arg.is_empty() { "-USAGE: <mod_name>\n".into() } else { "+OK Reloading XML\n+OK\n".into() }
        }),
        ("log", |_, _, _| "+OK\n".into()),
        ("module_exists", module_exists),
        ("reload", reload),
        ("reloadacl", |_, _, _| "+OK acl reloaded\n".into()),
        ("reloadxml", reloadxml),
        ("shutdown", |world, request, _| fsctl(world, request, "shutdown")),
        ("status", |world, _, _| status(world)),
        ("unload", reload),
        ("version", version),
    ];

/// What `alias` made: other names for commands, on the console only.
fn alias(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let mut words = arg.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some("add" | "stickyadd"), Some(name), Some(command)) => {
            world.aliases.insert(name.to_owned(), command.to_owned());
        }
        (Some("del"), Some("*"), _) => world.aliases.clear(),
        (Some("del"), Some(name), _) => {
            world.aliases.remove(name);
        }
        _ => return "-USAGE: [add|stickyadd] <alias> <command> | del [<alias>|*]\n".into(),
    }
    "+OK\n".into()
}

fn module_exists(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    match arg {
        "" => "".into(),
        name => (name == "mod_event_socket").to_string().into(),
    }
}

pub(super) fn status(world: &World) -> Outcome {
    let count = world.channels.len();
    let peak = world.channels.peak();
    format!(
        "UP {}\nFreeSWITCH (Version {} {REVISION}) is ready\n{} session(s) since startup\n\
         {count} session(s) - peak {peak}, last 5min {peak} \n\
         0 session(s) per Sec out of max 500, peak {peak}, last 5min {peak} \n{MAX_SESSIONS} session(s) max\n\
         min idle cpu 0.00/98.70\nCurrent Stack Size/Max 240K/8192K\n",
        uptime(crate::world::clock::since(world.started)),
        world.config.version,
        world.channels.created(),
    )
    .into()
}

fn version(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let version = &world.config.version;
    match arg {
        "short" => format!("{}\n", version.split('-').next().unwrap_or(version)),
        _ => format!("FreeSWITCH Version {version}+{BUILD}~64bit ({REVISION})\n"),
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
    fire_reloadxml(world);
    "+OK [Success]\n".into()
}

fn fire_reloadxml(world: &mut World) {
    let event = world.stamped(EventType::Reloadxml, origin::of(EventType::Reloadxml));
    world.dispatch(&event);
}

/// Of all modules only ours matters: its connections get the notice and are closed, and new ones are taken at once.
fn reload(world: &mut World, request: &ApiRequest, arg: &str) -> Outcome {
    let unload = request.command.eq_ignore_ascii_case("unload");
    if arg.is_empty() {
        return if unload { "-USAGE: [-f] <mod_name>\n".into() } else { "-USAGE: <mod_name>\n".into() };
    }
    fire_reloadxml(world);
    if arg.trim() == "mod_event_socket" {
        world.work.push_back(Work::Shutdown { notice: true, stop: false });
    }
    if unload {
        "+OK module unloaded\n".into()
    } else {
        "+OK Reloading XML\n+OK module unloaded\n+OK module loaded\n".into()
    }
}

fn fsctl(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let mut words = arg.split_whitespace();
    match words.next() {
        Some("shutdown") => {
            let now = words.any(|word| word == "now");
            world.work.push_back(Work::Shutdown { notice: !now, stop: true });
            "+OK\n".into()
        }
        Some("hupall") => super::uuid::hang_up_all(world, words.next().unwrap_or("MANAGER_REQUEST")).into(),
        Some(_) => "+OK\n".into(),
        None => FSCTL_USAGE.into(),
    }
}

/// As the recorded server has it, so that clients which look at the form find it.
const REVISION: &str = "git cc93a68 2026-08-21 14:10:14Z 64bit";
const BUILD: &str = "git~20260821T141014Z~cc93a683ca";
const FSCTL_USAGE: &str = "-USAGE: [api_expansion [on|off]|recover|send_sighup|hupall|pause [inbound|outbound]|\
    resume [inbound|outbound]|shutdown [cancel|elegant|asap|now|restart]|uuid_version [4|7]|sps|sps_peak_reset|\
    sync_clock|sync_clock_when_idle|reclaim_mem|max_sessions|min_dtmf_duration [num]|max_dtmf_duration [num]|\
    default_dtmf_duration [num]|min_idle_cpu|loglevel [level]|debug_level [level]|mdns_resolve [enable|disable]]\n";
