//! The table of calls, originates and conferences (tests/faces/calls.json), as tests in Rust walk it: everything but what
//! waits.
#![allow(unreachable_pub, reason = "each test program has a copy")]

use std::collections::VecDeque;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use switchwire::Error;
use switchwire::application::{
    Action, Application, AttendedTransfer, Bridge, Conference, Digits, Displace, Eavesdrop, Export, Field,
    Fifo, Named, PlayAndGetDigits, Playback, Read, Record, RecordSession, Say, ScheduledHangup,
    ScheduledTransfer, Set, Sleep, Speak, StopRecordSession, Transfer, TransferLeg, Unset, ValetPark,
};
use switchwire::conference::{ConferenceCommand, Members, Relation};
use switchwire::dial::{Carrier, DialString, Originate, Target};
use switchwire::proto::HangupCause;
use switchwire::vocabulary::{SayGender, SayMethod, SayType};

use crate::support::{Line, background_job, event};

pub type Outcome = Result<Value, Error>;

pub fn read_table(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/faces").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The arguments of a case.
#[derive(Clone, Copy)]
pub struct Given<'a>(pub &'a Value);

impl Given<'_> {
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0[name].as_str()
    }

    pub fn must(&self, name: &str) -> &str {
        self.text(name).unwrap_or_else(|| panic!("{name} in {}", self.0))
    }

    pub fn number(&self, name: &str) -> Option<u32> {
        self.0[name].as_u64().map(|number| number.try_into().unwrap())
    }

    pub fn millis(&self, name: &str) -> Option<u32> {
        self.0[name]
            .as_f64()
            .map(|seconds| u32::try_from(Duration::from_secs_f64(seconds).as_millis()).unwrap())
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.0[name].as_bool()
    }

    pub fn texts(&self, name: &str) -> Vec<String> {
        let list = self.0[name].as_array().into_iter().flatten();
        list.map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    pub fn dial(&self) -> Result<DialString, Error> {
        Ok(DialString::parse(self.must("dial"), Carrier::Application)?)
    }

    pub fn leg(&self) -> TransferLeg {
        match self.text("leg") {
            None => TransferLeg::This,
            Some("peer") => TransferLeg::Peer,
            Some("both") => TransferLeg::Both,
            Some(other) => panic!("{other}"),
        }
    }

    pub fn transfer(&self) -> Transfer {
        let mut transfer = Transfer::new(self.must("extension")).leg(self.leg());
        if let Some(dialplan) = self.text("dialplan") {
            transfer = transfer.dialplan(dialplan);
        }
        if let Some(context) = self.text("context") {
            transfer = transfer.context(context);
        }
        transfer
    }
}

/// The application of a verb that is one.
pub fn application(verb: &str, given: Given<'_>) -> Result<Option<Box<dyn Application + Send>>, Error> {
    let must = |name| given.must(name).to_owned();
    Ok(Some(match verb {
        "answer" | "pre_answer" | "ring_ready" => Box::new(Named::new(verb)),
        "playback" => Box::new(Playback::files(given.texts("files"))),
        "play_and_get_digits" => {
            let (min, max) = (given.number("min").unwrap(), given.number("max").unwrap());
            let mut ask = PlayAndGetDigits::new(min, max, must("file"));
            if let Some(tries) = given.number("tries") {
                ask = ask.tries(tries);
            }
            if let Some(timeout) = given.millis("input_timeout") {
                ask = ask.timeout(timeout);
            }
            if let Some(timeout) = given.millis("digit_timeout") {
                ask = ask.digit_timeout(timeout);
            }
            if let Some(keys) = given.text("terminators") {
                ask = ask.terminators(keys);
            }
            if let Some(file) = given.text("invalid_file") {
                ask = ask.invalid_file(file);
            }
            if let Some(name) = given.text("variable") {
                ask = ask.variable(name);
            }
            if let Some(pattern) = given.text("pattern") {
                ask = ask.pattern(pattern);
            }
            Box::new(ask)
        }
        "read" => {
            let read = Read::new(given.number("min").unwrap(), given.number("max").unwrap(), must("file"));
            Box::new(given.text("variable").map_or(read.clone(), |name| read.variable(name)))
        }
        "say" => {
            let (kind, method) = (SayType::from(given.must("kind")), SayMethod::from(given.must("method")));
            let say = Say::new(given.text("language").unwrap_or("en"), kind, method, must("text"));
            match given.text("gender") {
                Some(gender) => Box::new(say.gender(SayGender::from(gender))),
                None => Box::new(say),
            }
        }
        "speak" => Box::new(Speak::new(must("engine"), must("voice"), must("text"))),
        "record" => {
            let mut record = Record::new(must("file"));
            if let Some(limit) = given.number("limit") {
                record = record.limit(limit);
            }
            let silence = Given(&given.0["silence"]);
            if let (Some(threshold), Some(hits)) = (silence.number("threshold"), silence.number("hits")) {
                record = record.silence(threshold, hits);
            }
            Box::new(record)
        }
        "bridge" => Box::new(Bridge::new(given.dial()?)),
        "attended_transfer" => Box::new(AttendedTransfer::new(given.dial()?)),
        "conference" => {
            let mut conference = Conference::new(must("name"));
            if let Some(profile) = given.text("profile") {
                conference = conference.profile(profile);
            }
            if let Some(pin) = given.text("pin") {
                conference = conference.pin(pin);
            }
            Box::new(given.texts("flags").into_iter().fold(conference, Conference::flag))
        }
        "fifo" => Box::new(match given.text("role") {
            None => Fifo::wait_in(must("queue")),
            Some("try_take") => Fifo::try_take_from(must("queue")),
            Some(other) => panic!("{other}"),
        }),
        "valet_park" => Box::new(match (given.text("stall"), given.0["between"].as_array()) {
            (Some(stall), _) => ValetPark::stall(must("lot"), stall),
            (None, Some(between)) => {
                let stall = |at: usize| u32::try_from(between[at].as_u64().unwrap()).unwrap();
                ValetPark::any(must("lot"), stall(0), stall(1))
            }
            (None, None) => panic!("{}", given.0),
        }),
        "eavesdrop" => Box::new(Eavesdrop::new(must("uuid"))),
        "sleep" => Box::new(Sleep::new(given.millis("time").unwrap())),
        "execute" => Box::new(Named::with(must("application"), must("argument"))),
        "execute_on_answer" => {
            Box::new(Set::execute_on_answer(&Named::with(must("application"), must("argument")))?)
        }
        "set" => Box::new(Set::new(must("name"), must("value"))),
        "set_array" => Box::new(Set::array(must("name"), given.texts("elements"))?),
        "unset" => Box::new(Unset::new(must("name"))),
        "export" => Box::new(Export::new(must("name"), must("value"))),
        _ => return Ok(None),
    }))
}

/// The action of a verb that is one.
pub fn action(verb: &str, given: Given<'_>) -> Action {
    let file = || given.must("file").to_owned();
    let seconds = || given.number("after").unwrap();
    match verb {
        "hangup" => Action::Hangup(HangupCause::from(given.must("cause"))),
        "transfer" => Action::Transfer(given.transfer()),
        "park" => Action::Park,
        "hold" => Action::Hold,
        "unhold" => Action::Unhold,
        "mute" => Action::Mute { hearing: false },
        "deafen" => Action::Mute { hearing: true },
        "unmute" => Action::Unmute,
        "start_recording" => {
            let recording = RecordSession::new(file());
            Action::StartRecording(match given.number("limit") {
                Some(limit) => recording.limit(limit),
                None => recording,
            })
        }
        "stop_recording" => Action::StopRecording(StopRecordSession::new(file())),
        "broadcast" => Action::Broadcast { file: file(), leg: given.leg() },
        "displace" => {
            let mut displace = Displace::new(file());
            if let Some(limit) = given.number("limit") {
                displace = displace.limit(limit);
            }
            Action::Displace(if given.flag("mix") == Some(true) { displace.mix() } else { displace })
        }
        "stop_displacing" => Action::StopDisplacing { file: file() },
        "stop_playback" => Action::StopPlayback { all: given.flag("all").unwrap_or_default() },
        "send_dtmf" => {
            let digits = Digits::new(given.must("digits"));
            Action::SendDtmf(match given.millis("duration") {
                Some(duration) => digits.duration(duration),
                None => digits,
            })
        }
        "schedule_hangup" => {
            let hangup = ScheduledHangup::new(seconds());
            Action::ScheduleHangup(match given.text("cause") {
                Some(cause) => hangup.cause(HangupCause::from(cause)),
                None => hangup,
            })
        }
        "schedule_transfer" => Action::ScheduleTransfer(ScheduledTransfer::new(seconds(), given.transfer())),
        other => panic!("no verb {other}"),
    }
}

pub fn field(field: Field) -> Value {
    match field {
        Field::Text(text) | Field::Cause(text) => json!(text),
        Field::Word(word) => json!(word),
        Field::Integer(count) => json!(count),
        Field::Boolean(truth) => json!(truth),
        Field::Duration(time) => json!(u64::try_from(time.as_millis()).unwrap()),
        _ => Value::Null,
    }
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

pub fn conference_command(verb: &str, given: Given<'_>) -> Result<ConferenceCommand, Error> {
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

/// The originate of a case.
pub fn originate(given: Given<'_>) -> Result<Originate, Error> {
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
    Ok(originate)
}

/// The uuids in the text, in their order.
pub fn uuids(text: &str) -> Vec<String> {
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
pub fn play(line: &mut Line, case: &Value, own: bool) -> Result<(), String> {
    let mut executes: VecDeque<_> = case["execute"].as_str().into_iter().collect();
    executes.extend(case["executes"].as_array().into_iter().flatten().map(|text| text.as_str().unwrap()));
    let mut left = executes.len() + usize::from(case["api"].is_string() || case["bgapi"].is_string());
    let mut hears: Option<Hears> = None;
    loop {
        let command = line.command();
        if let Some(hears) = hears.take() {
            hears.end();
        }
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

/// The server's side of a case on an outbound connection: it calls that address.
pub fn call(address: SocketAddr, case: &Value) -> Result<(), String> {
    let head = read_table("methods.json")["outbound"].as_str().unwrap().to_owned();
    let mut line = Line::new(TcpStream::connect(address).unwrap());
    assert_eq!(line.command().as_deref(), Some("connect"));
    line.write(format!("Content-Type: command/reply\nReply-Text: +OK\n{head}\n\n"));
    play(&mut line, case, true)
}

pub fn compare(case: &Value, outcome: Outcome) -> Result<(), String> {
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

/// Walks the rows of a kind; `meet` says what a verb comes to in a case.
pub fn walk(kind: &str, own: bool, meet: impl Fn(&str, &Value) -> Result<(), String>) {
    let table = read_table("calls.json");
    let on = if own { "outbound" } else { "inbound" };
    let mut failed = Vec::new();
    let mut count = 0;
    for row in table[kind].as_array().unwrap() {
        let verb = row["verb"].as_str().unwrap_or_default();
        let cases = row["cases"].as_array().map_or(std::slice::from_ref(row), Vec::as_slice);
        for case in cases.iter().filter(|case| case["on"].as_str().is_none_or(|only| only == on)) {
            count += 1;
            if let Err(failure) = meet(verb, case) {
                failed.push(format!("{verb} {case}: {failure}"));
            }
        }
    }
    assert!(count > 0);
    assert!(failed.is_empty(), "{} of {count} cases:\n{}", failed.len(), failed.join("\n"));
}
