//! `event`, `nixevent`, `noevents`, `filter`, `sendevent`.

use switchwire_proto::raw::array::ARRAY_PREFIX;
use switchwire_proto::{Event, EventType};

use super::ConnId;
use super::commands::{DENIED, NOT_FOUND, Reply};
use crate::api::new_uuid;
use crate::event::{Format, origin};
use crate::wire::command::{Command, split_word, starts_with_ci, trim_blanks};
use crate::world::World;

impl World {
    pub(super) fn cmd_event(&mut self, id: ConnId, command: &Command) -> Reply {
        let text = String::from_utf8_lossy(command.after("event".len())).into_owned();
        let Some(conn) = self.conns.get_mut(&id) else { return NOT_FOUND.into() };
        let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
        // `events plain`: what directly follows the command's name is not a word of its own.
        if command.after("event".len()).first().is_some_and(|b| *b != b' ') {
            let glued = words.peek().copied().unwrap_or_default();
            if !Format::ALL.iter().any(|f| f.name().eq_ignore_ascii_case(glued)) {
                words.next();
            }
        }
        let format =
            words.peek().and_then(|w| Format::ALL.into_iter().find(|f| f.name().eq_ignore_ascii_case(w)));
        if let Some(format) = format {
            words.next();
            conn.format = format;
        }
        let (mut known, mut custom, mut denied) = (false, false, false);
        for word in words {
            if custom {
                if conn.permissions.event(word) {
                    conn.subscription.add_subclass(word);
                } else {
                    denied = true;
                }
            } else if let Some(kind) = EventType::from_name(word) {
                if !conn.permissions.event(kind.name()) {
                    denied = true;
                    continue;
                }
                known = true;
                custom = kind == EventType::Custom;
                conn.subscription.add(kind);
            }
        }
        if denied {
            return DENIED.into();
        }
        if !known {
            return NO_KEYWORDS.into();
        }
        conn.listening = true;
        format!("+OK event listener enabled {}", conn.format.name()).into()
    }

    pub(super) fn cmd_nixevent(&mut self, id: ConnId, command: &Command) -> Reply {
        let text = String::from_utf8_lossy(command.after("nixevent".len())).into_owned();
        let Some(conn) = self.conns.get_mut(&id) else { return NOT_FOUND.into() };
        let (mut known, mut custom) = (false, false);
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            if custom {
                conn.subscription.remove_subclass(word);
            } else if let Some(kind) = EventType::from_name(word) {
                known = true;
                custom = kind == EventType::Custom;
                // `nixevent CUSTOM a::b` takes the subclass out, not the kind.
                if !custom || text.trim_end().len() == text.find(word).unwrap_or_default() + word.len() {
                    conn.subscription.remove(kind, &self.subclasses);
                }
            }
        }
        if !known {
            return NO_KEYWORDS.into();
        }
        conn.listening = true;
        "+OK events nixed".into()
    }

    pub(super) fn cmd_noevents(&mut self, id: ConnId, _: &Command) -> Reply {
        let Some(conn) = self.conns.get_mut(&id) else { return NOT_FOUND.into() };
        conn.events.clear();
        conn.subscription.clear();
        if std::mem::take(&mut conn.listening) {
            "+OK no longer listening for events".into()
        } else {
            "-ERR not listening for events".into()
        }
    }

    pub(super) fn cmd_filter(&mut self, id: ConnId, command: &Command) -> Reply {
        let text = command.after("filter ".len());
        let Some(conn) = self.conns.get_mut(&id) else { return NOT_FOUND.into() };
        let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if starts_with_ci(text, "delete ") {
            let (header, value) = split_word(trim_blanks(&text["delete ".len()..]));
            conn.filters.delete(header, value);
            return format!("+OK filter deleted. [{}][{}]", show(header), show(value.unwrap_or_default()))
                .into();
        }
        if starts_with_ci(text, "add ") {
            let (header, value) = split_word(trim_blanks(&text["add ".len()..]));
            if let Some(value) = value {
                conn.filters.add(header, value);
            }
            let value = value.map_or_else(|| "(null)".to_owned(), show);
            return format!("+OK filter added. [{}]=[{value}]", show(header)).into();
        }
        match split_word(text) {
            (header, Some(value)) if !header.is_empty() => {
                conn.filters.add(header, value);
                format!("+OK filter added. [{}]=[{}]", show(header), show(value)).into()
            }
            _ => "-ERR invalid syntax".into(),
        }
    }

    pub(super) fn cmd_sendevent(&mut self, id: ConnId, command: &Command) -> Reply {
        let name = trim_blanks(command.after("sendevent".len()));
        let kind = EventType::from_name(name).unwrap_or(EventType::Custom);
        let mut event = Event::bare(kind);
        event.add_header("Command", command.line());
        add_sent(&mut event, command);
        let uuid = new_uuid();
        event.add_header("Event-UUID", &uuid);
        let target = command.header("unique-id").map(|v| String::from_utf8_lossy(v).into_owned());
        if !target.is_some_and(|target| self.divert(&target, &event)) {
            self.fire_with_standard_last(event, origin::SENDEVENT);
        }
        let _ = id;
        format!("+OK {uuid}").into()
    }
}

/// Copies what a client sent into an event; the subclass goes first.
pub(super) fn add_sent(event: &mut Event, command: &Command) {
    for (name, value) in command.headers() {
        if name.eq_ignore_ascii_case(b"Event-Subclass") && event.event_type() == EventType::Custom {
            event.add_header_top("Event-Subclass", value);
        } else if !value.starts_with(ARRAY_PREFIX.as_bytes())
            && value.windows(ARRAY_PREFIX.len()).any(|w| w == ARRAY_PREFIX.as_bytes())
        {
            // The server makes an array of what begins as one; the event model also of what holds one.
            event.add_header_verbatim(name, value);
        } else {
            event.add_header(name, value);
        }
    }
    if let Some(body) = command.body() {
        event.set_body(body);
    }
}

const NO_KEYWORDS: &str = "-ERR no keywords supplied";
