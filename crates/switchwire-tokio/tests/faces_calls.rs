//! The table of what calls, originates and conferences send and give (tests/faces/calls.json), walked from tasks.

#[path = "../../switchwire/tests/support/faces_calls.rs"]
mod shared;
mod support;

use serde_json::{Value, json};
use shared::{Given, Outcome, action, application, compare, conference_command, field, originate, play};
use support::{PATIENCE, Peer};
use switchwire_tokio::{Call, Connection, EventFormat, Listener};
use tokio::runtime::Builder;
use tokio::time::timeout;

/// Does it; what is given as the table has it.
async fn on_call(call: &Call, verb: &str, given: Given<'_>) -> Outcome {
    match verb {
        "variable" => return Ok(json!({ "text": call.variable(given.must("name")).await? })),
        "set_all" => {
            let pairs = given.0["variables"].as_object().unwrap();
            call.set_all(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()))).await?;
            return Ok(Value::from("done"));
        }
        "refresh" => {
            let event = call.refresh().await?;
            let headers = event.headers().map(|header| (header.name().into_owned(), json!(header.value())));
            return Ok(json!({ "headers": headers.collect::<serde_json::Map<_, _>>() }));
        }
        "wait_for" => {
            call.wait_for(switchwire::State::from_name(given.must("state")).unwrap()).await?;
            return Ok(Value::from("done"));
        }
        "wait_for_dtmf" => {
            let keys = given.text("terminators").unwrap_or_default();
            let got = call.wait_for_dtmf(given.number("count").unwrap() as usize, PATIENCE, keys).await?;
            return Ok(json!({ "digits": got.digits, "end": got.end.name(), "terminator": got.terminator }));
        }
        "dtmf" => {
            let dtmf = call.dtmf()?.recv().await?;
            let duration = dtmf.duration.map(|time| u64::try_from(time.as_millis()).unwrap());
            return Ok(json!({ "digit": dtmf.digit, "duration": duration, "source": dtmf.source }));
        }
        _ => {}
    }
    if let Some(application) = application(verb, given)? {
        let outcome = call.run_any(application).await?;
        return Ok(outcome.fields().into_iter().map(|(name, value)| (name, field(value))).collect());
    }
    call.act(action(verb, given)).await.map(|()| Value::from("done"))
}

async fn on_conference(connection: &Connection, verb: &str, given: Given<'_>) -> Outcome {
    let lab = connection.conference("lab")?;
    match verb {
        "members" => {
            let list = lab.members().await?;
            let rows = list.iter().map(|member| json!([member.id, member.uuid, member.speaks]));
            Ok(json!({ "list": rows.collect::<Vec<_>>() }))
        }
        "info" => Ok(lab.info().await?.map_or(json!({ "text": null }), |info| {
            let run_time = u64::try_from(info.run_time.as_millis()).unwrap();
            json!({ "name": info.name, "locked": info.locked, "recording": info.recording, "run_time": run_time })
        })),
        "events" => {
            let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
            let _watch = lab.on_event(move |event| drop(tell.send(event)))?;
            let event = told.recv().await.expect("no event")?;
            Ok(json!({
                "conference": event.conference, "action": event.action.name(), "size": event.size,
                "member": event.member, "speaks": event.speaks,
            }))
        }
        "dial" => {
            let caller = given.texts("caller_id");
            let caller = caller.first().map(|name| (&**name, &*caller[1]));
            Ok(json!({ "text": lab.dial(&given.dial()?, caller).await? }))
        }
        _ => lab.command(&conference_command(verb, given)?).await.map(|_| Value::from("done")),
    }
}

async fn on_originate(connection: &Connection, given: Given<'_>) -> Outcome {
    let wanted = originate(given)?;
    let originating = match given.text("job_uuid") {
        Some(job) => connection.originate_as(&wanted, job)?,
        None => connection.originate(&wanted)?,
    };
    let uuid = originating.wait().await?;
    let at = originating.uuids().iter().position(|own| *own == uuid).expect("none of its uuids");
    Ok(json!({ "uuid": format!("U{}", at + 1) }))
}

/// What a case comes to on a connection of its own: `own` for the connection of the call.
async fn meet(case: &Value, own: bool, act: impl AsyncFnOnce(&Connection) -> Outcome) -> Result<(), String> {
    let script = case.clone();
    let (played, outcome) = if own {
        let listener = Listener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr();
        let server = std::thread::spawn(move || shared::call(address, &script));
        let connection = listener.accept().await.unwrap();
        connection.myevents(None).await.unwrap();
        let outcome = timeout(PATIENCE, act(&connection)).await.expect("an outcome in time");
        connection.disconnect();
        (server.join().unwrap(), outcome)
    } else {
        let (tell, told) = std::sync::mpsc::channel();
        let peer = Peer::logged_in(move |line| tell.send(play(line, &script, false)).unwrap());
        let connection = Connection::open(&peer.builder()).await.unwrap();
        connection.events(EventFormat::Plain, "ALL").await.unwrap();
        let outcome = timeout(PATIENCE, act(&connection)).await.expect("an outcome in time");
        connection.disconnect();
        peer.finish();
        (told.recv().unwrap(), outcome)
    };
    played?;
    compare(case, outcome)
}

/// Walks the rows of a kind; `act` runs a verb on a connection.
fn walk(kind: &str, own: bool, act: impl AsyncFn(&Connection, &str, Given<'_>) -> Outcome) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    shared::walk(kind, own, |verb, case| {
        let given = Given(&case["arguments"]);
        runtime.block_on(meet(case, own, async |connection: &Connection| act(connection, verb, given).await))
    });
}

#[test]
fn calls_of_outbound_connections() {
    walk("call", true, async |connection, verb, given| on_call(&connection.own_call()?, verb, given).await);
}

#[test]
fn calls_by_their_uuid() {
    walk("call", false, async |connection, verb, given| {
        on_call(&connection.call("call-1")?, verb, given).await
    });
}

#[test]
fn conferences() {
    walk("conference", false, on_conference);
}

#[test]
fn originates() {
    walk("originate", false, async |connection, _, given| on_originate(connection, given).await);
}
