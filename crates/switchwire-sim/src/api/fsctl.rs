//! `fsctl`: the server's switches.

use switchwire_proto::EventType;

use super::{ApiRequest, Family, Outcome};
use crate::channel::cause_named;
use crate::event::origin;
use crate::world::{Work, World};

pub(super) const COMMANDS: Family = &[("fsctl", fsctl)];

pub(super) fn fsctl(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let [verb, rest @ ..] = words.as_slice() else { return format!("-USAGE: {USAGE}\n").into() };
    let first = rest.first().copied();
    let number = first.and_then(|text| text.parse::<u64>().ok());
    let running = world.channels.len();
    let settings = &mut world.stores.settings;
    match verb.to_ascii_lowercase().as_str() {
        "shutdown" if first == Some("cancel") => "+OK\n".into(),
        "shutdown" => {
            world.work.push_back(Work::Shutdown { notice: first != Some("now"), stop: true });
            "+OK\n".into()
        }
        "shutdown_check" => "false".into(),
        "hupall" => {
            super::uuid::hang_up_all(world, cause_named(first.unwrap_or("MANAGER_REQUEST")));
            "+OK\n".into()
        }
        verb @ ("pause" | "resume") => {
            let (inbound, outbound) = directions(first);
            if inbound {
                settings.paused_inbound = verb == "pause";
            }
            if outbound {
                settings.paused_outbound = verb == "pause";
            }
            "+OK\n".into()
        }
        "pause_check" => match first {
            Some("inbound") => settings.paused_inbound,
            Some("outbound") => settings.paused_outbound,
            _ => settings.paused_inbound && settings.paused_outbound,
        }
        .to_string()
        .into(),
        "ready_check" => (!settings.paused_inbound && !settings.paused_outbound).to_string().into(),
        "max_sessions" => {
            settings.max_sessions = number.filter(|n| *n > 0).unwrap_or(settings.max_sessions);
            format!("+OK max sessions: {}\n", settings.max_sessions).into()
        }
        "sps" => {
            settings.sps = number.filter(|n| *n > 0).unwrap_or(settings.sps);
            format!("+OK sessions per second: {}\n", settings.sps).into()
        }
        "last_sps" => "+OK last sessions per second: 0\n".into(),
        "sps_peak_reset" => "+OK max sessions per second counter reset\n".into(),
        "loglevel" => loglevel(first),
        "debug_level" => {
            settings.debug_level = number.unwrap_or(settings.debug_level);
            format!("+OK DEBUG level: {}\n", settings.debug_level).into()
        }
        "min_dtmf_duration" => {
            if let Some(duration) = number {
                settings.min_dtmf = duration.clamp(MIN_DTMF, settings.max_dtmf);
            }
            format!("+OK min dtmf duration: {}\n", settings.min_dtmf).into()
        }
        "max_dtmf_duration" => {
            if let Some(duration) = number {
                settings.max_dtmf = duration.clamp(settings.min_dtmf, MAX_DTMF);
            }
            format!("+OK max dtmf duration: {}\n", settings.max_dtmf).into()
        }
        "default_dtmf_duration" => {
            if let Some(duration) = number {
                settings.default_dtmf = duration.clamp(settings.min_dtmf, settings.max_dtmf);
            }
            format!("+OK default dtmf duration: {}\n", settings.default_dtmf).into()
        }
        "uuid_version" => {
            settings.uuid_version = number.filter(|n| matches!(n, 4 | 7)).unwrap_or(settings.uuid_version);
            format!("+OK set uuid version: {}\n", settings.uuid_version).into()
        }
        "api_expansion" => switched("api_expansion", first, &mut settings.api_expansion, ["on", "off"]),
        "verbose_events" => switched("verbose_events", first, &mut settings.verbose_events, ["on", "off"]),
        "threaded_system_exec" => {
            switched("threaded_system_exec", first, &mut settings.threaded_exec, ["true", "false"])
        }
        "debug_sql" => {
            settings.debug_sql = !settings.debug_sql;
            format!("+OK SQL DEBUG [{}]\n", if settings.debug_sql { "on" } else { "off" }).into()
        }
        "min_idle_cpu" => match first.and_then(|text| text.parse::<f64>().ok()) {
            Some(limit) if limit > 0.0 => format!("+OK min idle cpu: {limit:.2}").into(),
            _ => "+OK min idle cpu: DISABLED\n".into(),
        },
        "sync_clock" => "+OK clock synchronized\n".into(),
        "sync_clock_when_idle" if running == 0 => "+OK clock synchronized\n".into(),
        "sync_clock_when_idle" => "+OK clock will synchronize when there are no more calls\n".into(),
        "recover" => "+OK 0 session(s) recovered in total\n".into(),
        "send_sighup" => {
            let mut event = world.stamped(EventType::Trap, origin::of(EventType::Trap));
            event.add_header("Trapped-Signal", "HUP");
            world.dispatch(&event);
            "+OK\n".into()
        }
        "reclaim_mem" | "flush_db_handles" | "save_history" => "+OK\n".into(),
        _ => format!("-ERR Invalid command\nUSAGE: fsctl {USAGE}\n").into(),
    }
}

/// Any other word means both.
fn directions(word: Option<&str>) -> (bool, bool) {
    match word {
        Some("inbound") => (true, false),
        Some("outbound") => (false, true),
        _ => (true, true),
    }
}

fn switched(name: &str, word: Option<&str>, on: &mut bool, words: [&str; 2]) -> Outcome {
    match word {
        Some("on" | "true" | "yes") => *on = true,
        Some(_) => *on = false,
        None => {}
    }
    format!("+OK {name} is {} \n", words[usize::from(!*on)]).into()
}

/// Asked for the level, the server says that there is none.
fn loglevel(word: Option<&str>) -> Outcome {
    const NAMES: [&str; 8] = ["CONSOLE", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG"];
    let Some(word) = word else { return "+OK log level: DISABLE [-1]\n".into() };
    let number = word.parse::<usize>().ok().filter(|at| *at < NAMES.len());
    match number.or_else(|| NAMES.iter().position(|name| name.eq_ignore_ascii_case(word))) {
        Some(at) => format!("+OK log level: {} [{at}]\n", NAMES[at]).into(),
        None => "-ERR syntax error, log level not set!\n".into(),
    }
}

const MIN_DTMF: u64 = 400;
const MAX_DTMF: u64 = 192_000;
const USAGE: &str = "[api_expansion [on|off]|recover|send_sighup|hupall|pause [inbound|outbound]|\
    resume [inbound|outbound]|shutdown [cancel|elegant|asap|now|restart]|uuid_version [4|7]|sps|sps_peak_reset|\
    sync_clock|sync_clock_when_idle|reclaim_mem|max_sessions|min_dtmf_duration [num]|max_dtmf_duration [num]|\
    default_dtmf_duration [num]|min_idle_cpu|loglevel [level]|debug_level [level]|mdns_resolve [enable|disable]]";
