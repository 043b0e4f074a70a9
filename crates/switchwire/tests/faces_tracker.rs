//! The table of what the tracker of a server's calls gives (tests/faces/calls.json), walked in Rust.

mod support;

use std::path::Path;

use serde_json::{Value, json};
use support::{Line, PATIENCE, Peer, event};
use switchwire::calls::{Calls, CallsOptions};

fn table() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/faces/calls.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The server's part: replies as in the snapshot, after the first as in `then`; `hears` is sent once it has been asked for.
fn play(line: &mut Line, snapshot: &Value, row: &Value, again: bool) {
    let mut asked = usize::from(again);
    while let Some(command) = line.command() {
        let Some(api) = command.strip_prefix("api ") else {
            line.reply("+OK");
            continue;
        };
        if api == "hears" {
            line.api("+OK");
            line.write(event(row["hears"].as_str().unwrap(), ""));
            continue;
        }
        let then = &row["then"][api];
        let reply = if asked > 0 && then.is_string() { then } else { &snapshot[api] };
        line.api(reply.as_str().unwrap_or_else(|| panic!("asked {command}")));
        if api.starts_with("show calls") {
            asked += 1;
        }
    }
}

fn uuids(calls: &Calls) -> Value {
    calls.legs().into_iter().map(|leg| leg.uuid).collect()
}

fn walk(snapshot: &Value, row: &Value) {
    let server = |again| {
        let (snapshot, row) = (snapshot.clone(), row.clone());
        Peer::logged_in(move |line| play(line, &snapshot, &row, again))
    };
    let (peer, other) = (server(false), server(true));
    let (connection, next) = (peer.connect(), other.connect());
    let calls = connection.calls(&CallsOptions::new()).unwrap();
    let argument = || row["arguments"][0].as_str().unwrap();
    let given = match row["method"].as_str().unwrap() {
        "legs" => uuids(&calls),
        "leg" => json!(calls.leg(argument()).map(|leg| leg.name)),
        "count" => json!(calls.count()),
        "bridged" => calls.bridged().iter().map(|(a, b)| format!("{} {}", a.uuid, b.uuid)).collect(),
        "core_uuid" => json!(calls.core_uuid()),
        "ended" => json!(calls.ended().map(|error| error.to_string())),
        "changes" => {
            let mut changes = calls.changes();
            connection.api("hears", "").unwrap();
            let mut next = || match changes.recv_timeout(PATIENCE).unwrap().expect("no change") {
                switchwire::calls::Change::Added(leg) => format!("added {}", leg.uuid),
                other => format!("{other:?}"),
            };
            let mut taken: Vec<_> = (0..row["takes"].as_u64().unwrap()).map(|_| next()).collect();
            taken.sort();
            json!(taken)
        }
        "resync" => {
            calls.resync().unwrap();
            uuids(&calls)
        }
        "move_to" => {
            calls.move_to(&next).unwrap();
            uuids(&calls)
        }
        other => panic!("no method {other}"),
    };
    assert_eq!(given, row["ok"], "{row}");
    drop((calls, connection, next));
    peer.finish();
    other.finish();
}

#[test]
fn the_calls_of_a_server() {
    let table = table();
    let rows = table["calls"].as_array().unwrap();
    assert!(rows.len() >= 10);
    for row in rows {
        walk(&table["snapshot"], row);
    }
}

/// The public methods of that type, as its sources have them; without the forms of event loops (`_with`).
fn methods(of: &str, folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let start = format!("impl {of} {{");
        let mut inside = false;
        for line in text.lines() {
            inside = line == start || inside && line != "}";
            let name = line.strip_prefix("    pub fn ").filter(|_| inside);
            found.extend(name.and_then(|rest| rest.split(['(', '<']).next()).map(str::to_owned));
        }
    }
    found.retain(|name| !name.ends_with("_with"));
    found.sort();
    found
}

#[test]
fn every_method_has_a_row() {
    let table = table();
    let rows = |kind: &str, name: &str| -> Vec<String> {
        table[kind].as_array().unwrap().iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
    };
    // What is known without the server; a stream's callback; what every verb is made of; a row's second form.
    let state =
        ["answered", "channel_state", "hangup_cause", "hung_up", "state", "status", "timeout", "uuid"];
    let verbs = ["act", "run", "run_any", "start", "on_dtmf"];
    let conference = ["command", "name", "on_event", "play_to", "say_to"];
    for (of, folder, rows, others) in [
        ("Call", "call", rows("call", "verb"), [&state[..], &verbs].concat()),
        ("Conference", "conference", rows("conference", "verb"), conference.to_vec()),
        ("Calls", "calls", rows("calls", "method"), vec!["connection", "on_change"]),
    ] {
        let methods = methods(of, folder);
        assert!(methods.len() > others.len(), "{of}: {methods:?}");
        let without: Vec<_> =
            methods.iter().filter(|name| !rows.contains(name) && !others.contains(&name.as_str())).collect();
        assert!(without.is_empty(), "{of} has methods without a row: {without:?}");
    }
}
