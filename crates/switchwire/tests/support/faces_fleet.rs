//! The table of a fleet's own methods and of leases (tests/faces/fleet.json), as tests in Rust walk it: everything but the
//! calls.
#![allow(unreachable_pub, reason = "each test program has a copy")]

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use serde_json::{Value, json};
use switchwire::{
    Error, ErrorKind, EventFormat, Fleet, FleetBuilder, FleetServer, Liveness, ManagedBuilder,
    ManagedConnection, Options, Pick, ServerOutcome, ServerResult, Subscription,
};

use crate::support::{Line, PATIENCE};

/// What a method gave, in the table's words.
pub type Outcome = Result<Value, Error>;

/// Sent by the walker after each method or step: what came before it is all that this has sent.
pub const MARK: &str = "noop";

pub fn table() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/faces/fleet.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A server of a supervised connection: says how it is asked who it is, and then replies as the case has it.
pub struct Server {
    port: u16,
    sent: Receiver<Vec<String>>,
}

impl Server {
    /// Its replies, one each; where there are no more, `+OK`.
    pub fn new(replies: &Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, sent) = channel();
        let replies = replies.as_array().cloned().unwrap_or_default();
        std::thread::spawn(move || {
            let mut line = Line::new(listener.accept().unwrap().0);
            line.log_in();
            // The version is what a supervised connection asks last.
            while let Some(command) = line.command() {
                if command.starts_with("api") {
                    line.api("x");
                } else {
                    line.reply("+OK");
                }
                if command == "api version" {
                    break;
                }
            }
            play(&mut line, &replies, &tell);
        });
        Self { port, sent }
    }

    /// How the face under test reaches it.
    pub fn connection(&self) -> ManagedBuilder {
        let mut options = Options::inbound();
        options.login_timeout = PATIENCE;
        options.command_timeout = Some(PATIENCE);
        ManagedConnection::builder("127.0.0.1", self.port).options(options).liveness(Liveness::tcp_only())
    }

    /// What it was sent up to the mark.
    pub fn sent(&self) -> Vec<String> {
        self.sent.recv_timeout(PATIENCE).expect("the mark comes")
    }
}

fn play(line: &mut Line, replies: &[Value], tell: &Sender<Vec<String>>) {
    let (mut sent, mut owed, mut replies) = (Vec::new(), 0, replies.iter());
    while let Some(command) = line.command() {
        if command == MARK {
            // Replies come in the order of the commands.
            (0..std::mem::take(&mut owed)).for_each(|_| line.api("late"));
            if tell.send(std::mem::take(&mut sent)).is_err() {
                return;
            }
            line.reply("+OK");
            continue;
        }
        sent.push(command);
        match replies.next() {
            Some(Value::Null) => owed += 1,
            Some(Value::String(text)) => line.reply(text),
            Some(reply) => line.api(reply["api"].as_str().unwrap()),
            None => line.reply("+OK"),
        }
    }
}

/// The servers of a case, by name.
pub fn servers(case: &Value) -> BTreeMap<&'static str, Server> {
    ["a", "b"].into_iter().map(|name| (name, Server::new(&case["replies"][name]))).collect()
}

pub fn fleet(servers: &BTreeMap<&'static str, Server>) -> FleetBuilder {
    servers.iter().fold(Fleet::builder(), |fleet, (name, server)| {
        let tag = if *name == "a" { "west" } else { "east" };
        fleet.server(FleetServer::new(*name, server.connection()).tag(tag))
    })
}

/// The arguments of a case.
pub struct Given<'a>(pub &'a Value);

impl Given<'_> {
    pub fn text(&self, at: usize) -> &str {
        self.0["arguments"][at].as_str().unwrap_or_default()
    }

    /// The cause, which has a default in other languages.
    pub fn cause(&self) -> &str {
        self.0["arguments"][1].as_str().unwrap_or("NORMAL_CLEARING")
    }

    pub fn pick(&self) -> Pick {
        let tags = self.0["pick"]["tags"].as_array().into_iter().flatten();
        tags.fold(Pick::least_sessions(), |pick, tag| pick.tag(tag.as_str().unwrap()))
    }

    pub fn timeout(&self) -> Duration {
        self.0["timeout"].as_f64().map_or(PATIENCE, Duration::from_secs_f64)
    }
}

/// What came of a command on all servers, in the table's words.
pub fn results(all: Vec<ServerResult>) -> Value {
    let one = |result: ServerResult| match result.outcome {
        ServerOutcome::Reply(reply) => json!([&*result.server, "reply", reply.text()]),
        ServerOutcome::Failed(_) => json!([&*result.server, "failed", null]),
        ServerOutcome::Unknown(_) => json!([&*result.server, "unknown", null]),
    };
    let mut rows: Vec<_> = all.into_iter().map(one).collect();
    rows.sort_by_key(ToString::to_string);
    json!({ "results": rows })
}

/// Walks the methods; `meet` runs a case's method on a fleet of these servers, and then sends each server the mark.
pub fn walk(meet: impl Fn(&str, &Value, &BTreeMap<&'static str, Server>) -> Outcome) {
    let mut failed = Vec::new();
    for method in table()["fleet"].as_array().unwrap() {
        let name = method["name"].as_str().unwrap();
        for case in method["cases"].as_array().unwrap() {
            let servers = servers(case);
            let outcome = meet(name, case, &servers);
            let sent = servers.iter().map(|(name, server)| (*name, server.sent())).collect();
            if let Err(failure) = check(case, sent, outcome) {
                failed.push(format!("{name} {case}: {failure}"));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn check(case: &Value, sent: BTreeMap<&'static str, Vec<String>>, outcome: Outcome) -> Result<(), String> {
    for (name, sent) in sent {
        let wanted: Vec<_> = texts(&case["sent"][name]);
        if sent != wanted {
            return Err(format!("sent {sent:?} to {name}; came out as {outcome:?}"));
        }
    }
    match (case["error"].as_str(), outcome) {
        (None, Ok(given)) if given == case["ok"] => Ok(()),
        (Some(kind), Err(error)) if is_kind(&error, kind) => {
            match error.to_string().contains(case["says"].as_str().unwrap_or_default()) {
                true => Ok(()),
                false => Err(format!("says {error}")),
            }
        }
        (_, outcome) => Err(format!("came out as {outcome:?}")),
    }
}

fn is_kind(error: &Error, kind: &str) -> bool {
    assert!(ErrorKind::ALL.iter().any(|known| known.name() == kind), "{kind}");
    error.kind().name() == kind
}

/// (The line takes the blanks off a command's end.)
fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().trim().to_owned()).collect()
}

/// Walks the leases; `meet` goes through a row's steps on a connection to this server, and gives of each the error, after
/// which it sends the mark.
pub fn walk_leases(meet: impl Fn(&[Value], &Server) -> Vec<Option<Error>>) {
    for row in table()["leases"].as_array().unwrap() {
        let server = Server::new(&Value::Null);
        let steps = row["steps"].as_array().unwrap();
        let came = meet(steps, &server);
        assert_eq!(came.len(), steps.len());
        for (step, error) in steps.iter().zip(came) {
            assert_eq!(server.sent(), texts(&step["sent"]), "{}: {step}", row["name"]);
            match (step["error"].as_str(), error) {
                (None, None) => {}
                (Some(kind), Some(error)) => assert!(is_kind(&error, kind), "{}: {error:?}", row["name"]),
                (_, error) => panic!("{}: {step}: {error:?}", row["name"]),
            }
        }
    }
}

/// What a step subscribes to, and under which name; `None` for one that releases.
pub fn subscribed(step: &Value) -> Option<(&str, Subscription)> {
    let [name, events] = step["subscribe"].as_array()?.as_slice() else { panic!("{step}") };
    let events = events.as_array().unwrap().iter().map(|event| event.as_str().unwrap());
    Some((name.as_str().unwrap(), Subscription::from_names(EventFormat::default(), events)))
}
