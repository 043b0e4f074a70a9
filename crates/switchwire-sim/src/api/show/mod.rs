//! `show`: tables as csv, json or xml.

mod calls;
mod forms;

use super::{ApiRequest, Family, Outcome, interfaces};
use crate::event::clock::Moment;
use crate::world::World;

use forms::{Form, Table};

pub(super) const COMMANDS: Family = &[("show", show)];

fn show(world: &mut World, request: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let what = words.first().copied().unwrap_or_default().to_ascii_lowercase();
    let (counted, like, rest) = match (what.as_str(), words.get(1..).unwrap_or_default()) {
        ("calls" | "channels" | "registrations", ["count", rest @ ..]) => (true, None, rest),
        ("channels", ["like", text, rest @ ..]) => (false, Some(*text), rest),
        (_, rest) => (false, None, rest),
    };
    let form = match rest {
        ["as", "delim", between, ..] => Form::Csv((*between).to_owned()),
        ["as", name, ..] => match Form::named(name) {
            Some(form) => form,
            None => return format!("-ERR Cannot find format {name}\n").into(),
        },
        _ => Form::default(),
    };
    // A name behind some of the words asks for that one.
    let name = rest.first().copied().filter(|word| *word != "as");
    let Some(mut table) = table(world, &what, name) else {
        return match what.as_str() {
            "status" => super::system::status(world),
            "help" => super::help::lines().into(),
            _ => USAGE.into(),
        };
    };
    let _ = request;
    if let Some(text) = like {
        table.rows.retain(|row| row.iter().any(|cell| cell.contains(text)));
    }
    if counted { form.count(table.rows.len()) } else { form.print(&table) }.into()
}

fn table(world: &World, what: &str, name: Option<&str>) -> Option<Table> {
    Some(match what {
        "channels" => calls::channels(world),
        "calls" => calls::calls(world, false),
        "bridged_calls" => calls::calls(world, true),
        "detailed_calls" => calls::detailed(world, false),
        "detailed_bridged_calls" => calls::detailed(world, true),
        "registrations" => registrations(world),
        "aliases" => aliases(world),
        "tasks" => tasks(world),
        "complete" | "nat_map" | "interface_types" => Table { columns: &["type"], rows: Vec::new() },
        "api" | "application" => Table {
            columns: &["name", "description", "syntax", "ikey"],
            rows: interfaces::listed(what)
                .filter(|i| !i.description.is_empty() && name.is_none_or(|name| name == i.name))
                .map(|i| vec![i.name.into(), i.description.clone(), i.syntax.clone(), i.module.into()])
                .collect(),
        },
        "modules" | "module" => Table {
            columns: &["type", "name", "ikey", "filename"],
            rows: {
                let wanted = interfaces::all().filter(|i| name.is_none_or(|name| name == i.module));
                let mut rows: Vec<Vec<String>> = wanted
                    .map(|i| {
                        vec![
                            i.kind.into(),
                            i.name.into(),
                            i.module.into(),
                            super::modules::file_of(world, i.module),
                        ]
                    })
                    .collect();
                // What a module brings twice is one row.
                rows.dedup();
                rows
            },
        },
        "interfaces" => typed(interfaces::all()),
        kind => {
            let kinds =
                ["codec", "endpoint", "dialplan", "file", "timer", "chat", "say", "management", "limit"];
            let kind =
                kinds.into_iter().find(|known| kind == *known || kind.strip_suffix('s') == Some(known))?;
            typed(interfaces::listed(kind))
        }
    })
}

fn typed(of: impl Iterator<Item = &'static interfaces::Interface>) -> Table {
    let rows = of.map(|i| [i.kind, i.name, i.module].map(str::to_owned).to_vec());
    Table { columns: &["type", "name", "ikey"], rows: rows.collect() }
}

fn aliases(world: &World) -> Table {
    let host = &world.config.switchname;
    let rows = world.aliases.iter().map(|(alias, command)| {
        let sticky = world.stores.sticky_aliases.contains(alias);
        vec![u8::from(sticky).to_string(), alias.clone(), command.clone(), host.clone()]
    });
    Table { columns: &["sticky", "alias", "command", "hostname"], rows: rows.collect() }
}

/// The server's own task, and those that were set. The server notes a new one after a moment.
fn tasks(world: &World) -> Table {
    let now = Moment::now().seconds();
    let host = &world.config.hostname;
    let next = now - now % OWN_TASK_EVERY + OWN_TASK_EVERY;
    let own =
        ["3", "limit_hash_cleanup", "mod_hash", &next.to_string(), "0", host].map(str::to_owned).to_vec();
    let set = world.stores.tasks.iter().filter(|(_, task)| now > task.added).map(|(id, task)| {
        vec![
            id.to_string(),
            task.description.into(),
            task.group.clone(),
            task.runtime.to_string(),
            "0".into(),
            host.clone(),
        ]
    });
    Table {
        columns: &["task_id", "task_desc", "task_group", "task_runtime", "task_sql_manager", "hostname"],
        rows: std::iter::once(own).chain(set).collect(),
    }
}

fn registrations(world: &World) -> Table {
    let rows = world.stores.registrations.iter().map(|phone| {
        let (ip, port) = (phone.contact.ip().to_string(), phone.contact.port().to_string());
        vec![
            phone.user.clone(),
            phone.domain.clone(),
            phone.call_id.clone(),
            phone.url(),
            phone.expires.to_string(),
            ip,
            port,
            "udp".into(),
            world.config.switchname.clone(),
            String::new(),
        ]
    });
    let columns = &[
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
    Table { columns, rows: rows.collect() }
}

/// Seconds.
const OWN_TASK_EVERY: u64 = 900;
const USAGE: &str = "-USAGE: codec|endpoint|application|api|dialplan|file|timer|calls [count]|channels \
    [count|like <match string>]|calls|detailed_calls|bridged_calls|detailed_bridged_calls|aliases|complete|chat|\
    management|modules|nat_map|say|interfaces|interface_types|tasks|limits|status\n";
