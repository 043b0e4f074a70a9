//! Commands that run another one: `xml_wrap` and `json`.

use serde_json::{Value, json};

use super::{ApiRequest, Family, Outcome};
use crate::world::World;

pub(super) const COMMANDS: Family = &[("json", json_api), ("xml_wrap", xml_wrap)];

fn xml_wrap(world: &mut World, request: &ApiRequest, arg: &str) -> Outcome {
    let (command, rest) = arg.split_once(' ').unwrap_or((arg, ""));
    let text = world.run_inside(request, command, rest).unwrap_or_else(|| "INVALID COMMAND!\n".into());
    format!("<result>\n  <row id=\"1\">\n    <data>{text}</data>\n  </row>\n</result>\n").into()
}

/// A command as an object: `{"command":"status","data":...}`.
fn json_api(world: &mut World, request: &ApiRequest, arg: &str) -> Outcome {
    let Ok(Value::Object(mut object)) = serde_json::from_str::<Value>(arg) else {
        return "-ERR No JSON supplied.\n".into();
    };
    let command = object.get("command").and_then(Value::as_str).unwrap_or_default().to_owned();
    let data = object.get("data").cloned().unwrap_or_default();
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let response = match command.as_str() {
        "status" => Some(status(world)),
        "fsapi" => {
            world.run_inside(request, &text("cmd"), &text("arg")).map(|message| json!({ "message": message }))
        }
        "channelData" => channel_data(world, &text("uuid")),
        "mediaStats" => world.channels.by_uuid(&text("uuid")).map(|_| json!({})),
        _ => None,
    };
    match response {
        Some(response) => {
            object.insert("status".into(), "success".into());
            object.insert("response".into(), response);
        }
        None => {
            object.insert("status".into(), "error".into());
            object.insert("message".into(), "Invalid request or non-existant command".into());
            object.insert("response".into(), Value::Null);
        }
    }
    format!("{}\n", Value::Object(object)).into()
}

fn status(world: &World) -> Value {
    let up = world.started.elapsed();
    let seconds = up.as_secs();
    let peak = world.channels.peak();
    json!({
        "systemStatus": "ready",
        "uptime": {
            "years": seconds / 31_536_000, "days": seconds / 86_400 % 365, "hours": seconds / 3600 % 24,
            "minutes": seconds / 60 % 60, "seconds": seconds % 60, "milliseconds": up.subsec_millis(),
            "microseconds": up.subsec_micros() % 1000,
        },
        "version": format!("{}  64bit", world.config.version),
        "sessions": {
            "count": { "total": world.channels.created(), "active": world.channels.len(), "peak": peak, "peak5Min": peak, "limit": world.stores.settings.max_sessions },
            "rate": { "current": 0, "max": world.stores.settings.sps, "peak": peak, "peak5Min": peak },
        },
        "idleCPU": { "used": 0, "allowed": 98.7 },
        "stackSizeKB": { "current": 240, "max": 8192 },
    })
}

fn channel_data(world: &mut World, uuid: &str) -> Option<Value> {
    let id = world.channels.by_uuid(uuid)?;
    let channel = world.channels.get(id)?;
    let mut variables = serde_json::Map::new();
    for (name, value) in channel.variables.iter() {
        variables.insert(name.to_owned(), String::from_utf8_lossy(value).into_owned().into());
    }
    let state = json!({
        "state": channel.running.name(),
        "direction": if channel.outbound { "outbound" } else { "inbound" },
        "state_number": channel.running.number().to_string(),
    });
    Some(json!({
        "channelData": {
            "core-uuid": world.core_uuid, "switchname": world.config.switchname, "channel_data": state,
            "callStats": {}, "variables": variables,
        },
    }))
}
