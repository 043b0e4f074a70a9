//! Queues of the server, and small commands of its modules.

use super::{ApiRequest, Family, Outcome};
use crate::channel::FifoMember;
use crate::event::clock::Moment;
use crate::world::World;

pub(super) const COMMANDS: Family = &[
    ("chat", |_, _, arg| match arg.split('|').count() {
        0..=3 => "Invalid".into(),
        _ => "Error! Message Not Sent".into(),
    }),
    ("fifo", fifo),
    ("fifo_check_bridge", check_bridge),
    ("fifo_member", member),
    ("local_stream", |_, _, arg| match arg.split_whitespace().collect::<Vec<_>>().as_slice() {
        [] => "-USAGE: <show|start|reload|stop|hup> <local_stream_name>\n".into(),
        ["show" | "start" | "stop" | "reload" | "hup", name, ..] => {
            format!("-ERR Cannot locate local_stream {name}!\n").into()
        }
        _ => "".into(),
    }),
    ("sndfile_debug", |_, _, arg| match arg {
        on @ ("on" | "off") => format!("Sndfile Debug: {on}\n").into(),
        _ => "-USAGE: <on|off>\n".into(),
    }),
    ("sofia_dig", |_, _, arg| {
        if arg.is_empty() {
            return "usage: sofia_dig [OPTIONS] [@dnsserver] uri\n".into();
        }
        let line = "=".repeat(80);
        format!(
            "Preference\t    Weight\t Transport\t      Port\t   Address\n{line}\n-ERR: {arg}: not found\n"
        )
        .into()
    }),
    ("sofia_presence_data", |_, _, arg| if arg.starts_with("list ") { "+OK\n".into() } else { "".into() }),
    ("valet_info", |world, _, arg| world.valet_report(arg).into()),
];

fn fifo(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let known = |name: &str| name == MANUAL || world.stores.queues.iter().any(|queue| queue.name == name);
    match words.as_slice() {
        [] => USAGE.into(),
        ["list" | "list_verbose", rest @ ..] => world.fifo_report(rest.first().copied()).into(),
        ["count", rest @ ..] => world.fifo_counts(rest.first().copied()).into(),
        ["has_outbound", name, ..] if *name != MANUAL && !known(name) => "none\n".into(),
        ["has_outbound", rest @ ..] => {
            let name = rest.first().copied().unwrap_or(MANUAL);
            let queue = world.stores.queues.iter().find(|queue| queue.name == name);
            format!("{name}:{}\n", queue.map_or(0, |queue| queue.members.len())).into()
        }
        ["importance", name, rest @ ..] if known(name) && *name != MANUAL => {
            let queue = world.queue(name);
            if let Some(importance) = rest.first().and_then(|text| text.parse().ok()) {
                queue.importance = importance;
            }
            format!("importance: {}\n", queue.importance).into()
        }
        ["importance", ..] => "no fifo by that name\n".into(),
        ["debug", ..] => "debug 0\n".into(),
        ["status" | "reparse", ..] => "+OK\n".into(),
        _ => format!("-ERR Usage: {USAGE}").into(),
    }
}

/// Whether a channel talks to one that it took from a queue, or that took it.
fn check_bridge(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let id = world.channels.by_uuid(arg.trim());
    id.is_some_and(|id| world.is_in_fifo_bridge(id)).to_string().into()
}

/// `add QUEUE DIAL-STRING [SIMO [TIMEOUT [LAG]]]`, `del QUEUE DIAL-STRING`.
fn member(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let number =
        |at: usize, missing: u64| words.get(at).and_then(|text| text.parse().ok()).unwrap_or(missing);
    match words.as_slice() {
        ["add", name, dial, ..] => {
            let (simo, timeout, lag) = (number(3, 1), number(4, 60), number(5, 5));
            let since = Moment::now().local();
            let queue = world.queue(name);
            queue.members.retain(|member| member.dial != *dial);
            queue.members.push(FifoMember { dial: (*dial).to_owned(), simo, timeout, lag, since });
            "+OK\n".into()
        }
        ["del", name, dial, ..] => {
            world.queue(name).members.retain(|member| member.dial != *dial);
            "+OK\n".into()
        }
        _ => MEMBER_USAGE.into(),
    }
}

/// The queue that every server has.
const MANUAL: &str = "manual_calls";
const MEMBER_USAGE: &str = "-USAGE: [add <fifo_name> <originate_string> [<simo_count>] [<timeout>] [<lag>] \
    [<expires>] [<taking_calls>] | del <fifo_name> <originate_string>]\n";
const USAGE: &str =
    "list|list_verbose|count|debug|status|has_outbound|importance [<fifo name>]|reparse [del_all]\n";
