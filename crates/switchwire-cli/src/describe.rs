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
        Some(subclass) => format!("{name} {}", printable(&subclass)),
        None => format!("{name:NAME_WIDTH$}"),
    };
    if let Some(uuid) = event.unique_id() {
        let _ = write!(line, " {}", short(&uuid));
    }
    for bare in BARE {
        if let Some(value) = event.header(bare) {
            let _ = write!(line, " {}", cut(&value));
        }
    }
    let begins = matches!(event.event_type(), EventType::ChannelCreate | EventType::ChannelOriginate);
    for (header, label) in NAMED.iter().chain(PARTIES.iter().filter(|_| begins)) {
        if let Some(value) = event.header(header) {
            let value =
                if header.ends_with("UUID") || header.ends_with("ID") { short(&value) } else { cut(&value) };
            let _ = write!(line, " {label}={value}");
        }
    }
    if let Some(body) = event.body_text().filter(|body| !body.trim().is_empty()) {
        let _ = write!(line, " body={}", cut(body.trim_end()));
    }
    line.truncate(line.trim_end().len());
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

/// Shown as they are: they explain themselves.
const BARE: [&str; 3] = ["Channel-Name", "Channel-State", "Answer-State"];
/// Shown with a label.
const NAMED: [(&str, &str); 20] = [
    ("Application", "app"),
    ("Application-Data", "data"),
    ("Application-Response", "response"),
    ("DTMF-Digit", "digit"),
    ("Hangup-Cause", "cause"),
    ("Other-Leg-Unique-ID", "other"),
    ("Job-UUID", "job"),
    ("Job-Command", "command"),
    ("Job-Command-Arg", "arguments"),
    ("API-Command", "command"),
    ("API-Command-Argument", "arguments"),
    ("Action", "action"),
    ("Conference-Name", "conference"),
    ("Playback-File-Path", "file"),
    ("Event-Info", "info"),
    ("Task-ID", "task"),
    ("Task-Desc", "what"),
    ("login", "login"),
    ("filename", "file"),
    ("Up-Time", "up"),
];
/// Caller and callee: shown once per call.
const PARTIES: [(&str, &str); 2] = [("Caller-Caller-ID-Number", "from"), ("Caller-Destination-Number", "to")];
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
