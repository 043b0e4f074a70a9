//! The table of methods of every face (tests/faces/methods.json), as tests in Rust walk it: everything but the calls.
#![allow(unreachable_pub, reason = "each test program has a copy")]

use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use serde_json::Value;
use switchwire::{Error, ErrorKind, Event, Subscription};

use crate::support::Line;

/// What a call gave, in the table's words.
pub type Outcome = Result<Value, Error>;

pub fn table() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/faces/methods.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn subscription(arguments: &Value) -> Subscription {
    let texts = |name: &str| arguments[name].as_array().cloned().unwrap_or_default();
    let words = |name: &str| texts(name).into_iter().map(|text| text.as_str().unwrap().to_owned());
    let wanted = words("names").fold(Subscription::new(), Subscription::event_named);
    let wanted = words("custom").fold(wanted, Subscription::custom);
    arguments["filters"].as_object().into_iter().flatten().fold(wanted, |wanted, (header, values)| {
        let values = values.as_array().cloned().unwrap_or_else(|| vec![values.clone()]);
        values.iter().fold(wanted, |wanted, value| wanted.filter(header, value.as_str().unwrap()))
    })
}

pub fn event(arguments: &Value) -> Event {
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
pub fn play(line: &mut Line, case: &Value) -> Vec<String> {
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

/// The server's side of a case on an outbound connection: it calls that address, of a channel with these headers.
pub fn call(address: SocketAddr, channel: &str, case: &Value) -> Vec<String> {
    let mut line = Line::new(TcpStream::connect(address).unwrap());
    assert_eq!(line.command().as_deref(), Some("connect"));
    line.write(format!("Content-Type: command/reply\nReply-Text: +OK\n{channel}\n\n"));
    play(&mut line, case)
}

fn check(case: &Value, met: Option<(Vec<String>, Outcome)>) -> Result<(), String> {
    let Some((sent, outcome)) = met else {
        return Err("there is no such method".to_owned());
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

/// Every case of the table must come out as it says; `meet` gives what arrived and what came of it, and nothing where there
/// is no such method.
pub fn walk(meet: impl Fn(&Value, &str, &Value) -> Option<(Vec<String>, Outcome)>) {
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
            if let Err(failure) = check(case, meet(&table, name, case)) {
                failed.push(format!("{name} {case}: {failure}"));
            }
        }
    }
    assert!(failed.is_empty(), "{} of {cases} cases:\n{}", failed.len(), failed.join("\n"));
}
