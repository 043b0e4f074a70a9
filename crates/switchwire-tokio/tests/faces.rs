//! The table of methods of every face (tests/faces), walked from tasks.

#[path = "../../switchwire/tests/support/faces.rs"]
mod shared;
mod support;

use serde_json::Value;
use shared::{Outcome, event, play, subscription};
use support::{PATIENCE, Peer};
use switchwire_tokio::{Connection, Error, EventFormat, Listener, LogLevel};
use tokio::runtime::Builder;
use tokio::time::timeout;

/// Calls the method; `None` for arguments that Rust's types rule out.
async fn run(call: &Connection, method: &str, arguments: &Value) -> Option<Outcome> {
    let text = |name: &str| arguments[name].as_str();
    let must = |name: &str| text(name).unwrap_or_default();
    let flag = |name: &str| arguments[name].as_bool().unwrap_or_default();
    let number = |name: &str| arguments[name].as_u64().map(|number| u32::try_from(number).unwrap());
    let uuid = text("uuid");
    let format = || text("format").and_then(EventFormat::from_name);
    let done = |reply: Result<switchwire_tokio::Reply, Error>| reply.map(|_| Value::from("done"));
    Some(match method {
        "hangup" => done(match uuid {
            Some(uuid) => call.hangup_channel(uuid, text("cause")).await,
            None => call.hangup(text("cause")).await,
        }),
        "execute" => {
            let mut execution = call
                .prepare_execute(must("application"), must("argument"), uuid)
                .asynchronous(flag("asynchronous"))
                .event_lock(flag("event_lock"))
                .hold_bleg(flag("hold_bleg"));
            if let Some(loops) = number("loops") {
                execution = execution.loops(loops);
            }
            if let Some(id) = text("event_uuid") {
                execution = execution.event_uuid(id);
            }
            match flag("wait") {
                false => done(call.execute_request(&execution).await),
                true => match call.start_execute(execution) {
                    Ok(started) => started.await.map(|end| {
                        serde_json::json!({ "response": end.response(), "event": end.complete.is_some() })
                    }),
                    Err(error) => Err(error),
                },
            }
        }
        "linger" => done(call.linger(number("seconds")).await),
        "nolinger" => done(call.nolinger().await),
        "resume" => done(call.resume().await),
        "divert_events" => done(call.divert_events(flag("on")).await),
        "filter" => done(call.filter(must("header"), must("value")).await),
        "filter_delete" => done(call.filter_delete(must("header"), text("value")).await),
        "myevents" => done(match uuid {
            Some(uuid) => call.myevents_of(uuid).await,
            None => call.myevents(format()).await,
        }),
        "subscribe" => {
            let wanted = subscription(arguments).format(format().unwrap_or_default());
            let wanted = match text("log").map(str::parse::<LogLevel>) {
                Some(Ok(level)) => wanted.log(level),
                Some(Err(error)) => return Some(Err(error.into())),
                None => wanted,
            };
            call.subscribe(&wanted).await.map(|()| Value::from("done"))
        }
        "no_events" => done(match arguments["names"].is_null() && arguments["custom"].is_null() {
            true => call.noevents().await,
            false => match subscription(arguments).removal() {
                Ok(command) => call.perform("no_events", &command.unwrap()).await,
                Err(error) => Err(error.into()),
            },
        }),
        "log" => {
            let level = &arguments["level"];
            let level = level.as_str().map_or_else(|| level.to_string(), str::to_owned);
            done(match level.parse::<LogLevel>() {
                Ok(level) => call.log(level).await,
                Err(error) => Err(error.into()),
            })
        }
        "nolog" => done(call.nolog().await),
        "send_event" => done(call.send_event(&event(arguments)).await),
        "send_msg" => done(call.send_msg(&event(arguments), uuid).await),
        "api" => call
            .api(must("command"), must("arguments"))
            .await
            .map(|reply| serde_json::json!({ "text": reply.text() })),
        "bgapi" => call
            .bgapi_as(must("command"), must("arguments"), must("job_uuid"))
            .await
            .map(|job| serde_json::json!({ "job": job.uuid() })),
        "variable" => match uuid {
            Some(uuid) => call.variable_of(uuid, must("name")).await,
            None => call.variable(must("name")).await,
        }
        .map(|value| serde_json::json!({ "text": value })),
        _ => return None,
    })
}

/// Runs a case on a connection of its own: what arrived, and the outcome.
async fn meet(table: &Value, method: &str, case: &Value) -> Option<(Vec<String>, Outcome)> {
    let on = case["on"].as_str().unwrap();
    let script = case.clone();
    let go = async |connection: &Connection| {
        for before in case["before"].as_array().into_iter().flatten() {
            assert!(connection.send_recv(before.as_str().unwrap()).await.unwrap().is_ok());
        }
        let outcome = timeout(PATIENCE, run(connection, method, &case["arguments"])).await;
        outcome.expect("an outcome in time")
    };
    if on == "inbound" {
        let (tell, told) = std::sync::mpsc::channel();
        let peer = Peer::logged_in(move |line| tell.send(play(line, &script)).unwrap());
        let connection = Connection::open(&peer.builder()).await.unwrap();
        let outcome = go(&connection).await;
        connection.disconnect();
        let sent = told.recv().unwrap();
        peer.finish();
        return Some((sent, outcome?));
    }
    let listener = Listener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr();
    let channel = table[on].as_str().unwrap().to_owned();
    let peer = std::thread::spawn(move || shared::call(address, &channel, &script));
    let connection = listener.accept().await.unwrap();
    let outcome = go(&connection).await;
    connection.disconnect();
    Some((peer.join().unwrap(), outcome?))
}

#[test]
fn every_case_of_the_table_comes_out_as_it_says() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    shared::walk(|table, method, case| runtime.block_on(meet(table, method, case)));
}
