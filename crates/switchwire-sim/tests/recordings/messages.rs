//! The server's bytes as messages, and what of them may differ between two runs.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use switchwire_proto::percent;

/// One message: what kind it is, and its lines with every volatile value replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub kind: String,
    /// The channel an event is about, by its name.
    pub channel: String,
    /// Its state there.
    pub state: String,
    pub lines: Vec<String>,
    /// `Unique-ID`, as it came.
    pub uuid: Option<String>,
    /// A log line's or an event's: sent by the server of itself.
    pub unasked: bool,
}

/// Cuts a stream into messages. What cannot be cut is one message of its own.
pub fn messages(bytes: &[u8]) -> Vec<Message> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|two| two == b"\n\n") {
        let head = String::from_utf8_lossy(&rest[..at]).into_owned();
        let length = head.lines().filter_map(|line| line.strip_prefix("Content-Length: ")).next_back();
        let length: usize = length.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        let end = (at + 2 + length).min(rest.len());
        found.push(Message::new(&head, &rest[at + 2..end]));
        rest = &rest[end..];
    }
    found
}

impl Message {
    fn new(head: &str, body: &[u8]) -> Self {
        let pairs = lines_of(head);
        let value = |name: &str| pairs.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value);
        let content_type = value("Content-Type");
        let mut event = match content_type {
            "text/event-plain" => plain(body),
            "text/event-json" => {
                // Invalid UTF-8 goes out as it is.
                let text = String::from_utf8_lossy(body);
                serde_json::from_str::<Pairs>(&text).map(|pairs| pairs.0).unwrap_or_default()
            }
            "text/event-xml" => xml(body),
            _ => Vec::new(),
        };
        let is_event = !event.is_empty();
        let in_head = value("Event-Name") == "CHANNEL_DATA";
        if in_head {
            event = pairs.iter().map(|(n, v)| (n.clone(), decode(v))).collect();
        }
        let find = |name: &str| event.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
        let mut kind = content_type.to_owned();
        for name in ["Event-Name", "Event-Subclass", "Action"] {
            kind.extend(find(name).map(|value| format!(" {value}")));
        }
        let mut lines: Vec<String> = Vec::new();
        if !in_head {
            // The widths of volatile values differ, so does the length.
            let counted = is_event || content_type == "log/data" || content_type == "api/response";
            lines.extend(pairs.iter().map(|(name, value)| match name.as_str() {
                "Content-Length" if counted => "Content-Length: *".to_owned(),
                _ => line(name, value),
            }));
        }
        lines.extend(event.iter().map(|(name, value)| line(name, value)));
        if !is_event && !body.is_empty() {
            lines.extend(String::from_utf8_lossy(body).split('\n').map(mask));
        }
        Self {
            channel: mask(&find("Channel-Name").unwrap_or_else(|| named_in(content_type, body))),
            state: find("Channel-State").unwrap_or_default()
                + &find("Application").unwrap_or_default()
                + &find("DTMF-Digit").unwrap_or_default(),
            uuid: find("Unique-ID").or_else(|| {
                Some(value("User-Data"))
                    .filter(|_| content_type == "log/data")
                    .filter(|uuid| !uuid.is_empty())
                    .map(|uuid| format!("log {uuid}"))
            }),
            unasked: is_event || content_type == "log/data",
            kind,
            lines,
        }
    }

    /// The header names alone.
    pub fn names(&self) -> Vec<&str> {
        self.lines.iter().map(|line| line.split_once(": ").map_or("", |(name, _)| name)).collect()
    }
}

fn lines_of(text: &str) -> Vec<(String, String)> {
    let split = |line: &str| match line.split_once(": ") {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (line.to_owned(), String::new()),
    };
    text.lines().map(split).collect()
}

/// Leaves out what is said in the log of what the simulator has not: session descriptions, RTP, digest authentication, and
/// the legs that an incoming SIP call makes.
pub fn without_sip(mut messages: Vec<Message>) -> Vec<Message> {
    let file = |message: &Message| {
        let file = message.lines.iter().find_map(|line| line.strip_prefix("Log-File: "));
        file.unwrap_or_default().to_owned()
    };
    let incoming = |message: &Message| message.channel.starts_with("log sofia/internal/");
    let legs: BTreeSet<String> = messages
        .iter()
        .filter(|message| incoming(message))
        .filter_map(|message| message.uuid.clone())
        .collect();
    messages.retain(|message| {
        let of_incoming =
            message.uuid.as_ref().is_some_and(|uuid| uuid.starts_with("log ") && legs.contains(uuid));
        let media = ["switch_core_media.c", "switch_rtp.c"].contains(&file(message).as_str())
            || message.lines.iter().any(|line| line.contains(" SDP:"));
        !(message.kind == "log/data" && (of_incoming || incoming(message) || media))
    });
    messages
}

/// The channel that a log line names.
fn named_in(content_type: &str, body: &[u8]) -> String {
    static NAME: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b(?:loopback|null|sofia)/[^\s()\[\]]+").unwrap());
    let text = String::from_utf8_lossy(body);
    let name = NAME.find(&text).filter(|_| content_type == "log/data");
    name.map(|name| name.as_str().trim_end_matches(['!', ',']))
        .map(|name| format!("log {name}"))
        .unwrap_or_default()
}

fn decode(text: &str) -> String {
    String::from_utf8_lossy(&percent::decode(text.as_bytes())).into_owned()
}

fn plain(body: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(body);
    let (head, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut pairs: Vec<_> = lines_of(head).into_iter().map(|(n, v)| (n, decode(&v))).collect();
    without_length(&mut pairs);
    if !rest.is_empty() {
        pairs.push(("_body".into(), rest.into()));
    }
    pairs
}

/// The server's own length of a body, the last one, varies with the widths of what is volatile in it.
fn without_length(pairs: &mut [(String, String)]) {
    if let Some((_, value)) = pairs.iter_mut().rev().find(|(name, _)| name == "Content-Length") {
        *value = "*".into();
    }
}

fn xml(body: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(body);
    let element = |line: &str| {
        let (name, rest) = line.trim().strip_prefix('<')?.split_once('>')?;
        let value = rest.rsplit_once("</").map_or(rest, |(value, _)| value);
        Some((name.to_owned(), decode(value)))
    };
    let mut pairs: Vec<_> = text.lines().filter_map(element).collect();
    without_length(&mut pairs);
    pairs
}

/// A JSON object's members in their order, double ones too.
struct Pairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Pairs;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, serde_json::Value>()? {
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    pairs.push((name, value));
                }
                without_length(&mut pairs);
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

fn line(name: &str, value: &str) -> String {
    if is_volatile(name) {
        return format!("{name}: *");
    }
    if name == "Current-Energy" && value.len() > 1 {
        return format!("{name}: SOUND");
    }
    let is_time = name.ends_with("-Time") || name.ends_with("epoch") || name.ends_with("_stamp");
    if is_time && value != "0" {
        return format!("{name}: TIME");
    }
    format!("{}: {}", mask(name), mask(value))
}

/// Headers whose values no two runs share: sequence numbers, dates, durations, addresses, counters of the process,
/// lines of the server's source.
fn is_volatile(name: &str) -> bool {
    const NAMES: [&str; 33] = [
        "Event-Sequence",
        "Event-Date-Local",
        "Event-Date-GMT",
        "Event-Date-Timestamp",
        "Event-Calling-Line-Number",
        "FreeSWITCH-IPv4",
        "FreeSWITCH-IPv6",
        "Log-Line",
        "variable_session_id",
        "variable_playback_seconds",
        "variable_playback_ms",
        "variable_playback_samples",
        "variable_playback_last_offset_pos",
        "variable_record_seconds",
        "variable_record_ms",
        "variable_record_samples",
        "variable_record_file_size",
        "Up-Time",
        "Uptime-msec",
        "Session-Per-Sec",
        "Session-Per-Sec-Last",
        "Session-Per-Sec-Max",
        "Session-Per-Sec-FiveMin",
        "Session-Since-Startup",
        "Session-Peak-Max",
        "Session-Peak-FiveMin",
        "Idle-CPU",
        "Task-ID",
        "event_count",
        // Of a conference's recording.
        "Samples-Out",
        "Milliseconds-Elapsed",
        "Record-File-Size",
        "Task-Runtime",
    ];
    let measured = name.strip_prefix("variable_").is_some_and(|name| {
        ["duration", "mduration", "uduration"].contains(&name)
            || (name.ends_with("sec") && !name.contains("rtp"))
    });
    NAMES.contains(&name) || measured
}

/// Volatile parts of a text: uuids, dates, microseconds and seconds since 1970, ports.
fn mask(text: &str) -> String {
    static PARTS: LazyLock<[(Regex, &str); 13]> = LazyLock::new(|| {
        [
            (r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", "UUID"),
            (r"\d{4}-\d\d-\d\d([ T]|%20)\d\d(:|%3A)\d\d(:|%3A)\d\d(\.\d+)?", "DATE"),
            (r"\w{3},( |%20)\d\d( |%20)\w{3}( |%20)\d{4}( |%20)\d\d(:|%3A)\d\d(:|%3A)\d\d( |%20)GMT", "DATE"),
            (r#"((?:Event-Sequence|Line-Number|session_id)"?: ?["\[]?)\d+"#, "${1}N"),
            (r"\b1[67]\d{14}\b", "MICROS"),
            (r"\b1[67]\d{8}\b", "SECONDS"),
            (r"\b127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
            (r"^(DATE) \d+\.\d\d% (\[\w+\] \w+\.\w+):\d+ ", "$1 IDLE $2:N "),
            (r"\bTot \d+\)", "Tot N)"),
            (r#"(?:\b|")((?:run_time|join_time|last_talking)(?:="|>|":\t))\d+"#, "${1}N"),
            (r"^(DATE IDLE .*) Session \d+ \(", "$1 Session N ("),
            // `status`: what Up-Time, Session-Since-Startup, Session-Peak-Max and Idle-CPU are in a HEARTBEAT.
            (
                r"\bUP \d+ years, \d+ days?, \d+ hours?, \d+ minutes?, \d+ seconds?, \d+ milliseconds?, \d+ microseconds?",
                "UP TIME",
            ),
            (
                r"\d+( session\(s\) since startup)|(- peak )\d+, last 5min \d+|\d+( session\(s\) per Sec out of max \d+), peak \d+, last 5min \d+|(min idle cpu [0-9.]+)/[0-9.]+",
                "${1}${2}${3}${4}",
            ),
        ]
        .map(|(pattern, name)| (Regex::new(pattern).unwrap(), name))
    });
    let mut text = text.to_owned();
    for (pattern, name) in PARTS.iter() {
        if let std::borrow::Cow::Owned(changed) = pattern.replace_all(&text, *name) {
            text = changed;
        }
    }
    text
}
