//! Log lines and events as text for the screen.

use std::borrow::Cow;

use switchwire::proto::percent::Escape;
use switchwire::{Event, Incoming, LogRecord, Message};

use super::style::Colour;
use crate::printable;

/// What is shown of a log line, and which.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogView {
    /// Only lines of that channel, and those of none.
    pub(crate) uuid: Option<String>,
    /// Only lines that contain it.
    pub(crate) text: Option<String>,
    /// How much of the channel's uuid stands before the line.
    pub(crate) shown_uuid: Option<usize>,
}

/// How text is written to where it goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Escapes for colours.
    pub(crate) colour: bool,
    /// The screen is a terminal: control characters must not reach it.
    pub(crate) terminal: bool,
}

impl LogView {
    /// The text of a log line with its line break; `None` for one that is filtered out or only a line break.
    pub(crate) fn line(&self, record: &LogRecord, look: Look) -> Option<String> {
        let channel = record.channel_uuid.as_deref().filter(|uuid| !uuid.is_empty());
        let other = self
            .uuid
            .as_deref()
            .zip(channel)
            .is_some_and(|(wanted, uuid)| !wanted.eq_ignore_ascii_case(uuid));
        if other
            || self.text.as_deref().is_some_and(|text| !record.text.contains(text))
            || record.text == "\n"
        {
            return None;
        }
        let mut line = String::new();
        if let (Some(length), Some(uuid)) = (self.shown_uuid, channel) {
            line.extend(uuid.chars().take(length));
            line.push(' ');
        }
        line.push_str(record.text.strip_suffix('\n').unwrap_or(&record.text));
        let line = look.safe(&line);
        let line = match Colour::of_level(record.level).filter(|_| look.colour) {
            Some(colour) => colour.paint(&line),
            None => line.into_owned(),
        };
        Some(line + "\n")
    }
}

impl Look {
    /// The text; harmless if it goes to a terminal.
    pub(crate) fn safe(self, text: &str) -> Cow<'_, str> {
        if self.terminal { printable::on_terminal(text) } else { Cow::Borrowed(text) }
    }
}

/// An event whole, in the plain form with decoded values.
pub(crate) fn event(event: &Event, look: Look) -> String {
    let plain = event.to_plain(Escape::None);
    format!("RECV EVENT\n{}\n", look.safe(&String::from_utf8_lossy(&plain)))
}

/// What is neither an event nor a log line.
pub(crate) fn other(message: Message, look: Look) -> String {
    let body = message.body().map(String::from_utf8_lossy).unwrap_or_default().into_owned();
    let kind =
        message.raw_header("Content-Type").map(String::from_utf8_lossy).unwrap_or_default().into_owned();
    let head = look.safe(&format!("INCOMING DATA [{kind}]\n{body}\n")).into_owned();
    head + &event(&message.into_event(), look)
}

/// What came, as text; `None` for what is not shown.
pub(crate) fn incoming(incoming: Incoming, view: &LogView, look: Look) -> Option<String> {
    match incoming {
        Incoming::Event(received) => Some(event(&received, look)),
        Incoming::Log(record) => view.line(&record, look),
        Incoming::Notice(_) => None,
        Incoming::Other(message) => Some(other(message, look)),
        // A kind added later has no view here yet.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Look = Look { colour: false, terminal: true };

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        let wild = "a\u{1b}[2J\u{7}\u{202e}b\n\tc\u{9b}1m\0";
        assert_eq!(PLAIN.safe(wild), "a\\u{1b}[2J\\u{7}\\u{202e}b\n\tc\\u{9b}1m\\u{0}");
        let file = Look { colour: false, terminal: false };
        assert_eq!(file.safe(wild), wild);
    }

    #[test]
    fn log_lines_are_chosen_and_bear_their_channel() {
        let record = |uuid: &str, text: &str| {
            let head = format!(
                "Content-Type: log/data\nContent-Length: {}\nLog-Level: 3\nUser-Data: {uuid}\n\n",
                text.len()
            );
            let mut decoder = switchwire::proto::Decoder::default();
            decoder.feed(head.as_bytes());
            decoder.feed(text.as_bytes());
            match Incoming::from(decoder.next_message().unwrap().unwrap()) {
                Incoming::Log(record) => record,
                other => panic!("{other:?}"),
            }
        };
        let uuid = "0f0e7d8a-1111-4222-8333-444444444444";
        let line = |view: &LogView, uuid: &str| view.line(&record(uuid, "a\u{1b}[2J line\n"), PLAIN);
        let all = LogView::default();
        assert_eq!(line(&all, uuid).as_deref(), Some("a\\u{1b}[2J line\n"));
        // -U, and -S.
        let long = LogView { shown_uuid: Some(usize::MAX), ..all.clone() };
        assert_eq!(line(&long, uuid), Some(format!("{uuid} a\\u{{1b}}[2J line\n")));
        let short = LogView { shown_uuid: Some(8), ..all.clone() };
        assert_eq!(line(&short, uuid).as_deref(), Some("0f0e7d8a a\\u{1b}[2J line\n"));
        // -s and /uuid: that channel's lines, and those of none.
        let one = LogView { uuid: Some(uuid.to_uppercase()), ..all.clone() };
        assert!(line(&one, uuid).is_some() && line(&one, "").is_some() && line(&one, "other").is_none());
        // /logfilter
        let text = |text: &str| LogView { text: Some(text.to_owned()), ..all.clone() };
        assert!(line(&text("line"), uuid).is_some() && line(&text("lines"), uuid).is_none());
        let colour = Look { colour: true, terminal: true };
        assert!(all.line(&record(uuid, "x\n"), colour).unwrap().starts_with("\u{1b}[31mx"));
    }

    #[test]
    fn an_event_is_shown_whole() {
        let mut heartbeat = Event::new(switchwire::EventType::Heartbeat);
        heartbeat.add_header("Event-Info", "System Ready").set_body("x\u{1b}");
        let text = event(&heartbeat, PLAIN);
        assert!(text.starts_with("RECV EVENT\nEvent-Name: HEARTBEAT\nEvent-Info: System Ready\n"), "{text}");
        assert!(text.ends_with("Content-Length: 2\n\nx\\u{1b}\n"), "{text}");
    }
}
