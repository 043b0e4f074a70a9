//! An event in one line: its name, its channel, and what is interesting about it.

use std::fmt::Write;

use switchwire::{Event, EventType, LogLevel};

use crate::printable;

/// One line without its end; nothing in it can break the line or move a terminal's cursor.
pub(crate) fn event(event: &Event) -> String {
    if let Some(line) = log_line(event) {
        return line;
    }
    let name = printable(&event.name());
    let mut line = match event.subclass() {
        Some(subclass) => format!("{name} {}", cut(&subclass)),
        None => format!("{name:NAME_WIDTH$}"),
    };
    if let Some(uuid) = event.unique_id() {
        let _ = write!(line, " {}", short(&uuid));
    }
    let detail = detail(event);
    if !detail.is_empty() {
        line.push(' ');
        line.push_str(&detail);
    }
    line.truncate(line.trim_end().len());
    line
}

/// What is interesting about an event beside its name and its channel. (One pass over its headers: a view of many calls
/// describes every event that comes.)
pub(crate) fn detail(event: &Event) -> String {
    let begins = matches!(event.event_type(), EventType::ChannelCreate | EventType::ChannelOriginate);
    let mut values: [Option<String>; SHOWN.len()] = [const { None }; SHOWN.len()];
    for header in event.headers() {
        let name = header.name_bytes();
        let Some(at) = SHOWN.iter().position(|(shown, ..)| shown.as_bytes() == name) else { continue };
        let (_, _, when) = SHOWN[at];
        if values[at].is_none() && (when == When::Always || begins) {
            let value = header.value();
            let is_id = name.ends_with(b"UUID") || name.ends_with(b"ID");
            values[at] = Some(if is_id { short(&value) } else { cut(&value) });
        }
    }
    let mut line = String::new();
    for ((_, label, _), value) in SHOWN.iter().zip(&values) {
        let Some(value) = value else { continue };
        let gap = if line.is_empty() { "" } else { " " };
        let equals = if label.is_empty() { "" } else { "=" };
        let _ = write!(line, "{gap}{label}{equals}{value}");
    }
    if let Some(body) = event.body_text().filter(|body| !body.trim().is_empty()) {
        let gap = if line.is_empty() { "" } else { " " };
        let _ = write!(line, "{gap}body={}", cut(body.trim_end()));
    }
    line
}

/// A log line, if that is what it is. Its text keeps its own line breaks.
fn log_line(event: &Event) -> Option<String> {
    if event.header_bytes("Content-Type").as_deref() != Some(b"log/data") {
        return None;
    }
    let level = event.header("Log-Level").and_then(|level| level.parse().ok()).unwrap_or(u8::MAX);
    let text = event.body_text().unwrap_or_default();
    let text: Vec<_> = text.trim_end().lines().map(printable).collect();
    Some(format!("{:NAME_WIDTH$} {}", format!("LOG {}", LogLevel::from_number(level)), text.join("\n")))
}

/// The first part of a uuid: enough to tell a few channels apart.
pub(crate) fn short(uuid: &str) -> String {
    printable(uuid.split('-').next().unwrap_or(uuid)).chars().take(SHORT).collect()
}

/// The value, or as much of it as belongs into a line.
fn cut(value: &str) -> String {
    let mut chars = value.chars();
    let mut head: String = chars.by_ref().take(LONGEST).collect();
    if chars.next().is_some() {
        head.push('…');
    }
    printable(&head)
}

/// The text, harmless and without line breaks.
fn printable(text: &str) -> String {
    printable::escape(text, printable::is_harmful)
}

/// When a header is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// Caller and callee: once per call.
    Begins,
}

/// The headers that are shown, in their order, and their labels; those without one explain themselves.
const SHOWN: [(&str, &str, When); 25] = [
    ("Channel-Name", "", When::Always),
    ("Channel-State", "", When::Always),
    ("Answer-State", "", When::Always),
    ("Application", "app", When::Always),
    ("Application-Data", "data", When::Always),
    ("Application-Response", "response", When::Always),
    ("DTMF-Digit", "digit", When::Always),
    ("Hangup-Cause", "cause", When::Always),
    ("Other-Leg-Unique-ID", "other", When::Always),
    ("Job-UUID", "job", When::Always),
    ("Job-Command", "command", When::Always),
    ("Job-Command-Arg", "arguments", When::Always),
    ("API-Command", "command", When::Always),
    ("API-Command-Argument", "arguments", When::Always),
    ("Action", "action", When::Always),
    ("Conference-Name", "conference", When::Always),
    ("Playback-File-Path", "file", When::Always),
    ("Event-Info", "info", When::Always),
    ("Task-ID", "task", When::Always),
    ("Task-Desc", "what", When::Always),
    ("login", "login", When::Always),
    ("filename", "file", When::Always),
    ("Up-Time", "up", When::Always),
    ("Caller-Caller-ID-Number", "from", When::Begins),
    ("Caller-Destination-Number", "to", When::Begins),
];
/// As wide as `CHANNEL_EXECUTE_COMPLETE`.
const NAME_WIDTH: usize = 24;
const SHORT: usize = 8;
const LONGEST: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line() {
        let mut dtmf = Event::new(EventType::Dtmf);
        dtmf.add_header("Unique-ID", "d4da98dd-1111-2222").add_header("DTMF-Digit", "#");
        assert_eq!(event(&dtmf), "DTMF                     d4da98dd digit=#");
        let mut custom = Event::custom("conference::maintenance");
        custom.add_header("Action", "stop\n\u{1b}[2J\u{202e}");
        assert_eq!(event(&custom), "CUSTOM conference::maintenance action=stop\\n\\u{1b}[2J\\u{202e}");
    }

    #[test]
    fn a_log_line_keeps_its_text() {
        let mut log = Event::new(EventType::SocketData);
        log.add_header("Content-Type", "log/data").add_header("Log-Level", "4").set_body("one\ntwo\n");
        assert_eq!(event(&log), "LOG WARNING              one\ntwo");
    }
}
