//! The table of what calls, originates and conferences send and give (tests/faces/calls.json), walked in Rust.

#[path = "support/given.rs"]
mod given;
mod support;

use std::collections::VecDeque;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use given::{Given, action, application};
use serde_json::{Value, json};
use support::{Line, PATIENCE, Peer, background_job, event};
use switchwire::application::Field;
use switchwire::conference::{ConferenceCommand, Members, Relation};
use switchwire::dial::{Carrier, DialString, Originate, Target};
use switchwire::{Call, Connection, Error, EventFormat, Listener, State};

type Outcome = Result<Value, Error>;

fn read_table(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/faces").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn field(field: Field) -> Value {
    match field {
        Field::Text(text) | Field::Cause(text) => json!(text),
        Field::Word(word) => json!(word),
        Field::Integer(count) => json!(count),
        Field::Boolean(truth) => json!(truth),
        Field::Duration(time) => json!(u64::try_from(time.as_millis()).unwrap()),
        _ => Value::Null,
    }
}

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

fn members(given: Given<'_>) -> Members {
    match &given.0["members"] {
        Value::String(word) => match &**word {
            "all" => Members::All,
            "last" => Members::Last,
            "non_moderator" => Members::NonModerators,
            other => panic!("{other}"),
        },
        _ => Members::Id(given.number("members").unwrap()),
    }
}

fn conference_command(verb: &str, given: Given<'_>) -> Result<ConferenceCommand, Error> {
    use ConferenceCommand as Command;
    let (file, member) = (given.text("file"), given.number("member"));
    let level = || i32::try_from(given.0["level"].as_i64().unwrap()).unwrap();
    Ok(match verb {
        "mute" => Command::mute(members(given)),
        "unmute" => Command::unmute(members(given)),
        "toggle_mute" => Command::toggle_mute(members(given)),
        "deaf" => Command::deaf(members(given)),
        "undeaf" => Command::undeaf(members(given)),
        "hold" => Command::hold(members(given)),
        "unhold" => Command::unhold(members(given)),
        "hup" => Command::hup(members(given)),
        "floor" => Command::floor(members(given)),
        "kick" => match given.text("sound") {
            Some(sound) => Command::kick_with(members(given), sound)?,
            None => Command::kick(members(given)),
        },
        "lock" => Command::lock(),
        "unlock" => Command::unlock(),
        "pin" => match given.text("pin") {
            Some(pin) => Command::pin(pin)?,
            None => Command::no_pin(),
        },
        "volume_in" => Command::volume_in(members(given), level()),
        "volume_out" => Command::volume_out(members(given), level()),
        "energy" => Command::energy(members(given), given.number("level").unwrap()),
        "play" => match member {
            Some(member) => Command::play_to(member, file.unwrap())?,
            None => Command::play(file.unwrap(), given.flag("beside").unwrap_or_default())?,
        },
        "stop" => Command::stop(given.flag("all").unwrap_or(true)),
        "say" => match member {
            Some(member) => Command::say_to(member, given.must("text"))?,
            None => Command::say(given.must("text"))?,
        },
        "record" => Command::record(file.unwrap())?,
        "stop_recording" => Command::no_record(file)?,
        "pause_recording" => Command::pause_recording(file.unwrap(), true)?,
        "resume_recording" => Command::pause_recording(file.unwrap(), false)?,
        "transfer" => {
            let ids = given.0["members"].as_array().unwrap();
            let ids: Vec<u32> = ids.iter().map(|id| id.as_u64().unwrap().try_into().unwrap()).collect();
            Command::transfer(given.must("to"), &ids)?
        }
        "relate" => {
            let relation = match given.must("relation") {
                "nohear" => Relation::NoHear,
                "nospeak" => Relation::NoSpeak,
                _ => Relation::Clear,
            };
            Command::relate(member.unwrap(), given.number("other").unwrap(), relation)
        }
        "send_dtmf" => Command::dtmf(members(given), given.must("digits"))?,
        other => panic!("no verb {other}"),
    })
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
    let steps = |list: &Vec<Value>| {
        let step = |pair: &Value| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().map(str::to_owned));
        list.iter().map(step).collect()
    };
    let target = match (given.text("extension"), given.text("bridge"), given.0["inline"].as_array()) {
        (Some(extension), ..) => Target::Extension(extension.to_owned()),
        (_, Some(dial), _) => Target::bridge(&DialString::parse(dial, Carrier::Application)?)?,
        (.., Some(list)) => Target::Inline(steps(list)),
        _ => Target::Application {
            name: given.text("application").unwrap_or("park").to_owned(),
            argument: given.text("argument").map(str::to_owned),
        },
    };
    let mut originate = Originate::new(given.dial()?, target);
    if let Some(dialplan) = given.text("dialplan") {
        originate = originate.dialplan(dialplan);
    }
    if let Some(context) = given.text("context") {
        originate = originate.context(context);
    }
    if let [name, number] = &given.texts("caller_id")[..] {
        originate = originate.caller_id(name, number);
    }
    if let Some(seconds) = given.number("ring") {
        originate = originate.timeout(seconds);
    }
    let originating = match given.text("job_uuid") {
        Some(job) => connection.originate_as(&originate, job)?,
        None => connection.originate(&originate)?,
    };
    let uuid = originating.wait(PATIENCE)?;
    let at = originating.uuids().iter().position(|own| *own == uuid).expect("none of its uuids");
    Ok(json!({ "uuid": format!("U{}", at + 1) }))
}

/// The uuids in the text, in their order.
fn uuids(text: &str) -> Vec<String> {
    let word = |c: char| !(c.is_ascii_hexdigit() || c == '-');
    let is_uuid = |word: &&str| word.len() == 36 && word.matches('-').count() == 4;
    text.split(word).filter(is_uuid).map(str::to_owned).collect()
}

/// Events that are sent over and over until the next command: when the method listens, only it knows.
struct Hears(Arc<AtomicBool>, JoinHandle<()>);

impl Hears {
    fn start(line: &Line, events: &[Value]) -> Self {
        let mut stream = line.stream.try_clone().unwrap();
        let events: Vec<_> = events.iter().map(|headers| event(headers.as_str().unwrap(), "")).collect();
        let over = Arc::new(AtomicBool::new(false));
        let stop = over.clone();
        let send = move || {
            while !stop.load(Ordering::Relaxed)
                && events.iter().all(|event| stream.write_all(event.as_bytes()).is_ok())
            {
                std::thread::sleep(Duration::from_millis(2));
            }
        };
        Self(over, std::thread::spawn(send))
    }

    fn end(self) {
        self.0.store(true, Ordering::Relaxed);
        self.1.join().unwrap();
    }
}

/// The server's part, until the connection ends; says what was not as the table has it.
fn play(line: &mut Line, case: &Value, own: bool) -> Result<(), String> {
    let mut executes: VecDeque<_> = case["execute"].as_str().into_iter().collect();
    executes.extend(case["executes"].as_array().into_iter().flatten().map(|text| text.as_str().unwrap()));
    let mut left = executes.len() + usize::from(case["api"].is_string() || case["bgapi"].is_string());
    let mut hears = None;
    loop {
        let command = line.command();
        hears.take().map(Hears::end);
        let Some(command) = command else { break };
        if command.starts_with("event") || command.starts_with("myevents") {
            line.reply("+OK");
            hears = case["hears"].as_array().map(|events| Hears::start(line, events));
            continue;
        }
        if left == 0 {
            return Err(format!("sent one more: {command}"));
        }
        left -= 1;
        let expected = if let Some(text) = executes.pop_front() {
            let ids = uuids(&command);
            let id = ids.first().ok_or_else(|| format!("no uuid: {command}"))?;
            line.reply("+OK");
            let mut lines =
                format!("Event-Name: CHANNEL_EXECUTE_COMPLETE\nUnique-ID: call-1\nApplication-UUID: {id}\n");
            for header in case["end"].as_array().into_iter().flatten() {
                lines.push_str(&format!("{}\n", header.as_str().unwrap()));
            }
            if !lines.contains("Answer-State") {
                lines.push_str("Answer-State: answered\n");
            }
            line.event(&lines);
            let (name, argument) = text.split_once(' ').unwrap_or((text, ""));
            let to = if own { "" } else { " call-1" };
            let argument =
                if argument.is_empty() { String::new() } else { format!("execute-app-arg: {argument}\n") };
            format!(
                "sendmsg{to}\ncall-command: execute\nexecute-app-name: {name}\n{argument}event-uuid: {id}"
            )
        } else if let Some(text) = case["api"].as_str() {
            line.api(case["reply"].as_str().unwrap());
            format!("api {text}")
        } else if let Some(text) = case["bgapi"].as_str() {
            let (sent, job) = command.split_once("\nJob-UUID: ").ok_or("no Job-UUID")?;
            if case["arguments"]["job_uuid"].as_str().is_some_and(|wanted| wanted != job) {
                return Err(format!("another job: {job}"));
            }
            let (mut text, mut body) = (text.to_owned(), case["job"].as_str().unwrap().to_owned());
            for (at, uuid) in uuids(sent).iter().enumerate() {
                let name = format!("U{}", at + 1);
                (text, body) = (text.replace(&name, uuid), body.replace(&name, uuid));
            }
            line.reply(&format!("+OK Job-UUID: {job}"));
            line.write(background_job(job, &body));
            format!("bgapi {text}\nJob-UUID: {job}")
        } else {
            return Err(format!("sent {command}"));
        };
        if command != expected {
            return Err(format!("sent {command}\nnot  {expected}"));
        }
    }
    if left == 0 { Ok(()) } else { Err(format!("{left} were not sent")) }
}

/// What a case comes to on a connection of its own: `own` for the connection of the call.
fn meet(case: &Value, own: bool, act: impl FnOnce(&Connection) -> Outcome) -> Result<(), String> {
    let script = case.clone();
    let (tell, told) = std::sync::mpsc::channel();
    let outcome = if own {
        let head = read_table("methods.json")["outbound"].as_str().unwrap().to_owned();
        let listener = Listener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr();
        let server = std::thread::spawn(move || {
            let mut line = Line::new(TcpStream::connect(address).unwrap());
            assert_eq!(line.command().as_deref(), Some("connect"));
            line.write(format!("Content-Type: command/reply\nReply-Text: +OK\n{head}\n\n"));
            tell.send(play(&mut line, &script, true)).unwrap();
        });
        let connection = listener.accept().unwrap();
        connection.myevents(None).unwrap();
        let outcome = act(&connection);
        connection.disconnect();
        server.join().unwrap();
        outcome
    } else {
        let peer = Peer::logged_in(move |line| tell.send(play(line, &script, false)).unwrap());
        let connection = peer.connect();
        connection.events(EventFormat::Plain, "ALL").unwrap();
        let outcome = act(&connection);
        connection.disconnect();
        peer.finish();
        outcome
    };
    told.recv().unwrap()?;
    compare(case, outcome)
}

fn compare(case: &Value, outcome: Outcome) -> Result<(), String> {
    match (case["error"].as_str(), outcome) {
        (None, Ok(_)) if case["ok"] == "done" => Ok(()),
        (None, Ok(given)) if given == case["ok"] => Ok(()),
        (None, Ok(given)) if case["ok"]["headers"].is_object() => {
            let wanted = case["ok"]["headers"].as_object().unwrap();
            match wanted.iter().all(|(name, value)| given["headers"][name] == *value) {
                true => Ok(()),
                false => Err(format!("came out as {given}")),
            }
        }
        (Some(kind), Err(error)) if error.kind().name() == kind => {
            let said = format!(
                "{error} {} {}",
                error.hangup_cause().unwrap_or(""),
                error.reply_text().unwrap_or("")
            );
            match said.contains(case["says"].as_str().unwrap_or("")) {
                true => Ok(()),
                false => Err(format!("says {said}")),
            }
        }
        (_, outcome) => Err(format!("came out as {outcome:?}")),
    }
}

/// Walks the rows of a kind; `act` runs a verb on a connection.
fn walk(kind: &str, own: bool, act: impl Fn(&Connection, &str, Given<'_>) -> Outcome) {
    let table = read_table("calls.json");
    let on = if own { "outbound" } else { "inbound" };
    let mut failed = Vec::new();
    let mut count = 0;
    for row in table[kind].as_array().unwrap() {
        let verb = row["verb"].as_str().unwrap_or_default();
        let cases = row["cases"].as_array().map_or(std::slice::from_ref(row), Vec::as_slice);
        for case in cases.iter().filter(|case| case["on"].as_str().is_none_or(|only| only == on)) {
            count += 1;
            let given = case["arguments"].clone();
            if let Err(failure) = meet(case, own, |connection| act(connection, verb, Given(&given))) {
                failed.push(format!("{verb} {case}: {failure}"));
            }
        }
    }
    assert!(count > 0);
    assert!(failed.is_empty(), "{} of {count} cases:\n{}", failed.len(), failed.join("\n"));
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
