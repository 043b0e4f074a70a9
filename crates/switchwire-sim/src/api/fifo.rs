//! Queues of the server, and small commands of its modules.

use super::{ApiRequest, Family, Outcome};
use crate::world::World;

pub(super) const COMMANDS: Family = &[
    ("chat", |_, _, arg| match arg.split('|').count() {
        0..=3 => "Invalid".into(),
        _ => "Error! Message Not Sent".into(),
    }),
    ("fifo", fifo),
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
];

fn fifo(_: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    match words.as_slice() {
        [] => USAGE.into(),
        ["list" | "list_verbose", name, ..] if *name != MANUAL => "<fifo_report>\n</fifo_report>\n".into(),
        ["list" | "list_verbose", ..] => REPORT.into(),
        ["count", name, ..] if *name != MANUAL => "none\n".into(),
        ["count", ..] => format!("{MANUAL}:0:0:0:0:0\n").into(),
        ["has_outbound", name, ..] if *name != MANUAL => "none\n".into(),
        ["has_outbound", ..] => format!("{MANUAL}:0\n").into(),
        ["importance", ..] => "no fifo by that name\n".into(),
        ["debug", ..] => "debug 0\n".into(),
        ["status" | "reparse", ..] => "+OK\n".into(),
        _ => format!("-ERR Usage: {USAGE}").into(),
    }
}

/// The queue that every server has.
const MANUAL: &str = "manual_calls";
const USAGE: &str =
    "list|list_verbose|count|debug|status|has_outbound|importance [<fifo name>]|reparse [del_all]\n";
const REPORT: &str = "<fifo_report>\n  <fifo name=\"manual_calls\" consumer_count=\"0\" caller_count=\"0\" waiting_count=\"0\" importance=\"0\" outbound_per_cycle=\"0\" outbound_per_cycle_min=\"0\" ring_timeout=\"0\" default_lag=\"0\" outbound_priority=\"5\" outbound_strategy=\"ringall\">\n    <outbound></outbound>\n    <callers></callers>\n    <consumers></consumers>\n    <bridges></bridges>\n  </fifo>\n</fifo_report>\n\n";
