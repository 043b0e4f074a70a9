//! The table of methods of every face (tests/faces), walked in Rust.

mod support;

use std::net::TcpStream;
use std::path::Path;

use serde_json::Value;
use support::{Line, PATIENCE, Peer};
use switchwire::{Connection, Error, ErrorKind, Event, EventFormat, Listener, LogLevel, Subscription};

/// What a call gave, in the table's words.
type Outcome = Result<Value, Error>;

fn table() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/faces/methods.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Calls the method; `None` for arguments that Rust's types rule out.
fn run(call: &Connection, method: &str, arguments: &Value) -> Option<Outcome> {
    let text = |name: &str| arguments[name].as_str();
    let must = |name: &str| text(name).unwrap_or_default();
    let flag = |name: &str| arguments[name].as_bool().unwrap_or_default();
    let number = |name: &str| arguments[name].as_u64().map(|number| u32::try_from(number).unwrap());
    let uuid = text("uuid");
    let format = || text("format").and_then(EventFormat::from_name);
    let done = |reply: Result<switchwire::Reply, Error>| reply.map(|_| Value::from("done"));
    Some(match method {
        "hangup" => done(match uuid {
            Some(uuid) => call.hangup_channel(uuid, text("cause")),
            None => call.hangup(text("cause")),
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
                false => done(call.execute_request(&execution)),
                true => call.event_loop().start_execute(execution).and_then(|started| started.wait(PATIENCE)).map(
                    |end| serde_json::json!({ "response": end.response(), "event": end.complete.is_some() }),
                ),
            }
        }
        "linger" => done(call.linger(number("seconds"))),
        "nolinger" => done(call.nolinger()),
        "resume" => done(call.resume()),
        "divert_events" => done(call.divert_events(flag("on"))),
        "filter" => done(call.filter(must("header"), must("value"))),
        "filter_delete" => done(call.filter_delete(must("header"), text("value"))),
        "myevents" => done(match uuid {
            Some(uuid) => call.myevents_of(uuid),
            None => call.myevents(format()),
        }),
        "subscribe" => {
            let wanted = subscription(arguments).format(format().unwrap_or_default());
            let wanted = match text("log").map(str::parse::<LogLevel>) {
                Some(Ok(level)) => wanted.log(level),
                Some(Err(error)) => return Some(Err(error.into())),
                None => wanted,
            };
            call.subscribe(&wanted).map(|()| Value::from("done"))
        }
        "no_events" => done(match arguments["names"].is_null() && arguments["custom"].is_null() {
            true => call.noevents(),
            false => match subscription(arguments).removal() {
                Ok(command) => call.perform("no_events", &command.unwrap()),
                Err(error) => Err(error.into()),
            },
        }),
        "log" => {
            let level = &arguments["level"];
            let level = level.as_str().map_or_else(|| level.to_string(), str::to_owned);
            done(level.parse::<LogLevel>().map_err(Error::from).and_then(|level| call.log(level)))
        }
        "nolog" => done(call.nolog()),
        "send_event" => done(call.send_event(&event(arguments))),
        "send_msg" => done(call.send_msg(&event(arguments), uuid)),
        "api" => call
            .api(must("command"), must("arguments"))
            .map(|reply| serde_json::json!({ "text": reply.text() })),
        "bgapi" => call
            .bgapi_as(must("command"), must("arguments"), must("job_uuid"))
            .map(|job| serde_json::json!({ "job": job.uuid() })),
        "variable" => match uuid {
            Some(uuid) => call.variable_of(uuid, must("name")),
            None => call.variable(must("name")),
        }
        .map(|value| serde_json::json!({ "text": value })),
        _ => return None,
    })
}

fn subscription(arguments: &Value) -> Subscription {
    let texts = |name: &str| arguments[name].as_array().cloned().unwrap_or_default();
    let words = |name: &str| texts(name).into_iter().map(|text| text.as_str().unwrap().to_owned());
    let wanted = words("names").fold(Subscription::new(), Subscription::event_named);
    let wanted = words("custom").fold(wanted, Subscription::custom);
    arguments["filters"].as_object().into_iter().flatten().fold(wanted, |wanted, (header, values)| {
        let values = values.as_array().cloned().unwrap_or_else(|| vec![values.clone()]);
        values.iter().fold(wanted, |wanted, value| wanted.filter(header, value.as_str().unwrap()))
    })
}

fn event(arguments: &Value) -> Event {
    let wanted = &arguments["event"];
    let mut event = Event::custom(wanted["subclass"].as_str().unwrap());
    for header in wanted["headers"].as_array().unwrap() {
        event.add_header(header[0].as_str().unwrap(), header[1].as_str().unwrap());
    }
    if let Some(body) = wanted["body"].as_str() {
        event.set_body(body);
    }
    event
}

/// The server's side of a case; gives what it was sent.
fn play(line: &mut Line, case: &Value) -> Vec<String> {
    for before in case["before"].as_array().into_iter().flatten() {
        assert_eq!(line.command().as_deref(), before.as_str());
        line.reply("+OK");
    }
    let mut sent = Vec::new();
    let wanted = case["sent"].as_array().unwrap();
    for (at, wanted) in wanted.iter().enumerate() {
        let Some(mut command) = line.command() else { return sent };
        if let Some((_, body)) = wanted.as_str().unwrap().split_once("\n\n") {
            command = format!("{command}\n\n{}", line.body(body.len()));
        }
        sent.push(command);
        match &case["replies"][at] {
            Value::String(text) => line.reply(text),
            reply => line.api(reply["api"].as_str().unwrap()),
        }
    }
    for event in case["events"].as_array().into_iter().flatten() {
        line.event(event.as_str().unwrap());
    }
    sent.extend(line.command());
    sent
}

/// Runs a case on a connection of its own: what arrived, and the outcome.
fn meet(table: &Value, method: &str, case: &Value) -> Option<(Vec<String>, Outcome)> {
    let on = case["on"].as_str().unwrap();
    let script = case.clone();
    let go = |connection: &Connection| {
        for before in case["before"].as_array().into_iter().flatten() {
            assert!(connection.send_recv(before.as_str().unwrap()).unwrap().is_ok());
        }
        run(connection, method, &case["arguments"])
    };
    let (tell, told) = std::sync::mpsc::channel();
    if on == "inbound" {
        let peer = Peer::logged_in(move |line| tell.send(play(line, &script)).unwrap());
        let connection = peer.connect();
        let outcome = go(&connection);
        connection.disconnect();
        let sent = told.recv().unwrap();
        peer.finish();
        return Some((sent, outcome?));
    }
    let listener = Listener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr();
    let channel = table[on].as_str().unwrap().to_owned();
    let peer = std::thread::spawn(move || {
        let mut line = Line::new(TcpStream::connect(address).unwrap());
        assert_eq!(line.command().as_deref(), Some("connect"));
        line.write(format!("Content-Type: command/reply\nReply-Text: +OK\n{channel}\n\n"));
        tell.send(play(&mut line, &script)).unwrap();
    });
    let connection = listener.accept().unwrap();
    let outcome = go(&connection);
    connection.disconnect();
    let sent = told.recv().unwrap();
    peer.join().unwrap();
    Some((sent, outcome?))
}

fn check(table: &Value, method: &str, case: &Value) -> Result<(), String> {
    let Some((sent, outcome)) = meet(table, method, case) else {
        return Err("Rust has no such method".to_owned());
    };
    let wanted: Vec<_> = case["sent"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    let trimmed: Vec<_> = wanted.iter().map(|text| text.trim()).collect();
    if sent != trimmed {
        return Err(format!("sent {sent:?}"));
    }
    match (case["error"].as_str(), outcome) {
        (None, Ok(given)) if given == case["ok"] => Ok(()),
        (Some(kind), Err(error)) if error.kind().name() == kind => {
            let plain = |text: &str| text.to_ascii_lowercase().replace(['_', '-'], "");
            match case["says"].as_str().is_none_or(|says| plain(&error.to_string()).contains(&plain(says))) {
                true => Ok(()),
                false => Err(format!("says {error}")),
            }
        }
        (_, outcome) => Err(format!("came out as {outcome:?}")),
    }
}

#[test]
fn every_case_of_the_table_comes_out_as_it_says() {
    let table = table();
    let mut failed = Vec::new();
    let mut cases = 0;
    for method in table["methods"].as_array().unwrap() {
        let name = method["name"].as_str().unwrap();
        for case in method["cases"].as_array().unwrap() {
            cases += 1;
            if let Some(kind) = case["error"].as_str() {
                assert!(ErrorKind::ALL.iter().any(|known| known.name() == kind), "{kind}");
            }
            if let Err(failure) = check(&table, name, case) {
                failed.push(format!("{name} {case}: {failure}"));
            }
        }
    }
    assert!(failed.is_empty(), "{} of {cases} cases:\n{}", failed.len(), failed.join("\n"));
}
