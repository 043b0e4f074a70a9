//! Legs and changes as JSON.

use std::time::SystemTime;

use serde_json::{Value, json};
use switchwire::calls::{CallLeg, Change};

use crate::story::micros;

/// A leg; times are microseconds since 1970, what is not known is null or empty.
pub(crate) fn leg(leg: &CallLeg) -> Value {
    let time = |time: Option<SystemTime>| time.map(micros);
    let word = |word: Option<String>| word;
    json!({
        "uuid": leg.uuid,
        "name": leg.name,
        "direction": word(leg.direction.as_ref().map(ToString::to_string)),
        "state": word(leg.state.as_ref().map(ToString::to_string)),
        "call_state": word(leg.call_state.as_ref().map(ToString::to_string)),
        "answer_state": word(leg.answer_state.as_ref().map(ToString::to_string)),
        "caller_id_name": leg.caller_id_name,
        "caller_id_number": leg.caller_id_number,
        "callee_id_name": leg.callee_id_name,
        "callee_id_number": leg.callee_id_number,
        "destination": leg.destination,
        "context": leg.context,
        "call_uuid": leg.call_uuid,
        "created": time(leg.created),
        "answered": time(leg.answered),
        "hangup_cause": word(leg.hangup_cause.as_ref().map(ToString::to_string)),
        "bridged_to": leg.bridged_to(),
    })
}

/// A change under that name.
pub(crate) fn change(server: &str, what: &str, of: Option<&CallLeg>) -> Value {
    let mut line = json!({ "server": server, "change": what });
    if let Some(of) = of {
        line["leg"] = leg(of);
    }
    line
}

/// A change of a server's calls.
pub(crate) fn of(server: &str, what: &Change) -> Value {
    match what {
        Change::Added(leg) => change(server, "added", Some(leg)),
        Change::Answered(leg) => change(server, "answered", Some(leg)),
        Change::Updated(leg) => change(server, "updated", Some(leg)),
        Change::HungUp(leg) => change(server, "hung-up", Some(leg)),
        Change::Renamed { old, leg } => with(change(server, "renamed", Some(leg)), "old", old.as_str()),
        Change::Bridged { leg, with: other } => {
            with(change(server, "bridged", Some(leg)), "with", other.as_str())
        }
        Change::Unbridged { leg, with: other } => {
            json!({ "server": server, "change": "unbridged", "uuid": leg, "with": other })
        }
        Change::Gone { leg, missed } => with(change(server, "gone", Some(leg)), "missed", *missed),
        Change::Restarted { core_uuid } => {
            json!({ "server": server, "change": "restarted", "core_uuid": core_uuid })
        }
        // A kind added later says at least that something is new.
        _ => change(server, "changed", None),
    }
}

fn with(mut line: Value, name: &str, value: impl Into<Value>) -> Value {
    line[name] = value.into();
    line
}
