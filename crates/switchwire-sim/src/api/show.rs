//! `show`: tables as csv, json or xml.

use super::{ApiRequest, Family, Outcome};
use crate::channel::{Channel, ChannelId};
use crate::event::clock::Moment;
use crate::world::World;

pub(super) const COMMANDS: Family = &[("show", show)];

/// A table: column names and rows.
struct Table {
    columns: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

fn show(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let mut words: Vec<&str> = arg.split_whitespace().collect();
    let mut form = "csv";
    if let [.., "as", last] = words.as_slice() {
        let known =
            ["csv", "json", "xml", "delim"].into_iter().find(|known| known.eq_ignore_ascii_case(last));
        let Some(known) = known else { return format!("-ERR Cannot find format {last}\n").into() };
        form = known;
        words.truncate(words.len() - 2);
    }
    let table = match words.first().copied().unwrap_or_default() {
        "channels" | "detailed_calls" => channels(world, &words),
        "calls" | "bridged_calls" | "detailed_bridged_calls" => calls(world),
        "registrations" => Table { columns: REGISTRATION, rows: Vec::new() },
        "modules" => modules(words.get(1).copied()),
        "api" | "interfaces" => Table {
            columns: &["type", "name", "ikey"],
            rows: super::names()
                .iter()
                .map(|n| vec!["api".into(), (*n).to_owned(), "mod_commands".into()])
                .collect(),
        },
        "status" => return super::system::status(world),
        "codec" | "endpoint" | "application" | "dialplan" | "file" | "timer" | "aliases" | "complete"
        | "chat" | "management" | "nat_map" | "say" | "interface_types" | "tasks" | "limits" => {
            Table { columns: &["type", "name", "ikey"], rows: Vec::new() }
        }
        _ => return USAGE.into(),
    };
    if words.get(1) == Some(&"count") {
        let count = table.rows.len();
        return match form {
            "json" => format!("{{\"row_count\": {count}}}\n"),
            "xml" => format!("<result row_count=\"{count}\"/>\n"),
            _ => format!("\n{count} total.\n"),
        }
        .into();
    }
    match form {
        "json" => json(&table),
        "xml" => xml(&table),
        _ => csv(&table),
    }
    .into()
}

fn channels(world: &World, words: &[&str]) -> Table {
    let wanted = if words.get(1) == Some(&"like") { words.get(2).copied() } else { None };
    let rows = world.channels.live().map(|(id, channel)| channel_row(world, id, channel));
    let rows = rows.filter(|row| wanted.is_none_or(|text| row.iter().any(|cell| cell.contains(text))));
    Table { columns: CHANNEL, rows: rows.collect() }
}

fn channel_row(world: &World, _: ChannelId, channel: &Channel) -> Vec<String> {
    let profile = &channel.profile;
    let variable = |name: &str| {
        channel.variables.get(name).map(|v| String::from_utf8_lossy(v).into_owned()).unwrap_or_default()
    };
    let direction = if channel.outbound { "outbound" } else { "inbound" };
    let created = profile.channel_created / 1_000_000;
    CHANNEL
        .iter()
        .map(|column| match *column {
            "uuid" | "call_uuid" => channel.uuid.clone(),
            "direction" => direction.into(),
            "created" => Moment::from_epoch_seconds(created).local(),
            "created_epoch" => created.to_string(),
            "name" => channel.name.clone(),
            "state" => channel.running.name().into(),
            "cid_name" | "initial_cid_name" => profile.caller_name.clone(),
            "cid_num" | "initial_cid_num" => profile.caller_number.clone(),
            "dest" | "initial_dest" => profile.destination.clone(),
            "application" => variable("current_application"),
            "application_data" => variable("current_application_data"),
            "dialplan" | "initial_dialplan" => "xml".into(),
            "context" | "initial_context" => profile.context.clone(),
            "read_codec" | "write_codec" => "L16".into(),
            "read_rate" | "write_rate" => "8000".into(),
            "read_bit_rate" | "write_bit_rate" => "128000".into(),
            "hostname" => world.config.hostname.clone(),
            "callstate" => channel.callstate.name().into(),
            "callee_name" => profile.callee_name.clone(),
            "callee_num" => profile.callee_number.clone(),
            _ => String::new(),
        })
        .collect()
}

fn calls(world: &World) -> Table {
    let mut rows = Vec::new();
    for (id, channel) in world.channels.live() {
        let Some(peer) = channel.bridged.filter(|peer| *peer > id).and_then(|peer| world.channels.get(peer))
        else {
            continue;
        };
        let cell = |channel: &Channel, column: &str| match column {
            "uuid" => channel.uuid.clone(),
            "direction" => if channel.outbound { "outbound" } else { "inbound" }.to_owned(),
            "created" => Moment::from_epoch_seconds(channel.profile.channel_created / 1_000_000).local(),
            "created_epoch" => (channel.profile.channel_created / 1_000_000).to_string(),
            "name" => channel.name.clone(),
            "state" => channel.running.name().to_owned(),
            "cid_name" => channel.profile.caller_name.clone(),
            "cid_num" => channel.profile.caller_number.clone(),
            "dest" => channel.profile.destination.clone(),
            "callstate" => channel.callstate.name().to_owned(),
            _ => String::new(),
        };
        let row = CALL.iter().map(|column| match column.strip_prefix("b_") {
            Some(column) => cell(peer, column),
            None if *column == "call_uuid" => channel.uuid.clone(),
            None if *column == "hostname" => world.config.hostname.clone(),
            None => cell(channel, column),
        });
        rows.push(row.collect());
    }
    Table { columns: CALL, rows }
}

fn modules(wanted: Option<&str>) -> Table {
    let all = [
        ("api", "status", "mod_commands"),
        ("application", "park", "mod_dptools"),
        ("endpoint", "loopback", "mod_loopback"),
        ("generic", "mod_event_socket", "mod_event_socket"),
    ];
    let rows = all.iter().filter(|(_, _, module)| wanted.is_none_or(|w| w == *module || w == "count"));
    let rows =
        rows.map(|(kind, name, key)| [*kind, *name, *key, "/mod"].map(str::to_owned).to_vec()).collect();
    Table { columns: &["type", "name", "ikey", "filename"], rows }
}

fn csv(table: &Table) -> String {
    if table.rows.is_empty() {
        return "\n0 total.\n".into();
    }
    let lines: Vec<String> = table.rows.iter().map(|row| row.join(",")).collect();
    format!("{}\n{}\n\n{} total.\n", table.columns.join(","), lines.join("\n"), table.rows.len())
}

fn json(table: &Table) -> String {
    if table.rows.is_empty() {
        return "{\"row_count\": 0}\n".into();
    }
    let rows = table.rows.iter().map(|row| {
        let cells =
            table.columns.iter().zip(row).map(|(name, value)| format!("\"{name}\":{}", json_string(value)));
        format!("{{{}}}", cells.collect::<Vec<_>>().join(","))
    });
    let rows = rows.collect::<Vec<_>>().join(",");
    format!("{{\"row_count\":{},\"rows\":[{rows}]}}\n", table.rows.len())
}

fn json_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn xml(table: &Table) -> String {
    let mut out = format!("<result row_count=\"{}\">\n", table.rows.len());
    for (at, row) in table.rows.iter().enumerate() {
        out.push_str(&format!("  <row row_id=\"{}\">\n", at + 1));
        for (name, value) in table.columns.iter().zip(row).filter(|(_, value)| !value.is_empty()) {
            let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            out.push_str(&format!("    <{name}>{value}</{name}>\n"));
        }
        out.push_str("  </row>\n");
    }
    out.push_str("</result>\n");
    out
}

const CHANNEL: &[&str] = &[
    "uuid",
    "direction",
    "created",
    "created_epoch",
    "name",
    "state",
    "cid_name",
    "cid_num",
    "ip_addr",
    "dest",
    "application",
    "application_data",
    "dialplan",
    "context",
    "read_codec",
    "read_rate",
    "read_bit_rate",
    "write_codec",
    "write_rate",
    "write_bit_rate",
    "secure",
    "hostname",
    "presence_id",
    "presence_data",
    "accountcode",
    "callstate",
    "callee_name",
    "callee_num",
    "callee_direction",
    "call_uuid",
    "sent_callee_name",
    "sent_callee_num",
    "initial_cid_name",
    "initial_cid_num",
    "initial_ip_addr",
    "initial_dest",
    "initial_dialplan",
    "initial_context",
];
const CALL: &[&str] = &[
    "uuid",
    "direction",
    "created",
    "created_epoch",
    "name",
    "state",
    "cid_name",
    "cid_num",
    "ip_addr",
    "dest",
    "presence_id",
    "presence_data",
    "accountcode",
    "callstate",
    "callee_name",
    "callee_num",
    "callee_direction",
    "call_uuid",
    "hostname",
    "sent_callee_name",
    "sent_callee_num",
    "b_uuid",
    "b_direction",
    "b_created",
    "b_created_epoch",
    "b_name",
    "b_state",
    "b_cid_name",
    "b_cid_num",
    "b_ip_addr",
    "b_dest",
    "b_presence_id",
    "b_presence_data",
    "b_accountcode",
    "b_callstate",
    "b_callee_name",
    "b_callee_num",
    "b_callee_direction",
    "b_sent_callee_name",
    "b_sent_callee_num",
    "call_created_epoch",
];
const REGISTRATION: &[&str] = &[
    "reg_user",
    "realm",
    "token",
    "url",
    "expires",
    "network_ip",
    "network_port",
    "network_proto",
    "hostname",
    "metadata",
];
const USAGE: &str = "-USAGE: codec|endpoint|application|api|dialplan|file|timer|calls [count]|channels \
    [count|like <match string>]|calls|detailed_calls|bridged_calls|detailed_bridged_calls|aliases|complete|chat|\
    management|modules|nat_map|say|interfaces|interface_types|tasks|limits|status\n";
