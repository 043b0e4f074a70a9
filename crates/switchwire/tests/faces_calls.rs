//! The table of what calls, originates and conferences send and give (tests/faces/calls.json), walked in Rust.

#[path = "support/faces_calls.rs"]
mod shared;
mod support;

use serde_json::{Value, json};
use shared::{Given, Outcome, action, application, compare, conference_command, field, originate, play};
use support::{PATIENCE, Peer};
use switchwire::{Call, Connection, EventFormat, Listener, State};

/// Does it; what is given as the table has it.
fn on_call(call: &Call, verb: &str, given: Given<'_>) -> Outcome {
    match verb {
        "variable" => return Ok(json!({ "text": call.variable(given.must("name"))? })),
        "set_all" => {
            let pairs = given.0["variables"].as_object().unwrap();
            call.set_all(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())))?;
            return Ok(Value::from("done"));
        }
        "refresh" => {
            let event = call.refresh()?;
            let headers = event.headers().map(|header| (header.name().into_owned(), json!(header.value())));
            return Ok(json!({ "headers": headers.collect::<serde_json::Map<_, _>>() }));
        }
        "wait_for" => {
            call.wait_for(State::from_name(given.must("state")).unwrap(), PATIENCE)?;
            return Ok(Value::from("done"));
        }
        "wait_for_dtmf" => {
            let keys = given.text("terminators").unwrap_or_default();
            let got = call.wait_for_dtmf(given.number("count").unwrap() as usize, PATIENCE, keys)?;
            return Ok(json!({ "digits": got.digits, "end": got.end.name(), "terminator": got.terminator }));
        }
        "dtmf" => {
            let dtmf = call.dtmf()?.recv_timeout(PATIENCE)?.expect("no digit");
            let duration = dtmf.duration.map(|time| u64::try_from(time.as_millis()).unwrap());
            return Ok(json!({ "digit": dtmf.digit, "duration": duration, "source": dtmf.source }));
        }
        _ => {}
    }
    if let Some(application) = application(verb, given)? {
        let outcome = call.run_any(&*application)?;
        return Ok(outcome.fields().into_iter().map(|(name, value)| (name, field(value))).collect());
    }
    call.act(action(verb, given)).map(|()| Value::from("done"))
}

fn on_conference(connection: &Connection, verb: &str, given: Given<'_>) -> Outcome {
    let lab = connection.conference("lab")?;
    match verb {
        "members" => {
            let list = lab.members()?;
            let rows = list.iter().map(|member| json!([member.id, member.uuid, member.speaks]));
            Ok(json!({ "list": rows.collect::<Vec<_>>() }))
        }
        "info" => Ok(lab.info()?.map_or(json!({ "text": null }), |info| {
            let run_time = u64::try_from(info.run_time.as_millis()).unwrap();
            json!({ "name": info.name, "locked": info.locked, "recording": info.recording, "run_time": run_time })
        })),
        "events" => {
            let event = lab.events()?.recv_timeout(PATIENCE)?.expect("no event");
            Ok(json!({
                "conference": event.conference, "action": event.action.name(), "size": event.size,
                "member": event.member, "speaks": event.speaks,
            }))
        }
        "dial" => {
            let caller = given.texts("caller_id");
            let caller = caller.first().map(|name| (&**name, &*caller[1]));
            Ok(json!({ "text": lab.dial(&given.dial()?, caller)? }))
        }
        _ => lab.command(&conference_command(verb, given)?).map(|_| Value::from("done")),
    }
}

fn on_originate(connection: &Connection, given: Given<'_>) -> Outcome {
    let wanted = originate(given)?;
    let originating = match given.text("job_uuid") {
        Some(job) => connection.originate_as(&wanted, job)?,
        None => connection.originate(&wanted)?,
    };
    let uuid = originating.wait(PATIENCE)?;
    let at = originating.uuids().iter().position(|own| *own == uuid).expect("none of its uuids");
    Ok(json!({ "uuid": format!("U{}", at + 1) }))
}

/// What a case comes to on a connection of its own: `own` for the connection of the call.
fn meet(case: &Value, own: bool, act: impl FnOnce(&Connection) -> Outcome) -> Result<(), String> {
    let script = case.clone();
    let (played, outcome) = if own {
        let listener = Listener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr();
        let server = std::thread::spawn(move || shared::call(address, &script));
        let connection = listener.accept().unwrap();
        connection.myevents(None).unwrap();
        let outcome = act(&connection);
        connection.disconnect();
        (server.join().unwrap(), outcome)
    } else {
        let (tell, told) = std::sync::mpsc::channel();
        let peer = Peer::logged_in(move |line| tell.send(play(line, &script, false)).unwrap());
        let connection = peer.connect();
        connection.events(EventFormat::Plain, "ALL").unwrap();
        let outcome = act(&connection);
        connection.disconnect();
        peer.finish();
        (told.recv().unwrap(), outcome)
    };
    played?;
    compare(case, outcome)
}

/// Walks the rows of a kind; `act` runs a verb on a connection.
fn walk(kind: &str, own: bool, act: impl Fn(&Connection, &str, Given<'_>) -> Outcome) {
    shared::walk(kind, own, |verb, case| {
        meet(case, own, |connection| act(connection, verb, Given(&case["arguments"])))
    });
}

#[test]
fn calls_of_outbound_connections() {
    walk("call", true, |connection, verb, given| on_call(&connection.own_call()?, verb, given));
}

#[test]
fn calls_by_their_uuid() {
    walk("call", false, |connection, verb, given| on_call(&connection.call("call-1")?, verb, given));
}

#[test]
fn conferences() {
    walk("conference", false, on_conference);
}

#[test]
fn originates() {
    walk("originate", false, |connection, _, given| on_originate(connection, given));
}
