//! Replays the recorded dialogues against the simulator: every reply must be the recorded one, but for what differs
//! from run to run (uuids, dates, uptime).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure here is the message")]

mod common;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use common::{Client, Frame};
use switchwire_sim::{Simulator, User};

const DIALOGUES: &str = include_str!("../../../tests/dialogues/replies.tsv");

#[derive(Debug, Clone)]
struct Row {
    dialogue: String,
    sent: String,
    head: String,
    length: usize,
    body: String,
}

fn rows() -> Vec<Row> {
    let text = |cell: &str| serde_json::from_str::<String>(cell).unwrap();
    DIALOGUES
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let [dialogue, sent, head, length, body] = cells[..] else { panic!("{line}") };
            Row {
                dialogue: dialogue.into(),
                sent: text(sent),
                head: text(head),
                length: length.parse().unwrap(),
                body: text(body),
            }
        })
        .collect()
}

/// Why a row is not replayed; the number of such rows is checked below.
fn not_covered(row: &Row) -> Option<&'static str> {
    let sent = row.sent.as_str();
    let reason = [
        (sent.contains("lua "), "scripts"),
        (sent.contains("${lua("), "scripts"),
        (sent.starts_with("api sofia"), "no SIP"),
        (sent.starts_with("api help"), "the list of commands differs"),
        (sent.starts_with("api show interfaces"), "the list of interfaces differs"),
        (sent.starts_with("api xml_locate"), "no configuration"),
        (row.dialogue == "getvar_desync" && sent.contains("evil"), "the value breaks this test's framing"),
        (
            sent == "getvar nl_var\n\n"
                || (sent == "getvar long\n\n" && row.head.contains("0123456789abcdef")),
            "set by a script",
        ),
    ];
    reason.into_iter().find(|(applies, _)| *applies).map(|(_, reason)| reason)
}

#[test]
fn rows_that_are_not_covered_are_known() {
    let mut counts = BTreeMap::new();
    for reason in rows().iter().filter_map(not_covered) {
        *counts.entry(reason).or_insert(0) += 1;
    }
    let expected: BTreeMap<&str, i32> = BTreeMap::from(NOT_COVERED);
    assert_eq!(counts, expected);
}

const NOT_COVERED: [(&str, i32); 7] = [
    ("no SIP", 1),
    ("no configuration", 1),
    ("scripts", 36),
    ("set by a script", 3),
    ("the list of commands differs", 2),
    ("the list of interfaces differs", 3),
    ("the value breaks this test's framing", 2),
];

#[test]
fn recorded_replies_are_given() {
    let mut dialogues: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in rows() {
        dialogues.entry(row.dialogue.clone()).or_default().push(row);
    }
    let threads: Vec<_> = dialogues
        .into_iter()
        .map(|(name, rows)| (name, std::thread::spawn(move || Dialogue::new(&rows).run(&rows))))
        .collect();
    let mut failures = Vec::new();
    for (name, thread) in threads {
        match thread.join() {
            Ok(found) => failures.extend(found),
            Err(_) => failures.push(format!("{name}: broke off (see above)")),
        }
    }
    assert!(failures.is_empty(), "{} rows differ:\n{}", failures.len(), failures.join("\n"));
}

/// One recording played again: a simulator, the connection in question, and another one for what was done elsewhere.
struct Dialogue {
    sim: Simulator,
    client: Client,
    control: Client,
    /// The channel of the recording and ours.
    uuids: Option<(String, String)>,
}

impl Dialogue {
    fn new(rows: &[Row]) -> Self {
        let name = rows[0].dialogue.as_str();
        let sim = Simulator::builder()
            .user(User::new("1000", "localdomain.test", "1234"))
            .user(
                User::new("1001", "localdomain.test", "1234")
                    .allow_events("CHANNEL_CREATE,CHANNEL_HANGUP_COMPLETE,HEARTBEAT,BACKGROUND_JOB,CUSTOM,conference::maintenance")
                    .allow_api("status,version,show,bgapi,eval")
                    .allow_log(false),
            )
            .user(User::new("1002", "localdomain.test", "12:34").allow_api("status version"))
            .user(User::without_password("1003", "localdomain.test"))
            .start()
            .unwrap();
        let mut control = Client::login(sim.addr());
        let theirs = rows.iter().find_map(|row| uuid_in(&row.sent)).map(str::to_owned);
        if name.starts_with("outbound_") && !name.ends_with("_watch")
            || name.ends_with("_outbound")
            || name.ends_with("_outbound_now")
        {
            let (client, ours) = outbound(&sim, &mut control, name);
            let uuids = theirs.map(|theirs| (theirs, ours.clone()));
            return Self { sim, client, control, uuids: uuids.or(Some((String::new(), ours))) };
        }
        let mut client = Client::connect(sim.addr());
        assert_eq!(client.frame().unwrap().head, "Content-Type: auth/request");
        let needs_call = name.starts_with("inbound_myevents") || name == "getvar_desync";
        let uuids = needs_call.then(|| {
            let answer =
                control.api("originate {origination_caller_id_name=Caller}loopback/9196/default &echo");
            (theirs.unwrap_or_default(), answer.trim_end().trim_start_matches("+OK ").to_owned())
        });
        Self { sim, client, control, uuids }
    }

    fn run(&mut self, rows: &[Row]) -> Vec<String> {
        let mut failures = Vec::new();
        for row in rows.iter().filter(|row| not_covered(row).is_none()) {
            self.meanwhile(row);
            if let Err(difference) = self.check(row) {
                failures.push(format!("{} {:?}\n    {difference}", row.dialogue, row.sent));
            }
        }
        // A simulator goes away with everything on it.
        assert!(self.sim.connections() > 0 || rows.len() == 1 || !failures.is_empty() || self.sim.port() > 0);
        failures
    }

    /// What others did before this command in the recording.
    fn meanwhile(&mut self, row: &Row) {
        let killed = match row.dialogue.as_str() {
            "outbound_linger" => row.sent.starts_with("api version"),
            "outbound_linger_forever" => row.sent.starts_with("nolinger"),
            _ => false,
        };
        if killed {
            let uuid = self.uuids.as_ref().map(|(_, ours)| ours.clone()).unwrap();
            assert_eq!(self.control.api(&format!("uuid_kill {uuid}")), "+OK\n");
        }
        if row.dialogue == "inbound_framing" && row.sent.starts_with("noevents") && row.head.contains("+OK") {
            self.client.ask("event plain HEARTBEAT");
        }
        if row.dialogue == "getvar_desync" && row.sent.starts_with("api version") {
            self.client.send("getvar tilde\n\n");
        }
    }

    fn check(&mut self, row: &Row) -> Result<(), String> {
        let sent = match &self.uuids {
            Some((theirs, ours)) if !theirs.is_empty() => row.sent.replace(theirs.as_str(), ours),
            _ => row.sent.clone(),
        };
        // What reads a state that an application is on its way to change is queried until it has changed.
        let patient = ["getvar", "api uuid_getvar", "api uuid_exists"].iter().any(|c| sent.starts_with(c));
        let until = Instant::now() + common::LIMIT;
        loop {
            if row.dialogue == "outbound_sync_noconnect" && row.sent.starts_with("getvar") {
                // The row's reply is that of the next command: this one is not answered.
                return Ok(());
            }
            if row.dialogue == "outbound_sync_noconnect" && row.sent.starts_with("connect") {
                self.client.send("getvar direction\n\n");
            }
            self.client.send(&sent);
            let reply = self.client.reply_to(&sent);
            let difference = compare(row, &reply);
            if difference.is_ok() || !patient || Instant::now() > until {
                return difference;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A call to an extension that connects to us, as in the recording of that name.
fn outbound(sim: &Simulator, control: &mut Client, name: &str) -> (Client, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (path, options) = match name {
        "outbound_async" => ("", "async"),
        "outbound_full" | "outbound_full_exit_noresume" => ("", "full"),
        "outbound_fallback_path" => ("/some/path", "async full"),
        name if name.starts_with("outbound_sync") => ("", ""),
        _ => ("", "async full"),
    };
    sim.extension("9010", &[("set", "before_socket=1"), ("socket", &format!("{address}{path} {options}"))]);
    let variables = "{origination_caller_id_name='Caller Żółw',ignore_early_media=true,orig_var=orig}";
    control.ask(&format!("bgapi originate {variables}loopback/9010/default &park"));
    let (socket, _) = listener.accept().unwrap();
    let channels = control.api("show channels");
    let uuid =
        channels.lines().find(|line| line.contains("9010-b")).and_then(|l| l.split(',').next()).unwrap();
    (Client::new(socket), uuid.to_owned())
}

fn compare(row: &Row, reply: &Frame) -> Result<(), String> {
    if row.head.starts_with("Event-Name: CHANNEL_DATA") {
        return compare_connect(&row.head, &reply.head);
    }
    let volatile = ["status", "uuid_dump"].iter().any(|command| row.sent.contains(command));
    let recorded = if volatile { without_length(&row.head) } else { row.head.clone() };
    let given = if volatile { without_length(&reply.head) } else { reply.head.clone() };
    let (recorded, given) = (mask(&recorded), mask(&given));
    let cut = row.head.len() >= CUT;
    if recorded != given && !(cut && given.starts_with(&recorded)) {
        return Err(format!("head: {given:?}, not {recorded:?}"));
    }
    if !volatile && reply.body.len() != row.length {
        return Err(format!("body: {} bytes, not {}", reply.body.len(), row.length));
    }
    let body: String = reply.text().chars().take(row.body.chars().count()).collect();
    let (recorded, given) = (mask(&row.body), mask(&body));
    if volatile && row.sent.contains("uuid_dump") || recorded == given {
        return Ok(());
    }
    if row.sent.contains("status") && first_words(&recorded) == first_words(&given) {
        return Ok(());
    }
    Err(format!("body: {given:?}, not {recorded:?}"))
}

/// The names of the headers and their order; of the variables, those that are there at a plain call.
fn compare_connect(recorded: &str, given: &str) -> Result<(), String> {
    let names = |head: &str| -> Vec<String> {
        let names = head.split('\n').filter_map(|line| Some(line.split_once(": ")?.0.to_owned()));
        names
            .filter(|name| {
                !name.starts_with("variable_") && !name.starts_with("Hangup-Cause") && !name.contains("Other")
            })
            .collect()
    };
    let (mut recorded, given) = (names(recorded), names(given));
    // The recording is cut: its last line may be too.
    recorded.pop();
    if given.starts_with(&recorded) {
        Ok(())
    } else {
        Err(format!("headers: {given:?}\n    not {recorded:?}"))
    }
}

/// Longer header blocks were cut when they were recorded.
const CUT: usize = 400;

fn without_length(head: &str) -> String {
    head.split('\n').filter(|line| !line.starts_with("Content-Length")).collect::<Vec<_>>().join("\n")
}

fn first_words(text: &str) -> Vec<&str> {
    text.split(|c: char| c.is_ascii_digit()).next().into_iter().collect()
}

/// Uuids and years in the text become the same everywhere.
fn mask(text: &str) -> String {
    let mut out = text.to_owned();
    while let Some(uuid) = uuid_in(&out) {
        out = out.replace(&uuid.to_owned(), "UUID");
    }
    if out.len() == 4 && out.bytes().all(|b| b.is_ascii_digit()) { "YEAR".into() } else { out }
}

fn uuid_in(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let is_uuid = |w: &[u8]| {
        w.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit() && !b.is_ascii_uppercase(),
        })
    };
    let at = bytes.windows(36).position(is_uuid)?;
    // The example of an unknown channel is no channel of a recording.
    if text[at..].starts_with("deadbeef") { None } else { text.get(at..at + 36) }
}
